#!/bin/sh
# Every test, from a fresh clone: installs what is missing, builds, runs all suites, then the unit suite and some short
# trainings, tests and translations once more with the address and undefined-behaviour sanitizers. The last line is
# "N passed, N failed, N skipped": a test is skipped where what it runs on is not installed, and is named before. Ends
# with 1 when a test or a build failed.
#
#   sh tools/run-tests.sh [SUITE...]   only these suites (unit, api, kernel, grad, golden, train, cli, python, isa,
#                                      systems, lint), and no sanitizers
#   sh tools/run-tests.sh --all-systems    instead, other systems than this machine's (tools/cross/all.sh)
set -eu
cd "$(dirname "$0")/.."
[ "${1:-}" != --all-systems ] || exec sh tools/cross/all.sh
sh tools/setup.sh tests
PIXCL_CACHE_DIR=$PWD/build-tests/cache # leave the user's own cache alone
export PIXCL_CACHE_DIR

passed=0
failed=0
skipped=0
skipped_names=

# Makes a build folder with the given meson options; counts a failure as a failed test.
configure() {
    folder=$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" || { failed=$((failed + 1)); return 1; }
}

# Builds what tests need, runs them, and adds meson's results up. That nothing could be built is a failed test.
run_tests() {
    folder=$1
    shift
    rm -f "$folder/meson-logs/testlog.txt"
    meson test -C "$folder" --print-errorlogs "$@" || true
    if [ ! -f "$folder/meson-logs/testlog.txt" ]; then
        failed=$((failed + 1))
        return
    fi
    counts=$(awk '
        /^(Ok|Expected Fail):/ { ok += $NF }
        /^(Fail|Unexpected Pass|Timeout):/ { bad += $NF }
        /^Skipped:/ { skipped += $NF }
        END { print ok + 0, bad + 0, skipped + 0 }' "$folder/meson-logs/testlog.txt")
    # shellcheck disable=SC2086 # three numbers
    set -- $counts
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
    names=$(awk '
        /^test:/ { name = substr($0, 15) }
        /^result: *exit status 77$/ { printf "  %s\n", name }' "$folder/meson-logs/testlog.txt")
    [ -z "$names" ] || skipped_names="$skipped_names$names
"
}

suites=
for suite in "$@"; do
    suites="$suites --suite $suite"
done

# shellcheck disable=SC2086 # a list of words
if configure build-tests -Dwerror=true; then
    ninja -C build-tests || failed=$((failed + 1)) # all, also what no test runs
    run_tests build-tests $suites --timeout-multiplier 3 # hosts are shared, and slow at times
fi
if [ $# = 0 ] && configure build-sanitize -Dwerror=true -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
    -Db_lundef=false; then
    run_tests build-sanitize --suite unit --timeout-multiplier 5
    # On PoCL alone: Mesa's drivers leak a little when they are loaded, and Intel's refuses a program with a sanitizer.
    OCL_ICD_VENDORS=/etc/OpenCL/vendors/pocl.icd
    export OCL_ICD_VENDORS
    run_tests build-sanitize train_channels --timeout-multiplier 5
fi

[ -z "$skipped_names" ] || printf 'Skipped, since what they need is not installed here:\n%s' "$skipped_names"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
