#!/bin/sh
# `pixcl devices`: text, JSON, and devices that are not there. Lists only: what the devices compute is for other tests.
. "$(dirname "$0")/expect.sh"

ok devices --quick
says '--device'
if grep -q 'measured\|self-test' "$scratch/out"; then complain '--quick measures and tests'; fi
ok devices --quick --json
says '"devices"'
says '"chosen"'
fails 2 devices --quick --device 'no such device'
says 'no such device'
ok devices --quick

# PoCL without a cache that it can use: that is told as the cause, not a driver that is missing.
if grep -q 'Portable Computing Language' "$scratch/out"; then
    POCL_CACHE_DIR=/dev/null/nowhere
    export POCL_CACHE_DIR
    run devices --quick
    says 'a cache folder that it cannot write to'
    unset POCL_CACHE_DIR
fi

# A plan that does not fit: the device that has more memory is named.
RUSTICL_ENABLE=llvmpipe
export RUSTICL_ENABLE
ok devices --quick
if grep -q 'llvmpipe' "$scratch/out"; then
    fails 1 bench --device llvmpipe --batch_size 16 --crop_size 512
    says 'is too small (--device '
    says 'or choose another --device'
fi

# Without any driver: the cure is named and the exit code tells scripts.
mkdir "$scratch/vendors"
OCL_ICD_VENDORS=$scratch/vendors
export OCL_ICD_VENDORS
fails 3 devices --quick
says 'an OpenCL driver: for any CPU '
