#!/bin/sh
# The C example in README.md is the one that is compiled and run.
. "$(dirname "$0")/files.sh"

example=tests/train/example_translate.c
shown=$(sed -n '/^## Use it from C/,/^## /p' README.md | sed -n '/^```c$/,/^```$/p' | sed '/^```/d')
[ -n "$shown" ] || complain 'README.md: no ```c block under "Use it from C"'
[ "$shown" = "$(cat "$example")" ] || complain "README.md: the C example differs from $example"
