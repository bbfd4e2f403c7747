# Sourced by scripts that build in another Debian than this machine's; needs root, debootstrap and the network. Offers
#   make_root RELEASE PACKAGE...   a root of that release ("11", "13") with these packages; where one is, it is used.
#                                  Sets $root, a folder below $PIXCL_ROOTS (build-roots/)
#   add_packages PACKAGE...        installs these in it, too
#   copy_source                    this source folder, as it is now, becomes $root/src; what was built there stays
#   inside COMMAND...              runs a command in the root, with /proc and /dev
#   packages [tests]               what building needs, and the unit suite with "tests", by tools/packages.txt
# The current folder is the project's.
mirror=${PIXCL_MIRROR:-http://deb.debian.org/debian}

inside() {
    unshare --mount sh -euc '
        mount --rbind /proc "$0/proc"
        mount --rbind /dev "$0/dev"
        exec chroot "$0" env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' "$root" "$@"
}

make_root() {
    case $1 in
    11) release=bullseye ;;
    12) release=bookworm ;;
    13) release=trixie ;;
    *) echo "Debian $1 is not known here; known are 11, 12, 13" >&2; exit 2 ;;
    esac
    [ "$(id -u)" = 0 ] || { echo 'A root of another Debian needs to be made by root.' >&2; exit 1; }
    command -v debootstrap >/dev/null || { echo 'debootstrap is missing: sh tools/setup.sh cross' >&2; exit 1; }
    root=$(realpath -m "${PIXCL_ROOTS:-build-roots}/debian$1")
    shift
    if [ ! -e "$root/made" ]; then
        rm -rf "$root"
        mkdir -p "$root"
        debootstrap --variant=minbase "$release" "$root" "$mirror" >"$root.log" 2>&1 || {
            tail "$root.log" >&2
            exit 1
        }
        touch "$root/made"
    fi
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    add_packages "$@"
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
