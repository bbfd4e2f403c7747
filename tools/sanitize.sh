#!/bin/sh
# The unit suite, threads that open devices at once, generators and a training side by side, and short trainings, tests
# and translations under a sanitizer of gcc or clang. run-tests.sh does the same with address and undefined-behaviour,
# but for the threads.
#
#   sh tools/sanitize.sh thread|address,undefined [FOLDER]     FOLDER: of the build, build-KIND unless given
set -eu
cd "$(dirname "$0")/.."
kind=${1:?'thread, or address,undefined'}
folder=${2:-build-$kind}
# Drivers are not built for it: what happens inside them is not looked at.
TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=66 ${TSAN_OPTIONS:-}"
# Mesa's leak a little when they are loaded, and Intel's refuses to be loaded with a sanitizer.
OCL_ICD_VENDORS=${OCL_ICD_VENDORS:-/etc/OpenCL/vendors/pocl.icd}
export TSAN_OPTIONS OCL_ICD_VENDORS

[ -f "$folder/build.ninja" ] ||
    meson setup "$folder" -Db_sanitize="$kind" -Dbuildtype=debugoptimized -Db_lundef=false
ninja -C "$folder"
meson test -C "$folder" --no-rebuild --print-errorlogs --suite unit --timeout-multiplier 10
meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier 10 \
    threads api_context train_channels train_validation
