#!/bin/sh
# CycleGAN as a person runs it: train, interrupt, go on, test both ways, translate either way, hand over to PyTorch.
# shellcheck disable=SC2086 # $small and $run are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --kind unpaired --size 32 --train 5 --val 0 --test 3
rm set/testB/003.*                     # sides of different length are the usual thing
tiny='--netG resnet_1blocks --ngf 4 --netD n_layers --n_layers_D 1 --ndf 4 --load_size 34 --crop_size 32'
run="--model cycle_gan --dataroot ../set --name x --checkpoints_dir ck $tiny --print_freq 1 --no_html --pool_size 2
    --n_epochs 1 --n_epochs_decay 1"
mkdir straight resumed

# The pool is part of the state of a run: from its third picture on it decides what the discriminators see.
cd straight || exit 1
ok train $run
grep -q '"D_A":.*"G_A":.*"cycle_A":.*"idt_A":.*"D_B":.*"G_B":.*"cycle_B":.*"idt_B":' ck/x/history.jsonl ||
    complain 'history.jsonl lacks losses of the reference'
cd ../resumed || exit 1
ok train $run --max_steps 3
ok train --continue_train --name x --checkpoints_dir ck --print_freq 1 --no_html --max_steps 7
ok train --continue_train --name x --checkpoints_dir ck --print_freq 1 --no_html
cd ..
[ "$(bits straight/ck/x/latest.safetensors)" = "$(bits resumed/ck/x/latest.safetensors)" ] ||
    complain 'an interrupted run leaves other bits'
losses straight/ck/x/history.jsonl >straight.txt
losses resumed/ck/x/history.jsonl >resumed.txt
same straight.txt resumed.txt
run=$(echo "$run" | sed 's/ck $/ck/; s,\.\./set,set,')

# Every option does something: another one, other losses, at the latest in the fourth step.
differs() {
    ok train $run --max_steps 4 --name other "$@"
    losses ck/other/history.jsonl >other.txt
    head -n 4 straight.txt >usual.txt
    differ usual.txt other.txt "$* changes nothing"
    rm -r ck/other
}
differs --pool_size 0
differs --lambda_A 5
differs --lambda_B 5
differs --lambda_identity 0.1
differs --direction BtoA
differs --gan_mode vanilla
differs --gan_mode wgangp
differs --no_dropout=false
ok train $run --max_steps 1 --name forward --lambda_B 0
if grep -q 'cycle_B\|idt_A' ck/forward/history.jsonl; then complain 'lambda_B 0 leaves a cycle from B or an idt_A'; fi
grep -q 'cycle_A.*idt_B' ck/forward/history.jsonl || complain 'lambda_B 0 takes away the cycle from A'

ok train $run --max_steps 1 --name slopes --gan_mode wgangp
grep -q '"gp_A":.*"gp_B":' ck/slopes/history.jsonl || complain 'wgangp without gradient penalties'
ok train $run --max_steps 1 --name cycles --gan_mode none --pool_size 50
if grep -q 'D_A\|D_B\|G_A\|G_B' ck/cycles/history.jsonl; then complain 'a GAN loss without a GAN'; fi
ok show ck/cycles --json
if grep -q '"name":"D_' "$scratch/out"; then complain 'discriminators without a GAN'; fi

# With pictures or a pool of another size the pool begins anew.
ok train $run --name sizes --max_steps 3
ok train --continue_train --name sizes --checkpoints_dir ck --crop_size 36 --load_size 40 --max_steps 5
says 'the pools begin anew, empty'
ok train --continue_train --name sizes --checkpoints_dir ck --pool_size 0 --max_steps 6
ok train --continue_train --name sizes --checkpoints_dir ck --pool_size 3 --max_steps 10
says 'the pools begin anew, empty'

# Both ways, each picture once, under the labels of the reference.
mv straight/ck/x ck/x
ok test --dataroot set --name x --checkpoints_dir ck --results_dir res
says '3 pictures, SWD '
says ' (back: '
(cd res/x/test_latest/images && ls) >files.txt
for i in 001 002 003; do
    for label in fake_A fake_B real_A real_B rec_A rec_B; do
        [ $i$label = 003fake_A ] || [ $i$label = 003real_B ] || [ $i$label = 003rec_B ] || echo ${i}_$label.png
    done
done >expected.txt
same expected.txt files.txt
for pair in 'A as B against B' 'B as A against A'; do
    grep -q "^$pair,,,,[0-9.]*\$" res/x/test_latest/metrics.csv || complain "no distance of $pair in metrics.csv"
done

# translate takes the generator of the direction: the pictures of the test.
ok translate set/testA/001.* -o forth.png --checkpoint ck/x
same forth.png res/x/test_latest/images/001_fake_B.png
ok translate set/testB/001.* -o back.png --checkpoint ck/x --direction BtoA
same back.png res/x/test_latest/images/001_fake_A.png

# Single pictures have no other side.
mkdir single
cp set/testA/001.* single/
ok test --dataroot single --dataset_mode single --name x --checkpoints_dir ck --results_dir alone
if grep -q SWD "$scratch/out"; then complain 'a distance to pictures that are not there'; fi
(cd alone/x/test_latest/images && ls | tr '\n' ' ') >files.txt
echo '001_fake_B.png 001_real_A.png 001_rec_A.png ' | tr -d '\n' >expected.txt
same expected.txt files.txt
# ... and go the other way when told to, as translate does; where both sides are there, both ways are shown.
ok test --dataroot single --dataset_mode single --name x --checkpoints_dir ck --results_dir behind --direction BtoA
(cd behind/x/test_latest/images && ls | tr '\n' ' ') >files.txt
echo '001_fake_A.png 001_real_B.png 001_rec_B.png ' | tr -d '\n' >expected.txt
same expected.txt files.txt
grep -q 'B as A' behind/x/test_latest/index.html || complain 'the page of the way back has the titles of the way there'
ok translate single/001.* -o back.png --checkpoint ck/x --direction BtoA
same back.png behind/x/test_latest/images/001_fake_A.png
ok train $run --max_steps 1 --name grey --output_nc 1 --lambda_identity 0
ok test --dataroot single --dataset_mode single --name grey --checkpoints_dir ck --direction BtoA
[ "$(od -An -tu1 -j25 -N1 results/grey/test_latest/images/001_real_B.png | tr -d ' ')" = 0 ] ||
    complain 'the way back from grey pictures is given colour'
fails 2 test --dataroot set --name x --checkpoints_dir ck --direction BtoA
says 'test shows both ways anyway: leave the option out'
ok test --dataroot set --name x --checkpoints_dir ck --results_dir sized --preprocess scale_width --load_size 35

# Four networks for the reference, and back.
ok convert ck/x --to pth
(cd pth && ls | tr '\n' ' ') >files.txt
echo 'latest_net_D_A.pth latest_net_D_B.pth latest_net_G_A.pth latest_net_G_B.pth ' | tr -d '\n' >expected.txt
same expected.txt files.txt
ok train $run --name from --init_from pth --max_steps 1
ok show ck/x
says 'G_B  resnet_1blocks'
