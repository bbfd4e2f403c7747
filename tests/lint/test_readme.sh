#!/bin/sh
# The C example in include/README.md is the one that is compiled and run, and links of every README lead somewhere.
. "$(dirname "$0")/files.sh"

example=tests/train/example_translate.c
shown=$(sed -n '/^## Use it from C/,/^## /p' include/README.md | sed -n '/^```c$/,/^```$/p' | sed '/^```/d')
[ -n "$shown" ] || complain 'include/README.md: no ```c block under "Use it from C"'
[ "$shown" = "$(cat "$example")" ] || complain "include/README.md: the C example differs from $example"

for file in $(files '\.md$'); do
    for link in $(grep -o '](\([^)#]*\)' "$file" | sed 's/^](//' | grep -v ':'); do
        [ -e "$(dirname "$file")/$link" ] || complain "$file: there is no $link"
    done
done
