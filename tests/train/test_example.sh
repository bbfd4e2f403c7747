#!/bin/sh
# The examples of embedding. That of the README does what `pixcl translate` does, and compiles against the installed
# library as it says there.
#   test_example.sh PIXCL TRANSLATE BUILD_FOLDER TRAIN BATCH   example_translate.c, .._train.c, .._batch.cpp, built
# shellcheck disable=SC2086 # $small is a list of words
example=$(realpath "$2")
build=$(realpath "$3") train=$(realpath "$4") batch=$(realpath "$5")
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

# By step, on pictures of its own: what it learns is a negative, and its checkpoint is one like any other.
try 0 "$train" by_step 200
awk '/G_L1/ { last = $4; if (!first) first = last } END { exit !(NR == 10 && last < first / 2) }' out ||
    complain "it learned nothing: $(cat out)"
ok translate set/test/001.jpg -o negative.png --checkpoint by_step/negative
try 2 "$train"
says usage

# A batch, each picture by itself.
try 0 "$batch" ck/x set/test/001.jpg set/train/001.jpg
[ "$(wc -l <out)" = 2 ] || complain "not a line for each picture"
first=$(head -1 out)
try 0 "$batch" ck/x set/test/001.jpg
[ "$(cat out)" = "$first" ] || complain "a picture in a batch is another one than by itself"
try 1 "$batch" ck/x nowhere.jpg
says nowhere.jpg

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
