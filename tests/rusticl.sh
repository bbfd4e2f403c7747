#!/bin/sh
# Runs a command on Mesa's rusticl over llvmpipe, a second implementation of OpenCL. Skipped (77) where Debian's
# mesa-opencl-icd is not installed.
#     rusticl.sh COMMAND [ARGUMENT...]
icd=/etc/OpenCL/vendors/rusticl.icd
if [ ! -e "$icd" ]; then
    echo "skipped: no $icd (mesa-opencl-icd)"
    exit 77
fi
RUSTICL_ENABLE=llvmpipe OCL_ICD_VENDORS=$icd exec "$@"
