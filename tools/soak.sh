#!/bin/sh
# Whatever happens to a run, the last good checkpoint opens and goes on with the same bits. Kills and breaks the command
# hundreds of times and compares with runs that nothing happened to:
#
#   kills     SIGKILL after random delays: training with validation, test, convert, translate
#   calls     pixcl's own calls for files, the n-th for every n (PIXCL_FAIL_IO): the process is killed there; it fails;
#             it and all after it fail
#   places    a full disk, a read-only one, a folder that moves away, limits of a file's size and of open files, a clock
#             that goes back
#
#   sh tools/soak.sh [PIXCL [KILLS [SEED]]]     build/tools/pixcl, 200 kills, seed 1; half an hour
#
# The last line counts; the exit code is 1 when anything was lost.
# shellcheck disable=SC2086 # $small is a list of words
pixcl=$(realpath "${1:-build/tools/pixcl}")
kills=${2:-200}
seed=${3:-1}
set -- "$pixcl"
checks=$(dirname "$0")/../tests/cli
# shellcheck source=tests/train/run.sh
. "$(dirname "$0")/../tests/train/run.sh"
killed=0
broken=0
skipped=0

# A number from 0 to $1 - 1, the next of a sequence.
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}

# Runs the command and kills it after some milliseconds, random below $1; it may have ended before.
kill_after() { # MOST ARG...
    random "$1"
    shift
    last="$* (killed after $drawn ms)"
    "$PIXCL" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    child=$!
    sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
    kill -KILL $child 2>/dev/null
    code=0
    wait $child 2>/dev/null || code=$?
    [ "$code" != 137 ] || killed=$((killed + 1))
}

steps=18
ok synth set --size 32 --train 6 --val 2 --test 3
train="train --dataroot set --checkpoints_dir ck $small --val_freq 1 --save_latest_freq 1 --max_steps $steps"
ok $train --name ref
ok test --dataroot set --name ref --checkpoints_dir ck --results_dir ref_results
ok convert ck/ref --to ref_pth
translate='translate set/test --checkpoint ck/ref --test_dropout off' # noise counts the pictures before
ok $translate -o ref_translated

# The run NAME has ended as the one that nothing happened to.
same_run() {
    [ "$(bits "ck/$1/latest.safetensors")" = "$(bits ck/ref/latest.safetensors)" ] || complain "other bits in $1"
    losses ck/ref/history.jsonl >ref_losses
    losses "ck/$1/history.jsonl" >its_losses
    cmp -s ref_losses its_losses || complain "another history in $1"
}

# Goes on with NAME as a user would, to its end.
go_on() {
    if [ -f "ck/$1/latest.safetensors" ]; then
        ok show "ck/$1" --verify
        ok $train --name "$1" --continue_train
    else
        ok $train --name "$1"
    fi
    same_run "$1"
}

# Every file of the folder $2 that is also in the other, whole one $1 is the same.
same_files() {
    for file in "$2"/*; do
        [ ! -f "$file" ] || cmp -s "$1/${file##*/}" "$file" || complain "$file is not whole"
    done
}

# -- kills
number=0
while [ $killed -lt $((kills / 2)) ]; do
    name=killed$number
    if [ -f "ck/$name/latest.safetensors" ]; then
        ok show "ck/$name" --verify
        kill_after 1200 $train --name $name --continue_train
    else
        kill_after 1200 $train --name $name
    fi
    if [ "$code" = 0 ]; then
        same_run $name
        rm -rf "ck/$name"
        number=$((number + 1))
    elif [ "$code" != 137 ]; then
        complain "exit code $code"
        break
    fi
done
[ ! -d "ck/$name" ] || go_on $name
while [ $killed -lt $((kills * 2 / 3)) ]; do
    kill_after 600 test --dataroot set --name ref --checkpoints_dir ck --results_dir results
done
ok test --dataroot set --name ref --checkpoints_dir ck --results_dir results
same ref_results/ref/test_latest/metrics.csv results/ref/test_latest/metrics.csv
same_files ref_results/ref/test_latest/images results/ref/test_latest/images
while [ $killed -lt $((kills * 5 / 6)) ]; do
    rm -rf pth
    kill_after 60 convert ck/ref --to pth
    same_files ref_pth pth
done
while [ $killed -lt "$kills" ]; do
    rm -rf translated
    kill_after 600 $translate -o translated
    same_files ref_translated translated
done
echo "kills: $killed, $failed failures so far"

# -- calls: the last steps, again and again
ok $train --name half --max_steps 17
for how in '!' '' '+'; do
    n=1
    while :; do
        rm -rf ck/call
        cp -r ck/half ck/call
        last="train, call $n$how"
        code=0
        PIXCL_FAIL_IO="$n$how" "$PIXCL" $train --name call --continue_train >"$scratch/out" 2>"$scratch/err" \
            </dev/null || code=$?
        [ "$how" != '!' ] || [ "$code" != 0 ] || break # not reached: there are fewer
        [ "$how" = '!' ] || [ "$n" -lt "$calls" ] || break
        broken=$((broken + 1))
        if [ "$code" = 0 ]; then
            same_run call
        else
            [ "$how" = '!' ] || [ -s "$scratch/err" ] || complain 'it failed and did not say why'
            go_on call
        fi
        n=$((n + 1))
    done
    [ "$how" != '!' ] || calls=$n
done
for how in '' '+'; do
    n=1
    while [ $n -lt "$calls" ]; do
        rm -rf pth translated
        last="convert, call $n$how"
        if PIXCL_FAIL_IO="$n$how" "$PIXCL" convert ck/ref --to pth >"$scratch/out" 2>"$scratch/err"; then
            whole=yes
        else
            whole=
        fi
        same_files ref_pth pth
        last="translate, call $n$how"
        PIXCL_FAIL_IO="$n$how" "$PIXCL" $translate -o translated \
            >"$scratch/out" 2>"$scratch/err" || whole=
        same_files ref_translated translated
        broken=$((broken + 2))
        [ -z "$whole" ] || [ -d pth ] || complain 'success without a file'
        n=$((n + 1))
    done
done
echo "calls: $calls of a training, $broken broken, $failed failures so far"

# -- places
places=0
if mkdir disk && mount -t tmpfs -o size=4m none disk 2>/dev/null; then
    trap 'umount "$scratch/disk" 2>/dev/null; rm -rf "$scratch"; [ "$failed" = 0 ] || exit 1' EXIT
    for how in full read-only; do
        cp -r ck/half disk/
        if [ $how = full ]; then
            dd if=/dev/zero of=disk/filler bs=1k >/dev/null 2>&1
        else
            mount -o remount,ro disk
        fi
        run $train --name half --checkpoints_dir disk --continue_train
        [ "$code" = 1 ] || complain "$how disk: exit code $code"
        [ -s "$scratch/err" ] || complain "$how disk: nothing said"
        mount -o remount,rw disk
        rm -f disk/filler
        ok show disk/half --verify
        rm -rf ck/place
        cp -r disk/half ck/place
        go_on place
        rm -rf disk/half
        places=$((places + 1))
    done
else
    skipped=$((skipped + 2))
fi
rm -rf ck/place
cp -r ck/half ck/place
"$PIXCL" $train --name place --continue_train --max_steps 100000 >"$scratch/out" 2>"$scratch/err" </dev/null &
child=$!
sleep 1.5
last='train in a folder that moves away'
mv ck/place moved
sleep 1
kill -KILL $child 2>/dev/null
wait $child 2>/dev/null
rm -rf ck/place
mv moved ck/place
ok show ck/place --verify
places=$((places + 1))
for limit in '-f 100' '-n 24'; do
    rm -rf ck/place
    cp -r ck/half ck/place
    last="train under ulimit $limit"
    # shellcheck disable=SC3045 # dash and bash know both
    (ulimit $limit && exec "$PIXCL" $train --name place --continue_train) >"$scratch/out" 2>"$scratch/err" </dev/null
    code=$?
    [ "$code" = 0 ] || [ "$code" = 1 ] || [ "$code" = 3 ] || complain "exit code $code"
    [ "$code" = 0 ] || [ -s "$scratch/err" ] || complain 'nothing said'
    go_on place
    places=$((places + 1))
done
if command -v faketime >/dev/null 2>&1; then
    rm -rf ck/place
    cp -r ck/half ck/place
    last='train a year earlier'
    faketime '-1 year' "$PIXCL" $train --name place --continue_train >"$scratch/out" 2>"$scratch/err" </dev/null ||
        complain "exit code $?"
    same_run place
    places=$((places + 1))
else
    skipped=$((skipped + 1))
fi

[ $skipped = 0 ] || echo 'Skipped: disks need root and mount, the clock needs faketime'
echo "$killed kills, $broken broken calls, $places places: $failed failures, $skipped skipped"
