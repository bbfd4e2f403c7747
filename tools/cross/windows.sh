#!/bin/sh
# Builds pixcl for Windows (x86-64) on Debian: tools/cross/windows.sh [--tests|--library] DIR
#
# The result is DIR/pixcl.exe and DIR/clinfo-check.exe, which need OpenCL.dll, as every driver brings it, and Windows.
#   --tests     also the tests, for windows-test.sh: DIR/build-tests
#   --library   instead what a wheel holds (tools/wheel): DIR/build-library, with a DLL and a program that uses it
# DIR keeps what was fetched and built, so that a second run builds pixcl alone: src/ (archives), deps/ (libraries) and
# the build folders.
#
# sh tools/setup.sh cross installs what it needs. The libraries' sources are Debian's.
set -eu

kind=program
case ${1:-} in --tests | --library) kind=${1#--} && shift ;; esac
if [ $# != 1 ]; then
    sed -n '2,8p' "$0"
    exit 2
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1/src" "$1/deps/include" "$1/deps/lib/pkgconfig" "$1/lists/partial"
dir=$(cd "$1" && pwd)
deps=$dir/deps
host=x86_64-w64-mingw32
jobs=${JOBS:-1}

# The sources' lists are kept apart from the system's.
for suite in bookworm trixie; do
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main"
done >"$dir/sources.list"

apt() {
    apt-get -q -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$dir/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User=root "$@"
}

# fetch PACKAGE: its source with Debian's changes, as $dir/src/NAME
fetch() {
    [ ! -d "$dir/src/$1" ] || return 0
    [ -n "$(ls "$dir"/lists/*_Sources* 2>/dev/null)" ] || apt update
    (
        cd "$dir/src"
        rm -rf "$1.new"
        apt source --download-only "$1/bookworm"
        dpkg-source --no-check -x "$1"_*.dsc "$1.new"
        mv "$1.new" "$1"
    )
}

# The same without Debian's changes.
fetch_archive() {
    [ ! -d "$dir/src/$1" ] || return 0
    [ -n "$(ls "$dir"/lists/*_Sources* 2>/dev/null)" ] || apt update
    (
        cd "$dir/src"
        rm -rf "$1.new"
        apt source --download-only --tar-only "$1/$2"
        mkdir "$1.new"
        tar -xf "$1"_*.orig.tar.* -C "$1.new" --strip-components=1
        mv "$1.new" "$1"
    )
}

# build PACKAGE OPTION...: by CMake, into deps
build() {
    name=$1
    shift
    [ ! -f "$deps/$name.built" ] || return 0
    rm -rf "$dir/src/$name.build"
    cmake -S "$dir/src/$name" -B "$dir/src/$name.build" -G Ninja -DCMAKE_SYSTEM_NAME=Windows \
        -DCMAKE_SYSTEM_PROCESSOR=x86_64 -DCMAKE_C_COMPILER=$host-gcc-posix -DCMAKE_CXX_COMPILER=$host-g++-posix \
        -DCMAKE_RC_COMPILER=$host-windres -DCMAKE_AR="$(command -v $host-ar)" -DCMAKE_FIND_ROOT_PATH="$deps" \
        -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
        -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY \
        -DCMAKE_PREFIX_PATH="$deps" -DCMAKE_INSTALL_PREFIX="$deps" -DCMAKE_INSTALL_LIBDIR="$deps/lib" \
        -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF "$@"
    cmake --build "$dir/src/$name.build" -j "$jobs"
    cmake --install "$dir/src/$name.build"
    rm -rf "$dir/src/$name.build"
    touch "$deps/$name.built"
}

# describe NAME VERSION LIBS: a .pc file for a library that writes none, or none that holds for static linking
describe() {
    cat >"$deps/lib/pkgconfig/$1.pc" <<END
prefix=$deps
Name: $1
Description: $1
Version: $2
Cflags: -I\${prefix}/include
Libs: -L\${prefix}/lib $3
END
}

build_opencl() {
    cp -r /usr/include/CL "$deps/include/"
    {
        printf 'LIBRARY OpenCL.dll\nEXPORTS\n'
        grep -hoE '\bcl[A-Z][A-Za-z]+\(' "$deps/include/CL/cl.h" | tr -d '(' | sort -u
    } >"$dir/src/OpenCL.def"
    $host-dlltool -d "$dir/src/OpenCL.def" -l "$deps/lib/libOpenCL.a"
    describe OpenCL 3.0 -lOpenCL
}

# archive PACKAGE LIBRARY HEADER...: a library of nothing but the C files beside its headers
archive() {
    name=$1 library=$2
    shift 2
    fetch "$name"
    [ ! -f "$deps/$name.built" ] || return 0
    (
        cd "$dir/src/$name"
        rm -f ./*.o
        $host-gcc-posix -O3 -c ./*.c
        $host-ar rcs "$deps/lib/lib$library.a" ./*.o
        cp "$@" "$deps/include/"
    )
    touch "$deps/$name.built"
}

export PKG_CONFIG_LIBDIR="$deps/lib/pkgconfig"
build_opencl
archive zlib z zlib.h zconf.h
describe zlib 1.2 -lz
archive xxhash xxhash xxhash.h
describe libxxhash 0.8 -lxxhash
fetch libpng1.6
build libpng1.6 -DPNG_SHARED=OFF -DPNG_TESTS=OFF -DPNG_EXECUTABLES=OFF
fetch libjpeg-turbo
build libjpeg-turbo -DENABLE_SHARED=OFF -DWITH_TURBOJPEG=OFF
fetch cjson
build cjson -DENABLE_CJSON_TEST=OFF -DENABLE_CUSTOM_COMPILER_FLAGS=OFF
fetch libzip
build libzip -DENABLE_BZIP2=OFF -DENABLE_LZMA=OFF -DENABLE_ZSTD=OFF -DENABLE_COMMONCRYPTO=OFF -DENABLE_GNUTLS=OFF \
    -DENABLE_MBEDTLS=OFF -DENABLE_OPENSSL=OFF -DENABLE_WINDOWS_CRYPTO=OFF -DBUILD_TOOLS=OFF -DBUILD_REGRESS=OFF \
    -DBUILD_EXAMPLES=OFF -DBUILD_DOC=OFF
describe libzip 1.7 "-lzip -lz -ladvapi32"
fetch_archive clblast trixie
build clblast -DTUNERS=OFF -DCLIENTS=OFF -DTESTS=OFF -DSAMPLES=OFF -DOPENCL_INCLUDE_DIRS="$deps/include" \
    -DOPENCL_LIBRARIES="$deps/lib/libOpenCL.a" -DOPENCL_ROOT="$deps"
describe clblast 1.6 "-lclblast -lOpenCL -l:libstdc++.a"
# What static libraries would export from a DLL is nobody's business but theirs.
for library in clblast cjson zip; do
    $host-objcopy --remove-section .drectve "$deps/lib/lib$library.a"
done

# configure FOLDER OPTION...
configure() {
    folder=$dir/$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$root" --cross-file "$root/tools/cross/windows.ini" \
        -Dpkg_config_path="$deps/lib/pkgconfig" "$@"
}

needs() {
    echo "$1 needs:"
    $host-objdump -p "$1" | sed -n 's/.*DLL Name: /  /p'
}

if [ "$kind" = library ]; then
    configure build-library -Dtests=false
    ninja -C "$folder" -j "$jobs" tools/pixcl.exe src/libpixcl-1.dll
    needs "$folder/src/libpixcl-1.dll"
    exit
fi
configure build -Ddefault_library=static -Dtests=false
ninja -C "$folder" -j "$jobs" tools/pixcl.exe tools/clinfo-check.exe
for program in pixcl clinfo-check; do
    $host-strip -o "$dir/$program.exe" "$folder/tools/$program.exe"
    needs "$dir/$program.exe"
done
if [ "$kind" = tests ]; then
    fetch cmocka
    build cmocka -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
    describe cmocka 1.1 -l:libcmocka-static.a
    # Programs for Windows run in a prefix of their own.
    cat >"$dir/under-wine" <<END
#!/bin/sh
WINEPREFIX='$dir/prefix' WINEDEBUG=-all exec $(command -v wine64 || echo /usr/lib/wine/wine64) "\$@"
END
    chmod +x "$dir/under-wine"
    cat >"$dir/wine.ini" <<END
[binaries]
exe_wrapper = '$dir/under-wine'
END
    configure build-tests -Ddefault_library=static -Dtests=true --cross-file "$dir/wine.ini"
    ninja -C "$folder" -t targets all | sed -n 's/^\(tests\/\(unit\|fuzz\)\/[a-z0-9_]*\.exe\):.*/\1/p' |
        xargs ninja -C "$folder" -j "$jobs"
fi
