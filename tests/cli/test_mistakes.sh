#!/bin/sh
# What goes wrong at a person's desk: pictures and checkpoints that are damaged or odd, folders that cannot be written,
# too little memory, no device, training that diverges. Each ends with the right exit code and a message that names the
# thing and what to do. (Wrong flags are in test_usage.sh, the commands' own mistakes in test_train.sh, stops and full
# disks in ../train/test_kill.sh.)
#   test_mistakes.sh PIXCL PICTURE   PICTURE: the helper picture.c
# shellcheck disable=SC2086 # $small is a list of words
picture=$(realpath "$2")
. "$(dirname "$0")/expect.sh"
PIXCL=$(realpath "$PIXCL")
cd "$scratch" || exit 1
small='--checkpoints_dir ck --netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --load_size 36 --netD n_layers --n_layers_D 1
    --print_freq 1 --no_html'

ok synth set --size 32 --train 6 --val 0 --test 2
ok train --dataroot set --name a $small --max_steps 4
checkpoint=ck/a/latest.safetensors
cp $checkpoint sound

# Pictures of any size train and translate, as long as there are two halves.
mkdir -p odd/train odd/test odd/in
"$picture" make odd/train/1.png 33 47 3
"$picture" make odd/train/2.png 2 90 1
"$picture" make odd/train/3.jpg 500 20 3
ok train --dataroot odd --name odd $small --max_steps 3
cp odd/train/* odd/test
ok test --dataroot odd --name odd --checkpoints_dir ck
says '3 pictures, mean PSNR'
# ... and are tested, as they are: what comes out has their size, and is what translate makes of them.
mkdir -p whole/test
"$picture" make whole/test/1.png 120 50 3
for how in 'none' 'scale_width --load_size 40'; do
    ok test --dataroot whole --name odd --checkpoints_dir ck --preprocess $how
    images=results/odd/test_latest/images
    [ "$("$picture" size $images/1_fake_B.png)" = "$("$picture" size $images/1_real_A.png)" ] ||
        complain "--preprocess $how: the output has another size than the input"
    ok translate $images/1_real_A.png -o one.png --checkpoint ck/odd
    cmp -s one.png $images/1_fake_B.png || complain "--preprocess $how: translate makes another picture than test"
done
for size in '1 1' '1 70' '90 3' '33 47' '64 32'; do
    "$picture" make "odd/in/$(echo $size | tr ' ' x).png" $size 3
done
"$picture" make odd/in/grey.jpg 40 50 1
ok translate odd/in -o translated --checkpoint ck/a
says '6 of 6 pictures translated'
for size in '1 1' '1 70' '90 3' '33 47' '64 32'; do
    [ "$("$picture" size "translated/$(echo $size | tr ' ' x).png")" = "$size 3" ] || complain "not $size out of $size"
done
[ "$("$picture" size translated/grey.png)" = '40 50 3' ] || complain 'a grey picture changes its size'

# Pictures that cannot be used are named: the first one before anything else happens, any other when its turn comes.
use() { # FILE NAME: a set of sound pictures and this one
    rm -rf bad
    cp -r set bad
    mv "$1" "bad/train/$2"
}
"$picture" make x.jpg 1 1 3
use x.jpg 000.jpg
rm -rf ck/x
fails 1 train --dataroot bad --name x $small
says "'bad/train/000.jpg' is 1 pixel wide: a pair holds A on its left and B on its right half"
: >x.jpg
use x.jpg 000.jpg
rm -rf ck/x
fails 1 train --dataroot bad --name x $small
says "'bad/train/000.jpg' is empty (0 bytes): replace or remove it"
echo 'not a picture' >x.jpg
use x.jpg 000.jpg
rm -rf ck/x
fails 1 train --dataroot bad --name x $small
says "'bad/train/000.jpg' is neither a JPEG nor a PNG file"
head -c 2000 set/train/001.jpg >x.jpg
use x.jpg 004.jpg
cp bad/train/004.jpg bad/test/002.jpg
rm -rf ck/x
fails 1 train --dataroot bad --name x $small
says "'bad/train/004.jpg'"
says 'replace or remove it'
says 'all is saved, and --continue_train goes on from there'
[ -s ck/x/latest.safetensors ] || complain 'a picture that cannot be used costs the run'
fails 1 test --dataroot bad --name a --checkpoints_dir ck
says "'bad/test/002.jpg'"
fails 1 translate bad/test -o some --checkpoint ck/a
says "'bad/test/002.jpg'"
says '1 of 2 pictures translated'
mkdir -p sizes/train
"$picture" make sizes/train/1.png 64 32 3
"$picture" make sizes/train/2.png 128 32 3
rm -rf ck/x
fails 2 train --dataroot sizes --name x $small --preprocess none
says 'training needs one size'
rm -rf ck/x
fails 1 train --dataroot set --name x $small --phase trian
says '--phase trian'
rm -rf ck/x
fails 2 train --dataroot set --name x $small --batch_size 7
says 'there are only 6 pictures in set'
mkdir -p none/test
fails 1 test --dataroot none --name a --checkpoints_dir ck
says 'none/test'
fails 1 translate none/test -o some --checkpoint ck/a
says 'no .jpg, .jpeg or .png files in it'
fails 2 translate set/test/001.jpg -o picture.gif --checkpoint ck/a
says '--output picture.gif is neither a .png nor a .jpg file'

# Where nothing can be written.
: >file
rm -rf ck/x
fails 1 train --dataroot set --name x $small --checkpoints_dir file/below
says '--checkpoints_dir file/below'
says 'file is not a folder'
fails 1 test --dataroot set --name a --checkpoints_dir ck --results_dir file
says 'file is not a folder'
fails 1 translate set/test/001.jpg -o file/x.png --checkpoint ck/a
says 'file/x.png'
fails 1 convert ck/a --to file/x
says 'file is not a folder'

# Checkpoints cut off anywhere, changed, or of another kind.
size=$(wc -c <sound)
for bytes in 0 1 8 1000 20000 $((size - 1)); do
    head -c $bytes sound >$checkpoint
    fails 1 show $checkpoint
    says $checkpoint
    fails 1 train --continue_train --name a --checkpoints_dir ck
    says $checkpoint
done
fails 1 translate set/test/001.jpg -o x.png --checkpoint ck/a
fails 1 test --dataroot set --name a --checkpoints_dir ck
[ "$(wc -c <$checkpoint)" = $((size - 1)) ] || complain 'a damaged checkpoint was changed'
LC_ALL=C sed 's/\\"step\\":4/\\"step\\":-/' sound >$checkpoint
fails 1 train --continue_train --name a --checkpoints_dir ck
says "$checkpoint"
LC_ALL=C sed 's/\\"ngf\\":\\"4\\"/\\"ngf\\":\\"8\\"/' sound >$checkpoint
fails 1 translate set/test/001.jpg -o x.png --checkpoint ck/a
says 'G.model.model.0.weight'
says '(8,3,4,4)'
cp sound $checkpoint
ok convert ck/a --to other --format safetensors
fails 1 show file
fails 1 show set
fails 1 translate set/test/001.jpg -o x.png --checkpoint other/latest_net_D.safetensors
says 'there is no generator in it'
fails 1 train --continue_train --name other --checkpoints_dir .
[ ! -e x.png ] || complain 'a picture from a checkpoint that cannot be used'

# Weights that are no numbers: the last four bytes of a file are the last value of its last tensor; these are a NaN.
# Without hashes, as of another program: with them the change is noticed before (test_resume.sh).
spoil() {
    LC_ALL=C sed -i 's/"xxh3 /"none /g' "$1"
    printf '\377\377\377\177' | dd of="$1" bs=1 seek=$(($(wc -c <"$1") - 4)) conv=notrunc 2>/dev/null
}
spoil other/latest_net_G.safetensors
fails 1 train --dataroot set --name nan $small --init_from other
says 'is nan at step 1 (epoch 1): training has diverged'
says 'Nothing was saved yet'
says 'pixcl show --tensors'
# Also where none was to be printed: losses are looked at before anything is saved.
fails 1 train --dataroot set --name nan $small --init_from other --print_freq 100 --max_steps 1
says 'is nan at step 1 (epoch 1): training has diverged'
[ ! -e ck/nan/latest.safetensors ] || complain 'a checkpoint of weights that are not finite'
ok show other/latest_net_G.safetensors --tensors
says '1 not finite'
# In a checkpoint it is a moment of Adam: the losses of the next step are still numbers, its weights are not.
spoil $checkpoint
cp $checkpoint spoilt
fails 1 train --continue_train --name a --checkpoints_dir ck --max_steps 5
says 'holds values that are not finite at step 5'
says "The last checkpoint, $checkpoint, is from before: go on from it with --continue_train and a lower --lr"
fails 1 train --continue_train --name a --checkpoints_dir ck --max_steps 100 --print_freq 1
says 'is nan at step 6'
cmp -s spoilt $checkpoint || complain 'diverging changed the last checkpoint'
cp sound $checkpoint

# What a plan takes of the host's memory is held against what is free.
PIXCL_FREE_MEMORY=300000
export PIXCL_FREE_MEMORY
if [ -z "${PIXCL_DEVICE:-}" ]; then
    fails 1 train --dataroot set --name full $small --max_steps 1
    says 'MB of device memory and 0.3 MB may be used'
    fails 1 translate set/test/001.jpg -o x.png --checkpoint ck/a
    says '0.3 MB may be used'
fi
unset PIXCL_FREE_MEMORY

# Memory: too little is said before anything runs; small allocations only mean more of them.
export PIXCL_MEMORY_LIMIT=300000
rm -rf ck/x
fails 1 train --dataroot set --name x $small
says 'MB of device memory and 0.3 MB may be used'
says '--batch_size'
fails 1 plan --netG unet_32 --ngf 4 --crop_size 32
says '0.3 MB may be used'
fails 1 bench --netG unet_32 --ngf 4 --crop_size 32
says '0.3 MB may be used'
"$picture" make large.png 640 640 3
fails 1 translate large.png -o large_out.png --checkpoint ck/a
says 'when translating, the picture'
unset PIXCL_MEMORY_LIMIT
export PIXCL_MAX_ALLOCATION=30000
rm -rf ck/x
fails 1 train --dataroot set --name x $small
says 'largest allocation is 0.03 MB'
export PIXCL_MAX_ALLOCATION=200000
ok train --dataroot set --name chunks $small --max_steps 4
unset PIXCL_MAX_ALLOCATION
sed 's/,"seconds".*//' ck/a/history.jsonl | head -n 4 >one.txt
sed 's/,"seconds".*//' ck/chunks/history.jsonl >chunks.txt
cmp -s one.txt chunks.txt || complain 'memory in several chunks gives other losses than in one'

# Networks that cannot be.
fails 2 plan --netG unet_64 --crop_size 100
says 'a multiple of 64'
fails 2 bench --netG unet_64 --crop_size 100
says 'a multiple of 64'
fails 2 plan --dump svg
says 'one of text, dot, json'
fails 2 bench --steps 0
says 'Invalid value "0" for --steps'
for command in 'test --dataroot set --name a --checkpoints_dir ck' \
    'translate set/test/001.jpg -o x.png --checkpoint ck/a' \
    plan bench; do
    fails 2 $command --device 'no such device'
    says '--device no such device: there is no such device'
done
ok plan --netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --netD n_layers --n_layers_D 1 --json
says '{'

# No device: what needs one ends with 3 and names packages; what does not, works.
export OCL_ICD_VENDORS=/nonexistent
for command in "train --dataroot set --name x $small" 'test --dataroot set --name a --checkpoints_dir ck' \
    'translate set/test/001.jpg -o x.png --checkpoint ck/a' 'plan --netG unet_32' 'bench --netG unet_32'; do
    fails 3 $command
    says 'an OpenCL driver: for any CPU '
done
ok show ck/a
ok convert ck/a --to there
