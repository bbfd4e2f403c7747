# Sourced by the lint tests with the source folder as first argument: goes there, and offers
#   files PATTERN   the project's files whose path matches the extended regular expression, one a line
#   complain TEXT   reports a finding; the script then ends with 1
# Paths of the project hold no spaces.
cd "$1" || exit 1
findings=0
trap 'status=$?; [ "$findings" = 0 ] || exit 1; exit $status' EXIT

files() {
    # Only what is under version control counts; an unpacked archive has no git.
    { git ls-files 2>/dev/null || find . -type f -not -path './build*' -not -path './runs/*' | sed 's|^\./||'; } |
        grep -E "$1" | while read -r path; do [ ! -f "$path" ] || echo "$path"; done
}

complain() {
    echo "$1"
    findings=$((findings + 1))
}
