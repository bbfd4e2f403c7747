#!/bin/sh
# The man pages: one of every command, with every option of its --help, and what groff has nothing to say against.
#   test_pages.sh PIXCL CLINFO_CHECK A_PAGE NAME_OF_A_PAGE...
. "$(dirname "$0")/expect.sh"
clinfo_check=$2
folder=$(dirname "$3")
shift 3
LC_ALL=C
export LC_ALL
last='(man pages)'

# Without the escapes of fonts and characters, as a reader sees it.
plain() {
    sed 's/\\f[BRI]//g; s/\\-/-/g' "$1"
}

# The options of a help, and of a page.
of_help() {
    grep -oE '^  (-[a-zA-Z], )?--[a-zA-Z0-9_]+' | grep -oE -e '--[a-zA-Z0-9_]+' | sort -u
}
of_page() {
    plain "$1" | sed -n '/^\.TP$/{n;p;}' | grep -oE -e '--[a-zA-Z0-9_]+' | grep -vx -e --help | sort
}

check_options() { # page
    of_page "$folder/$1" >"$scratch/of_page"
    diff "$scratch/of_help" "$scratch/of_page" >"$scratch/out" 2>&1 ||
        complain "$1: other options than --help has, or one twice"
    [ -s "$scratch/of_page" ] || complain "$1: no option"
}

ok --help
commands=$(sed -n 's/^  \([a-z]*\)  .*/\1/p' "$scratch/out")
for command in $commands; do
    case " $* " in
    *" pixcl-$command.1 "*) ;;
    *) complain "pixcl-$command.1 is missing in tools/pages/meson.build" ;;
    esac
    plain "$folder/pixcl.1" | grep -qF "pixcl-$command(1)" || complain "pixcl.1 does not name pixcl-$command(1)"
    ok "$command" --help
    of_help <"$scratch/out" >"$scratch/of_help"
    check_options "pixcl-$command.1"
done
"$clinfo_check" --help | of_help >"$scratch/of_help"
check_options clinfo-check.1

for page; do
    [ -s "$folder/$page" ] || complain "$page: nothing is there"
    ! grep -nE '(^|[^\\])-' "$folder/$page" | grep -vE '^[0-9]+:\.\\"' >"$scratch/out" ||
        complain "$page: a - that is no \\-"
    command -v groff >/dev/null 2>&1 || continue
    groff -man -Tutf8 -ww -z "$folder/$page" >"$scratch/out" 2>&1
    [ ! -s "$scratch/out" ] || complain "$page: groff warns"
    command -v man >/dev/null 2>&1 || continue
    man --warnings -E UTF-8 -l -Tutf8 -Z "$folder/$page" 2>"$scratch/out" >/dev/null
    [ ! -s "$scratch/out" ] || complain "$page: man warns"
done

command -v groff >/dev/null 2>&1 || [ "$failed" != 0 ] || {
    echo 'skipped: no groff to set the pages with'
    exit 77
}
