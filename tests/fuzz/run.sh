#!/bin/sh
# Fuzzes the readers of files with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, one target after the
# other, and prints a line for each.
#
#   run.sh [SECONDS [TARGET...]]
#
# SECONDS for each target (600); TARGETs as tests/fuzz/meson.build lists them (all).
# FUZZ_DIR  where the build, the inputs that were found and those that crash are kept, for the next run to go on from
#           (/tmp/pixcl-fuzz); CC: the compiler (clang)
# Exit code: 0 nothing was found, 1 something was, or it cannot be run; 2 wrong usage.
set -u

usage() {
    sed -n '/^#   run\.sh/s/^# *//p; /^# SECONDS/,/^# Exit/s/^# //p' "$0"
    exit "$1"
}

seconds=600
case ${1:-} in
-h | --help) usage 0 ;;
'') ;;
*[!0-9]* | 0*)
    echo "run.sh: '$1' is no number of seconds" >&2
    usage 2 >&2
    ;;
*)
    seconds=$1
    shift
    ;;
esac

source=$(cd "$(dirname "$0")/../.." && pwd)
folder=${FUZZ_DIR:-/tmp/pixcl-fuzz}
known=$(sed -n "s/^ *'\([a-z_]*\)': \[.*/\1/p" "$source/tests/fuzz/meson.build")
for target in "$@"; do
    echo "$known" | grep -qxF -e "$target" || {
        echo "run.sh: there is no target '$target'; there are: $(echo "$known" | tr '\n' ' ')" >&2
        exit 2
    }
done
# shellcheck disable=SC2086 # names without spaces
[ $# -gt 0 ] || set -- $known

CC=${CC:-clang}
export CC
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 1
echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n ? 0 : 0; }' |
    "$CC" -x c -fsanitize=fuzzer,address,undefined -o "$folder/probe" - 2>"$folder/probe.log" || {
    cat "$folder/probe.log" >&2
    echo "run.sh: $CC cannot build a fuzzer: it needs clang and its runtime, on Debian 12 the packages clang and" \
        "libclang-rt-14-dev (or clang-15 and libclang-rt-15-dev, with CC=clang-15)" >&2
    exit 1
}

build=$folder/build
if [ ! -e "$build" ]; then
    meson setup "$build" "$source" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args='-fno-sanitize-recover=all -fsanitize=float-cast-overflow' >"$folder/setup.log" 2>&1 || {
        tail -n 20 "$folder/setup.log" >&2
        rm -rf "$build"
        exit 1
    }
    echo "$source" >"$folder/source"
elif [ "$(cat "$folder/source" 2>/dev/null)" != "$source" ]; then
    echo "run.sh: $build was not made from $source: remove it, or give another folder, FUZZ_DIR=..." >&2
    exit 1
fi
for target in "$@"; do
    ninja -C "$build" "tests/fuzz/$target" >"$folder/build.log" 2>&1 || {
        tail -n 40 "$folder/build.log" >&2
        exit 1
    }
done

# Runs one target; 1 when it found something.
fuzz() {
    corpus=$folder/corpus/$1
    crashes=$folder/crashes/$1
    log=$folder/$1.log
    mkdir -p "$corpus" "$crashes"
    seeds=$corpus-seeds
    rm -rf "$seeds" && mkdir -p "$seeds"
    [ ! -d "$source/tests/fuzz/seeds/$1" ] || cp "$source/tests/fuzz/seeds/$1"/* "$seeds"
    for seed in $(sed -n "s/^ *'$1': \[\(.*\)\],/\1/p" "$source/tests/fuzz/meson.build" | tr -d "',"); do
        cp "$source/tests/fuzz/$seed" "$seeds"
    done
    before=$(date +%s)
    "$build/tests/fuzz/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 \
        -print_final_stats=1 -dict="$source/tests/fuzz/$1.dict" -artifact_prefix="$crashes/" "$corpus" "$seeds" \
        >"$log" 2>&1
    code=$?
    took=$(($(date +%s) - before))
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    covered=$(grep -oE ' cov: [0-9]+' "$log" | tail -n 1 | tr -dc 0-9)
    printf '%-14s %10s runs  %5s edges  %4d s  %s\n' "$1" "${runs:-?}" "${covered:-?}" "$took" \
        "$([ $code = 0 ] && echo nothing found || echo "FAILED, exit code $code")"
    [ $code = 0 ] && return 0
    grep -E 'ERROR|does not hold|runtime error|SUMMARY|Test unit written' "$log" | sort -u | sed 's/^/    /'
    [ -n "$runs" ] || tail -n 5 "$log" | sed 's/^/    /'
    echo "    $log"
    return 1
}

found=0
for target in "$@"; do
    fuzz "$target" || found=1
done
exit $found
