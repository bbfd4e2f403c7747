#!/bin/sh
# Generators as ONNX models: each kind is written, and where Python has onnx, onnxruntime, numpy and PIL, checked and
# compared with what pixcl makes of a picture. Skipped (77), but for the writing, where it has not. PIXCL_TEST_PYTHON
# names another Python.
# shellcheck disable=SC2086 # options are lists of words
compare=$(realpath "$(dirname "$0")/onnx_compare.py")
. "$(dirname "$0")/run.sh"
python=${PIXCL_TEST_PYTHON:-python3}
"$python" -c 'import numpy, onnx, onnxruntime, PIL' 2>/dev/null || python=
tiny='--checkpoints_dir ck --ngf 4 --ndf 4 --netD n_layers --n_layers_D 1 --load_size 64 --crop_size 64 --max_steps 3
    --no_html --lr 0.01'

ok synth set --size 64 --train 3 --val 0 --test 1
ok synth photos --kind unpaired --size 64 --train 3 --val 0 --test 1

# One generator: its model, the picture it makes, both compared. `eval` and `convert` hold options.
agree() { # NAME INPUT
    ok convert "ck/$1" -o "$1.onnx" $convert
    ok translate "$2" -o "$1.png" --checkpoint "ck/$1" --test_dropout off $translate
    [ -z "$python" ] || {
        last="$1.onnx"
        "$python" "$compare" "$1.onnx" "$2" "$1.png" >"$scratch/out" 2>"$scratch/err" || complain 'they differ'
        cat "$scratch/out"
    }
}
translate=
convert=
for case in 'unet --netG unet_64' 'none --netG unet_32 --norm none' 'affine --netG unet_32 --norm instance_affine' \
    'straight --netG encoder_decoder_64 --upsample resize' 'grey --netG resnet_2blocks --input_nc 1 --output_nc 1' \
    'resnet --netG resnet_2blocks --norm instance' 'blocks --netG resnet_2blocks --norm instance_affine' \
    'resize --netG resnet_2blocks --norm instance --upsample resize'; do
    name=${case%% *}
    ok train --dataroot set --name "$name" $tiny ${case#* }
    agree "$name" set/test/001.jpg
done
translate=--eval
convert=--eval
agree unet set/test/001.jpg
agree grey set/test/001.jpg
translate=
convert=--half
agree unet set/test/001.jpg
agree affine set/test/001.jpg
full=$(wc -c <blocks.onnx)
ok convert ck/blocks -o half.onnx --half
[ "$(wc -c <half.onnx)" -lt $((full * 3 / 4)) ] || complain 'halves are not smaller'

ok train --model cycle_gan --dataroot photos --name cycle $tiny --netG resnet_1blocks
for direction in AtoB BtoA; do
    translate="--direction $direction"
    convert="--direction $direction"
    agree cycle photos/testA/001.jpg
done
fails 2 convert ck/unet -o unet_back.onnx --direction BtoA
says 'goes one way only'
fails 2 convert ck/unet --to weights --half
says 'for ONNX'

# The same of a file of PyTorch's, and in a folder.
ok convert ck/resnet --to weights
ok convert weights/latest_net_G.pth --to models --format onnx
cmp -s models/latest_net_G.onnx resnet.onnx || complain 'a .pth makes another model than its checkpoint'
fails 1 convert weights/latest_net_D.pth -o D.onnx
says 'there is no generator in it'

[ -n "$python" ] || {
    [ "$failed" = 0 ] || exit 1
    echo 'skipped: Python without onnx, onnxruntime, numpy or PIL (pip install onnx onnxruntime numpy pillow)'
    exit 77
}
