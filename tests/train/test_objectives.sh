#!/bin/sh
# What a generator is trained by: GAN losses, the gradient penalty, L1, L2, smooth L1 or none of them, a discriminator
# that sees the input or does not, or none.
# shellcheck disable=SC2086 # $small and $run are lists of words
. "$(dirname "$0")/run.sh"

ok synth set --size 32 --train 3 --val 0 --test 1
run="--dataroot set --checkpoints_dir ck $small"

# Trains four steps under the name and says which losses there are; they differ from those of the run before it.
try() { # NAME LOSSES OPTION...
    name=$1
    names=$2
    shift 2
    ok train $run --name $name --max_steps 4 "$@"
    losses ck/$name/history.jsonl >now.txt
    found=$(sed -n '1s/.*"losses":{\([^}]*\)}.*/\1/p' ck/$name/history.jsonl | tr ',' '\n' | sed 's/"\(.*\)":.*/\1/' |
        tr '\n' ' ')
    [ "$found" = "$names " ] || complain "$name has the losses $found"
    differ before.txt now.txt "$* changes nothing"
    mv now.txt before.txt
}
: >before.txt
try usual 'G_GAN G_L1 D_real D_fake'
try wgan 'G_GAN G_L1 D_real D_fake' --gan_mode wgangp --lambda_gp 0
try weak 'G_GAN G_L1 D_real D_fake D_gp' --gan_mode wgangp --lambda_gp 1
try wgangp 'G_GAN G_L1 D_real D_fake D_gp' --gan_mode wgangp
try alone 'G_GAN D_real D_fake' --reconstruction none
try blind 'G_GAN D_real D_fake' --reconstruction none --unconditional_D
try L2 'G_GAN G_L2 D_real D_fake' --reconstruction L2
try smooth 'G_GAN G_smooth_L1 D_real D_fake' --reconstruction smooth_L1
try none 'G_L1' --gan_mode none
try none_L2 'G_L2' --gan_mode none --reconstruction L2

# The weight of the penalty weighs: of the same first discriminator ten times as much.
weak=$(value 1 ck/weak/history.jsonl D_gp)
strong=$(value 1 ck/wgangp/history.jsonl D_gp)
awk "BEGIN { exit !($strong > 9.999 * $weak && $strong < 10.001 * $weak) }" ||
    complain "D_gp is $weak, with ten times the weight $strong"

# The penalty brings D's slope to one: 73 in the first step, 0.13 in the fiftieth.
ok train $run --name long --gan_mode wgangp --max_steps 50
last=$(value 50 ck/long/history.jsonl D_gp)
awk "BEGIN { exit !($last < $strong / 20) }" || complain "D_gp went from $strong to $last"

# The points between real and fake come from seed and step: an interruption changes nothing.
ok train $run --name broken --max_steps 2 --gan_mode wgangp
ok train --continue_train --name broken --checkpoints_dir ck --print_freq 1 --no_html --max_steps 4
[ "$(bits ck/wgangp/latest.safetensors)" = "$(bits ck/broken/latest.safetensors)" ] ||
    complain 'an interrupted run with wgangp leaves other bits'
losses ck/wgangp/history.jsonl >straight.txt
losses ck/broken/history.jsonl >resumed.txt
same straight.txt resumed.txt

# PyTorch's count of batches: each step runs this D four times.
ok convert ck/wgangp --to counted
ok show counted/latest_net_D.pth --tensors --json
says '{"name":"model.3.num_batches_tracked","dtype":"I64","shape":[],"mean":16,'

# A discriminator without the input has fewer channels, and that is what the networks are.
ok show ck/blind
says 'D  PatchGAN of 1 layer, 16x16, 3 channels'
fails 2 train --continue_train --name usual --checkpoints_dir ck --unconditional_D
says '--unconditional_D true contradicts the checkpoint'

# Without a GAN there is no discriminator: not in the checkpoint, not for PyTorch, not in the way of anything.
ok show ck/none --json
says '"networks":[{"name":"G",'
if grep -q '"name":"D"' "$scratch/out"; then complain 'a D that nobody trained'; fi
ok convert ck/none --to only
[ "$(ls only)" = latest_net_G.pth ] || complain 'not the file of G alone'
ok train $run --name from --max_steps 1 --gan_mode none --init_from only
fails 1 train $run --name x --max_steps 1 --init_from only
says 'there is neither latest_net_D.safetensors nor latest_net_D.pth'
ok test --dataroot set --name none --checkpoints_dir ck
ok translate set/test/001.jpg -o x.png --checkpoint ck/none
fails 2 train --continue_train --name none --checkpoints_dir ck --gan_mode vanilla
says '--gan_mode vanilla needs a discriminator, and the checkpoint has none'
ok train --continue_train --name usual --checkpoints_dir ck --gan_mode none --max_steps 5 --print_freq 1 --no_html
ok show ck/usual
if grep -q '^  D' "$scratch/out"; then complain 'the discriminator is kept though the GAN was given up'; fi

# plan and bench know the objectives, too.
nets="$(echo $small | sed 's/ --load_size.*//') --crop_size 64"
ok plan $nets --gan_mode wgangp
says sample_norm
ok plan $nets --gan_mode none
if grep -q 'D\.model' "$scratch/out"; then complain 'a plan without a GAN has a discriminator'; fi
ok bench $nets --gan_mode none --reconstruction L2 --steps 1
fails 2 plan $nets --gan_mode none --reconstruction none
says 'leaves nothing to learn from'
fails 2 train $run --name x --gan_mode none --reconstruction none
says '--gan_mode none with --reconstruction none leaves nothing to learn from: give --reconstruction L1, L2'

# Half the weight of the reconstruction, half of that loss of the same first output.
ok train $run --name half --lambda_L1 50 --max_steps 1
half=$(value 1 ck/half/history.jsonl G_L1)
whole=$(value 1 ck/usual/history.jsonl G_L1)
awk "BEGIN { exit !($half > 0.49999 * $whole && $half < 0.50001 * $whole) }" ||
    complain "G_L1 is $whole, with half the weight $half"
