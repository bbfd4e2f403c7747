#!/bin/sh
# `pixcl bench` on networks small enough for a second: what each part runs, and that it says so.
. "$(dirname "$0")/expect.sh"

# Plans end with an estimate by the device's measured speed, which another test may improve meanwhile.
PIXCL_CACHE_DIR=$scratch/cache
export PIXCL_CACHE_DIR

value() { # of a number in the JSON object of the last run
    sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$scratch/out"
}

less() { # $1 < $2, and both are numbers
    echo "$1 $2" | awk 'NF != 2 || !($1 < $2) { exit 1 }'
}

for net in '--netG resnet_1blocks --norm instance' '--netG unet_32'; do
    small="$net --ngf 4 --ndf 4 --crop_size 32 --netD n_layers --n_layers_D 1 --steps 2"
    # shellcheck disable=SC2086 # a list of words
    ok bench $small --json
    says '"part":"step"'
    step=$(value gflop_per_step) step_bytes=$(value peak_bytes)
    # What was compiled the first time is not said to be compiled again.
    # shellcheck disable=SC2086
    ok bench $small --json
    if grep -q 'compiling' "$scratch/err"; then complain 'kernels that are there are said to be compiled'; fi
    # shellcheck disable=SC2086
    ok bench $small --json --part generator
    says '"part":"generator"'
    generator=$(value gflop_per_step) generator_bytes=$(value peak_bytes)
    # shellcheck disable=SC2086
    ok bench $small --json --part forward
    says '"part":"forward"'
    forward=$(value gflop_per_step) forward_bytes=$(value peak_bytes)
    less "$forward" "$generator" || complain "forward has $forward GFLOP, with backward $generator"
    less "$generator" "$step" || complain "the generator has $generator GFLOP, the whole step $step"
    less "$forward_bytes" "$generator_bytes" || complain "forward takes $forward_bytes bytes, backward $generator_bytes"
    less "$generator_bytes" "$step_bytes" || complain "the generator takes $generator_bytes bytes, the step $step_bytes"
done

# One step is the fastest and the slowest of all; two pictures a step are twice the work.
# shellcheck disable=SC2086
ok bench $small --steps 1 --batch_size 2 --json
[ "$(value seconds_lowest)" = "$(value seconds_highest)" ] || complain '--steps 1 times more than one step'
less "$step" "$(value gflop_per_step)" || complain "a picture has $step GFLOP, two $(value gflop_per_step)"

# shellcheck disable=SC2086
ok bench $small --part generator --profile
says 'generator of unet_32 at 32x32'
says 'conv_wgrad'
grep -q ' adam' "$scratch/out" && complain 'an Adam step without a training step'
# shellcheck disable=SC2086
ok bench $small --part forward --profile
grep -q grad "$scratch/out" && complain 'gradients in a forward pass'
fails 2 bench --part backward
says 'expected one of step, generator, forward'

# Kernels against what the device was measured to do.
# shellcheck disable=SC2086
ok bench $small --profile
says 'convolutions:'
says 'everything else:'
says 'roofline'
# shellcheck disable=SC2086
ok bench $small --profile --json
for number in peak_gflops peak_gbps conv_gflops conv_seconds other_seconds; do
    less 0 "$(value $number)" || complain "$number is not above zero: $(value $number)"
done
less "$(value conv_gflops)" "$(value peak_gflops)" || complain 'convolutions are faster than the device'

# A trace has every launch of the plan once, in three stages, and makes no profile.
# shellcheck disable=SC2086
ok bench $small --trace "$scratch/trace.json"
grep -q 'roofline' "$scratch/out" && complain 'a profile without --profile'
# shellcheck disable=SC2086
ok plan ${small% --steps 2} --json
launches=$(grep -o '"label":' "$scratch/out" | wc -l)
events=$(grep -o '"ph":"X"' "$scratch/trace.json" | wc -l)
[ "$events" = "$launches" ] || complain "the trace has $events events, the plan $launches launches"
# Its times are microseconds, by which a launch's speed makes its operations.
found=$(tr '}' '\n' <"$scratch/trace.json" |
    sed -n 's/.*"dur":\([^,]*\),.*"flops":\([^,]*\),.*"gflops":\([^,]*\),.*/\1 \2 \3/p' |
    awk '$2 > 0 && $3 > 0 { seen = 1; made = $1 * $3 * 1e3; wrong += made < 0.999 * $2 || made > 1.001 * $2 }
        END { print seen, wrong + 0 }')
[ "$found" = '1 0' ] || complain "the trace's times do not fit its speeds: $found"
for text in '{"traceEvents":[' '"stage 0"' '"stage 1"' '"stage 2"' '"gflops":' '"dur":'; do
    grep -qF "$text" "$scratch/trace.json" || complain "the trace does not have $text"
done
# The bytes that were allocated are those of the plan. $step_bytes: of the last network above.
planned=$(sed -n 's/^\t"bytes":\t\([0-9]*\),$/\1/p' "$scratch/out")
[ "$planned" = "$step_bytes" ] || complain "the plan says $planned bytes, the step took $step_bytes"

# The other ways of showing the plan, and another plan.
# The estimate goes by the device's measured speed, which the next command may find higher.
sed '/"estimate":/,$d' "$scratch/out" > "$scratch/plan.json"
# shellcheck disable=SC2086
ok plan ${small% --steps 2} --dump json
sed '/"estimate":/,$d' "$scratch/out" | cmp -s "$scratch/plan.json" - || complain '--dump json is not --json'
grep -q '"estimate":' "$scratch/out" || complain '--dump json has no estimate'
# shellcheck disable=SC2086
ok plan ${small% --steps 2} --dump dot
says 'digraph plan {'
# shellcheck disable=SC2086
ok plan ${small% --steps 2} --batch_size 2
says '(2,3,32,32)'

# shellcheck disable=SC2086
fails 1 bench $small --trace "$scratch/no/such/folder/trace.json"
says 'no/such/folder'
