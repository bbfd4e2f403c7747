#!/bin/sh
# Every public header compiles alone, as C11 and as C++, without a warning; every internal one alone as C11.
. "$(dirname "$0")/files.sh"

strict='-fsyntax-only -Wall -Wextra -Werror -Wno-pragma-once-outside-header'
for header in $(files '^include/pixcl/.*\.h$'); do
    # shellcheck disable=SC2086 # a list of words
    ${CC:-cc} -x c -std=c11 -pedantic $strict -Iinclude "$header" || complain "$header: not alone as C11"
    # shellcheck disable=SC2086
    ${CXX:-g++} -x c++ -std=c++11 -pedantic $strict -Iinclude "$header" || complain "$header: not alone as C++"
    grep -q 'extern "C"' "$header" || complain "$header: no extern \"C\""
done
for header in $(files '^src/.*\.h$'); do
    # shellcheck disable=SC2086
    ${CC:-cc} -x c -std=c11 -D_GNU_SOURCE $strict -Iinclude -Isrc "$header" || complain "$header: not alone"
done
