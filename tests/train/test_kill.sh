#!/bin/sh
# A run that is stopped, killed or out of space leaves a checkpoint to go on from.
# shellcheck disable=SC2086 # $small and $forever are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 6 --val 0 --test 0
forever="--checkpoints_dir ck $small --n_epochs 1000000"

# Starts training in the background and waits until FILE is there (or has changed since `mark` was touched).
begin() { # FILE ARG...
    awaited=$1
    shift
    last="$* &"
    "$PIXCL" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    child=$!
    waited=0
    until [ -n "$(find "$awaited" -newer mark 2>/dev/null)" ]; do
        sleep 0.05
        waited=$((waited + 1))
        if [ $waited -gt 2400 ] || ! kill -0 $child 2>/dev/null; then
            complain "no $awaited"
            return
        fi
    done
}

finish() {
    code=0
    wait $child || code=$?
}

# kill -9 while every step saves, so that most of the time is saving. Each time the checkpoint opens, and the next
# process goes on from it; at last a run without a break has the same losses.
touch mark
begin ck/killed/latest.safetensors train --dataroot set --name killed $forever --save_latest_freq 1
for delay in 0.003 0.017 0.041; do
    sleep $delay
    kill -KILL $child
    finish 2>/dev/null
    ok show ck/killed --json
    step=$(sed 's/.*"run":{"step":\([0-9]*\),.*/\1/' "$scratch/out")
    [ "$step" -ge 1 ] || complain "killed at step $step"
    touch mark
    begin ck/killed/latest.safetensors train --continue_train --name killed --checkpoints_dir ck --print_freq 1 \
        --no_html --save_latest_freq 1
done
sleep 0.01
# Ctrl-C: the step is ended and saved, the exit code is that of a failure, and the message says what to do.
kill -INT $child
finish
[ $code = 1 ] || complain "interrupted: exit code $code, expected 1"
says 'Stopping after this step'
says '--continue_train goes on from there'
steps=$(wc -l <ck/killed/history.jsonl)
ok show ck/killed --json
says "\"run\":{\"step\":$steps,"
[ -z "$(find ck/killed -name '*.tmp')" ] || complain 'pieces of killed savings lie about'
ok train --dataroot set --name straight $forever --max_steps $steps
losses ck/killed/history.jsonl >killed.txt
losses ck/straight/history.jsonl >straight.txt
same straight.txt killed.txt

# No room for the next checkpoint: the run ends, and the last one stays. (A limit on the size of files stands in for a
# full disk; the kernel then fails the write.)
touch mark
trap '' XFSZ
begin ck/full/latest.safetensors train --dataroot set --name full $forever
prlimit --pid $child --fsize=500000
finish
[ $code = 1 ] || complain "disk full: exit code $code, expected 1"
says 'cannot write ck/full/latest.safetensors: File too large'
says 'ulimit -f'
ok show ck/full
[ -z "$(find ck/full -name '*.tmp')" ] || complain 'a piece of the checkpoint that did not fit lies about'
