#!/bin/sh
# Training that goes wrong while every loss stays a number says so, once, in the log, in history.jsonl and on the page.
# shellcheck disable=SC2086 # $small, $often and $weak are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 6 --val 0 --test 0
ok synth pool --kind unpaired --size 32 --train 6 --val 0 --test 0
ok synth photos --kind unpaired --size 64 --train 6 --val 0 --test 0
mv photos/trainA photos/train
often='--checkpoints_dir ck --n_epochs 1000 --save_epoch_freq 1000'

warnings() { # NAME TEXT: how many lines of the run's history warn of it
    grep -c "\"warning\":\".*$2" "ck/$1/history.jsonl"
}

ok train --dataroot set --name sound $often $small --max_steps 400
[ "$(warnings sound '')" = 0 ] || complain 'a sound run warns'
ok train --dataroot photos --model colorization --name colours $often $small --max_steps 400
[ "$(warnings colours '')" = 0 ] || complain 'a sound run warns'

# A learning rate that saturates the outputs within 200 steps: seeds 0 to 2.
ok train --dataroot pool --model cycle_gan --name flat $often --netG resnet_1blocks --ngf 4 --netD n_layers \
    --n_layers_D 1 --ndf 4 --load_size 34 --crop_size 32 --print_freq 1 --lr 0.5 --max_steps 300
says 'warning: fake_B is the same picture whatever the input: from step 2'
[ "$(warnings flat 'fake_B is the same picture')" = 1 ] || complain 'not one warning of the collapse'
grep -q '<p class="warning">step 2[0-9]*: .*fake_B is the same picture' ck/flat/web/index.html ||
    complain 'no warning on the training page'

# One channel and no skips against a discriminator of 16, no L1 to hold on to: after 290 to 420 steps.
# Colorization after some 270 (three seeds).
weak="$often --netG encoder_decoder_64 --ngf 1 --netD n_layers --n_layers_D 2 --ndf 16 --load_size 68 --crop_size 64
    --print_freq 1 --no_html --lambda_L1 0"
ok train --dataroot photos --model colorization --name grey $weak --max_steps 500
says 'fake_B_rgb: the discriminator wins outright'
ok train --dataroot set --name beaten $weak --max_steps 700
says 'fake_B: the discriminator wins outright'
[ "$(warnings beaten 'the discriminator wins')" -ge 1 ] || complain 'no warning in history.jsonl'
[ "$(warnings beaten 'the discriminator wins')" -le 3 ] || complain 'the same warning again and again'
