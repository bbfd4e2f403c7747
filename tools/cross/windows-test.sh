#!/bin/sh
# Builds pixcl for Windows and tests it under Wine, by this machine's PoCL: tools/cross/windows-test.sh DIR
#
# DIR is that of windows.sh, and keeps what is built, a prefix of Wine and what the tests say (test-logs/). The unit
# suite, scripts of the other suites that need no more than the command, and windows-session.sh. The last line is "N
# passed, N failed, N skipped"; ends with 1 when a test or the build failed.
#
# Needs what `sh tools/setup.sh cross` installs, PoCL, and pixcl for this system, in build/ or where PIXCL_HERE says, to
# compare its files.
set -eu
if [ $# != 1 ]; then
    sed -n '2,6p' "$0"
    exit 2
fi
tools=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$tools/../.." && pwd)
here=${PIXCL_HERE:-$root/build/tools/pixcl}
[ -x "$here" ] || { echo "$here is missing: meson setup build && ninja -C build, or PIXCL_HERE=PATH" >&2; exit 1; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
logs=$dir/test-logs
mkdir -p "$logs" "$dir/tmp"
sh "$tools/windows.sh" --tests "$dir" >"$logs/build.txt" 2>&1 || { tail -n 30 "$logs/build.txt" >&2; exit 1; }

# PoCL alone, and nothing of what this user has measured or tuned.
OCL_ICD_VENDORS=${OCL_ICD_VENDORS:-/etc/OpenCL/vendors/pocl.icd}
PIXCL_CACHE_DIR=$dir/cache PIXCL_TUNE=off TMPDIR=$dir/tmp
export OCL_ICD_VENDORS PIXCL_CACHE_DIR PIXCL_TUNE TMPDIR
for program in pixcl clinfo-check; do
    printf '#!/bin/sh\nexec "%s/under-wine" "%s/%s.exe" "$@"\n' "$dir" "$dir" $program >"$dir/$program"
    chmod +x "$dir/$program"
done
passed=0 failed=0 skipped=0

count() { # PASSED FAILED SKIPPED
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

"$dir/under-wine" wineboot -i >"$logs/wineboot.txt" 2>&1
meson test -C "$dir/build-tests" --no-rebuild --suite unit --timeout-multiplier 5 --print-errorlogs || true
# shellcheck disable=SC2046 # three numbers
count $(awk '/^Ok:/ { ok = $2 } /^(Fail|Timeout):/ { bad += $2 } /^Skipped:/ { skipped = $2 }
    END { print ok + 0, bad + !ok, skipped + 0 }' "$dir/build-tests/meson-logs/testlog.txt")
for file in "$root"/tests/unit/test_*_posix.c; do
    echo "skipped $(basename "$file" .c): $(sed -n '1s|^/\* \(.*\) \*/$|\1|p' "$file")"
    count 0 0 1
done

# The same bits, and scripts that a Windows has no reason to fail.
for test in train/bits train/weights train/channels train/resume cli/synth cli/plan; do
    name=$(echo $test | tr / _)
    code=0
    sh "$root/tests/${test%/*}/test_${test#*/}.sh" "$dir/pixcl" >"$logs/$name.txt" 2>&1 || code=$?
    case $code in
    0) echo "ok      $test" && count 1 0 0 ;;
    77) echo "skipped $test: the default device is not PoCL's" && count 0 0 1 ;;
    *) cat "$logs/$name.txt" && echo "FAILED  $test" && count 0 1 0 ;;
    esac
done

sh "$tools/windows-session.sh" "$dir/pixcl" "$dir/clinfo-check" "$here" >"$logs/session.txt" 2>&1 || true
sed '$d' "$logs/session.txt"
# shellcheck disable=SC2046 # three numbers
count $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$logs/session.txt")

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
