#!/bin/sh
# The recipes of tools/packaging have the version of meson.build, the SONAME of src/meson.build and every library of
# tools/packages.txt, and can be read by what reads them, where that is here.
. "$(dirname "$0")/files.sh"
packaging=tools/packaging

version=$(sed -n "s/^ *version: '\([0-9.]*\)',/\1/p" meson.build)
[ -n "$version" ] || complain 'meson.build: no version'
for pattern in "debian/changelog:^pixcl ($version)" "homebrew/pixcl.rb:^  version \"$version\"" \
    "homebrew/pixcl.rb:pixcl-$version\.tar\.gz" "arch/PKGBUILD:^pkgver=$version\$" "msys2/PKGBUILD:^pkgver=$version\$" \
    "conda/meta.yaml:^  version: $version\$" "README.md:pixcl-$version\.tar\.gz"; do
    file=${pattern%%:*}
    grep -q "${pattern#*:}" "$packaging/$file" || complain "$packaging/$file: not version $version of meson.build"
done

soname=$(sed -n "s/.*library('pixcl'.* version: '\([0-9]*\)\..*/\1/p" src/meson.build)
[ -f "$packaging/debian/libpixcl$soname.install" ] || complain "$packaging/debian: no libpixcl$soname.install"
grep -qx "Package: libpixcl$soname" "$packaging/debian/control" ||
    complain "$packaging/debian/control: no libpixcl$soname"

# COLUMN FILE: each name of a library in that column of packages.txt is a word of the recipe.
names_in() {
    names=$(awk -v column="$1" '$1 == "build" && $3 == "pkg" && $column != "-" { print $column }' tools/packages.txt |
        tr ',' ' ')
    for name in $names; do
        grep -qE "(^|[^A-Za-z0-9])$name([^A-Za-z0-9]|\$)" "$packaging/$2" || complain "$packaging/$2: $name is missing"
    done
}
names_in 2 debian/control
names_in 6 arch/PKGBUILD
names_in 8 homebrew/pixcl.rb
names_in 9 msys2/PKGBUILD

can() { command -v "$1" >/dev/null 2>&1; }
! can bash || for file in arch msys2; do
    bash -n "$packaging/$file/PKGBUILD" || complain "$packaging/$file/PKGBUILD: not for bash"
done
! can ruby || ruby -c "$packaging/homebrew/pixcl.rb" >/dev/null || complain "$packaging/homebrew/pixcl.rb: not for ruby"
# What conda-build fills in, {{ .. }}, stands for a word.
! python3 -c 'import yaml' 2>/dev/null ||
    sed 's/{{[^}]*}}/word/' "$packaging/conda/meta.yaml" | python3 -c 'import sys, yaml; yaml.safe_load(sys.stdin)' ||
    complain "$packaging/conda/meta.yaml: no YAML"
true
