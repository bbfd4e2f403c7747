#!/bin/sh
# Builds pixcl for aarch64 with Debian 12's cross compiler, and runs by qemu the unit suite and, with PoCL, a check of
# kernels and a training that is held to its bits. As root, in roots of its own (tools/cross/root.sh), so that this
# machine gets no packages of another architecture.
#
#   sh tools/cross/aarch64.sh
set -eu
cd "$(dirname "$0")/../.."
[ $# = 0 ] || { echo 'usage: sh tools/cross/aarch64.sh' >&2; exit 2; }
. tools/cross/root.sh

make_cross_root 12 tests
copy_source
inside sh -euc '
    cd /src
    [ -f build/build.ninja ] || meson setup build --cross-file tools/cross/aarch64.ini
    ninja -C build
    meson test -C build --no-rebuild --suite unit --timeout-multiplier 30 --print-errorlogs'
built=$root/src/build

# PoCL links kernels by a linker of its own architecture, so this takes a root where programs for aarch64 run.
# shellcheck disable=SC2046 # a list of words
make_root 12-arm64 pocl-opencl-icd $(packages | grep '^lib\|^ocl-')
copy_source
mkdir -p "$root/src/build/tools" "$root/src/build/src"
cp "$built/tools/pixcl" "$root/src/build/tools/"
cp "$built/src/libpixcl.so.1" "$root/src/build/src/"
inside sh -euc '
    cd /src
    build/tools/pixcl check --only "conv (1,16"
    sh tests/train/test_bits.sh build/tools/pixcl
    echo "aarch64: the unit suite passes, kernels compute right, and a training has the same bits."'
