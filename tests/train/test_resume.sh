#!/bin/sh
# Same seed, same bits: whatever interrupted the run, and however many threads read the pictures.
# shellcheck disable=SC2086 # $small and $run are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 6 --val 0 --test 0
mkdir straight resumed threads seed
# Two epochs of six pictures, with dropout, random crops and flips, and another learning rate in the second.
run="--dataroot ../set --name x --checkpoints_dir ck $small --n_epochs 1 --n_epochs_decay 1 --save_epoch_freq 1"

cd "$scratch/straight" || exit 1
ok train $run
[ "$(wc -l <ck/x/history.jsonl)" = 12 ] || complain 'two epochs of six pictures are not twelve steps'

# Interrupted within an epoch, then exactly at its end; the options come from the checkpoint.
cd "$scratch/resumed" || exit 1
ok train $run --max_steps 4
again='--continue_train --name x --checkpoints_dir ck --print_freq 1 --no_html --save_epoch_freq 1'
ok train $again --max_steps 6
ok train $again
cd "$scratch" || exit 1
same straight/ck/x/latest.safetensors resumed/ck/x/latest.safetensors
same straight/ck/x/2.safetensors resumed/ck/x/2.safetensors
losses straight/ck/x/history.jsonl >straight.txt
losses resumed/ck/x/history.jsonl >resumed.txt
same straight.txt resumed.txt
# The first epoch's file of the interrupted run also holds its --max_steps: only the tensors can be equal.
[ "$(bits straight/ck/x/1.safetensors)" = "$(bits resumed/ck/x/1.safetensors)" ] || complain 'epoch 1 differs'

cd "$scratch/threads" || exit 1
ok train $run --num_threads 1
cd "$scratch" || exit 1
[ "$(bits straight/ck/x/latest.safetensors)" = "$(bits threads/ck/x/latest.safetensors)" ] ||
    complain 'one thread that reads pictures gives other bits than four'

cd "$scratch/seed" || exit 1
ok train $run --seed 1 --max_steps 1
cd "$scratch" || exit 1
losses seed/ck/x/history.jsonl >seed.txt
head -n 1 straight.txt >first.txt
if cmp -s first.txt seed.txt; then complain 'another seed gives the same losses'; fi

# A run that is over says so and changes nothing.
cp resumed/ck/x/latest.safetensors before
cd "$scratch/resumed" || exit 1
ok train $again
says 'nothing to do: the run has 12 steps and all are done'
cd "$scratch" || exit 1
same resumed/ck/x/latest.safetensors before

# Nothing to go on from: from the beginning, and said so.
cd "$scratch/resumed" || exit 1
ok train $run --name new --continue_train --max_steps 1
says 'there is no ck/new/latest.safetensors yet; starting from the beginning'
cd "$scratch" || exit 1
losses resumed/ck/new/history.jsonl >new.txt
same first.txt new.txt
