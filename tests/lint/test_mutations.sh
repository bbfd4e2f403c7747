#!/bin/sh
# tools/mutate breaks lines of the product by their text: each is still in its file, once.
. "$(dirname "$0")/files.sh"

python3 tools/mutate/mutate.py --check || complain 'tools/mutate/mutations.txt: bring it in step with the source'
