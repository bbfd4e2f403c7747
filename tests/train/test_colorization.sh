#!/bin/sh
# Colorization as a person runs it: from colour pictures alone it learns their colours, shows what it does, and gives
# colours to a grey picture of any size.
#   test_colorization.sh PIXCL PICTURE   PICTURE: tests/cli/picture.c, built
# shellcheck disable=SC2086 # $small and $run are lists of words
picture=$(realpath "$2")
. "$(dirname "$0")/run.sh"

mean_l1() { # metrics.csv
    sed -n 's/^mean,//p' "$1/metrics.csv" | cut -d, -f3
}

below() { # A B WHAT
    awk "BEGIN { exit !($1 < $2) }" || complain "$3: $1, expected less than $2"
}

# "64 48 1": width, height, channels
is() {
    found=$("$picture" size "$2")
    [ "$found" = "$1" ] || complain "$2: $found, expected $1"
}

ok synth set --kind unpaired --size 64 --train 40 --val 0 --test 5
mv set/trainA set/train
mv set/testA set/test
run="--dataroot set --model colorization --checkpoints_dir ck $small"

# The held-out pictures are far from grey: an untrained network, whose colours are nearly none, is 0.129 to 0.132 away
# from them (three seeds), one of 200 steps at ten times the usual rate 0.043 to 0.065.
ok train $run --name none --max_steps 1 --lr 0.0000001
ok test --dataroot set --name none --checkpoints_dir ck
none=$(mean_l1 results/none/test_latest)
ok train $run --name x --max_steps 200 --lr 0.002 --save_latest_freq 100 --save_by_iter
ok test --dataroot set --name x --checkpoints_dir ck
says ', SWD '
trained=$(mean_l1 results/x/test_latest)
below "$trained" "0.6 * $none" 'trained, L1'

images=results/x/test_latest/images
is '64 64 1' $images/001_real_A.png
is '64 64 3' $images/001_fake_B_rgb.png
is '64 64 3' $images/001_real_B_rgb.png
[ "$(find $images -name '*.png' | wc -l)" = 15 ] || complain 'not three pictures of each'

# Taking a picture apart and putting it together again loses nothing: the files of real_B_rgb as a set give themselves.
mkdir -p again/test
for i in 001 002 003 004 005; do
    cp $images/${i}_real_B_rgb.png again/test/$i.png
done
ok test --dataroot again --name x --checkpoints_dir ck --results_dir other
for i in 001 002 003 004 005; do
    same again/test/$i.png other/x/test_latest/images/${i}_real_B_rgb.png
done
ok test --dataroot again --name x --checkpoints_dir ck --results_dir cut --reference_output
differ cut/x/test_latest/images/001_fake_B_rgb.png $images/001_fake_B_rgb.png \
    '--reference_output changes nothing'
same again/test/001.png cut/x/test_latest/images/001_real_B_rgb.png

# translate is the test; a grey picture of odd sides gets colours and keeps its lightness. (An untrained network changes
# it by 0.03; a lightness from elsewhere in the picture would by 0.2.)
ok translate set/test/001.jpg -o one.png --checkpoint ck/x
same one.png $images/001_fake_B_rgb.png
ok test --dataroot set --name none --checkpoints_dir ck --num_test 1 --aspect_ratio 1.3
wide=results/none/test_latest/images/001_real_A.png
is '83 64 1' $wide
ok translate $wide -o wide.png --checkpoint ck/none
is '83 64 3' wide.png
below "$("$picture" l1 $wide wide.png)" 0.06 'colours of an untrained network'

# The page shows pictures as the test does; a run goes on with the same bits, and its networks are pix2pix's.
rm -r ck/none
ok train --dataroot set --model colorization --name page --checkpoints_dir ck $small --no_html=false --max_steps 1
is '64 64 1' ck/page/web/images/epoch001_real_A.png
is '64 64 3' ck/page/web/images/epoch001_fake_B_rgb.png
is '64 64 3' ck/page/web/images/epoch001_real_B_rgb.png
mkdir -p resumed/ck/x
cp ck/x/iter_100.safetensors resumed/ck/x/
ok train --continue_train --load_iter 100 --name x --checkpoints_dir resumed/ck --print_freq 1 --no_html \
    --max_steps 200
[ "$(bits ck/x/latest.safetensors)" = "$(bits resumed/ck/x/latest.safetensors)" ] ||
    complain 'an interrupted run leaves other bits'
ok show ck/x
says 'unet_64, 1 to 2 channels'
ok convert ck/x --to pth
[ "$(cd pth && echo ./*)" = './latest_net_D.pth ./latest_net_G.pth' ] || complain "not G and D: $(ls pth)"

fails 2 train $run --name y --input_nc 3
says '--input_nc 3'
fails 2 train $run --name y --direction BtoA
says '--direction BtoA'
fails 2 train $run --name y --dataset_mode aligned
says '--dataset_mode aligned does not go with --model colorization: leave it out.'
fails 2 train --dataroot set --dataset_mode colorization --name y --checkpoints_dir ck $small
says 'or give --model colorization'
fails 1 train $run --name y --phase nothing
says "expected a folder 'nothing' with colour pictures"
fails 2 translate set/test/001.jpg -o x.png --checkpoint ck/x --direction BtoA
says 'goes one way only'
