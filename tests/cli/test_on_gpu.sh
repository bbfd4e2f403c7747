#!/bin/sh
# tools/bench/on-gpu.sh: a real rehearsal on the default device, then all its ways with a made-up pixcl and a made-up
# PyTorch; what is published holds no name and no path. tools/bench/debs.sh: a package is unpacked and built against.
. "$(dirname "$0")/expect.sh"
pixcl=$(realpath "$1")
tools=$(realpath "$(dirname "$0")/../../tools")
script() { # FILE: what follows on standard input
    cat >"$1"
    chmod +x "$1"
}

script "$scratch/on-gpu" <<END
#!/bin/sh
exec sh "$tools/bench/on-gpu.sh" "\$@"
END
PIXCL=$scratch/on-gpu

published() { # TEXT: the last run's JSON has it, spaces aside
    tr -d ' \n' <"$scratch/gpu/result.json" | grep -qF -e "$1" || complain "result.json does not have $1"
}

ok --quick --device "${PIXCL_DEVICE:-cpu}" --build "$(dirname "$pixcl")/.." --out "$scratch/gpu"
says 'left out: --quick'
step='[0-9.]+ ms[^|]*'
grep -qE "^\|[^|]+\|[^|]+\| [0-9]+ GFLOP/s, .* us a launch \| [0-9]+ right \| $step\| - \| $step\| - \|\$" \
    "$scratch/gpu/row.md" || complain "an odd row: $(cat "$scratch/gpu/row.md")"
published '"result":"right"'
published '"crop_size":32'
published '"estimate":{"device":'
for name in "\"$(uname -n)\"" "$scratch" "$tools" "$HOME/"; do
    ! grep -F -e "$name" "$scratch/gpu/result.json" "$scratch/gpu/row.md" || complain "published: $name"
done

# A GPU that is none: $PIXCL_FAKE says what goes wrong.
mkdir -p "$scratch/build/tools" "$scratch/bin"
script "$scratch/build/tools/pixcl" <<'END'
#!/bin/sh
case $PIXCL_FAKE,$1 in
*,--version) echo 'pixcl 9.8.7' ;;
crash,devices) echo 'a driver crashed' >&2; exit 1 ;;
none,devices) echo '{"devices": [], "chosen": null}'; echo 'there is none' >&2; exit 3 ;;
*,devices)
    echo '{"devices": [{"index": 0, "name": "other"}, {"index": 1, "name": "Maker|s GPU", "kind": "discrete gpu",'
    echo ' "driver": "7.1", "version": "OpenCL 3.0", "serial": "S/N 1", "gflops": 54321.4, "gbps": 876.5}],'
    echo ' "chosen": 1}'
    ;;
drivers,check) echo "drivers of $OCL_ICD_VENDORS and $LD_LIBRARY_PATH" >&2 ;;
wrong,check)
    echo '  ok     conv (1,2)    direct       error 1e-7 of 1e-6'
    echo '  WRONG  add (3,4)     pointwise    log in /home/someone/.cache/x.cl:12: no'
    exit 1
    ;;
*,check) printf '  ok     %s\n' 'conv (1,2)  direct' 'add (3,4)  pointwise' ;;
slow,plan) sleep 20 ;;
*,plan)
    echo '{"bytes": 4000, "flops": 8.5e9, "launches": [{}, {}], "estimate": {'
    printf '\t"launch_seconds":\t6.1e-06,\n\t"seconds_per_step":\t0.0421\n}}\n'
    ;;
broken,bench) echo 'out of memory' >&2; exit 1 ;;
*,bench)
    echo "$*" >>"$PIXCL_FAKE_LOG"
    case $* in *--profile*) seconds=0.5 ;; *'--batch_size 4'*) seconds=0.1604 ;; *) seconds=0.04567 ;; esac
    case $* in *'--tune off'*) ;; *) seconds=0.03125 ;; esac
    echo "{\"netG\":\"unet_256\",\"crop_size\":256,\"steps\":3,\"seconds_per_step\":$seconds,\"gflops\":3}"
    ;;
nothing,tune) echo 'there is nothing to tune' >&2; exit 2 ;;
*,tune) echo 'GPU: the convolutions of a step took 2.0 ms, and take 1.0 ms (1 of 2 are faster)' ;;
esac
END
script "$scratch/bin/python3" <<END
#!/bin/sh
case \$* in
-c*torch*) [ "\$PIXCL_FAKE" = nothing ] || echo cuda ;;
*pytorch_step.py*--device\ cuda*)
    echo '{"torch": "2.9", "device": "Maker", "config": {}, "seconds_per_step": 0.0789,'
    echo ' "tf32_seconds_per_step": 0.0512}'
    ;;
*) exec $(command -v python3) "\$@" ;;
esac
END
PATH=$scratch/bin:$PATH PIXCL_FAKE_LOG=$scratch/log
export PATH PIXCL_FAKE PIXCL_FAKE_LOG

PIXCL_FAKE=
ok --build "$scratch/build" --out "$scratch/gpu"
says '| Maker/s GPU, discrete gpu | 7.1 | 54321 GFLOP/s, 876 GB/s, 6.1 us a launch | 2 right '
says '| 45.7 ms; tuned 31.2 (estimate 42.1; PyTorch 78.9, TF32 51.2) | 160 ms; tuned 31.2 (PyTorch 78.9, TF32 51.2) |'
published '"pixcl":"9.8.7"'
published '"plan":{"bytes":4000,"flops":8500000000.0,"launches":2}'
published '"estimate":{"launch_seconds":6.1e-06,'
published '"pytorch":{"torch":"2.9","device":"Maker","seconds_per_step":0.0789,'
grep -q 'S/N' "$scratch/gpu/result.json" && complain 'a serial number is published'
# As many steps as fit into eight seconds: of the profile's half a second, of batch 1's 46 ms at batch 4, of 31 ms.
for steps in 5 16 43 175 49; do
    grep -q -- "--steps $steps\$" "$scratch/log" || complain "nothing was run for $steps steps: $(cat "$scratch/log")"
done

PIXCL_FAKE=wrong
fails 1 --build "$scratch/build" --out "$scratch/gpu"
says '| **1 wrong**, 1 right |'
says 'WRONG add (3,4) pointwise log in PATH:12: no'
published 'add(3,4)pointwiseloginPATH:12:no'

PIXCL_FAKE=broken
fails 1 --build "$scratch/build" --out "$scratch/gpu"
says 'exit code 1; bench-cycle_gan-4.err.txt says why'
grep -q 'out of memory' "$scratch/gpu/bench-cycle_gan-4.err.txt" || complain 'the reason is not kept'

PIXCL_FAKE=nothing
ok --build "$scratch/build" --out "$scratch/gpu"
says 'tuned-pix2pix-1      left out: nothing was tuned'
says 'left out: no PyTorch that can use a GPU'
says '| 45.7 ms (estimate 42.1) | 160 ms |'

# By a clock that goes on ten seconds whenever it is looked at, the second plan comes after the end.
PIXCL_FAKE=slow
script "$scratch/bin/date" <<END
#!/bin/sh
echo . >>"$scratch/ticks"
echo \$((10 * \$(wc -l <"$scratch/ticks")))
END
fails 1 --minutes 1 --build "$scratch/build" --out "$scratch/gpu"
says 'stopped after 5 seconds'
says 'plan-cycle_gan       left out: time was up'
says 'no step could be timed'
published '"left_out":"timewasup"'
rm "$scratch/bin/date"

PIXCL_FAKE=none
fails 3 --build "$scratch/build" --out "$scratch/gpu"
says 'no usable device called "gpu" here'
says '--device cpu'

PIXCL_FAKE=crash
fails 1 --build "$scratch/build" --out "$scratch/gpu"
says 'a driver crashed'

fails 2 --minutes 08
fails 2 --out
fails 2 --sideways
fails 2 --build "$scratch/nothing" --out "$scratch/gpu"
mkdir "$scratch/mine"
: >"$scratch/mine/thesis.txt"
fails 2 --build "$scratch/build" --out "$scratch/mine"
says 'other files in it'

# NVIDIA's driver without its file in the vendors folder, where there is another.
PIXCL_FAKE=drivers
mkdir "$scratch/driver" "$scratch/vendors"
: >"$scratch/driver/libnvidia-opencl.so.1"
echo libother.so >"$scratch/vendors/other.icd"
LD_LIBRARY_PATH=$scratch/driver OCL_ICD_VENDORS=$scratch/vendors
export LD_LIBRARY_PATH OCL_ICD_VENDORS
ok --quick --build "$scratch/build" --out "$scratch/gpu"
says "NVIDIA's OpenCL driver is in $scratch/driver but not in $scratch/vendors"
[ "$(cat "$scratch/gpu/vendors/nvidia.icd")" = "$scratch/driver/libnvidia-opencl.so.1" ] ||
    complain 'a wrong nvidia.icd'
grep -qF "drivers of $scratch/gpu/vendors and $scratch/driver:" "$scratch/gpu/check.err.txt" ||
    complain 'the drivers are not looked for there'
[ -f "$scratch/gpu/vendors/other.icd" ] || complain 'the other driver is gone'
unset LD_LIBRARY_PATH OCL_ICD_VENDORS

# A package, made by hand, with and without dpkg.
lib=usr/lib/$(uname -m)-linux-gnu
mkdir -p "$scratch/tree/$lib/pkgconfig" "$scratch/tree/usr/include" "$scratch/tree/usr/bin" "$scratch/debs"
# shellcheck disable=SC2016 # ${prefix} is for pkg-config
printf 'prefix=/usr\nincludedir=${prefix}/include\nName: a\nDescription: a\nVersion: 1\nCflags: -I/usr/include/a\n' \
    >"$scratch/tree/$lib/pkgconfig/pixcl_a.pc"
echo 'enum { PIXCL_A = 7 };' >"$scratch/tree/usr/include/pixcl_a.h"
script "$scratch/tree/usr/bin/pixcl_a" <<'END'
#!/bin/sh
echo "$LD_LIBRARY_PATH" "$LIBRARY_PATH"
END
printf '#include <pixcl_a.h>\nint a = PIXCL_A;\n' >"$scratch/a.c"
(
    cd "$scratch/debs" || exit 1
    echo 2.0 >debian-binary
    mkdir control
    printf 'Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: a\n' >control/control
    tar -czf control.tar.gz -C control ./control
    tar -czf data.tar.gz -C "$scratch/tree" ./usr
    ar rc a.deb debian-binary control.tar.gz data.tar.gz
)
unset LIBRARY_PATH
mkdir "$scratch/few"
for program in sh dirname mkdir rm ar grep tar gzip find sed cc as ld pkg-config cat; do
    ln -s "$(command -v $program)" "$scratch/few/$program"
done
script "$scratch/debs-sh" <<END
#!/bin/sh
exec /bin/sh "$tools/bench/debs.sh" "\$@"
END
PIXCL=$scratch/debs-sh
for path in "$PATH" "$scratch/few"; do
    before=$PATH
    PATH=$path
    ok unpack "$scratch/debs" "$scratch/root"
    ok run "$scratch/root" pkg-config --variable=includedir pixcl_a
    says "$scratch/root/usr/include"
    ok run "$scratch/root" pkg-config --cflags pixcl_a
    says "-I$scratch/root/usr/include/a"
    ok run "$scratch/root" cc -c -o "$scratch/a.o" "$scratch/a.c"
    ok run "$scratch/root" pixcl_a
    says "/$lib:/usr/lib64:$scratch/root/$lib $scratch/root/$lib"
    PATH=$before
done
fails 1 unpack "$scratch/vendors" "$scratch/root"
says 'no .deb file'
fails 2 unpack

# shellcheck disable=SC2034 # for complain
last='setup.sh missing build'
PKG_CONFIG_LIBDIR=$scratch sh "$tools/setup.sh" missing build >"$scratch/out" 2>"$scratch/err" || complain 'failed'
says libclblast-dev
grep -q ' ' "$scratch/out" && complain 'not a package a line'
sh "$tools/setup.sh" missing build >"$scratch/out" 2>"$scratch/err"
[ ! -s "$scratch/out" ] || complain 'missing, where pixcl was built'
true
