#!/bin/sh
# Makes the fixtures of tests/golden that come from PyTorch: ten minutes of one core, and 8 GB of memory for CycleGAN in
# float64. Nothing in the build or the tests runs this.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../tests/golden}
python=${PYTHON:-/usr/bin/python3}

if ! "$python" -c 'import torch, numpy' 2>/dev/null; then
    echo "make.sh: $python has no torch and numpy; install python3-torch and python3-numpy (Debian), or set PYTHON" >&2
    exit 1
fi

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
mkdir -p "$out/ops" "$out/networks" "$out/penalties"
"$python" "$here/check_nets.py"
"$python" "$here/ops.py" "$out/ops"
"$python" "$here/networks.py" "$out/networks"
"$python" "$here/penalties.py" "$out/penalties"
"$python" "$here/train_steps.py" "$out"
