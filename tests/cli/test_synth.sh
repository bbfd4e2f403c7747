#!/bin/sh
# `pixcl synth`: the files it promises, the same ones for the same seed, and places where it cannot write.
. "$(dirname "$0")/expect.sh"

ok synth "$scratch/a" --size 32 --train 3 --val 0 --test=2 --seed 5
says '3 pictures for training'
says "pixcl train --dataroot $scratch/a"
[ "$(find "$scratch/a/train" -name '*.jpg' | wc -l)" = 3 ] || complain 'not three pictures for training'
[ "$(find "$scratch/a/test" -name '*.jpg' | wc -l)" = 2 ] || complain 'not two pictures for the test'
[ ! -e "$scratch/a/val" ] || complain 'pictures for validation, although none were asked for'

ok synth "$scratch/b" --size 32 --train 3 --val 0 --test 2 --seed 5
diff -r "$scratch/a" "$scratch/b" >/dev/null || complain 'same seed, other pictures'
ok synth "$scratch/c" --size 32 --train 3 --val 0 --test 2 --seed 6
if diff -r "$scratch/a" "$scratch/c" >/dev/null; then complain 'other seed, same pictures'; fi

# A lower quality of the same pictures: smaller files.
ok synth "$scratch/low" --size 32 --train 1 --val 0 --test 1 --seed 5 --quality 30
usual=$(wc -c <"$scratch/a/train/001.jpg") low=$(wc -c <"$scratch/low/train/001.jpg")
[ "$low" -lt "$usual" ] || complain "--quality 30 makes a file of $low bytes, the usual 95 one of $usual"

ok synth --kind unpaired "$scratch/u" --size 16 --train 1 --val 0 --test 1
[ -d "$scratch/u/trainA" ] && [ -d "$scratch/u/trainB" ] || complain 'no trainA and trainB'

fails 2 synth
says 'FOLDER is missing'
fails 2 synth one two
says '"two" is too much'
fails 2 synth "$scratch/x" --size 8
says 'Invalid value "8" for --size: expected a whole number in [16, 4096]'
fails 2 synth "$scratch/x" --kind cats
says 'one of facades, unpaired'
: >"$scratch/file"
fails 1 synth "$scratch/file/below" --size 32
says "$scratch/file"
