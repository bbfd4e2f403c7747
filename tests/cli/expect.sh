# Sourced by the command tests. $PIXCL is the command; each check runs it and looks at its exit code and what it says.
#   ok ARG...          ends with 0
#   fails CODE ARG...  ends with CODE and explains itself on stderr
#   says TEXT          the last run said TEXT (stdout and stderr together)
#   silent_on_stdout   the last run printed nothing on stdout
# A failed check is reported with what was run; the script ends with 1 when there was any.
PIXCL=$1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/pixcl-cli-XXXXXX")
trap 'rm -rf "$scratch"; [ "$failed" = 0 ] || exit 1' EXIT
failed=0

complain() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n  ran: pixcl %s\n  stdout:\n' "$1" "$last"
    sed 's/^/    /' "$scratch/out"
    printf '  stderr:\n'
    sed 's/^/    /' "$scratch/err"
}

run() {
    last=$*
    code=0
    "$PIXCL" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
}

ok() {
    run "$@"
    [ "$code" = 0 ] || complain "exit code $code, expected 0"
}

fails() {
    expected=$1
    shift
    run "$@"
    [ "$code" = "$expected" ] || complain "exit code $code, expected $expected"
    [ -s "$scratch/err" ] || complain "nothing on stderr"
}

says() {
    cat "$scratch/out" "$scratch/err" | grep -qF -e "$1" || complain "did not say: $1"
}

silent_on_stdout() {
    [ ! -s "$scratch/out" ] || complain "printed on stdout"
}
