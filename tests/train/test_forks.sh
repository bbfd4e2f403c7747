#!/bin/sh
# Generators as other programs keep them (tests/data/forks, by tools/golden/make_forks.py): recognised by their weights,
# and the pictures are PyTorch's.
#     test_forks.sh PIXCL PICTURE FOLDER
picture=$(realpath "$2")
forks=$(realpath "$3")
. "$(dirname "$0")/run.sh"

# The pictures of NAME.pth and of PyTorch are the same but for the rounding of a value near the middle of two levels.
agree() { # NAME EXPECTED ARG...
    name=$1
    expected=$2
    shift 2
    file=$forks/$name.pth
    [ -f "$file" ] || file=$forks/$name.safetensors
    ok translate "$forks/input.png" -o out.png --checkpoint "$file" "$@"
    most=$("$picture" most out.png "$forks/$expected.png") || most=256
    [ "$most" -le 1 ] || complain "$expected.png differs by $most levels"
}
agree block block
says 'resnet_1blocks, 3 to 3 channels, ngf 2, affine instance norm'
agree affine affine
says 'affine instance norm'
agree main main
says 'resnet_2blocks'
agree sorted sorted
agree trainer trainer --network netG_A2B
agree module_half module_half
agree compiled_bfloat16 compiled_bfloat16
agree biased_batch biased_batch
agree biased_batch biased_batch.eval --eval
agree resnet_batch resnet_batch
agree resnet_batch resnet_batch.eval --eval
agree unet_batch unet_batch
says 'unet_32, 3 to 3 channels, ngf 1, batch norm'
agree unet_batch unet_batch.eval --eval
agree unet_instance unet_instance

# Several generators: which ones there are is told, and shown.
fails 2 translate "$forks/input.png" -o out.png --checkpoint "$forks/trainer.pth"
says 'give one of netG_A2B, netG_B2A as --network'
fails 2 translate "$forks/input.png" -o out.png --checkpoint "$forks/trainer.pth" --network netG
says '--network netG: '
ok show "$forks/trainer.pth"
says 'netG_B2A  resnet_1blocks'
says 'netD_A  PatchGAN of 1 layer'
ok show "$forks/biased_batch.pth"
says 'resnet_1blocks, 3 to 3 channels, ngf 2, batch norm'

# Into a model of pixcl's own and back: the same tensors under the reference's names.
ok synth set --size 32 --train 2 --val 0 --test 2
ok test --dataroot set --checkpoint "$forks/unet_batch.pth" --crop_size 32 --results_dir results
says 'results/unet_batch/test_latest'
[ -f results/unet_batch/test_latest/images/001_fake_B.png ] || complain 'no picture'
mkdir reference
cp "$forks/resnet_batch.pth" reference/latest_net_G.pth
ok translate "$forks/input.png" -o out.png --checkpoint reference
[ "$("$picture" most out.png "$forks/resnet_batch.png")" -le 1 ] || complain 'a folder gives another picture'

# What fits nothing: the nearest network and what differs.
ok train --dataroot set --name run --checkpoints_dir ck $small --netG resnet_1blocks --norm instance --max_steps 1
ok convert ck/run --to weights
fails 1 translate "$forks/input.png" -o out.png --checkpoint weights/latest_net_D.pth
says 'there is no generator in it, but PatchGAN of 1 layer'
header='{"model.1.weight":{"dtype":"F32","shape":[1,1,3,3],"data_offsets":[0,36]}}'
# shellcheck disable=SC2059 # the length in octal
printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header" >odd.safetensors
head -c 36 /dev/zero >>odd.safetensors
fails 1 translate "$forks/input.png" -o out.png --checkpoint odd.safetensors
says 'no generator of the reference: '
