# Sourced by the training tests: the checks of ../cli/expect.sh, a fresh folder as the current one, and
#   $small        options of networks that train in milliseconds a step, the smallest U-Net with dropout; one set for
#                 every test, since OpenCL compiles kernels anew for others
#   losses FILE   a history.jsonl without its clock
#   bits FILE     a checksum of a .safetensors file's tensors, without names and metadata
#   same A B      the two files have the same bytes
#   differ A B TEXT       both are there and are not the same, else TEXT is the complaint
#   value LINE FILE NAME  that number in a line of a history.jsonl, which must have it
. "${checks:-$(dirname "$0")/../cli}/expect.sh"
PIXCL=$(realpath "$PIXCL")
cd "$scratch" || exit 1
small='--netG unet_64 --ngf 4 --netD n_layers --n_layers_D 1 --ndf 4 --load_size 68 --crop_size 64 --print_freq 1
    --no_html'

losses() {
    sed 's/,"seconds".*//' "$1"
}

bits() {
    [ -f "$1" ] || { echo "there is no $1"; return; }
    header=$(od -An -tu8 -N8 "$1" | tr -d ' ')
    tail -c +$((header + 9)) "$1" | cksum
}

differ() {
    if [ ! -f "$1" ] || [ ! -f "$2" ]; then
        complain "$1 or $2 is missing"
    elif cmp -s "$1" "$2"; then
        complain "$3"
    fi
}

value() {
    number=$(sed -n "$1s/.*\"$3\":\([-0-9.e+]*\).*/\1/p" "$2")
    # Within $(...) a complaint would not be counted; no comparison understands this.
    echo "${number:-no $3?!}"
}

same() {
    cmp "$1" "$2" >"$scratch/out" 2>"$scratch/err" || complain "$1 and $2 differ"
}
