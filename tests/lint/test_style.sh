#!/bin/sh
# Layout of the files: clang-format, no tab, no space at a line's end, a newline at the end, at most 600 lines of at
# most 120 columns, none of the words that say something is missing, none of CLBlast's batched calls.
. "$(dirname "$0")/files.sh"

sources=$(files '\.[ch]$')
# shellcheck disable=SC2086 # a list of files
"${CLANG_FORMAT:-clang-format}" --dry-run -Werror $sources ||
    complain 'clang-format would change these: clang-format -i FILE'

text=$(files '\.(c|h|cl|def|sh|md|txt|build|py)$|^\.ci/')
tab=$(printf '\t')
for file in $text; do
    ! grep -n "$tab" "$file" || complain "$file: a tab"
    ! grep -nE ' +$' "$file" || complain "$file: spaces at the end of a line"
    [ -z "$(tail -c 1 "$file")" ] || complain "$file: no newline at its end"
done
for file in $(files '\.(c|h|cl|def|sh)$'); do
    [ "$(wc -l <"$file")" -le 600 ] || complain "$file: more than 600 lines; it holds two ideas"
    ! grep -nE '.{121}' "$file" || complain "$file: a line of more than 120 columns"
    case $file in
    tests/lint/*) ;;
    *) ! grep -nE '\b(TODO|FIXME|XXX)\b' "$file" || complain "$file: unfinished" ;;
    esac
done
[ "$(wc -l <tools/pixcl.c)" -le 200 ] || complain 'tools/pixcl.c: main has more than 200 lines'

# CLBlast 1.5.3 is wrong where offsets or strides meet them (tests/kernel/test_gemm_forms.c).
for file in $(files '^(src|tools)/.*\.[ch]$'); do
    ! grep -nE 'CLBlast[A-Za-z]*Batched' "$file" || complain "$file: CLBlast's batched calls give wrong results"
done
