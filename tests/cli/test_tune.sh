#!/bin/sh
# `pixcl tune` on a network small enough for seconds: the file it leaves, who reads it, and what a bad one does.
. "$(dirname "$0")/expect.sh"

problems() { # how many the last run had
    sed -n 's/.* of \([0-9]*\) are faster)$/\1/p' "$scratch/out"
}

unset PIXCL_TUNE
PIXCL_CACHE_DIR=$scratch/cache
export PIXCL_CACHE_DIR
small='--netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --netD n_layers --n_layers_D 1'

# shellcheck disable=SC2086 # a list of words
ok tune $small --seconds 2
says 'the convolutions of a step took'
says "$scratch/cache/tuning/"
few=$(problems)
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

# The same where pictures are translated.
ok synth "$scratch/set" --size 32 --train 1 --val 0 --test 1
run="--dataroot $scratch/set --name x --checkpoints_dir $scratch/ck"
# shellcheck disable=SC2086
ok train $run $small --load_size 32 --max_steps 1 --no_html --tune off
grep -q 'is ignored' "$scratch/err" && complain 'train read the file in spite of --tune off'
for command in "test $run --results_dir $scratch/results" \
    "translate $scratch/set/test/001.jpg -o $scratch/x.png --checkpoint $scratch/ck/x"; do
    # shellcheck disable=SC2086
    ok $command --tune auto
    says "the tuning file $file is ignored"
    # shellcheck disable=SC2086
    ok $command --tune off
    grep -q 'is ignored' "$scratch/err" && complain 'read the file in spite of --tune off'
done

# The networks of the defaults have more convolutions and take two minutes; without --seconds it would be 100 seconds.
ok tune --seconds 1
says 'is made anew'
says 'time was up before'
seconds=$(sed -n 's/.*, after \([0-9]*\) s$/\1/p' "$scratch/out")
[ "${seconds:-100}" -lt 90 ] || complain "--seconds 1 took $seconds"
[ "$(problems)" -gt "$few" ] || complain "unet_32 has $few convolutions, unet_256 $(problems)"
# shellcheck disable=SC2086
ok plan $small
[ ! -s "$scratch/err" ] || complain 'the file that was made anew is not right'

# --batch_size counts: a byte less than its plan takes is enough for one picture, not for two.
# shellcheck disable=SC2086
ok plan $small --batch_size 2 --json
bytes=$(sed -n 's/^\t"bytes":\t\([0-9]*\),$/\1/p' "$scratch/out")
PIXCL_MEMORY_LIMIT=$((bytes - 1))
export PIXCL_MEMORY_LIMIT
# shellcheck disable=SC2086
ok plan $small
# shellcheck disable=SC2086
fails 1 tune $small --seconds 1 --batch_size 2
says 'may be used; make --batch_size'
unset PIXCL_MEMORY_LIMIT

fails 2 bench --tune sometimes
says 'expected one of auto, off'
fails 2 tune --seconds 0
fails 2 tune --seconds 1 --device 'no such device'
says '--device no such device: there is no such device'
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
