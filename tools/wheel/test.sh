#!/bin/sh
# Tries a wheel as its users have it: in a fresh environment of Python, without the source folder's library. Once on the
# drivers of this machine, and once on the driver of the extra `cpu` alone, with those of this machine hidden. Takes a
# network (numpy, and 280 MB for the extra), 1.2 GB for the time being, and the right to unshare mounts. The extra has
# no driver for aarch64; elsewhere a wheel for that is tried by qemu, in a Debian 12 with PoCL (tools/cross/root.sh).
#
#   sh tools/wheel/test.sh FOLDER      the folder that tools/wheel/build.sh wrote it to
set -eu
[ $# = 1 ] || { echo 'usage: sh tools/wheel/test.sh FOLDER' >&2; exit 2; }
set -- "$1"/pixcl-*manylinux*.whl
[ $# = 1 ] && [ -e "$1" ] || { echo "one wheel is wanted in that folder, there are: $*" >&2; exit 2; }
wheel=$(realpath "$1")

machine=$(uname -m)
case $wheel in
*_"$machine".whl) ;;
*_aarch64.whl)
    cd "$(dirname "$0")/../.."
    . tools/cross/root.sh
    make_root 12-arm64 pocl-opencl-icd python3-venv
    mkdir -p "$root/wheel" "$root/etc/ssl/certs"
    rm -f "$root"/wheel/*
    cp "$wheel" tools/wheel/test.sh "$root/wheel/"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" # by which this machine trusts PyPI
    inside sh /wheel/test.sh /wheel
    exit
    ;;
*) echo "$wheel is not for this machine, whose processor is $machine" >&2; exit 2 ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

cat >steps.py <<'PY'
"""Ten training steps on pictures in memory, and what the library and the loader are."""
import sys

import numpy as np

import pixcl

# By the program beside the library. Where qemu runs a driver's compiler, the self-test takes minutes the first time.
devices = pixcl.devices(measure=True, timeout_seconds=600)
usable = [device for device in devices if device.usable and device.selftest == "passed"]
print("python:", *(device.name for device in usable))
rng = np.random.default_rng(0)
with pixcl.Trainer(name=sys.argv[1], netG="resnet_1blocks", ngf=4, ndf=4, load_size=36, crop_size=32) as trainer:
    for step in range(10):
        b = rng.integers(0, 256, (1, 32, 32, 3), np.uint8)
        trainer.step(255 - b, b)
    trainer.save()
    assert trainer.losses["G_L1"] > 0, trainer.losses
with pixcl.Generator(f"checkpoints/{sys.argv[1]}") as generator:
    assert generator(b).shape == b.shape
loaded = {line.split()[-1] for line in open("/proc/self/maps") if "/" in line}
loaders = {path for path in loaded if "libOpenCL" in path and "Rusticl" not in path and "Mesa" not in path}
assert loaders and all("/pixcl/_lib/" in path for path in loaders), loaders
assert usable and pixcl.show(f"checkpoints/{sys.argv[1]}")["run"]["step"] == 10
PY

# Runs with the environment's programs and libraries first, and nothing of the user's.
within() { # environment command...
    folder=$scratch/$1
    shift
    env -i HOME="$scratch" PATH="$folder/bin:/usr/bin:/bin" LD_LIBRARY_PATH="$folder/lib" \
        PIXCL_CACHE_DIR="$folder/cache" "$@"
}

# $hide: a command that runs another one without this machine's drivers.
try() { # environment what package
    echo "== $2"
    python3 -m venv "$1"
    "$1/bin/pip" install -q "$3"
    # shellcheck disable=SC2086 # a command with its arguments
    within "$1" $hide python steps.py "$1"
    # shellcheck disable=SC2086
    within "$1" $hide pixcl devices
    # shellcheck disable=SC2086
    within "$1" $hide pixcl check --only relu | tail -n 1
}

cat >hidden.sh <<'SH'
# Runs a command without this machine's drivers.
[ ! -d /etc/OpenCL/vendors ] || mount -t tmpfs none /etc/OpenCL/vendors
exec "$@"
SH

hide=
try system 'the drivers of this machine' "$wheel"
[ "$machine" = x86_64 ] || { echo 'The wheel works.'; exit; }
if [ "$(id -u)" = 0 ]; then
    hide="unshare --mount sh $scratch/hidden.sh"
else
    hide="unshare --map-root-user --mount sh $scratch/hidden.sh"
fi
try cpu 'the driver of the extra cpu alone' "$wheel[cpu]"
within cpu $hide pixcl devices | grep -q Intel || { echo "the extra's driver is not used" >&2; exit 1; }
echo 'The wheel works.'
