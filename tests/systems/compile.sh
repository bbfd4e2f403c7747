#!/bin/sh
# Compiles the C and C++ files that pixcl has on another system, as meson chooses them, with a compiler for that system
# and with warnings as errors. Nothing is linked, since libraries for it are not here, and nothing is run.
#
#   compile.sh SYSTEM SOURCE_FOLDER FOLDER   FOLDER is made anew, and stays where something does not compile
#
# SYSTEM    compilers, without which the test is skipped (77)
# windows   x86_64-w64-mingw32-gcc-posix; without tests/, which calls POSIX
# aarch64   aarch64-linux-gnu-gcc, aarch64-linux-gnu-g++
# macos     zig: the command that ZIG holds, else the zig on the path, else PyPI's ziglang; for Apple's processors
# musl      the same; for x86-64
set -eu
system=$1
source=$2
folder=$3
cross=$source/tools/cross

skip() {
    echo "skipped: no $1"
    exit 77
}

need() {
    command -v "$1" >/dev/null || skip "$1"
}

find_zig() {
    zig=${ZIG:-}
    [ -n "$zig" ] || ! command -v zig >/dev/null || zig=zig
    [ -n "$zig" ] || zig=$(python3 -c 'import ziglang as z; print(z.__path__[0] + "/zig")' 2>/dev/null) || true
    [ -n "$zig" ] || skip 'zig (pip install ziglang, or ZIG=COMMAND)'
}

opencl=CL # how OpenCL's headers are called, and where they belong
opencl_folder=include/CL
compiler= # zig and its arguments
case $system in
windows)
    need x86_64-w64-mingw32-gcc-posix
    options="--cross-file $cross/windows.ini -Dtests=false"
    ;;
aarch64)
    need aarch64-linux-gnu-gcc
    need aarch64-linux-gnu-g++
    options="--cross-file $cross/aarch64.ini"
    ;;
macos)
    find_zig
    opencl=OpenCL
    opencl_folder=OpenCL.framework/Headers
    compiler="-target aarch64-macos -F $folder --system-header-prefix=OpenCL/"
    machine="system = 'darwin'\ncpu_family = 'aarch64'\ncpu = 'aarch64'"
    options=
    ;;
musl)
    find_zig
    compiler='-target x86_64-linux-musl'
    machine="system = 'linux'\ncpu_family = 'x86_64'\ncpu = 'x86_64'"
    options=
    ;;
*) echo "no system \"$system\"; known are windows, aarch64, macos, musl" >&2; exit 2 ;;
esac
rm -rf "$folder"
mkdir -p "$folder/$opencl_folder" "$folder/include/cjson" "$folder/pkgconfig"
libraries=$(sed -n "s/.*dependency('\([^']*\)'.*/\1/p" "$source/meson.build" "$source"/*/meson.build)

# This machine's headers of the libraries, without those of its C library. That they may be made for another size of
# words does no harm here.
flags=$(for name in $libraries; do pkg-config --cflags "$name" 2>/dev/null || true; done)
ours='CL/|cjson/|clblast|cmocka|jconfig|jerror|jmorecfg|jpeglib|png|xxh|zip'
# shellcheck disable=SC2086 # a list of words
printf '#include <%s>\n' stdarg.h stddef.h stdint.h stdio.h setjmp.h CL/opencl.h CL/cl_icd.h clblast_c.h cjson/cJSON.h \
    cmocka.h jpeglib.h jerror.h png.h xxhash.h zip.h |
    ${CC:-cc} $flags -M -x c - | tr ' ' '\n' | sed -nE "s,^.*/(($ours)[^/]*)\$,& \1,p" |
    while read -r path name; do
        case $name in
        CL/*) copy=$opencl_folder/${name#CL/} ;;
        *) copy=include/$name ;;
        esac
        sed "s,<CL/,<$opencl/," "$path" >"$folder/$copy"
    done
for name in $libraries; do
    printf 'Name: %s\nDescription: headers\nVersion: 0\nLibs:\nCflags: -isystem %s\n' "$name" "$folder/include" \
        >"$folder/pkgconfig/$name.pc"
done
[ "$opencl" = CL ] || touch "$folder/OpenCL.framework/OpenCL.tbd" # what would be linked with

# A file for --cross-file. What runs while pixcl is built is compiled, too, if there is a way to run it: here a command
# that does nothing.
{
    printf "[properties]\nneeds_exe_wrapper = true\npkg_config_libdir = '%s'\n" "$folder/pkgconfig"
    printf "[binaries]\nexe_wrapper = 'true'\n"
    [ -z "$compiler" ] || printf "ar = 'ar'\npkgconfig = 'pkg-config'\nc = '%s/cc'\ncpp = '%s/c++'
[host_machine]\nendian = 'little'\n$machine\n" "$folder" "$folder"
} >"$folder/cross.ini"

# zig as a compiler that makes objects whatever meson asks for: to link something, it would build a C library first.
# Meson knows zig's name for its linker since 1.2 alone; the linker is LLVM's.
[ -z "$compiler" ] || for language in cc c++; do
    cat >"$folder/$language" <<END
#!/bin/sh
case " \$* " in
*' -Wl,--version '*) echo 'LLD 18 (compatible with GNU linkers)' ;;
*) exec $zig $language $compiler -c "\$@" ;;
esac
END
    chmod +x "$folder/$language"
done
ZIG_GLOBAL_CACHE_DIR=$folder/cache
ZIG_LOCAL_CACHE_DIR=$folder/cache
export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR

fail() {
    grep -v '^\[[0-9]*/[0-9]*\] ' "$folder/log"
    exit 1
}

# shellcheck disable=SC2086 # a list of words
meson setup "$folder/build" "$source" $options --cross-file "$folder/cross.ini" -Doptimization=0 -Dwerror=true \
    >"$folder/log" 2>&1 || fail
# One object of each file, though some are in several programs.
objects=$(ninja -C "$folder/build" -t targets all |
    awk -F: '/: c(pp)?_COMPILER/ { file = $1; sub(/[^\/]*\.p\//, "", file); if (!there[file]++) print $1 }')
[ -n "$objects" ] || { echo "$folder/build: nothing to compile" >&2; exit 1; }
# shellcheck disable=SC2086 # a list of words
ninja -C "$folder/build" -k 0 $objects >"$folder/log" 2>&1 || fail
rm -rf "$folder"
echo "$(echo "$objects" | wc -l) files compile for $system"
