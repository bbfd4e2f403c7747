#!/bin/sh
# `pixcl tune` on a network small enough for seconds: the file it leaves, who reads it, and what a bad one does.
. "$(dirname "$0")/expect.sh"

unset PIXCL_TUNE
PIXCL_CACHE_DIR=$scratch/cache
export PIXCL_CACHE_DIR
small='--netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --netD n_layers --n_layers_D 1'

# shellcheck disable=SC2086 # a list of words
ok tune $small --seconds 2
says 'the convolutions of a step took'
says "$scratch/cache/tuning/"
file=$(echo "$scratch"/cache/tuning/*.json)
[ -f "$file" ] || complain "there is no file $file"
grep -q '"format":' "$file" || complain "$file does not say what it is"

# shellcheck disable=SC2086
ok bench $small --steps 1 --verbose
says 'convolutions are cut as measured'
# shellcheck disable=SC2086
ok bench $small --steps 1 --verbose --tune off
grep -q 'as measured' "$scratch/err" && complain 'used the tuning file in spite of --tune off'

# Another driver's file, then no file at all: a warning, and everything goes on.
for damage in 's/"driver":.*/"driver": "of another machine",/' '1,2d'; do
    sed "$damage" "$file" >"$scratch/damaged"
    cp "$scratch/damaged" "$file"
    # shellcheck disable=SC2086
    ok bench $small --steps 1
    says "the tuning file $file is ignored"
    [ "$(grep -c 'is ignored' "$scratch/err")" = 1 ] || complain 'more than one warning'
    # shellcheck disable=SC2086
    ok plan $small --tune off
    [ ! -s "$scratch/err" ] || complain 'read the file in spite of --tune off'
    PIXCL_TUNE=off
    export PIXCL_TUNE
    # shellcheck disable=SC2086
    ok plan $small
    [ ! -s "$scratch/err" ] || complain 'read the file in spite of PIXCL_TUNE=off'
    unset PIXCL_TUNE
done
# shellcheck disable=SC2086
ok tune $small --seconds 1
says 'is made anew'
# shellcheck disable=SC2086
ok plan $small
[ ! -s "$scratch/err" ] || complain 'the file that was made anew is not right'

fails 2 bench --tune sometimes
says 'expected one of auto, off'
fails 2 tune --seconds 0
fails 2 tune --tune off
says '--tune is an option of other commands'
fails 2 tune --crop_size 33
says '--crop_size 33 does not fit'

# Where convolutions are CLBlast's there is nothing to tune.
PIXCL_CONV=gemm
export PIXCL_CONV
# shellcheck disable=SC2086
fails 2 tune $small
says 'there is nothing to tune'
silent_on_stdout
unset PIXCL_CONV

# A cache folder that cannot be made: said at once as the reason, not after a crash.
: >"$scratch/cache_file"
PIXCL_CACHE_DIR=$scratch/cache_file
# shellcheck disable=SC2086
fails 1 tune $small --seconds 1
says 'cache_file'
