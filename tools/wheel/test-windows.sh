#!/bin/sh
# Tries a wheel for Windows as far as that goes without a Python for Windows: pip takes it for that system, the program
# runs under Wine by this machine's drivers, the library exports every function that the package calls, and a program in
# C trains by it. Needs what tools/cross/windows-test.sh does.
#
#   sh tools/wheel/test-windows.sh DIR FOLDER      those that were given to tools/wheel/build.sh --windows
set -eu
[ $# = 2 ] || { echo 'usage: sh tools/wheel/test-windows.sh DIR FOLDER' >&2; exit 2; }
project=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(realpath "$1")
wheel=$(realpath "$2"/pixcl-*-win_amd64.whl)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export WINEPREFIX="$dir/prefix" WINEDEBUG=-all
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)

python3 -m pip install -q --platform win_amd64 --only-binary=:all: --no-deps --target site "$wheel"
! python3 -m pip install -q --no-deps --target other "$wheel" 2>refused.txt
grep -q 'is not a supported wheel on this platform' refused.txt
lib=site/pixcl/_lib

"$wine" $lib/pixcl.exe devices | tr -d '\r' | grep 'self-test  passed'
"$wine" $lib/pixcl.exe check --only relu | tail -n 1

x86_64-w64-mingw32-objdump -p $lib/libpixcl-1.dll |
    awk '/\[Ordinal\/Name Pointer\]/ { names = 1 } names { print $NF }' |
    sort >exported.txt
PYTHONPATH=$project/tools/python python3 -c '
from pixcl._functions import SIGNATURES
print(*sorted(SIGNATURES), sep="\n")' >called.txt
for name in $(cat called.txt); do
    grep -qx "$name" exported.txt || { echo "the library does not export $name" >&2; exit 1; }
done
! grep -Ev '^pixcl_|Table\]?$|^$' exported.txt | grep -q '^[A-Za-z_]*CLBlast\|^cJSON\|^zip_' ||
    { echo 'the library exports what is linked into it' >&2; exit 1; }

# Found and loaded at run time, without a library to link with, as Python does it.
cat >load.c <<'C'
#include <stdio.h>
#include <windows.h>

int main(int argc, char **argv)
{
    const HMODULE library = argc == 2 ? LoadLibraryA(argv[1]) : NULL;
    const char *(*version)(void) = NULL;
    if (library)
        *(FARPROC *)&version = GetProcAddress(library, "pixcl_version");
    printf("%s\n", version ? version() : "not loaded");
    return !version;
}
C
x86_64-w64-mingw32-gcc-posix -o load.exe load.c
"$wine" load.exe "$lib\\libpixcl-1.dll"

# A program of its own that trains by it, and tries devices by the program beside the library.
x86_64-w64-mingw32-gcc-posix -std=c11 -I"$project/include" -o $lib/example_train.exe \
    "$project/tests/train/example_train.c" -L"$dir/build-library/src" -lpixcl
"$wine" $lib/example_train.exe checkpoints 20 | tail -n 1
"$wine" $lib/pixcl.exe show checkpoints/negative --verify | grep '20 steps'
echo 'The wheel for Windows works, as far as this was tried.'
