#!/bin/sh
# Grey and colour pictures into and out of the networks: all four ways train, test and translate, and the pictures that
# come out are of the kind the network makes.
# shellcheck disable=SC2086 # $small is a list of words
. "$(dirname "$0")/run.sh"

# "0": the PNG file is grey, "2": it is RGB.
kind() {
    od -An -tu1 -j25 -N1 "$1" | tr -d ' '
}

is_kind() {
    [ "$(kind "$2")" = "$1" ] || complain "$2: colour type $(kind "$2"), expected $1"
}

ok synth set --size 32 --train 3 --val 0 --test 1
for in in 1 3; do
    for out in 1 3; do
        name=$in-$out
        ok train --dataroot set --name $name --checkpoints_dir ck $small --input_nc $in --output_nc $out --max_steps 2
        ok show ck/$name
        says "unet_64, $in to $out channels"
        ok test --dataroot set --name $name --checkpoints_dir ck
        ok translate set/test/001.jpg -o $name.png --checkpoint ck/$name
        images=results/$name/test_latest/images
        is_kind $((in - 1)) $images/001_real_A.png
        is_kind $((out - 1)) $images/001_fake_B.png
        is_kind $((out - 1)) $images/001_real_B.png
        is_kind $((out - 1)) $name.png
    done
done

# A grey file is as good as a colour one: what 1-3 takes of the input is its lightness.
ok translate results/1-3/test_latest/images/001_real_A.png -o grey.png --checkpoint ck/3-1
is_kind 0 grey.png
ok translate grey.png -o colour.png --checkpoint ck/1-3
is_kind 2 colour.png

fails 2 train --dataroot set --name x --checkpoints_dir ck $small --output_nc 2
says '--output_nc'
