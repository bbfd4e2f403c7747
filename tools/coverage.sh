#!/bin/sh
# Which lines of src/ and tools/ the tests reach: builds for gcov, runs the suites, prints the share of each file, the
# lowest first, and of all. What helpers do (src/exec/opencl/helper.h) is not counted: they end without a word to gcov.
#
#   sh tools/coverage.sh [FOLDER [SUITE...]]     build-coverage; unit, grad, golden, cli, train and kernel: an hour
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build-coverage}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- unit grad golden cli train kernel

[ -f "$folder/build.ninja" ] || meson setup "$folder" -Db_coverage=true -Dbuildtype=debugoptimized
ninja -C "$folder"
for suite in "$@"; do
    meson test -C "$folder" --no-rebuild --suite "$suite" --timeout-multiplier 10 || true
done
cd "$folder"
# Lines in headers and of compiled-in tables are counted once a file that includes them: left out.
find src/libpixcl_core.a.p tools/pixcl.p tools/clinfo-check.p -name '*.gcda' -exec gcov --no-output {} + 2>/dev/null |
    awk -F"['%: ]+" '
        /^File/ { file = $2 }
        /^Lines executed/ && file ~ /(src|tools)\/.*\.c$/ && !(file in lines) {
            lines[file] = $NF
            hit += $3 / 100 * $NF
            all += $NF
            printf "%6.1f%% of %5d  %s\n", $3, $NF, file
        }
        END { printf "%6.1f%% of %5d lines\n", 100 * hit / all, all }' | sort -n
