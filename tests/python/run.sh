#!/bin/sh
# Runs the tests of the Python package: run.sh LIBRARY SOURCE_FOLDER. By $PIXCL_TEST_PYTHON, else by python3, else by
# the system's, which Debian's packages are for; skipped where none of them has numpy and pytest.
set -eu
PIXCL_LIBRARY=$(realpath "$1")
source=$2
export PIXCL_LIBRARY

for python in ${PIXCL_TEST_PYTHON:-python3 /usr/bin/python3}; do
    ! "$python" -c 'import numpy, pytest' 2>/dev/null || break
    python=
done
[ -n "$python" ] || { echo "no numpy or no pytest for ${PIXCL_TEST_PYTHON:-python3}: skipped"; exit 77; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$source/tools/python"
PYTHONDONTWRITEBYTECODE=1 "$python" -X faulthandler -m pytest --basetemp "$scratch/pytest"
