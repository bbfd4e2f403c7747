# Sourced by the training tests: the checks of ../cli/expect.sh, a fresh folder as the current one, and
#   $small        options of networks that train in milliseconds a step, the smallest U-Net with dropout; one set for
#                 every test, since OpenCL compiles kernels anew for others
#   losses FILE   a history.jsonl without its clock
#   bits FILE     a checksum of a .safetensors file's tensors, without names and metadata
#   same A B      the two files have the same bytes
. "$(dirname "$0")/../cli/expect.sh"
PIXCL=$(realpath "$PIXCL")
cd "$scratch" || exit 1
small='--netG unet_64 --ngf 4 --netD n_layers --n_layers_D 1 --ndf 4 --load_size 68 --crop_size 64 --print_freq 1
    --no_html'

losses() {
    sed 's/,"seconds".*//' "$1"
}

bits() {
    header=$(od -An -tu8 -N8 "$1" | tr -d ' ')
    tail -c +$((header + 9)) "$1" | cksum
}

same() {
    cmp "$1" "$2" >"$scratch/out" 2>"$scratch/err" || complain "$1 and $2 differ"
}
