#!/bin/sh
# Drivers that misbehave, beside one that works: each is named by its file, what it did is told, and the other is used.
#     test_drivers.sh PIXCL BAD_DRIVER
. "$(dirname "$0")/expect.sh"
bad=$2
good=/etc/OpenCL/vendors/pocl.icd
if [ ! -e "$good" ]; then
    echo "skipped: no $good (pocl-opencl-icd)"
    exit 77
fi
vendors=$scratch/vendors
mkdir "$vendors" "$scratch/lib" "$scratch/cache" "$scratch/tmp"
cp "$good" "$vendors"
PIXCL_DRIVER_SECONDS=4 # a driver that works takes a tenth of that, on a busy machine too
PIXCL_CACHE_DIR=$scratch/cache
TMPDIR=$scratch/tmp
OCL_ICD_VENDORS=$vendors
export PIXCL_DRIVER_SECONDS PIXCL_CACHE_DIR TMPDIR OCL_ICD_VENDORS

register() { # name content
    printf '%s\n' "$2" >"$vendors/$1.icd"
}

# Each by itself: the device of the good driver is the default, and the fault is told with the file.
expect_fault() { # name fault
    ok devices --quick
    says "$vendors/$1.icd"
    says "$2"
    says 'Portable Computing Language'
    says 'Default: '
    rm "$vendors/$1.icd"
}
for place in load list devices open; do
    case $place in
    load) where='while its library was loaded' ;;
    open) where='while its devices were opened' ;;
    *) where='while its devices were listed' ;;
    esac
    for act in crash abort exit; do
        cp "$bad" "$scratch/lib/$act-$place.so"
        register "$act-$place" "$scratch/lib/$act-$place.so"
        case $act in
        crash) expect_fault "$act-$place" "left out: it crashed with signal 11 (Segmentation fault) $where" ;;
        abort) expect_fault "$act-$place" "left out: it crashed with signal 6 (Aborted) $where" ;;
        exit) expect_fault "$act-$place" "left out: it ended the process $where" ;;
        esac
    done
done
cp "$bad" "$scratch/lib/lie-list.so"
register lie-list "$scratch/lib/lie-list.so"
expect_fault lie-list 'left out: it crashed with signal 11'

# What is registered and is no driver: passed by, and told where drivers are listed.
register missing "$scratch/lib/missing.so"
expect_fault missing 'missing.so: cannot open shared object file'
printf 'some text\n' >"$scratch/lib/text.so"
register text "$scratch/lib/text.so"
expect_fault text 'not used: it'
register other libm.so.6
expect_fault other 'it holds a library that is no OpenCL driver'
printf '\001\002\377\000\003' >"$vendors/rubbish.icd"
expect_fault rubbish 'does not hold the name'
: >"$vendors/empty.icd"
expect_fault empty 'does not hold the name'
ln -s "$scratch/nowhere" "$vendors/dangling.icd"
expect_fault dangling 'cannot be read'
mkfifo "$vendors/fifo.icd"
expect_fault fifo 'left out: it is no regular file'

# Lies that do not end a process: a device that does not open is not what translates, and nonsense is not believed.
for lie in lie-devices lie-text lie-open; do
    cp "$bad" "$scratch/lib/$lie.so"
    register "$lie" "$scratch/lib/$lie.so"
    ok check --only 'leaky'
    says 'device, cannot be used: '
    rm "$vendors/$lie.icd"
done

# All at once, and those that hang: a command computes on the good one, warns, and is not asked again about that one.
for fault in hang-load hang-list hang-devices hang-open crash-load abort-list exit-devices crash-open; do
    cp "$bad" "$scratch/lib/$fault.so"
    register "$fault" "$scratch/lib/$fault.so"
done
register missing "$scratch/lib/missing.so"
ok devices --quick --json
for fault in hang-load hang-list hang-devices hang-open; do
    says '"gave no answer within 4 seconds while its'
    says "$fault.icd"
done
ok check --only 'leaky'
says "warning: the OpenCL driver $vendors/hang-list.icd is left out: it gave no answer within 4 seconds"
says "warning: the OpenCL driver $vendors/exit-devices.icd is left out"
[ -n "$(ls "$scratch/cache/drivers")" ] || complain 'the driver that works is not remembered'

# A hang ends with the command, whoever ends it.
last='check, ended by SIGTERM in the trial'
PIXCL_DRIVER_SECONDS=60 "$PIXCL" check --only leaky >"$scratch/out" 2>"$scratch/err" &
command=$!
sleep 1
helpers() { # there are some; [h], so as not to find itself
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q "pixcl-[h]elper [^ ]* driver $scratch"
}
helpers || complain 'no helper tries the drivers'
kill "$command"
wait "$command" 2>/dev/null
sleep 1
if helpers; then complain 'helpers outlive the command'; fi

# No good one: the faults are the answer.
rm -f "$vendors"/*.icd
register crash-load "$scratch/lib/crash-load.so"
fails 3 devices --quick
says "crash-load.icd crashed with signal 11"
says 'No OpenCL driver that works.'

# Nothing of all this stays in the folder for temporary files, but for what a kill leaves.
rm -rf "$scratch"/tmp/*
cp "$good" "$vendors"
ok devices --quick
[ -z "$(ls "$scratch/tmp")" ] || complain "left behind: $(ls "$scratch/tmp")"
