#!/bin/sh
# Checkpoints of earlier versions (tests/data/checkpoints) open, translate as they did, and go on.
#     test_old_files.sh PIXCL PICTURE FOLDER
picture=$(realpath "$2")
old=$(realpath "$3")
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 4 --val 0 --test 0
for file in "$old"/*.safetensors; do
    name=$(basename "$file" .safetensors)
    model=${name%_hashes}
    ok show "$file" --verify
    case $name in
    *_hashes) says 'verified: ' ;;
    *) says 'not verified: the file has no hashes' ;;
    esac
    ok translate "$old/picture.jpg" -o "$name.png" --checkpoint "$file"
    # Drivers differ in the last digits of a sum: a level of 255 in some pixels.
    difference=$("$picture" l1 "$name.png" "$old/$model.png") || difference=1
    awk "BEGIN { exit !($difference <= 0.5 / 255) }" || complain "$name.png differs by $difference"
    mkdir -p "ck/$name"
    cp "$file" "ck/$name/latest.safetensors"
    ok train --continue_train --name "$name" --checkpoints_dir ck --dataroot set --max_steps 5
    ok show "ck/$name" --verify
    says '5 steps, 5 pictures'
    says 'verified: '
done
[ "$(bits ck/pix2pix/latest.safetensors)" = "$(bits ck/pix2pix_hashes/latest.safetensors)" ] ||
    complain 'hashes in a file change the run'
[ -f ck/cycle_gan/latest.safetensors ] || complain 'no files were tried'
