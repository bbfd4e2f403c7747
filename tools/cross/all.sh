#!/bin/sh
# Tries every other system that can be tried from here: other Debians, aarch64, Windows, and their wheels,
# built and used. The last line is "N passed, N failed, N skipped", a system each; one is skipped where what it needs is
# missing, and its cure is told before. What each said is kept in build-systems/. The first time takes hours.
#
#   sh tools/run-tests.sh --all-systems
set -eu
cd "$(dirname "$0")/../.."
results=$PWD/build-systems
mkdir -p "$results"

passed=0
failed=0
skipped=0
cures=

# What has to be done first, or nothing. A need is "root", a program, or the path of a file.
cure() { # NEED...
    for need in "$@"; do
        case $need in
        root) [ "$(id -u)" = 0 ] || { echo 'run this as root'; return; } ;;
        /*) [ -e "$need" ] || { echo "$need is missing: sh tools/setup.sh cross"; return; } ;;
        *) command -v "$need" >/dev/null || { echo "$need is missing: sh tools/setup.sh cross"; return; } ;;
        esac
    done
}

try() { # NAME "NEED..." COMMAND...
    name=$1
    # shellcheck disable=SC2086 # a list of words
    missing=$(cure $2)
    shift 2
    if [ "$missing" ]; then
        skipped=$((skipped + 1))
        cures="$cures  $name: $missing
"
        return
    fi
    echo "$name .. ($results/$name.log)"
    if "$@" >"$results/$name.log" 2>&1 </dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -n 20 "$results/$name.log" | sed 's/^/    /'
        echo "$name FAILED"
    fi
}

windows() { # held against what this machine's own makes
    { [ -f build/build.ninja ] || meson setup build; } && ninja -C build tools/pixcl &&
        sh tools/cross/windows-test.sh "$results/windows"
}

wheel_windows() {
    rm -rf "$results/wheel-windows"
    sh tools/wheel/build.sh --windows "$results/windows" "$results/wheel-windows" &&
        sh tools/wheel/test-windows.sh "$results/windows" "$results/wheel-windows"
}

wheel() { # FOLDER OPTION...: one that nothing older is in
    folder=$1
    shift
    rm -rf "$folder"
    sh tools/wheel/build.sh --debian 11 "$@" "$folder" && sh tools/wheel/test.sh "$folder"
}

roots='root debootstrap'
for release in 11 12 13; do
    try "debian-$release" "$roots" sh tools/cross/debian.sh $release
done
try aarch64 "$roots" sh tools/cross/aarch64.sh
mingw='x86_64-w64-mingw32-gcc-posix x86_64-w64-mingw32-g++-posix cmake nasm dpkg-source meson ninja pkg-config
    /usr/lib/wine/wine64 /etc/OpenCL/vendors/pocl.icd'
try windows "$mingw" windows
try wheel-windows "$mingw" wheel_windows
try wheel-x86_64 "$roots patchelf objdump" wheel "$results/wheel-x86_64"
try wheel-aarch64 "$roots patchelf aarch64-linux-gnu-objdump" wheel "$results/wheel-aarch64" --arch aarch64

[ -z "$cures" ] || printf 'Skipped; to try them, too:\n%s' "$cures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
