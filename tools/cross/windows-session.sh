#!/bin/sh
# pixcl for Windows as a person uses it, beside pixcl for this system on the same drivers: names with spaces, umlauts
# and backslashes, a killed and an interrupted training, and the same bytes in every file.
#   windows-session.sh PIXCL CLINFO_CHECK HERE    HERE is this system's pixcl, the others are the programs for Windows
# The last line is "N passed, N failed, N skipped", in parts.
# shellcheck disable=SC2086 # $small and $long are lists of words
tools=$(cd "$(dirname "$0")" && pwd)
checks=$tools/../../tests/cli
clinfo_check=$(realpath "$2")
own=$(realpath "$3")
. "$tools/../../tests/train/run.sh"
long="--checkpoints_dir ck $small --n_epochs 1000000"
set='Größe und Maß/Bilder'
passed=0 bad=0 skipped=0 before=0 part=

# What is complained about from here on belongs to this part; without a name, to none.
part() {
    if [ "$part" ]; then
        if [ $failed = $before ]; then passed=$((passed + 1)); else bad=$((bad + 1)); fi
        [ $failed = $before ] && echo "ok      $part" || echo "FAILED  $part"
    fi
    before=$failed
    part=${1:-}
}

skip() { # NAME REASON
    skipped=$((skipped + 1))
    echo "skipped $1: $2"
}

here() {
    last="$* (here)"
    "$own" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || complain 'failed on this system'
}

same_folders() {
    diff -r "$1" "$2" >"$scratch/out" 2>"$scratch/err" || complain "$1 and $2 differ"
}

# Trains in the background until FILE is there, and is killed then, as the task manager does it.
train_and_kill() { # FILE ARG...
    awaited=$1
    shift
    last="$* &"
    "$PIXCL" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    waited=0
    until [ -e "$awaited" ] || [ $waited -gt 1200 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    sleep 0.3
    kill -KILL $! || complain 'it had ended by itself'
    wait $! 2>"$scratch/err"
    [ -e "$awaited" ] || complain "no $awaited"
}

part devices
ok devices
says PoCL
says 'self-test  passed'
ok devices --json

part 'clinfo-check'
last=clinfo-check
"$clinfo_check" >"$scratch/out" 2>"$scratch/err" </dev/null || complain "exit code $?"
says PoCL

part 'check: every operation against plain C'
ok check
says 'computes right'

part 'synth: the same pictures, in a folder with spaces, umlauts and a backslash'
ok synth 'Größe und Maß\Bilder' --size 64 --train 4 --val 0 --test 2 --seed 5
here synth drawn --size 64 --train 4 --val 0 --test 2 --seed 5
same_folders "$set" drawn

part 'train: the same checkpoint'
train="--checkpoints_dir ck $small --n_epochs 3 --n_epochs_decay 0 --seed 7"
ok train --dataroot 'Größe und Maß\Bilder' --name 'läuft gut' $train
here train --dataroot "$set" --name here $train
[ "$(bits 'ck/läuft gut/latest.safetensors')" = "$(bits ck/here/latest.safetensors)" ] || complain 'other bits'
losses 'ck/läuft gut/history.jsonl' >windows.txt
losses ck/here/history.jsonl >here.txt
same windows.txt here.txt

part 'show --verify'
ok show 'ck\läuft gut' --verify
says '12 steps'

part 'translate: the same PNG'
mkdir 'aus gabe'
ok translate 'Größe und Maß\Bilder\test\001.jpg' -o 'aus gabe\ü.png' --checkpoint 'ck\läuft gut'
here translate "$set/test/001.jpg" -o here.png --checkpoint 'ck/läuft gut'
same 'aus gabe/ü.png' here.png
ok translate "$set/test" -o 'aus gabe\alle' --checkpoint 'ck\läuft gut\latest.safetensors'
here translate "$set/test" -o alle --checkpoint 'ck/läuft gut'
same_folders 'aus gabe/alle' alle

part 'test: the same figures and pictures'
ok test --dataroot "$set" --name 'läuft gut' --checkpoints_dir ck
mv results results-windows
here test --dataroot "$set" --name 'läuft gut' --checkpoints_dir ck
same_folders results-windows results

part 'convert: the same files'
ok convert 'ck\läuft gut' -o windows
here convert 'ck/läuft gut' -o here
same_folders windows here
ok convert 'windows\latest_net_G.pth' -o windows.safetensors
here convert here/latest_net_G.pth -o here.safetensors
same windows.safetensors here.safetensors
ok convert 'ck\läuft gut' -o windows.onnx
here convert 'ck/läuft gut' -o here.onnx
same windows.onnx here.onnx

part 'killed: what was saved goes on'
train_and_kill ck/killed/latest.safetensors train --dataroot "$set" --name killed $long --save_latest_freq 1
ok show ck/killed --verify
killed_at=$(wc -l <ck/killed/history.jsonl)
steps=$((killed_at + 5))
ok train --continue_train --name killed --checkpoints_dir ck --no_html --print_freq 1 --max_steps $steps
here train --dataroot "$set" --name straight $long --max_steps $steps
losses ck/killed/history.jsonl >killed.txt
losses ck/straight/history.jsonl >straight.txt
same straight.txt killed.txt
[ -z "$(find ck/killed -name '*.tmp')" ] || complain 'the kill left temporary files'

part 'Ctrl-C: saved, and goes on'
code=0
last='train, Ctrl-C'
python3 "$tools/press_ctrl_c.py" ck/pressed/5.safetensors "$PIXCL" train --dataroot "$set" --name pressed $long \
    >"$scratch/out" 2>"$scratch/err" || code=$?
[ $code = 1 ] || complain "exit code $code, expected 1"
steps=$(wc -l <ck/pressed/history.jsonl)
ok show ck/pressed --json
says "\"run\":{\"step\":$steps,"
steps=$((steps + 5))
sed -i 's/$/\r/' ck/pressed/history.jsonl # as an editor of Windows may leave it
ok train --continue_train --name pressed --checkpoints_dir ck --no_html --print_freq 1 --max_steps $steps
here train --dataroot "$set" --name whole $long --max_steps $steps
losses ck/pressed/history.jsonl >pressed.txt
losses ck/whole/history.jsonl >whole.txt
same whole.txt pressed.txt

part 'a folder is held by one process'
"$PIXCL" train --dataroot "$set" --name held $long >held.txt 2>&1 </dev/null &
child=$!
until [ -s ck/held/history.jsonl ] || ! kill -0 $child; do sleep 0.1; done
fails 2 train --continue_train --name held --checkpoints_dir ck
says 'another process is training in ck/held'
kill -KILL $child
wait $child 2>"$scratch/err"

part 'a checkpoint that another program holds'
wine=$(dirname "$PIXCL")/under-wine
: >ping.txt
"$wine" cmd /c 'ping -n 100 127.0.0.1 < ck\pressed\latest.safetensors' >ping.txt 2>&1 </dev/null &
until grep -q 127 ping.txt; do sleep 0.1; done
cksum ck/pressed/latest.safetensors >before.txt
fails 1 train --continue_train --name pressed --checkpoints_dir ck --no_html --max_steps $((steps + 1))
says 'another program has it open; close what uses it'
cksum ck/pressed/latest.safetensors >after.txt
same before.txt after.txt
kill $!

part
part=
if [ "$(id -u)" = 0 ]; then
    skip 'a folder that is read-only' 'root may write there'
else
    part 'a folder that is read-only'
    mkdir closed
    chmod 555 closed
    fails 1 synth 'closed\set' --size 32 --train 1 --val 0 --test 0
    says 'closed'
    part
fi
echo "$passed passed, $bad failed, $skipped skipped"
