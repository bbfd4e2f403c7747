#!/bin/sh
# What programs were built against: the library's exported symbols and the sizes of its public structs, as abi.txt has
# them. Arguments: the source folder, libpixcl.so.
#
# A new symbol is added to the list. A symbol that goes, or another size, breaks programs that are already built: then
# the first number of the library's version (src/meson.build) goes up, which makes another SONAME. The list is written
# anew by: sh tests/lint/test_abi.sh . build/src/libpixcl.so --write
library=$(realpath "$2")
. "$(dirname "$0")/files.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

structs=$(sed -n 's/^typedef struct \(pixcl_[a-z_]*\) {.*/\1/p' include/pixcl/*.h | sort)
{
    echo '#include <stdio.h>'
    for header in include/pixcl/*.h; do echo "#include \"pixcl/$(basename "$header")\""; done
    echo 'int main(void) {'
    echo "$structs" | sed 's/.*/printf("size %zu %s%c", sizeof(&), "&", 10);/'
    echo 'return 0; }'
} >"$scratch/sizes.c"
"${CC:-cc}" -std=c11 -Iinclude "$scratch/sizes.c" -o "$scratch/sizes" || exit 1
{
    nm -D --defined-only "$library" | sed -n 's/^[0-9a-f]* [A-Z] /symbol /p' | sort
    "$scratch/sizes"
} >"$scratch/abi.txt"
if [ "$3" = --write ]; then
    cp "$scratch/abi.txt" tests/lint/abi.txt
    exit
fi
# Sizes are those of 64-bit machines.
[ "$(getconf LONG_BIT)" = 64 ] || exit 77
diff tests/lint/abi.txt "$scratch/abi.txt" || {
    echo "The interface is not that of tests/lint/abi.txt: see tests/lint/test_abi.sh for what that means."
    exit 1
}
