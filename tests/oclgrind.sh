#!/bin/sh
# Runs a test under Oclgrind, which interprets kernels and reports races, accesses out of bounds and uninitialised values: fails
# when the test fails or when Oclgrind reports anything. Skipped (77) where Oclgrind is not installed.
#     oclgrind.sh COMMAND [ARGUMENT...]
command -v oclgrind >/dev/null || exit 77
log=$(mktemp)
trap 'rm -f "$log"' EXIT
oclgrind --data-races --uninitialized --max-errors 20 --log "$log" "$@" || exit 1
if [ -s "$log" ]; then
    cat "$log"
    exit 1
fi
