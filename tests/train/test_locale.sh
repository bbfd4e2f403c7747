#!/bin/sh
# A host application's locale changes nothing that is computed or written: training, going on and testing in one that
# writes 1,5 and dates its own way.
#   test_locale.sh PIXCL IN_LOCALE   IN_LOCALE: the same command, in the locale of its user
# shellcheck disable=SC2086 # $small, $run and $again are lists of words
in_locale=$(realpath "$2")
data=$(realpath "$(dirname "$0")/../data")
. "$(dirname "$0")/run.sh"
plain=$PIXCL

mkdir locales
# It warns of what the locale lacks; what counts is whether the C library takes it.
localedef -c -f "$data/comma.charmap" -i "$data/comma.locale" "$scratch/locales/comma" >/dev/null 2>&1
LOCPATH=$scratch/locales LC_ALL=comma
export LOCPATH LC_ALL
[ "$(env printf %.1f 1,5 2>/dev/null)" = 1,5 ] || { echo 'no localedef, no locale to test in'; exit 77; }

ok synth set --size 32 --train 2 --val 2 --test 2
mkdir plain comma mixed
run="--dataroot ../set --name x --checkpoints_dir ck $small --n_epochs 1 --n_epochs_decay 1 --lr 0.00015 --beta1 0.55
    --lambda_L1 12.5 --gan_mode wgangp --val_freq 1"
again="--continue_train --name x --checkpoints_dir ck --print_freq 1 --no_html"

for place in plain comma; do
    PIXCL=$plain
    [ "$place" = plain ] || PIXCL=$in_locale
    cd "$scratch/$place" || exit 1
    ok train $run
    ok test --name x --checkpoints_dir ck --dataroot ../set --results_dir results
    grep -E ' dB' "$scratch/out" >said
done
# It was there: what the command itself prints, it prints as its user writes.
grep -q 'PSNR [0-9]*,[0-9]' "$scratch/comma/said" || complain 'the command was not in the locale'

# One begins, the other goes on.
cd "$scratch/mixed" || exit 1
PIXCL=$plain
ok train $run --max_steps 1
PIXCL=$in_locale
ok train $again --max_steps 3
PIXCL=$plain
ok train $again

cd "$scratch" || exit 1
for place in comma mixed; do
    losses $place/ck/x/history.jsonl >$place.txt
    losses plain/ck/x/history.jsonl >plain.txt
    same plain.txt $place.txt
    [ "$(bits plain/ck/x/latest.safetensors)" = "$(bits $place/ck/x/latest.safetensors)" ] ||
        complain "$place: other bits"
done
same plain/ck/x/latest.safetensors comma/ck/x/latest.safetensors
same plain/results/x/test_latest/metrics.csv comma/results/x/test_latest/metrics.csv

# The log has its own form, whatever the language: a date as C writes it, and points.
grep -qE '^=+ Training Loss \([A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} [0-9]{4}\) =+$' comma/ck/x/loss_log.txt ||
    complain "$(head -n 1 comma/ck/x/loss_log.txt)"
if grep -q '[0-9],[0-9]' comma/ck/x/loss_log.txt; then complain 'the log has commas in numbers'; fi
