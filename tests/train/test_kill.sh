#!/bin/sh
# A run that is stopped, killed or out of space leaves a checkpoint to go on from.
# shellcheck disable=SC2086 # $small and $forever are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 6 --val 0 --test 0
forever="--checkpoints_dir ck $small --n_epochs 1000000"

# Starts training in the background and waits until FILE is there (or has changed since `mark` was touched). What a
# script begins in the background ignores SIGINT; $as may say otherwise.
as='env --default-signal=INT'
begin() { # FILE ARG...
    awaited=$1
    shift
    last="$* &"
    $as "$PIXCL" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
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
# A second process in the same folder would mix its checkpoints and history with the first one's.
"$PIXCL" train --continue_train --name killed --checkpoints_dir ck >other.txt 2>&1 </dev/null
[ $? = 2 ] || complain 'a second process trains in the same folder'
grep -q 'another process is training in ck/killed' other.txt || complain "$(cat other.txt)"
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

# While kernels are compiled it ends at once, without a run; the driver's compiler, and what it keeps, take no harm.
touch mark
POCL_CACHE_DIR=$scratch/kernels PIXCL_CACHE_DIR=$scratch/cache
export POCL_CACHE_DIR PIXCL_CACHE_DIR
begin kernels train --dataroot set --name compiled $forever
sleep 0.5
[ ! -e ck/compiled/history.jsonl ] || complain 'the kernels were there already'
kill -INT $child
finish
[ $code = 1 ] || complain "interrupted while compiling: exit code $code, expected 1"
says 'stopped while kernels were compiled'
ok train --dataroot set --name compiled $forever --max_steps 1
unset POCL_CACHE_DIR PIXCL_CACHE_DIR

# The terminal goes away: that saves, too. Who asked for SIGINT to be ignored gets that.
touch mark
as=
begin ck/hung_up/history.jsonl train --dataroot set --name hung_up $forever
kill -INT $child
sleep 0.3
kill -0 $child || complain 'a signal that was ignored before ends the run'
kill -HUP $child
finish
[ $code = 1 ] || complain "hung up: exit code $code, expected 1"
says '--continue_train goes on from there'
ok show ck/hung_up

# Its reader goes away: that saves, too.
last='train | head'
{
    code=0
    "$PIXCL" train --dataroot set --name unread $forever --print_freq 1 2>err || code=$?
    echo "$code" >unread.code
} | head -n 3 >/dev/null
[ "$(cat unread.code)" = 1 ] || complain "its reader gone: exit code $(cat unread.code), expected 1"
grep -q 'continue_train goes on from there' err || complain 'did not say how to go on'
ok show ck/unread

# Asked twice, it ends at once, as a signal ends a process.
touch mark
begin ck/twice/history.jsonl train --dataroot set --name twice $forever --batch_size 6 --ngf 16
kill -TERM $child
kill -HUP $child
finish 2>/dev/null
[ $code = 129 ] || [ $code = 143 ] || complain "asked twice: exit code $code"

# Back to an older checkpoint, and killed before anything is saved: the run goes on from there all the same, its
# history knows nothing else, and the course that was left is still to be had. (An epoch of many pictures.)
mkdir -p many/train
for i in $(seq 4000); do ln -s ../../set/train/001.jpg many/train/$i.jpg; done
ok train --dataroot set --name back --checkpoints_dir ck $small --save_epoch_freq 1 --n_epochs 3 --n_epochs_decay 0
cp ck/back/latest.safetensors left.safetensors
losses ck/back/history.jsonl >straight.txt
touch mark
begin ck/back/history.jsonl train --continue_train --epoch 1 --name back --checkpoints_dir ck --dataroot many --lr 0.5
while kill -0 $child && ! grep -q '"step":9,.*"lr":0.5,' ck/back/history.jsonl; do sleep 0.05; done
kill -KILL $child
finish 2>/dev/null
same ck/back/latest.safetensors ck/back/1.safetensors
same ck/back/latest_18.safetensors left.safetensors
ok train --continue_train --name back --checkpoints_dir ck
losses ck/back/history.jsonl >killed.txt
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
