#!/bin/sh
# `pixcl train`, `test` and `translate` as a person uses them, on networks small enough for a second, and with
# everything a person gets wrong. Numbers are for other suites.
. "$(dirname "$0")/expect.sh"
cd "$scratch" || exit 1
case $PIXCL in /*) ;; *) PIXCL=$OLDPWD/$PIXCL ;; esac
small='--netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --load_size 36 --netD n_layers --n_layers_D 1 --print_freq 1'

# What must be equal between two histories: all but the clock.
losses() {
    sed 's/,"seconds".*//' "ck/$1/history.jsonl"
}

ok synth set --size 32 --train 6 --val 0 --test 2

# shellcheck disable=SC2086 # a list of words
ok train --dataroot set --name a --checkpoints_dir ck $small --max_steps 4
says 'step 4/4'
says 'Saved ck/a/latest.safetensors'
[ "$(wc -l <ck/a/history.jsonl)" = 4 ] || complain 'not four lines of history'
grep -q '^(epoch: 1, iters: 4, time: .*, data: .*) , G_GAN: ' ck/a/loss_log.txt ||
    complain 'loss_log.txt has another form'
[ -f ck/a/web/index.html ] || complain 'no training page'

# Resuming knows the options and where the pictures are, and gives what one go gives.
ok train --continue_train --name a --checkpoints_dir ck --max_steps 9 --print_freq 1
# shellcheck disable=SC2086
ok train --dataroot set --name b --checkpoints_dir ck $small --max_steps 9
losses a >a.txt
losses b >b.txt
cmp -s a.txt b.txt || complain "a resumed run differs: $(diff a.txt b.txt)"
# shellcheck disable=SC2086
ok train --continue_train --dataroot set --name new --checkpoints_dir ck $small --max_steps 1 --no_html
[ ! -e ck/new/web ] || complain 'a training page despite --no_html'

ok test --dataroot set --name a --checkpoints_dir ck --results_dir res --embed
says '2 pictures, mean PSNR'
[ "$(wc -l <res/a/test_latest/metrics.csv)" = 5 ] ||
    complain 'metrics.csv: not a head, two pictures, a mean and a distance'
swd=$(sed -n 's/^output against target,,,,\([0-9]*[.][0-9]\).*/\1/p' res/a/test_latest/metrics.csv)
[ -n "$swd" ] && grep -q "<td>output against target</td><td>" res/a/test_latest/index.html ||
    complain 'no sliced Wasserstein distance in metrics.csv or on the page'
grep -q '<svg' res/a/test_latest/index.html || complain 'no curves on the results page'
grep -q 'pixcl train --dataroot set' res/a/test_latest/index.html || complain 'no command on the results page'
grep -q 'src="images' res/a/test_latest/index.html && complain 'pictures beside the page despite --embed'
ok test --dataroot set --name a --checkpoints_dir ck --results_dir res --num_test 1 --eval
says '1 pictures, mean PSNR'
says ', SWD '
# Pictures of one name in several folders, or of two kinds, and runs in folders do not get in each other's way.
mkdir -p nested/test/p nested/test/q ck/first
cp set/test/001.jpg nested/test/1.jpg
cp set/test/001.jpg nested/test/p/1.jpg
cp set/test/002.jpg nested/test/q/1.jpg
cp -r ck/a ck/first/a
ok test --dataroot nested --name first/a --checkpoints_dir ck --results_dir res
for name in 1 p/1 q/1; do
    grep -q "^$name," res/first/a/test_latest/metrics.csv || complain "no $name in metrics.csv"
    grep -q "src=\"images/${name}_fake_B.png\"" res/first/a/test_latest/index.html || complain "no $name on the page"
    [ -f res/first/a/test_latest/images/${name}_fake_B.png ] || complain "no picture of $name"
done
ok translate set/test/002.jpg -o nested/test/1.png --checkpoint ck/a
ok test --dataroot nested --name first/a --checkpoints_dir ck --results_dir kinds --num_test 2
[ -f kinds/first/a/test_latest/images/1.jpg_fake_B.png ] && [ -f kinds/first/a/test_latest/images/1.png_fake_B.png ] ||
    complain 'two files that differ in their extensions are one picture of the results'

ok translate set/test/001.jpg -o one.png --checkpoint ck/a/latest.safetensors
[ -f one.png ] || complain 'no one.png'
ok translate set/test -o many --checkpoint ck/a
[ -f many/001.png ] && [ -f many/002.png ] || complain 'not both pictures of the folder'

# A ResNet: its keys depend on dropout, also where --eval leaves it out.
resnet='--netG resnet_1blocks --ngf 4 --ndf 4 --crop_size 32 --load_size 36 --netD pixel --print_freq 1'
# shellcheck disable=SC2086
ok train --dataroot set --name r --checkpoints_dir ck $resnet --max_steps 2 --no_html
ok test --dataroot set --name r --checkpoints_dir ck --results_dir res
ok test --dataroot set --name r --checkpoints_dir ck --results_dir res --eval
says '2 pictures, mean PSNR'
ok translate set/test/001.jpg -o one.png --checkpoint ck/r --eval

# Pictures of other kinds are passed over, which is said once a folder, however often it is validated.
cp -r set mixed
: >mixed/train/x.tif
: >mixed/test/x.bmp
# shellcheck disable=SC2086
ok train --dataroot mixed --name mixed --checkpoints_dir ck $small --no_html --max_steps 12 --val_freq 1 \
    --val_phase test
says "passing over 1 of 7 pictures in 'mixed/train' that are neither JPEG nor PNG, the first is 'x.tif'"
says "passing over 1 of 3 pictures in 'mixed/test'"
[ "$(grep -c 'passing over' "$scratch/err")" = 2 ] || complain 'the same warning again and again'

# Mistakes.
fails 2 train
says '--dataroot is missing'
fails 2 train --dataroot set --lr x
says 'Invalid value "x" for --lr: expected a number in [0, 10], e.g. 0.0002'
fails 2 train --dataroot set --lamda-l1 1
says 'did you mean --lambda_L1?'
fails 2 train --dataroot set --crop_size 100
says 'multiple of 256'
fails 2 train --dataroot set --netG resnet_9blocks --crop_size 102
says 'multiple of 4, e.g. --crop_size 104'
fails 2 train --dataroot set --netG unet_100
says 'there is no such generator; there are unet_256'
# Flags of old scripts that name a device or a logger change nothing; the mistake behind them is still found.
fails 2 train --dataroot set --gpu_ids -1 --display_id=0 --use_wandb --gpu_ids 0,1 --norm syncbatch
says '--gpu_ids changes nothing: pixcl takes the best device'
says '--use_wandb changes nothing'
says 'the same as --norm batch'
fails 1 train --dataroot nowhere --name x --checkpoints_dir ck
says 'nowhere'
fails 2 train --dataroot set --name x --checkpoints_dir ck --device 'no such device'
says 'no such device'
# shellcheck disable=SC2086
fails 1 train --dataroot set --name x --checkpoints_dir ck $small --init_from nowhere
says '--init_from nowhere'
fails 2 train --continue_train --name a --checkpoints_dir ck --ngf 8
says '--ngf 8 contradicts the checkpoint'
fails 1 test --dataroot set --name nobody --checkpoints_dir ck
says 'no checkpoint ck/nobody/latest.safetensors'
fails 2 test --dataroot set --name a --checkpoints_dir ck --netG unet_64
says 'contradicts the checkpoint'
fails 2 translate set/test/001.jpg -o out.png
says '--checkpoint is missing'
fails 2 translate set/test/001.jpg set/test/002.jpg -o out.png --checkpoint ck/a
says 'name a folder'
# No picture is written over another, and nothing at all before that is clear.
mkdir -p full/sub
cp many/001.png full/x.png
cp many/002.png full/x.jpg
cp many/002.png full/sub/x.png
ln -s full/sub alias
fails 2 translate full -o new --checkpoint ck/a
says 'full/x.jpg and full/x.png would both become new/x.png'
fails 2 translate full/x.png full/sub/x.png -o new --checkpoint ck/a
says 'full/x.png and full/sub/x.png would both become new/x.png'
fails 2 translate full/sub full/sub -o new --checkpoint ck/a
says 'full/sub/x.png is given twice'
fails 2 translate full/sub -o alias --checkpoint ck/a
says 'full/sub/x.png would become alias/x.png, over the input full/sub/x.png: name another --output'
fails 2 translate full/sub/x.png many/001.png -o many/ --checkpoint ck/a
says 'over the input many/001.png'
fails 2 translate full/x.png -o full/../full/x.png --checkpoint ck/a
says 'over the input full/x.png'
cmp -s many/002.png full/sub/x.png && cmp -s many/001.png full/x.png && [ ! -e new ] ||
    complain 'something was written all the same'
fails 1 translate nowhere.png set/test/001.jpg -o some --checkpoint ck/a
says 'nowhere.png'
says '1 of 2 pictures translated'

# Damaged files: named, and never half used.
head -c 1000 ck/a/latest.safetensors >cut.safetensors
fails 1 translate set/test/001.jpg -o out.png --checkpoint cut.safetensors
says 'cut.safetensors'
[ ! -e out.png ] || complain 'a picture from a damaged checkpoint'
fails 1 translate set/test/001.jpg -o out.png --checkpoint set/test/002.jpg
says '002.jpg'
mkdir -p bad/train
head -c 700 set/train/001.jpg >bad/train/1.jpg
# shellcheck disable=SC2086
fails 1 train --dataroot bad --name x --checkpoints_dir ck $small
says "bad/train/1.jpg"
mkdir -p none/train
# shellcheck disable=SC2086
fails 1 train --dataroot none --name x --checkpoints_dir ck $small
says 'none/train'

# The first Ctrl-C saves; the run goes on from there. (What a script begins in the background ignores it.)
# shellcheck disable=SC2086
env --default-signal=INT "$PIXCL" train --dataroot set --name stopped --checkpoints_dir ck $small --n_epochs 100000 \
    >out 2>err </dev/null &
child=$!
last='train (interrupted)'
waited=0
while [ ! -s ck/stopped/history.jsonl ] && [ $waited -lt 600 ]; do
    sleep 0.1
    waited=$((waited + 1))
done
kill -INT $child
code=0
wait $child || code=$?
[ $code = 1 ] || complain "interrupted: exit code $code, expected 1"
steps=$(wc -l <ck/stopped/history.jsonl)
ok train --continue_train --name stopped --checkpoints_dir ck --max_steps $((steps + 2)) --print_freq 1
[ "$(wc -l <ck/stopped/history.jsonl)" = $((steps + 2)) ] ||
    complain 'the interrupted run did not go on where it stopped'
