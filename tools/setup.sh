#!/bin/sh
# Installs the Debian packages of packages.txt that are missing; does nothing, and needs no rights, when none is.
#
#   sh tools/setup.sh build          what building needs
#   sh tools/setup.sh tests          that, what the tests need, and what more of them can use where it is to be had
#   sh tools/setup.sh device CHECK   PoCL, when CHECK (the path of clinfo-check) finds no usable OpenCL device
#   sh tools/setup.sh missing WHEN   only prints the missing packages of "build", "tests" or "more", a line each
set -eu
cd "$(dirname "$0")/.."

there() { # kind name
    case $1 in
    pkg) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$2" ;;
    run) command -v "$2" >/dev/null 2>&1 ;;
    py) /usr/bin/python3 -c "import $2" >/dev/null 2>&1 ;; # Debian's own, whichever is first on the path
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
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Missing: $* (Debian's names). There is no apt-get here: install them by this system's own means." >&2
        exit 1
    fi
    echo "Installing: $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

missing_of() { # the packages that are needed then and not there
    while read -r when package kind name; do
        [ "$when" != "$1" ] || there "$kind" "$name" || echo "$package"
    done <tools/packages.txt
}

case ${1:-} in
build) wanted=build ;;
tests) wanted='build tests' ;;
device)
    code=0
    "$2" --quick >/dev/null 2>&1 || code=$?
    if [ "$code" = 3 ]; then
        echo 'No usable OpenCL device: installing PoCL, which computes on the CPU.'
        install pocl-opencl-icd
        "$2" --quick >/dev/null
    fi
    exit 0
    ;;
missing)
    missing_of "${2:-}"
    exit 0
    ;;
*) echo 'usage: sh tools/setup.sh build | tests | device PATH_OF_CLINFO_CHECK | missing WHEN' >&2; exit 2 ;;
esac

missing=$(for when in $wanted; do missing_of "$when"; done)
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install $missing

# One by one, since one that this architecture lacks would keep the others out. Some tests are skipped without them.
[ "$wanted" != build ] || exit 0
missing=$(missing_of more)
for package in $missing; do
    (install "$package") || echo "Goes on without $package."
done
