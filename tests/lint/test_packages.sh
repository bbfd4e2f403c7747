#!/bin/sh
# tools/packages.txt names a package on every system for every dependency() of the meson files; setup.sh finds it.
. "$(dirname "$0")/files.sh"

for name in $(files '(^|/)meson\.build$' | xargs grep -ohE "dependency\('[^']+'" | sed "s/.*'\(.*\)'/\1/" | sort -u); do
    case $name in threads | appleframeworks) continue ;; esac # of the system itself
    grep -qE "^[a-z]+ +[^ ]+ +pkg $name( |\$)" tools/packages.txt ||
        complain "tools/packages.txt: no package for dependency('$name')"
done
sign='((pkg|run|icd) [A-Za-z0-9_.+-]+|py [A-Za-z0-9_.]+|file /[^ ]+)'
name='(-|[A-Za-z0-9][A-Za-z0-9.+,_-]*)'
grep -vE "^(#.*)?\$|^(build|tests|more|cross) +[a-z0-9.+-]+ +$sign( +$name){5}\$" tools/packages.txt &&
    complain 'tools/packages.txt: a line of another form, or without all columns'

# tools/setup.sh finds each system's names, told by the program that installs there.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/pixcl-packages-XXXXXX")
for name in awk cat dirname sed tr; do
    ln -s "$(command -v "$name")" "$scratch/$name"
done
names_of() { # MANAGER: what building is missing where nothing is there
    printf '#!/bin/sh\necho "$@"\n' >"$scratch/$1"
    chmod +x "$scratch/$1"
    PATH=$scratch MSYSTEM=${2:-} /bin/sh tools/setup.sh missing build | tr '\n' ' '
    rm "$scratch/$1"
}
expect() { # MANAGER WORD [MSYSTEM]
    case " $(names_of "$1" "${3:-}")" in
    *" $2 "*) ;;
    *) complain "tools/setup.sh: with $1${3:+ of $3} it misses no $2, but: $(names_of "$1" "${3:-}")" ;;
    esac
}
expect apt-get libclblast-dev
expect dnf clblast-devel
expect zypper cJSON-devel
expect pacman libjpeg-turbo
expect pacman opencl-headers
expect pacman mingw-w64-ucrt-x86_64-clblast UCRT64
expect brew jpeg-turbo
rm -r "$scratch"
true
