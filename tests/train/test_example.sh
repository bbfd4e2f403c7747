#!/bin/sh
# The example of the README: does what `pixcl translate` does, compiles against the installed library as it says there.
#   test_example.sh PIXCL EXAMPLE BUILD_FOLDER   EXAMPLE: example_translate.c, built
# shellcheck disable=SC2086 # $small is a list of words
example=$(realpath "$2")
build=$(realpath "$3")
source=$(realpath "$(dirname "$0")/example_translate.c")
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 1 --val 0 --test 1
ok train --dataroot set --name x --checkpoints_dir ck $small --max_steps 1
ok translate set/test/001.jpg -o expected.png --checkpoint ck/x

try() { # EXPECTED PROGRAM ARG...
    expected=$1
    shift
    last="($*)"
    code=0
    "$@" >"$scratch/out" 2>"$scratch/err" || code=$?
    [ "$code" = "$expected" ] || complain "exit code $code, expected $expected"
}

try 0 "$example" ck/x set/test/001.jpg built.png
same expected.png built.png
try 1 "$example" ck/x nowhere.jpg out.png
says nowhere.jpg
try 1 "$example" set/test/001.jpg set/test/001.jpg out.png
says 'neither a .safetensors nor a PyTorch .pth file'
[ ! -e out.png ] || complain 'a failure that wrote a picture'

# Installed, but below another root; its pixcl.pc has to know.
try 0 env DESTDIR="$scratch/root" meson install -C "$build" --no-rebuild --quiet
sed "s|^prefix=|&$scratch/root|" "$(find root -name pixcl.pc)" >pixcl.pc
PKG_CONFIG_PATH=$scratch
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # words
try 0 ${CC:-cc} -std=c11 -Wall -Wextra -pedantic -Werror "$source" -o installed $(pkg-config --cflags --libs pixcl)
LD_LIBRARY_PATH=$(dirname "$(find root -name libpixcl.so)")
export LD_LIBRARY_PATH
try 0 ./installed ck/x set/test/001.jpg installed.png
same expected.png installed.png
try 0 "$(find root -path '*/bin/pixcl')" --version
