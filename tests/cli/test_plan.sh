#!/bin/sh
# `pixcl plan`: the estimate at its end, for a device that is there and for those that are known by their data sheets.
. "$(dirname "$0")/expect.sh"

PIXCL_CACHE_DIR=$scratch/cache
export PIXCL_CACHE_DIR
small='--netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --netD n_layers --n_layers_D 1'

value() { # of a number of the estimate in the JSON of the last run
    sed -n "s/^\t\t\"$1\":\t\([-+.e0-9]*\),*$/\1/p" "$scratch/out"
}

member() { # the estimate in the JSON of the last run has it
    grep -q "^[[:space:]]*\"$1\":[[:space:]]*$2,*$" "$scratch/out" || complain "$1 is not $2"
}

set_speed() { # GFLOP/s, GB/s and seconds of the one device that was measured
    sed -i "s/\"gflops\":.*/\"gflops\": $1,/; s/\"gbps\":.*/\"gbps\": $2,/
        s/\"launch_seconds\":.*/\"launch_seconds\": $3,/" "$scratch"/cache/speed/*.json
}

# A device that need not be there: no driver is asked.
(
    OCL_ICD_VENDORS=/nonexistent
    export OCL_ICD_VENDORS
    # shellcheck disable=SC2086 # a list of words
    ok plan $small --on iris-xe
    says 'estimate: '
    says ' s a step on Intel Iris Xe Graphics'
    says '(modelled, not measured: 1997 GFLOP/s, 55 GB/s, 10 us a launch): arithmetic '
    says 'bound by launches: '
    PIXCL_CONV=gemm
    export PIXCL_CONV
    # shellcheck disable=SC2086
    ok plan $small --on iris-xe
    says 'what CLBlast copies is a guess'
    unset PIXCL_CONV
    # shellcheck disable=SC2086
    ok plan $small --on iris-xe --json
    member measured false
    member bound '"launches"'
    launches=$(value launches)
    [ "$launches" = "$(grep -c '"label":' "$scratch/out")" ] || complain "the estimate has $launches launches"
    # shellcheck disable=SC2086
    ok plan $small --on iris-xe --dump dot
    says '  label="estimate: '
    # A device that is there can be planned for as if it were another; one that is not there is what it is.
    # shellcheck disable=SC2086
    ok plan $small --on iris-xe
    cp "$scratch/out" "$scratch/plan"
    PIXCL_DEVICE_CLASS=cpu
    export PIXCL_DEVICE_CLASS
    # shellcheck disable=SC2086
    ok plan $small --on iris-xe
    cmp -s "$scratch/plan" "$scratch/out" || complain 'PIXCL_DEVICE_CLASS changes a plan of --on'
    exit "$failed"
) || failed=$((failed + 1))
[ -e "$scratch/cache" ] && complain 'something was measured for a device that is not there'

# Parts of a step: less of everything.
# shellcheck disable=SC2086
ok plan $small --on iris-xe --json
step=$(value flops)
# shellcheck disable=SC2086
ok plan $small --on iris-xe --json --part generator
generator=$(value flops)
# shellcheck disable=SC2086
ok plan $small --on iris-xe --json --part forward
awk "BEGIN { exit !($(value flops) < $generator && $generator < $step) }" || complain 'a part is as much as the whole'

fails 2 plan --on 'no such device'
says 'there is no known device "no such device"; expected one of '
for name in iris-xe uhd-620 radeon-680m h200 mali-g78; do
    says "$name"
done
silent_on_stdout
fails 2 plan --on h200 --device cpu
says '--on h200 and --device cpu'
fails 2 plan --on h200 --crop_size 100
says 'a multiple of 256'
fails 1 plan --on gtx-1050 --model cycle_gan --crop_size 1024
says '--crop_size'
ok plan --help
for name in iris-xe uhd-620 radeon-680m h200 mali-g78; do
    says "$name"
done

# A device that is there is measured once.
speed() { # its file
    echo "$scratch"/cache/speed/*.json
}
# shellcheck disable=SC2086
ok plan $small
says 'estimate: '
says '(measured '
[ -f "$(speed)" ] || complain 'what was measured is not kept'
set_speed 123 45 6e-06
# shellcheck disable=SC2086
ok plan $small
says '(measured 123 GFLOP/s, 45 GB/s, 6 us a launch)'
# shellcheck disable=SC2086
ok plan $small --json
member measured true
[ "$(value gflops)" = 123 ] || complain "$(value gflops) GFLOP/s instead of 123"
awk "BEGIN { exit !($(value seconds_per_step) > 0) }" || complain "a step of $(value seconds_per_step) s"

# A CPU is measured before its first step, since the tiles go by what fits in its registers, and what was measured
# decides; a GPU is, since its speed decides how long a launch may be.
rm -rf "$scratch/cache"
# shellcheck disable=SC2086
ok bench $small --steps 1
[ -f "$(speed)" ] || complain 'a CPU was not measured'
for fits in '100, 100, 100:8x1' '50, 100, 50:6x1' '50, 50, 100:2x1'; do
    sed "/\"tile_gflops\"/s/\[.*\]/[${fits%:*}]/" "$(speed)" >"$scratch/changed"
    cp "$scratch/changed" "$(speed)"
    # shellcheck disable=SC2086
    ok plan $small
    says "conv_direct ${fits#*:} conv G.model.model.0.weight" # of rows of 16 pixels
done
PIXCL_DEVICE_CLASS=discrete
export PIXCL_DEVICE_CLASS
# shellcheck disable=SC2086
ok bench --part forward $small --steps 1
[ -f "$(speed)" ] || complain 'a GPU was not measured'
# The speed that it is said to have decides: without one, a launch may have 5 GFLOP.
set_speed 1e-6 10 1e-5
# shellcheck disable=SC2086
ok plan $small --json
cut=$(grep -c '"label":' "$scratch/out")
set_speed 1000 10 1e-5
# shellcheck disable=SC2086
ok plan $small --json
[ "$cut" -gt "$(grep -c '"label":' "$scratch/out")" ] || complain 'the speed of a GPU does not cut its launches'
