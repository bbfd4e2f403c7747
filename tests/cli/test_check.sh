#!/bin/sh
# `pixcl check`: a few cases on the default device, what it prints, and how it fails. All cases are the kernel suite's.
. "$(dirname "$0")/expect.sh"

ok check --only 'dropout 0.5 (2,3,5,7)' --all
says 'dropout 0.5 (2,3,5,7)'
says 'computes right'
ok check --only 'conv (1,1,1,1)' --json
says '"lowering": "direct, block'
says '"lowering": "gemm, block'
says '"failed": 0'
fails 2 check --only 'no such case'
says 'no such case'
silent_on_stdout
fails 2 check --device 'no such device'
says 'no such device'

# What cannot run is a failed case, named with its reason.
PIXCL_MEMORY_LIMIT=100
export PIXCL_MEMORY_LIMIT
fails 1 check --only 'dropout 0.5 (2,3,5,7)'
says 'WRONG  dropout 0.5 (2,3,5,7)'
says 'of device memory'
says '1 of 1 cases came out wrong'
