#!/bin/sh
# A short training that is planned as for a GPU (PIXCL_DEVICE_CLASS), with channels enough for a GPU's kernels, on the
# default OpenCL device: the same bits twice, and the first losses of a CPU's plan.
#     test_as_gpu.sh PIXCL [tiny]     tiny: one step, for checkers that interpret kernels
# shellcheck disable=SC2086 # $networks is a list of words
. "$(dirname "$0")/run.sh"
steps=3
[ "${2:-}" != tiny ] || steps=1
networks='--netG unet_32 --ngf 16 --netD n_layers --n_layers_D 1 --ndf 16 --load_size 36 --crop_size 32
    --print_freq 1 --no_html --checkpoints_dir ck --dataroot set'

# The losses of a run's first step, one a line.
first_losses() {
    head -n 1 "ck/$1/history.jsonl" | sed 's/.*"losses":{//; s/}.*//' | tr ',' '\n' | sed 's/.*://'
}

ok synth set --size 36 --train 4 --val 0 --test 0
ok train $networks --name once --max_steps $steps
ok train $networks --name again --max_steps $steps
[ "$(wc -l <ck/once/history.jsonl)" = $steps ] || complain "not $steps steps in the history"
losses ck/once/history.jsonl >once.txt
losses ck/again/history.jsonl >again.txt
same once.txt again.txt
[ -s ck/once/latest.safetensors ] || complain 'nothing was saved'
[ "$(bits ck/once/latest.safetensors)" = "$(bits ck/again/latest.safetensors)" ] ||
    complain 'two runs differ in their bits'
[ $steps = 3 ] || exit 0

# Plans for a CPU and for a GPU sum in another order: seen, 2e-7 on PoCL.
PIXCL_DEVICE_CLASS=cpu
export PIXCL_DEVICE_CLASS
ok train $networks --name plain --max_steps 1
first_losses once >once.txt
first_losses plain >plain.txt
[ "$(wc -l <plain.txt)" -ge 4 ] || complain 'no losses in the history'
paste once.txt plain.txt | awk '{ d = $1 - $2; if (d < 0) d = -d; if (!(NF == 2 && d < 2e-6 * ($2 + 1))) bad = 1 }
    END { exit bad }' || complain "losses $(paste once.txt plain.txt | tr '\n\t' ', ')"
