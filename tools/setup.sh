#!/bin/sh
# Installs the packages of packages.txt that are missing, with this system's manager of packages; does nothing, and
# needs no rights, when none is.
#
#   sh tools/setup.sh build          what building needs
#   sh tools/setup.sh tests          that, what the tests need, and what more of them can use where it is to be had
#   sh tools/setup.sh cross          that of "build", and what tools/cross and tools/wheel need
#   sh tools/setup.sh device CHECK   PoCL, when CHECK (the path of clinfo-check) finds no usable OpenCL device
#   sh tools/setup.sh missing WHEN   only prints the missing packages of "build", "tests", "more" or "cross", a line
#                                    each
set -eu
cd "$(dirname "$0")/.."

# The manager of this system, and Debian's where there is none: its names are the best known.
manager=
for name in apt-get dnf zypper pacman brew; do
    [ -n "$manager" ] || ! command -v "$name" >/dev/null 2>&1 || manager=$name
done
[ "$manager" != pacman ] || [ -z "${MSYSTEM:-}" ] || manager=msys2

there() { # kind name
    case $1 in
    pkg)
        case $manager:$2 in
        brew:OpenCL) ;; # a part of macOS
        *) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$2" ;;
        esac
        ;;
    run) command -v "$2" >/dev/null 2>&1 ;;
    py)
        case $manager in
        brew | msys2) python3 -c "import $2" >/dev/null 2>&1 ;;
        *) /usr/bin/python3 -c "import $2" >/dev/null 2>&1 ;; # the system's own, whichever is first on the path
        esac
        ;;
    icd) [ -e "${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}/$2.icd" ] ;;
    file)
        # shellcheck disable=SC2086 # it may be a pattern
        ls -d $2 >/dev/null 2>&1
        ;;
    *) echo "tools/packages.txt: unknown kind \"$1\"; known are pkg, run, py, icd, file" >&2; exit 1 ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "Missing packages, and neither root nor sudo to install them. As root, run: $*" >&2
        exit 1
    fi
}

install() {
    if [ -z "$manager" ]; then
        echo "Missing: $* (Debian's names). There is no apt-get here, nor dnf, zypper, pacman or brew:" \
            "install them by this system's own means." >&2
        exit 1
    fi
    echo "Installing: $*"
    case $manager in
    apt-get)
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
        ;;
    dnf) as_root dnf install -y -q --setopt=install_weak_deps=False "$@" >/dev/null ;;
    zypper) as_root zypper --non-interactive --quiet install --no-recommends "$@" >/dev/null ;;
    pacman) as_root pacman -S --needed --noconfirm "$@" >/dev/null ;;
    msys2) pacman -S --needed --noconfirm "$@" >/dev/null ;;
    brew) brew install --quiet "$@" >/dev/null ;;
    esac
}

# What a row's package is here, a line each; - where there is none.
here() { # debian fedora arch opensuse homebrew msys2
    case $manager in
    dnf) names=$2 ;;
    pacman) names=$3 ;;
    zypper) names=$4 ;;
    brew) names=$5 ;;
    msys2) names=$6 ;;
    *) names=$1 ;;
    esac
    prefix=
    [ "$manager" != msys2 ] || [ "$names" = - ] || prefix=${MINGW_PACKAGE_PREFIX:-mingw-w64-ucrt-x86_64}-
    echo "$names" | tr ',' '\n' | sed "s/^/$prefix/"
}

missing_of() { # the packages that are needed then and not there
    while read -r when debian kind name others; do
        [ "$when" = "$1" ] || continue
        ! there "$kind" "$name" || continue
        # shellcheck disable=SC2086 # a list of names
        for package in $(here "$debian" $others); do
            if [ "$package" = - ]; then
                echo "$debian (Debian's name) is missing, and no package for $manager is known. Goes on without." >&2
            else
                echo "$package"
            fi
        done
    done <tools/packages.txt
}

case ${1:-} in
build) wanted=build ;;
tests) wanted='build tests' ;;
cross) wanted='build cross' ;;
device)
    code=0
    "$2" --quick >/dev/null 2>&1 || code=$?
    if [ "$code" = 3 ]; then
        # shellcheck disable=SC2046 # a list of names
        pocl=$(here $(awk '$2 == "pocl-opencl-icd" { print $2, $5, $6, $7, $8, $9 }' tools/packages.txt))
        if [ "$pocl" = - ]; then
            echo 'No usable OpenCL device. Install the driver of your GPU, from its maker.' >&2
            exit 1
        fi
        echo 'No usable OpenCL device: installing PoCL, which computes on the CPU.'
        install "$pocl"
        "$2" --quick >/dev/null
    fi
    exit 0
    ;;
missing)
    missing_of "${2:-}"
    exit 0
    ;;
*) echo 'usage: sh tools/setup.sh build | tests | cross | device PATH_OF_CLINFO_CHECK | missing WHEN' >&2; exit 2 ;;
esac

missing=$(for when in $wanted; do missing_of "$when"; done)
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install $missing

# One by one, since one that this architecture lacks would keep the others out. Some tests are skipped without them.
[ "$1" = tests ] || exit 0
missing=$(missing_of more)
for package in $missing; do
    (install "$package") || echo "Goes on without $package."
done
