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
differ first.txt seed.txt 'another seed gives the same losses'

# A run that is over says so and changes nothing.
cp resumed/ck/x/latest.safetensors before
cd "$scratch/resumed" || exit 1
ok train $again
says 'nothing to do: the run has done 12 steps, and all epochs; a larger --n_epochs goes on'
cd "$scratch" || exit 1
same resumed/ck/x/latest.safetensors before

# Nothing to go on from: from the beginning, and said so.
cd "$scratch/resumed" || exit 1
ok train $run --name new --continue_train --max_steps 1
says 'there is no ck/new/latest.safetensors yet; starting from the beginning'
cd "$scratch" || exit 1
losses resumed/ck/new/history.jsonl >new.txt
same first.txt new.txt

# Nothing is written over by mistake: by a new run of the same name, or for a checkpoint that is not there.
cp -r resumed/ck kept
fails 2 train $(echo "$run" | sed 's,\.\./set,set,; s,checkpoints_dir ck,checkpoints_dir kept,')
says 'kept/x has checkpoints already'
fails 1 train --continue_train --epoch 47 --name x --checkpoints_dir kept
says 'there is no kept/x/47.safetensors'
for file in latest.safetensors history.jsonl; do
    same resumed/ck/x/$file kept/x/$file
done

# A run whose name begins with the name of another one and a '/' lies in a folder below it.
ok train $(echo "$run" | sed 's,\.\./set,set,; s,--name x,--name kept/below,') --max_steps 1
ok train $(echo "$run" | sed 's,\.\./set,set,; s,--name x,--name kept,; s,checkpoints_dir ck,checkpoints_dir .,') \
    --name ck/kept --max_steps 1

# Another batch size from the middle of an epoch on: six pictures, of which one was seen; two whole batches of two are
# left, then three in each epoch.
mkdir batches
cp -r set/train batches/
cd batches || exit 1
ok train --dataroot . --name x --checkpoints_dir ck $small --n_epochs 3 --n_epochs_decay 0 --max_steps 1
ok train --continue_train --name x --checkpoints_dir ck --batch_size 2
places() { # step, epoch and picture of each line
    sed 's/.*"step":\([0-9]*\),"epoch":\([0-9]*\),"iter":\([0-9]*\),.*/\1 \2 \3/' "$1" | tr '\n' ,
}
places ck/x/history.jsonl >steps.txt
echo '1 1 1,2 1 3,3 1 5,4 2 2,5 2 4,6 2 6,7 3 2,8 3 4,9 3 6,' | tr -d '\n' >expected.txt
same expected.txt steps.txt

# Fewer pictures than the epoch had come to: that ends here, and the next ones have what there is.
ok train --dataroot . --name fewer --checkpoints_dir ck $small --n_epochs 2 --n_epochs_decay 0 --max_steps 5
ok train --continue_train --name fewer --checkpoints_dir ck --max_dataset_size 3
says 'epoch 1 had come to picture 5, and there are only 3 now'
places ck/fewer/history.jsonl >steps.txt
echo '1 1 1,2 1 2,3 1 3,4 1 4,5 1 5,6 2 1,7 2 2,8 2 3,' | tr -d '\n' >expected.txt
same expected.txt steps.txt

# --phase and what the run keeps are the run's own.
mkdir other
mv train other/held
cp -r other/held other/train
rm "$(ls other/train/* | head -n 1)"
ok train --dataroot other --phase held --name p --checkpoints_dir ck $small --save_epoch_freq 1 --n_epochs 2 \
    --n_epochs_decay 0 --max_steps 3 --no_html=false
ok train --continue_train --name p --checkpoints_dir ck
[ "$(wc -l <ck/p/history.jsonl)" = 12 ] || complain 'a run goes on with other pictures'
[ -e ck/p/1.safetensors ] && [ -e ck/p/2.safetensors ] || complain 'a run that goes on forgets --save_epoch_freq'
[ -e ck/p/web/images/epoch002_fake_B.png ] || complain 'no pictures of the last epoch'
[ ! -e ck/p/web/images/epoch003_fake_B.png ] || complain 'pictures of an epoch that was not trained'
cd ..

# A bit that the disk has changed is noticed before anything is made of it.
cp straight/ck/x/latest.safetensors whole.safetensors
ok show whole.safetensors --verify
says 'have the hash that was written with them'
size=$(wc -c <whole.safetensors)
for at in $((size - 1)) $((size / 2)) $((size / 3)); do
    cp whole.safetensors damaged.safetensors
    byte=$(od -An -tu1 -j $at -N 1 whole.safetensors)
    # shellcheck disable=SC2059 # the byte as an octal escape
    printf "$(printf '\\%03o' $((byte ^ 64)))" | dd of=damaged.safetensors bs=1 seek=$at conv=notrunc 2>/dev/null
    fails 1 show damaged.safetensors --verify
    says '1 of'
    says 'is damaged'
    rm -rf ck/damaged
    mkdir -p ck/damaged
    cp damaged.safetensors ck/damaged/latest.safetensors
    fails 1 train --continue_train --dataroot set --name damaged --checkpoints_dir ck
    says 'is damaged'
done
