#!/bin/sh
# The completion of a shell, asked as the shell asks it: test_completion.sh bash|zsh|fish A_FILE_BESIDE_IT
shell=$1
folder=$(cd "$(dirname "$2")" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
command -v "$shell" >/dev/null 2>&1 || {
    echo "skipped: no $shell"
    exit 77
}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/pixcl-completion-XXXXXX")
trap 'rm -rf "$scratch"; [ "$failed" = 0 ] || exit 1' EXIT
failed=0

# What the shell offers for the line "$@", whose last word is being typed, a word each line.
offers_of() {
    case $shell in
    bash)
        # shellcheck disable=SC2016 # for bash
        bash --norc -c 'source "$1/$2"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            eval "_${1//-/_}"; printf "%s\n" "${COMPREPLY[@]}"' - "$folder" "$@"
        ;;
    zsh) zsh -f "$here/completion.zsh" "$folder" "$*" ;;
    fish)
        # shellcheck disable=SC2016 # for fish
        HOME=$scratch fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$folder/$1.fish" "$*" | cut -f 1
        ;;
    esac
}

# offers "WORDS" LINE...: these and no others; "WORDS ..": these among others.
offers() {
    wanted=$1
    shift
    offers_of "$@" >"$scratch/out" 2>"$scratch/err"
    got=" $(sort "$scratch/out" | tr '\n' ' ')"
    for word in $wanted; do
        case "$word $got" in
        ..*) ;;
        *" $word "*) ;;
        *) wrong "$word is missing" "$@" ;;
        esac
    done
    case $wanted in
    *..) ;;
    *) [ "$(grep -c . "$scratch/out")" = "$(echo "$wanted" | wc -w)" ] || wrong "expected: $wanted" "$@" ;;
    esac
    [ ! -s "$scratch/err" ] || wrong "it says: $(cat "$scratch/err")" "$@"
}

wrong() {
    failed=$((failed + 1))
    echo "FAILED: $1"
    shift
    echo "  line: $*"
    sed 's/^/    /' "$scratch/out"
}

mkdir -p "$scratch/here/pictures" "$scratch/here/my pictures"
: >"$scratch/here/photo.png"
cd "$scratch/here" || exit 1

offers 'train translate' pixcl tr
offers 'synth show train ..' pixcl ''
offers '--netD --netG --network' pixcl test --net
offers '--netD --netG' pixcl train --net
offers 'unet_256 unet_128' pixcl train --netG unet_
offers 'AtoB BtoA' pixcl convert --direction ''
offers 'step generator forward' pixcl bench --json --part ''
offers 'gpu' pixcl check --device g
offers 'val' pixcl test --phase v
offers 'iris-xe uhd-620 ..' pixcl plan --on ''
offers '' pixcl train --lr ''
offers 'cycle_gan colorization' clinfo-check --step c
offers '--step' clinfo-check --st
offers '' pixcl nonsense --net
case $shell in
bash)
    offers pictures pixcl train --dataroot pi
    offers 'photo.png pictures' pixcl translate p
    offers 'photo.png' pixcl translate pictures -o ph
    offers '' pixcl train ph
    offers 'unet_256 unet_128' pixcl train --netG = unet_
    offers 'wgangp' pixcl train --gan-mode w
    offers '--netG=unet_256 --netG=unet_128' pixcl train --netG=unet_
    offers '--dataroot=pictures' pixcl train --dataroot=pi
    [ "$(offers_of pixcl train --dataroot my)" = 'my pictures' ] || wrong 'a space parts a name'
    # shellcheck disable=SC2016 # for bash
    bash --norc -c 'set -u; source "$1/pixcl"; complete -p pixcl' - "$folder" >"$scratch/out"
    grep -q -e '-F _pixcl pixcl' "$scratch/out" || wrong 'not registered'
    ;;
fish)
    offers pictures/ pixcl train --dataroot pi
    offers 'photo.png pictures/' pixcl translate p
    offers '' pixcl train ph
    ;;
zsh)
    offers pictures pixcl train --dataroot pi
    offers pictures pixcl train --dataroot=pi
    offers 'unet_256 unet_128' pixcl train --netG=unet_
    offers 'photo.png pictures' pixcl translate p
    offers '' pixcl train ph
    ;;
esac
