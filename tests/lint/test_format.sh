#!/bin/sh
# In a host application's locale 1.5 may be "1,5". Numbers are written and read by src/base/format.h, which knows:
# nothing else calls strtod and its like, a printf with a floating-point conversion, or one whose format nobody sees
# here: vsnprintf, and snprintf with a variable.
. "$(dirname "$0")/files.sh"

name='(^|[^_[:alnum:]])'
text='"([^"\\]|\\.)*"'
for file in $(files '^src/.*\.[ch]$' | grep -vE '^src/base/(format|json|os_windows_machine)\.c$'); do
    ! grep -nE "${name}(v[a-z]*printf|strto(d|f|ld)|ato[fl]*f|setlocale) *\(" "$file" ||
        complain "$file: use what src/base/format.h has"
    # Calls over several lines: up to the semicolon outside of texts.
    ! tr '\n' ' ' <"$file" | grep -oE "${name}[a-z]*(printf|scanf) *\((${text}|[^;\"])*;" |
        sed 's/%%//g' | grep -E '%[-+ #0-9.*l$]*[aefgAEFG]' || complain "$file: use px_snprintf"
    ! tr '\n' ' ' <"$file" | grep -oE "${name}snprintf *\([^,;\"]*,[^,;\"]*, *[a-z_]+[,)]" ||
        complain "$file: use px_snprintf, since the format may hold a floating-point conversion"
done

# C libraries differ in the last bit of these; what decides about a training has them from src/base/math.h. Reports, the
# oracle of the tests, and measurements may use any.
for file in $(files '^src/.*\.[ch]$' | grep -vE '^src/(base/math\.c|exec/reference/|report/|measure/)'); do
    ! grep -nE "${name}(sin|cos|tan|a(sin|cos|tan2?)|tanh|exp2?|log(2|10|1p)?|pow|cbrt|hypot|fma)[fl]? *\(" "$file" |
        grep -vE '^[0-9]+: *(\*|/\*)|//' | grep -vE '/\*[^/]*\*/$' || complain "$file: use what src/base/math.h has"
done
