#!/bin/sh
# Measures pixcl on this machine's GPU within minutes: builds it, checks that the driver computes right, times training
# steps of both models at batch 1 and 4 before and after `pixcl tune`, and PyTorch's on the same GPU where it is
# installed. Ends with a Markdown row and an anonymous OUT/result.json to publish; what each step printed is in OUT.
#
#   sh tools/bench/on-gpu.sh [--device SPEC] [--out DIR] [--minutes N] [--debs DIR | --build DIR] [--quick]
#   sh tools/bench/on-gpu.sh --fetch DIR
#
#   --device SPEC   as of pixcl (default: gpu); "cpu" rehearses it all
#   --out DIR       where to write (default: runs/gpu)
#   --minutes N     of all steps together, building included; late ones are cut short or left out (default: 8)
#   --debs DIR      take the missing packages from the .deb files there; without it they are installed when this runs
#                   as root or may use sudo, else fetched and unpacked into build-debs, which needs no rights
#   --build DIR     measure this build; nothing is built or installed
#   --quick         tiny networks, two steps, batch 1, no tuning, no PyTorch: tries the script, measures nothing
#   --fetch DIR     only fetch the .deb files for --debs on another machine, without a network, of the same release
#
# Exit code: 0 measured; 1 wrong results, nothing measured or not built; 2 wrong usage; 3 no such device.
set -eu
start=$(date +%s)
from=$PWD
cd "$(dirname "$0")/../.."

absolute() {
    case $1 in
    /*) echo "$1" ;;
    *) echo "$from/$1" ;;
    esac
}

fail() { # CODE TEXT
    code=$1
    shift
    printf '%s\n' "$*" >&2
    exit "$code"
}

device=gpu out=runs/gpu minutes=8 debs='' build='' quick='' fetch=''
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes && shift && continue ;;
    --help | -h) sed -n '2,/^set /{ s/^# \{0,1\}//p; }' tools/bench/on-gpu.sh && exit 0 ;;
    --device | --out | --minutes | --debs | --build | --fetch) [ $# -gt 1 ] || fail 2 "on-gpu.sh: $1 needs a value" ;;
    *) fail 2 "on-gpu.sh: unknown argument $1; try --help" ;;
    esac
    case $1 in
    --device) device=$2 ;;
    --out) out=$(absolute "$2") ;;
    --minutes) minutes=$2 ;;
    --debs) debs=$(absolute "$2") ;;
    --build) build=$(absolute "$2") ;;
    --fetch) fetch=$(absolute "$2") ;;
    esac
    shift 2
done
case $minutes in
'' | *[!0-9]* | 0* | ?????*) fail 2 "on-gpu.sh: --minutes $minutes: expected a whole number from 1 to 9999" ;;
esac
deadline=$((start + 60 * minutes))
command -v python3 >/dev/null 2>&1 || fail 1 'on-gpu.sh: there is no python3, which has to be installed'

if [ -n "$fetch" ]; then
    # shellcheck disable=SC2046 # a list of words
    sh tools/bench/debs.sh fetch-bare "$fetch" $(awk '$1 == "build" && $4 != "gcc" { print $2 }' tools/packages.txt)
    echo "$fetch is for --debs on a machine that has a C compiler and Python."
    exit 0
fi

# Where packages were unpacked; commands are run with what is in there.
root=
with_packages() {
    if [ -n "$root" ]; then
        sh tools/bench/debs.sh run "$root" "$@"
    else
        "$@"
    fi
}

get_packages() {
    missing=$(sh tools/setup.sh missing build)
    [ -n "$missing" ] || return 0
    if [ -z "$debs" ] && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        sh tools/setup.sh build && return
        fail 1 'They could not be installed. Without a network: --fetch DIR on another machine, --debs DIR here.'
    fi
    command -v cc >/dev/null 2>&1 || fail 1 'There is no C compiler (cc), which has to be installed, with libc6-dev.'
    root=$PWD/build-debs/root
    # shellcheck disable=SC2086 # a list of words
    if [ -n "$debs" ]; then
        sh tools/bench/debs.sh unpack "$debs" "$root"
    elif [ ! -d "$root" ] || [ -n "$(with_packages sh tools/setup.sh missing build)" ]; then
        echo "Fetching, to be unpacked in build-debs:" $missing
        sh tools/bench/debs.sh fetch build-debs $missing
        sh tools/bench/debs.sh unpack build-debs "$root"
    fi
    missing=$(with_packages sh tools/setup.sh missing build)
    # shellcheck disable=SC2086
    [ -z "$missing" ] || fail 1 "Not in ${debs:-build-debs}, and not installed either:" $missing
}

if [ -z "$build" ]; then
    get_packages
    build=$PWD/build-bench
    [ -f "$build/build.ninja" ] || with_packages meson setup "$build" --buildtype release -Dtests=false >/dev/null
    with_packages ninja -C "$build" --quiet
fi
pixcl=$build/tools/pixcl
[ -x "$pixcl" ] || fail 2 "on-gpu.sh: --build $build: there is no tools/pixcl in it"

mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ ! -e "$out/steps.txt" ] && [ -n "$(ls -A "$out")" ]; then
    fail 2 "on-gpu.sh: --out $out: there are other files in it; name a new folder, or one that this wrote before"
fi
: >"$out/steps.txt"
rm -f "$out"/*.json "$out"/*.err.txt "$out/check.txt" "$out"/tune-*.txt "$out/row.md"
PIXCL_CACHE_DIR=${PIXCL_CACHE_DIR:-$out/cache} # the user's own cache may hold another tuning
export PIXCL_CACHE_DIR
unset PIXCL_TUNE
{
    with_packages "$pixcl" --version
    git describe --always --dirty 2>/dev/null || true
} >"$out/version.txt"

# NVIDIA's driver in a container often lacks the file by which OpenCL finds it.
find_nvidia() {
    vendors=${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}
    if [ ! -d "$vendors" ] && [ -n "${OCL_ICD_VENDORS:-}" ]; then
        return 0
    fi
    ! grep -qs libnvidia-opencl "$vendors"/*.icd || return 0
    for dir in $(echo "${LD_LIBRARY_PATH:-}" | tr ':' ' ') /usr/local/nvidia/lib64 /run/opengl-driver/lib \
        "/usr/lib/$(uname -m)-linux-gnu" /usr/lib64 /usr/lib; do
        [ -e "$dir/libnvidia-opencl.so.1" ] || continue
        mkdir -p "$out/vendors"
        cp "$vendors"/*.icd "$out/vendors" 2>/dev/null || true
        echo "$dir/libnvidia-opencl.so.1" >"$out/vendors/nvidia.icd"
        OCL_ICD_VENDORS=$out/vendors
        LD_LIBRARY_PATH=$dir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} # its other libraries
        export OCL_ICD_VENDORS LD_LIBRARY_PATH
        echo "NVIDIA's OpenCL driver is in $dir but not in $vendors: it is added in $OCL_ICD_VENDORS."
        return 0
    done
}
find_nvidia

seconds_of() { # NAME: of a step, as measured or estimated; nothing where it is not known
    [ ! -f "$out/$1.json" ] || sed -n 's/.*"seconds_per_step":[^0-9]*\([0-9.e-]*\).*/\1/p' "$out/$1.json" | head -n 1
}

leave_out() { # NAME WHY
    printf '%s left-out %s\n' "$1" "$2" >>"$out/steps.txt"
    printf '%-20s left out: %s\n' "$1" "$2"
}

# Runs COMMAND for LIMIT seconds at most. What it prints becomes OUT/NAME.SUFFIX, its exit code $code.
run_step() { # NAME SUFFIX LIMIT COMMAND...
    name=$1 file=$out/$1.$2 limit=$3
    shift 3
    begin=$(date +%s)
    code=124
    if [ $((deadline - begin)) -lt 5 ]; then
        leave_out "$name" 'time was up'
        return 0
    fi
    [ "$limit" -le $((deadline - begin)) ] || limit=$((deadline - begin))
    code=0
    timeout --foreground -k 5 "$limit" "$@" >"$file" 2>"$out/$name.err.txt" || code=$?
    [ -s "$out/$name.err.txt" ] || rm "$out/$name.err.txt"
    took=$(($(date +%s) - begin))
    printf '%s %s %s\n' "$name" "$code" "$took" >>"$out/steps.txt"
    case $code in
    0)
        says=$(seconds_of "$name" | awk '{ printf "%.4g ms a step", 1000 * $1 }')
        [ -n "$says" ] || says=$(grep -hE 'computes right|are faster' "$file" || true)
        case $name in plan-*) says=${says:+estimate: }$says ;; esac
        ;;
    124 | 137) says="stopped after $limit seconds" ;;
    *) says="exit code $code; $name.err.txt says why" ;;
    esac
    printf '%-20s %3d s  %s\n' "$name" "$took" "$says"
}

step() { # NAME SUFFIX LIMIT ARGUMENT...: of pixcl
    name=$1 suffix=$2 limit=$3
    shift 3
    [ -z "$root" ] || set -- sh tools/bench/debs.sh run "$root" "$pixcl" "$@"
    [ -n "$root" ] || set -- "$pixcl" "$@"
    run_step "$name" "$suffix" "$limit" "$@"
}

step devices json $((15 * minutes)) devices --json --device "$device"
if [ "$code" = 2 ] || [ "$code" = 3 ]; then
    with_packages "$pixcl" devices --quick >&2 || true
    fail 3 "There is no usable device called \"$device\" here: see above. To rehearse: --device cpu"
fi
[ -e "$out/devices.json" ] || fail 1 "Building took all of the $minutes minutes: run it again, or with more --minutes."
if ! kind=$(python3 tools/bench/gpu_row.py --kind "$out"); then
    cat "$out/devices.err.txt" >&2 || true
    fail 1 'The devices cannot be listed: see above.'
fi
echo "Measuring on $kind, for $minutes minutes at most; leave the machine alone meanwhile."

both='pix2pix cycle_gan'
batches='1 4'
only=
size='--crop_size 256'
pix2pix='--model pix2pix --netG unet_256 --norm batch'
cycle_gan='--model cycle_gan --netG resnet_9blocks --norm instance --gan_mode lsgan --lambda_identity 0.5 --pool_size 0'
if [ -n "$quick" ]; then
    batches=1
    only='--only relu'
    size='--crop_size 32 --ngf 4 --ndf 4 --netD n_layers --n_layers_D 1'
    pix2pix='--model pix2pix --netG unet_32'
    cycle_gan='--model cycle_gan --netG resnet_1blocks'
fi

options_of() { # MODEL BATCH
    case $1 in
    pix2pix) echo "$pix2pix $size --batch_size $2" ;;
    cycle_gan) echo "$cycle_gan $size --batch_size $2" ;;
    esac
}

# As many steps as fit into a sixtieth of the time, by what is known of their length.
steps_of() { # MODEL BATCH
    for known in "bench-$1-$2 1" "bench-$1-1 $2" "profile-$1 $2" "plan-$1 $2"; do
        seconds=$(seconds_of "${known% *}")
        [ -z "$seconds" ] || break
    done
    awk -v seconds="${seconds:-0}" -v times="${known#* }" -v minutes="$minutes" -v quick="$quick" 'BEGIN {
        n = seconds > 0 ? int(minutes / (seconds * times)) : 3
        print(quick ? 2 : n < 3 ? 3 : n > 200 ? 200 : n)
    }'
}

bench() { # NAME MODEL BATCH OPTION...
    name=$1 model=$2 batch=$3
    shift 3
    # shellcheck disable=SC2046 # a list of words
    step "$name" json $((10 * minutes)) bench --device "$device" --json $(options_of "$model" "$batch") "$@"
}

# shellcheck disable=SC2086 # a list of words
step check txt $((15 * minutes)) check --all --device "$device" $only
for model in $both; do
    # shellcheck disable=SC2046 # a list of words
    step "plan-$model" json $((5 * minutes)) plan --tune off --device "$device" --json $(options_of "$model" 1)
done
for model in $both; do
    # Timing each kernel can slow a step down: it is done apart, first, and tells how many steps there is time for.
    bench "profile-$model" "$model" 1 --tune off --profile --steps "$([ -n "$quick" ] && echo 2 || echo 5)"
    for batch in $batches; do
        bench "bench-$model-$batch" "$model" "$batch" --tune off --steps "$(steps_of "$model" "$batch")"
    done
done

tune() { # BATCH
    for model in $both; do
        # shellcheck disable=SC2046 # a list of words
        step "tune-$model-$1" txt $((8 * minutes)) tune --device "$device" --seconds $((3 * minutes)) \
            $(options_of "$model" "$1")
    done
    for model in $both; do
        if [ -e "$out/tune-$model-$1.txt" ] && grep -q 'are faster' "$out/tune-$model-$1.txt"; then
            bench "tuned-$model-$1" "$model" "$1" --steps "$(steps_of "$model" "$1")"
        else
            leave_out "tuned-$model-$1" 'nothing was tuned'
        fi
    done
}

find_torch='import torch; print("cuda" if torch.cuda.is_available() else "xpu" if torch.xpu.is_available() else "")'
pytorch() {
    case $kind in *'gpu)') ;; *) leave_out pytorch 'it is timed on GPUs only' && return ;; esac
    for python in python3 /usr/bin/python3; do
        accelerator=$(timeout --foreground 60 "$python" -c "$find_torch" 2>/dev/null) || accelerator=
        [ -z "$accelerator" ] || break
    done
    [ -n "$accelerator" ] || { leave_out pytorch 'no PyTorch that can use a GPU' && return; }
    for model in $both; do
        for batch in 1 4; do
            # shellcheck disable=SC2046 # a list of words
            run_step "pytorch-$model-$batch" json $((10 * minutes)) "$python" tools/bench/pytorch_step.py \
                --device "$accelerator" $(options_of "$model" "$batch") --steps "$(steps_of "$model" "$batch")"
        done
    done
}

if [ -n "$quick" ]; then
    leave_out tune --quick
    leave_out pytorch --quick
else
    tune 1
    pytorch
    tune 4
fi
code=0
python3 tools/bench/gpu_row.py "$out" || code=$?
echo "Written to $out/result.json and row.md, after $(($(date +%s) - start)) s; an issue with both helps everyone."
exit "$code"
