#!/bin/sh
# Builds pixcl and runs the unit suite in an older or newer Debian than this machine's, as root (tools/cross/root.sh).
#
#   sh tools/cross/debian.sh 11|12|13
set -eu
cd "$(dirname "$0")/../.."
[ $# = 1 ] || { echo 'usage: sh tools/cross/debian.sh 11|12|13' >&2; exit 2; }
. tools/cross/root.sh

# shellcheck disable=SC2046 # a list of words
make_root "$1" $(packages tests)
copy_source
inside sh -euc '
    cd /src
    [ -f build/build.ninja ] || meson setup build
    ninja -C build
    meson test -C build --no-rebuild --suite unit --timeout-multiplier 5 --print-errorlogs'
