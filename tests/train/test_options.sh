#!/bin/sh
# What the options promise about steps, learning rate and files.
# shellcheck disable=SC2086 # $small is a list of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 7 --val 0 --test 0

# Seven pictures in batches of two: three steps an epoch. Four epochs, the last two with a falling rate:
# lr * (1 - k/3), k = 1 in the third, 2 in the fourth. Frequencies count pictures.
ok train --dataroot set --name a --checkpoints_dir ck $small --batch_size 2 --n_epochs 2 --n_epochs_decay 2 \
    --lr 0.0003 --save_epoch_freq 3 --save_latest_freq 4 --save_by_iter
says '6 of 7 pictures make whole batches of 2'
sed 's/{"step":\([0-9]*\),"epoch":\([0-9]*\),"iter":\([0-9]*\),"lr":\([0-9.e-]*\),.*/\1 \2 \3 \4/' ck/a/history.jsonl |
    awk '{ printf "%d %d %d %.6f\n", $1, $2, $3, $4 }' >steps.txt
cat >expected.txt <<END
1 1 2 0.000300
2 1 4 0.000300
3 1 6 0.000300
4 2 2 0.000300
5 2 4 0.000300
6 2 6 0.000300
7 3 2 0.000200
8 3 4 0.000200
9 3 6 0.000200
10 4 2 0.000100
11 4 4 0.000100
12 4 6 0.000100
END
same expected.txt steps.txt
# latest is saved at pictures 4, 8, 12, .. 24 (12 and 24 are ends of epochs), and kept as iter_N; epoch 3 stays.
(cd ck/a && ls) >files.txt
cat >expected.txt <<END
3.safetensors
history.jsonl
iter_12.safetensors
iter_16.safetensors
iter_20.safetensors
iter_24.safetensors
iter_4.safetensors
iter_8.safetensors
latest.safetensors
loss_log.txt
END
same expected.txt files.txt
ok show ck/a/3.safetensors --json
says '"run":{"step":9,"epoch":4,"iter":0,"pictures":18,'
ok show ck/a/iter_8.safetensors --json
says '"run":{"step":4,"epoch":2,"iter":2,"pictures":8,'

# An older checkpoint can be gone on from, too.
ok train --continue_train --epoch iter_8 --name a --checkpoints_dir ck --no_html --print_freq 1 --max_steps 5
[ "$(wc -l <ck/a/history.jsonl)" = 5 ] || complain 'history does not go on from iter_8'

# --max_steps is exact, and no line is written that was not asked for.
ok train --dataroot set --name b --checkpoints_dir ck $small --print_freq 3 --max_steps 8
says 'step 8/8'
[ "$(cut -d, -f1 ck/b/history.jsonl | tr -d '\n')" = '{"step":3{"step":6' ] || complain 'not steps 3 and 6 in history'
ok show ck/b --json
says '"run":{"step":8,"epoch":2,"iter":1,'

# A frequency that batches step over counts all the same: three pictures are passed with the 4th, the 6th and the 10th.
ok train --dataroot set --name c --checkpoints_dir ck $small --batch_size 2 --print_freq 3 --max_steps 5
[ "$(cut -d, -f1 ck/c/history.jsonl | tr -d '\n')" = '{"step":2{"step":3{"step":5' ] ||
    complain "not steps 2, 3 and 5 in history: $(cut -d, -f1 ck/c/history.jsonl)"

# A run can begin at a later epoch, whose learning rate it has.
ok train --dataroot set --name late --checkpoints_dir ck $small --epoch_count 3 --n_epochs 2 --n_epochs_decay 2
lr_of() { # EPOCH: its steps and their learning rate
    sed -n "s/.*\"epoch\":$1,.*\"lr\":\([0-9.e-]*\),.*/\1/p" ck/late/history.jsonl |
        awk '{ n++; lr = $1 } END { printf "%d of %.6f", n, lr }'
}
[ "$(lr_of 2), $(lr_of 3), $(lr_of 4)" = '0 of 0.000000, 7 of 0.000133, 7 of 0.000067' ] ||
    complain "epochs: $(cut -d, -f2,4 ck/late/history.jsonl)"

# The page is refreshed on the way: by default there are pictures of the end alone.
ok train --dataroot set --name page --checkpoints_dir ck $small --no_html=false --update_html_freq 1 --n_epochs 2 \
    --n_epochs_decay 0
[ -e ck/page/web/images/epoch001_fake_B.png ] || complain '--update_html_freq does nothing'

# Results lie in a folder that names the checkpoint.
ok test --dataroot set --name a --checkpoints_dir ck --load_iter 8 --phase train --num_test 1
[ -e results/a/train_iter_8/index.html ] || complain 'test takes no notice of --load_iter'
