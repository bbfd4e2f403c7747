#!/bin/sh
# Validation between epochs: the figures of `pixcl test`, the best checkpoint, a run that is otherwise the same.
# shellcheck disable=SC2086 # $small, $run and $again are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 6 --val 3 --test 0
run="--dataroot ../set --name x --checkpoints_dir ck $small --n_epochs 3 --n_epochs_decay 1 --save_epoch_freq 1"
mkdir plain straight resumed lost

value() { # NAME EPOCH of ck/x/history.jsonl
    sed -n "/\"epoch\":$2,\"val_l1\"/s/.*\"val_$1\":\([-0-9.e+]*\).*/\1/p" ck/x/history.jsonl
}

cd plain || exit 1
ok train $run
cd ../straight || exit 1
ok train $run --val_freq 1 --val_metric ssim
says 'validation after epoch 4: L1 0.'
says '; best ssim 0.'
says 'Next: pixcl translate PICTURE -o OUTPUT --checkpoint ck/x/best.safetensors'
cd ..
[ "$(bits plain/ck/x/latest.safetensors)" = "$(bits straight/ck/x/latest.safetensors)" ] ||
    complain 'validation changes the training'
losses plain/ck/x/history.jsonl >plain.txt
grep -v val_l1 straight/ck/x/history.jsonl | sed 's/,"seconds".*//' >straight.txt
same plain.txt straight.txt

# The best is the epoch with the highest SSIM, and its file the checkpoint of that epoch; the figures are those that
# test finds.
cd straight || exit 1
best=$(for epoch in 1 2 3 4; do echo "$(value ssim $epoch) $epoch"; done | sort -g | tail -n 1 | cut -d' ' -f2)
same ck/x/best.safetensors ck/x/$best.safetensors
for which in best $best; do
    ok test --dataroot ../set --name x --checkpoints_dir ck --phase val --epoch $which
    says "$(printf '3 pictures, mean PSNR %.2f dB, SSIM %.4f, L1 %.4f, SWD %.1f' "$(value psnr $best)" \
        "$(value ssim $best)" "$(value l1 $best)" "$(value swd $best)")"
done
ok translate ../set/val/001.jpg -o one.png --checkpoint ck/x/best.safetensors
cd ..

# Interrupted in the middle of an epoch, then at an end: the history answers for that validation.
again='--continue_train --name x --checkpoints_dir ck --print_freq 1 --no_html --save_epoch_freq 1'
cd resumed || exit 1
ok train $run --val_freq 1 --val_metric ssim --max_steps 4
ok train $again --max_steps 12
ok train $again
cd ..
for file in latest best; do
    [ "$(bits straight/ck/x/$file.safetensors)" = "$(bits resumed/ck/x/$file.safetensors)" ] ||
        complain "an interrupted run leaves another $file.safetensors"
done
sed 's/,"seconds".*//' straight/ck/x/history.jsonl >straight.txt
sed 's/,"seconds".*//' resumed/ck/x/history.jsonl >resumed.txt
same straight.txt resumed.txt

# Killed between the checkpoint and its validation: that comes first when the run goes on, also when it is over.
cd lost || exit 1
ok train $run --val_freq 1 --val_metric ssim --max_steps 12
sed -i '/"epoch":2,"val_l1"/d' ck/x/history.jsonl
rm ck/x/best.safetensors
ok train $again
says 'validation after epoch 2: '
sed 's/,"seconds".*//' ck/x/history.jsonl >../lost.txt
sed -i '/"epoch":4,"val_l1"/d' ck/x/history.jsonl
ok train $again
says 'validation after epoch 4: '
says 'nothing to do'
sed 's/,"seconds".*//' ck/x/history.jsonl >../over.txt
cd ..
same straight.txt lost.txt
same straight.txt over.txt
[ "$(bits straight/ck/x/best.safetensors)" = "$(bits lost/ck/x/best.safetensors)" ] || complain 'another best'

# On another course from an older checkpoint: the best of the old one is not lost, and is not taken for one of the new.
cp -r straight aside
cd aside || exit 1
ok show ck/x
says 'best validation before its own: ssim 0.'
[ "$best" -gt 1 ] || complain 'the first epoch is the best, which tells nothing of the rest of this test'
ok train $again --epoch 1 --lr 0 --max_steps 12
says "stays as ck/x/best_$best.safetensors"
same ck/x/best_$best.safetensors ../straight/ck/x/best.safetensors
same ck/x/best.safetensors ../straight/ck/x/1.safetensors # nothing is learned any more
cd ..

# By another measure the best is another one: that by the old one is not lost. Figures of other pictures are not taken
# for those of the run's, either.
cp -r straight measures
cd measures || exit 1
ok train $again --val_metric l1 --n_epochs_decay 2
says 'by another --val_metric or --val_phase'
says '; best l1 0.'
same ck/x/best_$best.safetensors ../straight/ck/x/best.safetensors
grep -q '"epoch":5,.*"val_phase":"val"' ck/x/history.jsonl || complain 'no validation of the fifth epoch'
cp -r ../set .
mv set/val set/held_out
ok train $again --dataroot set --val_phase held_out
says 'validation after epoch 5: '
grep -q '"epoch":5,.*"val_phase":"held_out"' ck/x/history.jsonl || complain 'figures of other pictures'
cd ..

# plateau: a rate at which nothing gets better falls to a fifth after six more validations, wherever the run was broken.
slow="--dataroot set --checkpoints_dir ck $small --max_dataset_size 1 --lr 1e-9 --lr_policy plateau --val_freq 1
    --n_epochs 9 --n_epochs_decay 0"
ok train $slow --name p
grep '"losses"' ck/p/history.jsonl | sed 's/.*"epoch":\([0-9]*\).*"lr":\([0-9.e-]*\),.*/\1 \2/' >rates.txt
[ "$(sed -n '7p;8p' rates.txt | tr '\n' ' ')" = '7 1e-09 8 2e-10 ' ] || complain "rates: $(cat rates.txt)"
ok train $slow --name q --max_steps 5
ok train --continue_train --name q --checkpoints_dir ck --print_freq 1 --no_html --max_steps 7
ok train --continue_train --name q --checkpoints_dir ck --no_html=false
[ "$(bits ck/p/latest.safetensors)" = "$(bits ck/q/latest.safetensors)" ] || complain 'plateau forgets on resuming'
grep -q '>L1</text>' ck/q/web/index.html && grep -q '>SWD</text>' ck/q/web/index.html ||
    complain 'no curves of validations on the training page'

# Two sets without pairs have nothing but their distance; every second epoch.
ok synth pool --kind unpaired --size 32 --train 4 --val 3 --test 0
rm pool/valB/003.*
ok train --model cycle_gan --dataroot pool --name c --checkpoints_dir ck --netG resnet_1blocks --ngf 4 --netD n_layers \
    --n_layers_D 1 --ndf 4 --load_size 34 --crop_size 32 --print_freq 1 --no_html --val_freq 2 --n_epochs 4 \
    --n_epochs_decay 0
[ "$(grep -c '"val_swd"' ck/c/history.jsonl)" = 2 ] || complain 'not two validations in four epochs'
if grep -q val_l1 ck/c/history.jsonl; then complain 'an L1 without targets'; fi
ok test --model cycle_gan --dataroot pool --name c --checkpoints_dir ck --phase val --epoch best

# Mistakes, before anything is trained.
fails 2 train --dataroot set --name e --checkpoints_dir ck $small --lr_policy plateau
says '--lr_policy plateau lowers the learning rate when validations stop improving'
says '--val_freq 1'
fails 1 train --dataroot set --name e --checkpoints_dir ck $small --val_freq 1 --val_phase held_out
says '--val_freq 1 needs pictures that training does not see'
says "expected a folder 'held_out'"
says '--val_phase'
fails 2 train --dataroot pool --model cycle_gan --name e --checkpoints_dir ck --val_freq 1 --val_metric psnr
says '--val_metric psnr compares outputs with their targets'
[ ! -e ck/e ] || complain 'a run was begun all the same'

# Validation goes by --preprocess and --val_phase: its figures are those of a test that is told the same.
mkdir -p wide/held
ok synth wide --size 64 --train 2 --val 2 --test 0
mv wide/val/* wide/held
rmdir wide/val
ok train --dataroot wide --name w --checkpoints_dir ck --netG unet_32 --ngf 4 --netD n_layers --n_layers_D 1 --ndf 4 \
    --preprocess crop --load_size 34 --crop_size 32 --print_freq 1 --no_html --val_freq 1 --val_phase held \
    --n_epochs 1 --n_epochs_decay 0
found=$(sed -n 's/.*"val_l1":\([0-9.]*\),.*/\1/p' ck/w/history.jsonl)
ok test --dataroot wide --name w --checkpoints_dir ck --phase held --preprocess crop
says "$(printf 'L1 %.4f' "$found")"
ok test --dataroot wide --name w --checkpoints_dir ck --phase held
if grep -qF "$(printf 'L1 %.4f' "$found")" "$scratch/out"; then
    complain 'validation resizes what --preprocess crops'
fi
