#!/bin/sh
# Makes a wheel for pip: the Python package, the library, the program and the libraries that they need, OpenCL's loader
# among them, but no driver. Its name says which glibc it needs at least. As few as possible are left out when it is
# built in an old Debian, which needs root and debootstrap (tools/cross/root.sh); there also for aarch64. For Windows,
# DIR is the folder that tools/cross/windows.sh builds in.
#
#   sh tools/wheel/build.sh [--debian 11|12|13 [--arch aarch64] | --windows DIR] FOLDER
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
usage() {
    echo 'usage: sh tools/wheel/build.sh [--debian 11|12|13 [--arch aarch64] | --windows DIR] FOLDER' >&2
    exit 2
}

debian=
arch=
windows=
while [ $# -gt 1 ]; do
    case $1 in
    --debian) debian=$2 ;;
    --arch) arch=$2 ;;
    --windows) windows=$2 ;;
    *) usage ;;
    esac
    shift 2
done
case $#:${1:-} in 0:* | 1:-*) usage ;; esac
case $arch:$debian:$windows in ::* | :?*: | aarch64:?*:) ;; *) usage ;; esac
if [ "$windows" ]; then
    mkdir -p "$1"
    sh "$project/tools/cross/windows.sh" --library "$windows"
    exec python3 "$project/tools/wheel/pack.py" --windows "$windows" "$1"
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$project"
for program in patchelf "${arch:+$arch-linux-gnu-}objdump" "${arch:+$arch-linux-gnu-}strip"; do
    command -v "$program" >/dev/null || { echo "$program is missing: sh tools/setup.sh cross" >&2; exit 1; }
done

if [ "$debian" ]; then
    . tools/cross/root.sh
    if [ "$arch" ]; then
        make_cross_root "$debian"
        set -- --cross-file tools/cross/aarch64.ini
    else
        # shellcheck disable=SC2046 # a list of words
        make_root "$debian" $(packages)
        set --
    fi
    copy_source
    inside sh -euc '
        cd /src
        [ -f build-wheel/build.ninja ] || meson setup build-wheel -Dtests=false "$@"
        ninja -C build-wheel' sh "$@"
else
    root=
    sh tools/setup.sh build
    [ -f build-wheel/build.ninja ] || meson setup build-wheel -Dtests=false
    ninja -C build-wheel
fi
built=$project/build-wheel
[ -z "$root" ] || built=$root/src/build-wheel
python3 tools/wheel/pack.py "$built" "${root:-/}" "$folder"
