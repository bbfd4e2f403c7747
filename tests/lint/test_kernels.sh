#!/bin/sh
# OpenCL C is C99, where a plain `inline` function has no definition to call: drivers that do not inline every call find
# an unresolved symbol when they link. A function of a kernel's source is `static inline`.
. "$(dirname "$0")/files.sh"

for file in $(files '^cl/.*\.cl$'); do
    ! sed 's/static inline/static/' "$file" | grep -nE '(^|[^_[:alnum:]])(__)?inline(__)?([^_[:alnum:]]|$)' ||
        complain "$file: inline without static"
done
