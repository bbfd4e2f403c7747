#!/bin/sh
# The same bits everywhere: from the first weights to the checkpoint after 12 steps, pictures drawn, encoded, read and
# augmented on the way. The numbers below were made on x86-64 with PoCL; they hold for any processor, compiler and C
# library, with one algorithm for all convolutions, since that decides about the order of sums. Skipped (77) where the
# default device is not PoCL's.
#   test_bits.sh PIXCL
# shellcheck disable=SC2086 # $small is a list of words
. "$(dirname "$0")/run.sh"

"$PIXCL" devices | grep -A 2 -e "<- default" | grep -q PoCL || exit 77
PIXCL_CONV=direct PIXCL_BLOCK=4
export PIXCL_CONV PIXCL_BLOCK
ok synth set --size 64 --train 4 --val 0 --test 1 --seed 5
ok train --dataroot set --name x --checkpoints_dir ck $small --n_epochs 3 --n_epochs_decay 0 --seed 7
last="(12 steps of pix2pix)"
[ "$(bits ck/x/latest.safetensors)" = "1991623012 1395424" ] ||
    complain "another checkpoint: $(bits ck/x/latest.safetensors) $(losses ck/x/history.jsonl | head -3)"
ok train --model colorization --dataroot set --name z --checkpoints_dir ck --netG unet_64 --ngf 4 \
    --ndf 4 --netD n_layers --n_layers_D 1 --load_size 68 --crop_size 64 --no_html --init_type xavier \
    --lr_policy cosine --n_epochs 2 --n_epochs_decay 0
last="(8 steps of colorization)"
[ "$(bits ck/z/latest.safetensors)" = "2190415961 1390036" ] ||
    complain "another checkpoint: $(bits ck/z/latest.safetensors) $(losses ck/z/history.jsonl | head -3)"
