#!/bin/sh
# tools/packages.txt names a package for every dependency() of the meson files.
. "$(dirname "$0")/files.sh"

for name in $(files '(^|/)meson\.build$' | xargs grep -ohE "dependency\('[^']+'" | sed "s/.*'\(.*\)'/\1/" | sort -u); do
    [ "$name" = threads ] && continue # a part of libc
    grep -qE "^[a-z]+ +[^ ]+ +pkg $name\$" tools/packages.txt ||
        complain "tools/packages.txt: no package for dependency('$name')"
done
sign='((pkg|run|icd) [A-Za-z0-9.+-]+|py [A-Za-z0-9_.]+|file /[^ ]+)'
grep -vE "^(#.*)?\$|^(build|tests|more) +[a-z0-9.+-]+ +$sign\$" tools/packages.txt &&
    complain 'tools/packages.txt: a line of another form'
true
