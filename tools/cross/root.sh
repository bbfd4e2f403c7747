# Sourced by scripts that build in another Debian than this machine's; needs root, debootstrap and the network. Offers
#   make_root RELEASE PACKAGE...      a root of that release ("11", "13") with these packages; where one is, it is used.
#                                     Sets $root, a folder below $PIXCL_ROOTS (build-roots/). In that of "12-arm64"
#                                     programs are for aarch64, and qemu runs them
#   make_cross_root RELEASE [tests]   one that builds for aarch64: with compiler, qemu, and the libraries of packages()
#   add_packages PACKAGE...           installs these in it, too
#   copy_source                       this source folder, as it is now, becomes $root/src; what was built there stays
#   inside COMMAND...                 runs a command in the root, with /proc, /dev and /sys
#   packages [tests]                  what building needs, and the unit suite with "tests", by tools/packages.txt
# The current folder is the project's.
mirror=${PIXCL_MIRROR:-http://deb.debian.org/debian}
roots=${PIXCL_ROOTS:-build-roots}

inside() {
    # shellcheck disable=SC2086 # a command with its arguments, or nothing
    $emulator unshare --mount sh -euc '
        mount --rbind /proc "$0/proc"
        mount --rbind /dev "$0/dev"
        mount --rbind /sys "$0/sys"
        exec chroot "$0" env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' "$root" "$@"
}

# Sets $emulator, by which the programs in the root run: the qemu of the newest root that has one, or this machine's.
find_emulator() {
    emulator=
    case $root in *-arm64) ;; *) return ;; esac
    for qemu in "$(command -v qemu-aarch64-static)" "$roots"/*/usr/bin/qemu-aarch64-static; do
        [ ! -x "$qemu" ] || emulator="sh tools/cross/qemu.sh $qemu"
    done
    [ "$emulator" ] || { echo 'qemu-aarch64-static is missing: apt-get install qemu-user-static' >&2; exit 1; }
}

# Unpacks a release, and lets it set itself up, which programs for another processor cannot before they are there.
# "lxc" stands for a container, where debootstrap makes no devices, as qemu.sh lets nobody.
bootstrap() {
    case $root in *-arm64) set -- "$1" --arch=arm64 --foreign ;; esac
    debootstrap --variant=minbase ${2:+"$2" "$3"} "$1" "$root" "$mirror" &&
        { [ -z "$emulator" ] || inside env container=lxc /debootstrap/debootstrap --second-stage; }
}

make_root() {
    case ${1%%-*} in
    11) release=bullseye ;;
    12) release=bookworm ;;
    13) release=trixie ;;
    *) echo "Debian $1 is not known here; known are 11, 12, 13" >&2; exit 2 ;;
    esac
    [ "$(id -u)" = 0 ] || { echo 'A root of another Debian needs to be made by root.' >&2; exit 1; }
    command -v debootstrap >/dev/null || { echo 'debootstrap is missing: sh tools/setup.sh cross' >&2; exit 1; }
    root=$(realpath -m "$roots/debian$1")
    find_emulator
    shift
    if [ ! -e "$root/made" ]; then
        rm -rf "$root"
        mkdir -p "$root"
        bootstrap "$release" >"$root.log" 2>&1 || {
            tail "$root.log" >&2
            exit 1
        }
        touch "$root/made"
    fi
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    add_packages "$@"
}

make_cross_root() {
    make_root "$1-cross" gcc libc6-dev pkg-config meson ninja-build g++-aarch64-linux-gnu qemu-user-static
    inside dpkg --add-architecture arm64
    # shellcheck disable=SC2046 # a list of words
    add_packages $(packages "${2:-}" | sed -n 's/^lib.*\|^ocl-.*/&:arm64/p')
}

add_packages() {
    there=$(inside dpkg-query -W -f '${Package} ${Package}:${Architecture} ')
    missing=
    for package in "$@"; do
        case " $there" in *" $package "*) ;; *) missing="$missing $package" ;; esac
    done
    [ -n "$missing" ] || return 0
    {
        inside apt-get update -qq
        # shellcheck disable=SC2086 # a list of words
        inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
    } >"$root.log" 2>&1 || {
        tail "$root.log" >&2
        exit 1
    }
}

copy_source() {
    mkdir -p "$root/src"
    find "$root/src" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} +
    git ls-files --cached --others --exclude-standard | while read -r path; do [ ! -f "$path" ] || echo "$path"; done |
        tar -c -T - | tar -x -C "$root/src"
}

packages() {
    awk -v tests="${1:-}" '$1 == "build" || (tests && $1 == "tests" && $2 ~ /^(libcmocka-dev|g\+\+)$/) { print $2 }' \
        tools/packages.txt
}
