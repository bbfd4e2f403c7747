#!/bin/sh
# Weights out of a checkpoint and into another run: pixcl convert, show, and train --init_from.
# shellcheck disable=SC2086 # $small and $plain are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 1 --val 0 --test 1
# One picture, always cut the same way, no dropout: then nothing but the weights decides about a step's losses.
plain="--dataroot set --checkpoints_dir ck $small --no_flip --load_size 64 --no_dropout"

ok train $plain --name source --max_steps 4
ok convert ck/source --to weights
says 'weights/latest_net_G.pth: 58 tensors'
says 'weights/latest_net_D.pth: 10 tensors'
ok train --continue_train --name source --checkpoints_dir ck --print_freq 1 --no_html --max_steps 5
losses ck/source/history.jsonl | sed -n '5s/.*"G_L1"//p' >fifth.txt

# A run that starts from these weights has, in its first step, the losses of the step that followed them, bit for bit:
# a float32 loses nothing on its way through a file. (G_GAN is that of the D which the step has changed; it depends on
# Adam's moments, which stay behind.)
ok train $plain --name pth --init_from weights --max_steps 1
losses ck/pth/history.jsonl | sed 's/.*"G_L1"//' >pth.txt
same fifth.txt pth.txt
# The same through safetensors, made of the .pth files; it is taken first where a folder has both.
ok convert weights/latest_net_G.pth --to both
says 'both/latest_net_G.safetensors: 58 tensors'
ok convert weights/latest_net_D.pth --to both/latest_net_D.safetensors
echo broken >both/latest_net_G.pth
ok train $plain --name safetensors --init_from both --max_steps 1
losses ck/safetensors/history.jsonl | sed 's/.*"G_L1"//' >safetensors.txt
same fifth.txt safetensors.txt
# There and back gives the same bytes.
ok convert both/latest_net_D.safetensors --to back.pth
same weights/latest_net_D.pth back.pth
ok convert ck/source/latest.safetensors --to direct --format safetensors
ok show direct/latest_net_D.safetensors
says 'safetensors file'

# PyTorch's order of keys, its counts of batches: four steps, of which each runs G once and D three times.
ok show weights/latest_net_D.pth --tensors
sed -n '/^tensor /,$s/ .*//p' "$scratch/out" | tail -n +2 >keys.txt
cat >expected.txt <<END
model.0.weight
model.0.bias
model.2.weight
model.3.weight
model.3.bias
model.3.running_mean
model.3.running_var
model.3.num_batches_tracked
model.5.weight
model.5.bias
END
same expected.txt keys.txt
ok show weights/latest_net_D.pth --tensors --json
says '"network":"n_layers","generator":false,"n_layers_D":1,"input_nc":6,"output_nc":1,"ndf":4,"norm":"batch"'
says '{"name":"model.3.num_batches_tracked","dtype":"I64","shape":[],"mean":12,"std":0,"min":12,"max":12,'
ok show weights/latest_net_G.pth --tensors --json
says '"network":"unet_64","generator":true,"input_nc":3,"output_nc":3,"ngf":4,"norm":"batch","upsample":"conv_t"'
says 'num_batches_tracked","dtype":"I64","shape":[],"mean":4,'
says '{"name":"model.model.3.weight","dtype":"F32","shape":[8,3,4,4],'
ok show weights/latest_net_G.pth
says 'unet_64, 3 to 3 channels, ngf 4, batch norm: 115,115 parameters in 58 tensors'

ok show ck/source
says 'checkpoint of pixcl'
says 'G  unet_64, 3 to 3 channels, ngf 4, batch norm: 115,115 parameters in 49 tensors'
says 'D  PatchGAN of 1 layer, 16x16, 6 channels, ndf 4, batch norm'
says '5 steps, 5 pictures; goes on in epoch 6 of 200 after 0 of its pictures'
says '--no_dropout true'
if grep -q -e --lr "$scratch/out"; then complain 'an option that was left at its default is shown'; fi
ok show ck/source --json
says '"run":{"step":5,'
says '"changed":["dataroot","name",'

# What does not fit.
mkdir swapped
cp weights/latest_net_D.pth swapped/latest_net_G.pth
fails 1 train $plain --name x --init_from swapped
says 'swapped/latest_net_G.pth'
says 'model.model.0.weight'
fails 1 train $plain --name x --init_from set
says '--init_from set: there is neither latest_net_G.safetensors nor latest_net_G.pth in this folder'
fails 2 convert ck/source --to one.pth
says 'name a folder'
fails 2 convert weights/latest_net_G.pth --to x.pth --format safetensors
says '--format safetensors contradicts --to x.pth'
fails 2 convert weights/latest_net_G.pth --to x --format h5
says 'one of pth, safetensors, onnx'
fails 2 convert ck/source
says '--to is missing'
fails 1 convert nowhere --to x
says 'nowhere'
fails 1 translate set/test/001.jpg -o x.png --checkpoint weights/latest_net_D.pth
says 'there is no generator in it'
