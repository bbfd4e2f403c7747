#!/bin/sh
# Runs a test under Oclgrind, which interprets kernels and reports races, accesses out of bounds and uninitialised
# values: fails when the test fails or when Oclgrind reports anything. Skipped (77) where Oclgrind is not installed.
#     oclgrind.sh [--shared-buffers] COMMAND [ARGUMENT...]
# --shared-buffers leaves uninitialised values out, for programs that keep many values in one buffer: Oclgrind 21.10
# takes all of a buffer for uninitialised once a part of it was written from the host, and ends work-items at LLVM's
# freeze instruction. There, PIXCL_POISON=1 does the work: memory begins as NaN.
checks='--data-races --uninitialized'
if [ "$1" = --shared-buffers ]; then
    checks=--data-races
    shift
fi
command -v oclgrind >/dev/null || exit 77
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words
oclgrind $checks --max-errors 20 --log "$log" "$@"
status=$?
cat "$log"
[ ! -s "$log" ] && [ "$status" = 0 ]
