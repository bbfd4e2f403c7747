#!/bin/sh
# From a fresh clone to a trained pix2pix: installs what is missing, builds, draws a set of facades, trains on the best
# OpenCL device, translates the held-out pictures, and shows it all in runs/demo/index.html.
#
#   sh tools/run-demo.sh [--option value]...   options of pixcl train, put after the demo's own
set -eu
cd "$(dirname "$0")/.."
demo=runs/demo

sh tools/setup.sh build
[ -f build/build.ninja ] || meson setup build -Dtests=false >/dev/null
ninja -C build --quiet
pixcl=build/tools/pixcl
sh tools/setup.sh device build/tools/clinfo-check

rm -rf "$demo"
mkdir -p "$demo"
"$pixcl" synth "$demo/facades" --size 128 --train 200 --val 0 --test 12
"$pixcl" train --dataroot "$demo/facades" --name facades --checkpoints_dir "$demo/checkpoints" --netG unet_128 \
    --ngf 32 --ndf 32 --crop_size 128 --load_size 143 --n_epochs 8 --n_epochs_decay 8 --print_freq 10 "$@"
"$pixcl" test --dataroot "$demo/facades" --name facades --checkpoints_dir "$demo/checkpoints" \
    --results_dir "$demo/results" --embed
cp "$demo/results/facades/test_latest/index.html" "$demo/index.html"
cp "$demo/checkpoints/facades/history.jsonl" "$demo/history.jsonl"

cat <<END

Look at     $demo/index.html      (pictures, curves, figures: one file, open it in a browser)
Losses in   $demo/history.jsonl

Your own pictures: put pairs, input on the left half and target on the right, into FOLDER/train and FOLDER/test, then

  $pixcl train --dataroot FOLDER --name mine
  $pixcl test --dataroot FOLDER --name mine
  $pixcl translate PICTURE -o OUTPUT.png --checkpoint checkpoints/mine

Separate inputs of any size can be translated by the last one. $pixcl train --help lists every option;
Ctrl-C saves, --continue_train goes on.
END
