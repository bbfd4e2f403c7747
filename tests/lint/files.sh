# Sourced by the lint tests with the source folder as first argument: goes there, and offers
#   files PATTERN   the project's files whose path matches the extended regular expression, one a line
#   complain TEXT   reports a finding; the script then ends with 1
# Paths of the project hold no spaces.
cd "$1" || exit 1
findings=0
trap 'status=$?; [ "$findings" = 0 ] || exit 1; exit $status' EXIT

files() {
    # What version control knows or has yet to learn of; an unpacked archive has none, though it may be within another
    # project's.
    if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
        git ls-files --cached --others --exclude-standard
    else
        find . -type f -not -path './build*' -not -path './runs/*' -not -path './.git/*' | sed 's|^\./||'
    fi | grep -E "$1" | while read -r path; do [ ! -f "$path" ] || echo "$path"; done
}

complain() {
    echo "$1"
    findings=$((findings + 1))
}
