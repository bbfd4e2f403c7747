#!/bin/sh
# Debian packages without root: fetches them, unpacks them into a folder, and runs commands that build against it.
#
#   sh tools/bench/debs.sh fetch DIR PACKAGE...        into DIR, with what they need and this system has not installed
#   sh tools/bench/debs.sh fetch-bare DIR PACKAGE...   the same for another machine, which has a C compiler and Python
#   sh tools/bench/debs.sh unpack DIR ROOT             every DIR/*.deb into ROOT, which is made anew
#   sh tools/bench/debs.sh run ROOT COMMAND...         COMMAND finds programs, headers and libraries of ROOT, too
set -eu

fail() {
    echo "$*" >&2
    exit 1
}

# apt-get or apt-cache with lists and a cache of its own, for which no rights are needed.
apt() { # get|cache ARGUMENT...
    command=apt-$1
    shift
    "$command" -qq -o Dir::State::Lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o APT::Sandbox::User= \
        -o Debug::NoLocking=1 "$@"
}

# A package database with what every machine that can compile has: it is not fetched, since it must fit the system.
bare() {
    apt cache show --no-all-versions gcc libc6 libc6-dev libcrypt1 libgcc-s1 libstdc++6 python3 |
        sed -e '/^\(Pre-\)\{0,1\}Depends:/d' -e 's/^Package:.*/&\nStatus: install ok installed/'
}

fetch() { # DIR OPTION PACKAGE...
    command -v apt-get >/dev/null 2>&1 || fail "There is no apt-get here to fetch packages with: $*"
    mkdir -p "$1"
    cd "$1"
    shift
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/pixcl-debs-XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
    apt get update >&2 || fail 'The lists of packages cannot be fetched: see above. Is there a network?'
    bare >"$scratch/status"
    database=Dir::State::status=${1:-$scratch/status}
    shift
    # -s only says what would be installed: the packages, and what they need that is not in the database.
    apt get -s -o "$database" -o APT::Install-Recommends=0 install "$@" >"$scratch/plan" ||
        fail "apt-get cannot get: $*"
    # shellcheck disable=SC2046 # a list of words
    apt get download $(sed -n 's/^Inst \([^ ]*\) .*/\1/p' "$scratch/plan")
}

# Paths in pkg-config's files become those of the unpacked files; PKG_CONFIG_SYSROOT_DIR would move the system's, too.
unpack() { # DIR ROOT
    for deb in "$1"/*.deb; do
        [ -f "$deb" ] || fail "There is no .deb file in $1"
    done
    rm -rf "$2"
    mkdir -p "$2"
    root=$(cd "$2" && pwd)
    case $root in
    *[!A-Za-z0-9/._+-]*) fail "$root: pkg-config needs a path of letters, digits and . _ + - alone" ;;
    esac
    for deb in "$1"/*.deb; do
        if command -v dpkg >/dev/null 2>&1; then
            dpkg -x "$deb" "$root"
        else
            data=$(ar t "$deb" | grep '^data\.tar')
            ar p "$deb" "$data" >"$root/$data"
            tar -xf "$root/$data" -C "$root"
            rm "$root/$data"
        fi
    done
    find "$root/usr" -name '*.pc' -type f | while read -r file; do
        sed -i "s|\([= IL]\)/usr|\1$root/usr|g" "$file"
    done
}

# The system's own libraries come first: the unpacked ones are for what it lacks.
run() { # ROOT COMMAND...
    root=$(cd "$1" && pwd)
    shift
    before=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}
    system=
    unpacked=
    for dir in "$root"/usr/lib/*-linux-gnu* "$root"/lib/*-linux-gnu*; do
        [ -d "$dir" ] || continue
        system=$system${dir#"$root"}:
        unpacked=$unpacked:$dir
        PKG_CONFIG_PATH=$dir/pkgconfig:${PKG_CONFIG_PATH:-}
        C_INCLUDE_PATH=$root/usr/include/${dir##*/}:${C_INCLUDE_PATH:-}
    done
    LD_LIBRARY_PATH=$before$system/usr/lib64$unpacked
    LIBRARY_PATH=${unpacked#:}${LIBRARY_PATH:+:$LIBRARY_PATH}
    PKG_CONFIG_PATH=$root/usr/share/pkgconfig:${PKG_CONFIG_PATH%:}
    C_INCLUDE_PATH=$root/usr/include:${C_INCLUDE_PATH%:}
    if ! command -v meson >/dev/null 2>&1; then # the unpacked one is in Python
        PYTHONPATH=$root/usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}
        export PYTHONPATH
    fi
    PATH=$PATH:$root/usr/bin
    export LD_LIBRARY_PATH LIBRARY_PATH PKG_CONFIG_PATH C_INCLUDE_PATH PATH
    exec "$@"
}

action=${1:-}
[ $# -ge 3 ] || action=
[ -z "$action" ] || shift
case $action in
fetch)
    folder=$1
    shift
    fetch "$folder" /var/lib/dpkg/status "$@"
    ;;
fetch-bare)
    folder=$1
    shift
    fetch "$folder" '' "$@"
    ;;
unpack) unpack "$1" "$2" ;;
run) run "$@" ;;
*)
    echo 'usage: sh tools/bench/debs.sh fetch | fetch-bare DIR PACKAGE...; unpack DIR ROOT; run ROOT COMMAND...' >&2
    exit 2
    ;;
esac
