#!/bin/sh
# Every environment variable is in the table of src/base/env.c: nothing else calls getenv, and no call names one that is
# missing.
. "$(dirname "$0")/files.sh"

for file in $(files '^(src|tools)/.*\.c$' | grep -v '^src/base/env.c$'); do
    ! grep -nE '\b(secure_)?getenv *\(' "$file" || complain "$file: getenv belongs in src/base/env.c"
    for name in $(grep -oE 'px_env_[a-z]+\("[A-Z_]+"' "$file" | sed 's/.*"\(.*\)"/\1/'); do
        grep -q "\"$name\"" src/base/env.c || complain "$file: $name is not in the table of src/base/env.c"
    done
done
