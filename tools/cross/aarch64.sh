#!/bin/sh
# Builds pixcl for aarch64 with Debian 12's cross compiler and runs the unit suite under qemu, as root, in a root of its
# own (tools/cross/root.sh), so that this machine gets no packages of another architecture.
#
#   sh tools/cross/aarch64.sh
set -eu
cd "$(dirname "$0")/../.."
[ $# = 0 ] || { echo 'usage: sh tools/cross/aarch64.sh' >&2; exit 2; }
. tools/cross/root.sh
PIXCL_ROOTS=${PIXCL_ROOTS:-build-roots}/aarch64

make_root 12 gcc libc6-dev pkg-config meson ninja-build g++-aarch64-linux-gnu qemu-user-static
inside dpkg --add-architecture arm64
# shellcheck disable=SC2046 # a list of words
add_packages $(packages tests | sed -n 's/^lib.*\|^ocl-.*/&:arm64/p')
copy_source
inside sh -euc '
    cd /src
    [ -f build/build.ninja ] || meson setup build --cross-file tools/cross/aarch64.ini
    ninja -C build
    meson test -C build --no-rebuild --suite unit --timeout-multiplier 30 --print-errorlogs'
