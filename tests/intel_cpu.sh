#!/bin/sh
# Runs a command on Intel's OpenCL runtime for CPUs, whose compiler makes vectors across the work-items of a group, as
# GPUs run them. Skipped (77) where the runtime is not installed. It comes from PyPI:
#     pip install intel-opencl-rt intel-cmplr-lib-rt
# and is found through python3, or in the folder of libintelocl.so that PIXCL_INTEL_OPENCL names.
#     intel_cpu.sh COMMAND [ARGUMENT...]
folder=${PIXCL_INTEL_OPENCL:-}
if [ -z "$folder" ]; then
    # The package's own .icd file names a folder of the machine it was built on.
    folder=$(python3 - 2>/dev/null <<'PY'
import importlib.metadata
files = importlib.metadata.files('intel-opencl-rt') or []
print(next(str(f.locate().resolve().parent) for f in files if f.name == 'libintelocl.so'))
PY
    )
fi
if [ ! -e "$folder/libintelocl.so" ]; then
    echo 'skipped: no libintelocl.so (pip install intel-opencl-rt intel-cmplr-lib-rt, or PIXCL_INTEL_OPENCL=FOLDER)'
    exit 77
fi
vendors=$(mktemp -d)
trap 'rm -rf "$vendors"' EXIT
echo "$folder/libintelocl.so" >"$vendors/intel.icd"
OCL_ICD_VENDORS=$vendors "$@"
