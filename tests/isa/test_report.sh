#!/bin/sh
# Every program of both models' GPU plans compiles for each GPU that a compiler is installed for, none spills, and the
# convolutions' hot loops are as dense as tools/isa/densities.json expects. Skipped where no compiler is installed.
#
# usage: test_report.sh PIXCL SOURCE_FOLDER
set -- "$2/tools/isa/report.py" --plan "$1" --check
[ -z "$PIXCL_CACHE_DIR" ] || set -- "$@" --cache "$PIXCL_CACHE_DIR/isa"
PYTHONDONTWRITEBYTECODE=1 exec python3 "$@"
