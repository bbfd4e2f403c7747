#!/bin/sh
# Networks learn, and the modes in which they run do what they say.
# shellcheck disable=SC2086 # $small is a list of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 6 --val 0 --test 2

# One pair, always the same: the generator can learn it by heart. With ten times the usual learning rate, 200 steps
# take the L1 loss from 38 to 4.0 to 4.7 (three seeds); a fifth of the start lies well between.
ok train --dataroot set --name one --checkpoints_dir ck $small --max_dataset_size 1 --no_flip --load_size 64 \
    --no_dropout --lr 0.002 --n_epochs 1000 --max_steps 200
first=$(value 1 ck/one/history.jsonl G_L1)
end=$(value 200 ck/one/history.jsonl G_L1)
awk "BEGIN { exit !($end < $first / 5) }" || complain "one pair is not learnt: L1 went from $first to $end"

# Without dropout random numbers change nothing; running statistics are not those of the picture.
ok translate set/test/001.jpg -o a.png --checkpoint ck/one --seed 1
ok translate set/test/001.jpg -o b.png --checkpoint ck/one --seed 2
same a.png b.png
ok translate set/test/001.jpg -o c.png --checkpoint ck/one --eval
differ a.png c.png '--eval changes nothing'

# With dropout they do, except in evaluation mode.
ok train --dataroot set --name drop --checkpoints_dir ck $small --max_steps 6
ok translate set/test/001.jpg -o a.png --checkpoint ck/drop --seed 1
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --seed 2
differ a.png b.png 'dropout takes no notice of the seed'
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --seed 1
same a.png b.png
ok translate set/test/001.jpg -o a.png --checkpoint ck/drop --seed 1 --eval
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --seed 2 --eval
same a.png b.png

# Statistics and dropout are two choices. --test_dropout on: running statistics, and the seed decides.
ok translate set/test/001.jpg -o eval.png --checkpoint ck/drop --seed 1 --eval
ok translate set/test/001.jpg -o a.png --checkpoint ck/drop --seed 1 --eval --test_dropout on
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --seed 2 --eval --test_dropout on
differ a.png b.png '--test_dropout on drops nothing'
differ a.png eval.png '--test_dropout on is as without it'
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --seed 1
differ a.png b.png '--eval keeps the statistics of the picture under --test_dropout on'
ok translate set/test/001.jpg -o a.png --checkpoint ck/drop --seed 1 --test_dropout on
same a.png b.png
# --test_dropout off: the statistics of the picture, and no seed does anything.
ok translate set/test/001.jpg -o a.png --checkpoint ck/drop --seed 1 --test_dropout off
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --seed 2 --test_dropout off
same a.png b.png
differ a.png eval.png '--test_dropout off takes the running statistics'
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --eval --test_dropout off
same b.png eval.png
ok test --dataroot set --name drop --checkpoints_dir ck --num_test 1 --results_dir off --test_dropout off
ok test --dataroot set --name drop --checkpoints_dir ck --num_test 1 --results_dir auto --test_dropout auto
differ off/drop/test_latest/images/001_fake_B.png auto/drop/test_latest/images/001_fake_B.png \
    'test takes no notice of --test_dropout off'
fails 2 translate set/test/001.jpg -o a.png --checkpoint ck/one --test_dropout on
says 'trained with --no_dropout and has none to switch on'
fails 2 test --dataroot set --name one --checkpoints_dir ck --test_dropout on
says 'trained with --no_dropout'

# BtoA: what was the target goes in. The checkpoint remembers it.
ok train --dataroot set --name back --checkpoints_dir ck $small --direction BtoA --max_steps 1
[ "$(value 1 ck/back/history.jsonl G_L1)" != "$(value 1 ck/drop/history.jsonl G_L1)" ] ||
    complain '--direction BtoA trains as AtoB does'
ok test --dataroot set --name drop --checkpoints_dir ck --num_test 1
ok test --dataroot set --name back --checkpoints_dir ck --num_test 1
same results/drop/test_latest/images/001_real_A.png results/back/test_latest/images/001_real_B.png
same results/drop/test_latest/images/001_real_B.png results/back/test_latest/images/001_real_A.png
# Either way round can be asked for, of the set and of the checkpoint.
ok test --dataroot set --name back --checkpoints_dir ck --num_test 1 --direction AtoB --results_dir turned
same turned/back/test_latest/images/001_real_A.png results/drop/test_latest/images/001_real_A.png
fails 2 translate set/test/001.jpg -o a.png --checkpoint ck/back --direction AtoB
says '--direction'

# What test is told about the networks and the pictures, it does.
tested() { # FOLDER LABEL OPTION...: one item tested so has this picture other than the usual one
    folder=$1
    label=$2
    shift 2
    ok test --dataroot set --name drop --checkpoints_dir ck --num_test 1 --results_dir $folder "$@"
    differ $folder/drop/test_latest/images/001_$label.png results/drop/test_latest/images/001_$label.png \
        "test takes no notice of $*"
}
tested evaluated fake_B --eval
tested seeded fake_B --seed 7
tested larger real_A --load_size 128
tested smaller real_A --preprocess none
tested doubled real_A --crop_size 128
ok test --dataroot set --name drop --checkpoints_dir ck --max_dataset_size 1 --results_dir few
[ ! -e few/drop/test_latest/images/002_fake_B.png ] || complain 'test takes no notice of --max_dataset_size'
ok test --dataroot set --name drop --checkpoints_dir ck --num_test 1 --aspect_ratio 0.5 --results_dir low
differ low/drop/test_latest/images/001_real_A.png results/drop/test_latest/images/001_real_A.png \
    'test takes no notice of an --aspect_ratio below 1'
ok translate set/test/001.jpg -o a.png --checkpoint ck/drop
ok translate set/test/001.jpg -o b.png --checkpoint ck/drop --reference_output
differ a.png b.png 'translate takes no notice of --reference_output'
