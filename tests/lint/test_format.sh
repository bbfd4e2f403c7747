#!/bin/sh
# In a host application's locale 1.5 may be "1,5". Numbers are written and read by src/base/format.h, which knows:
# nothing else calls strtod and its like, a printf with a floating-point conversion, or one whose format nobody sees
# here: vsnprintf, and snprintf with a variable.
. "$(dirname "$0")/files.sh"

name='(^|[^_[:alnum:]])'
text='"([^"\\]|\\.)*"'
for file in $(files '^src/.*\.[ch]$' | grep -vE '^src/base/(format|json)\.c$'); do
    ! grep -nE "${name}(v[a-z]*printf|strto(d|f|ld)|ato[fl]*f|setlocale) *\(" "$file" ||
        complain "$file: use what src/base/format.h has"
    # Calls over several lines: up to the semicolon outside of texts.
    ! tr '\n' ' ' <"$file" | grep -oE "${name}[a-z]*(printf|scanf) *\((${text}|[^;\"])*;" |
        sed 's/%%//g' | grep -E '%[-+ #0-9.*l$]*[aefgAEFG]' || complain "$file: use px_snprintf"
    ! tr '\n' ' ' <"$file" | grep -oE "${name}snprintf *\([^,;\"]*,[^,;\"]*, *[a-z_]+[,)]" ||
        complain "$file: use px_snprintf, since the format may hold a floating-point conversion"
done
