#!/bin/sh
# `pixcl plan --dump programs`: what is written agrees with the plan, and nothing of anybody else's is touched.
. "$(dirname "$0")/expect.sh"

PIXCL_CACHE_DIR=$scratch/cache
export PIXCL_CACHE_DIR

small='--netG unet_32 --ngf 4 --ndf 4 --crop_size 32 --netD n_layers --n_layers_D 1'
folder=$scratch/new/programs

# shellcheck disable=SC2086 # a list of words
ok plan $small --json
cp "$scratch/out" "$scratch/plan.json"
# shellcheck disable=SC2086
ok plan $small --dump programs --output "$folder"
says "are in $folder"
python3 - "$scratch/plan.json" "$folder" >"$scratch/findings" 2>&1 <<'PYTHON' ||
import json, os, sys
plan = json.load(open(sys.argv[1]))
folder = sys.argv[2]
written = json.load(open(os.path.join(folder, "programs.json")))
programs = written["programs"]
if sorted(os.listdir(folder)) != sorted(["programs.json"] + [program["file"] for program in programs]):
    print("the list and the files differ")
launches = written["gemm"]["launches"] + sum(one["count"] for program in programs for one in program["launches"])
if launches != len(plan["launches"]):
    print("the list has", launches, "launches, the plan", len(plan["launches"]))
flops = written["gemm"]["flops"] + sum(program["flops"] for program in programs)
if abs(flops - plan["flops"]) > 1e-9 * plan["flops"]:
    print("the list has", flops, "flops, the plan", plan["flops"])
for program in programs:
    source = open(os.path.join(folder, program["file"])).read()
    if f" {program['kernel']}(" not in source or not source.startswith("#define SINGLE_GROUPS"):
        print(program["file"], "is not the whole source of", program["kernel"])
    if "-cl-std=CL1.2" not in program["options"]:
        print(program["file"], "is without build options")
    if abs(program["flops"] - sum(one["count"] * one["flops"] for one in program["launches"])) > 1:
        print(program["file"], "does other work than its launches")
PYTHON
    echo 'the script failed' >>"$scratch/findings"
[ ! -s "$scratch/findings" ] || complain "$(cat "$scratch/findings")"

# Once more into the same folder: the files of a larger plan go, hidden ones and those that were lost do not matter.
cp "$folder/programs.json" "$scratch/programs.json"
before=$(ls "$folder" | wc -l)
# shellcheck disable=SC2086
ok plan $small --model cycle_gan --dump programs -o "$folder"
[ "$(ls "$folder" | wc -l)" -gt "$before" ] || complain 'a plan of more programs did not leave more files'
rm "$folder"/000_*.cl
: >"$folder/.hidden"
# shellcheck disable=SC2086
ok plan $small --dump programs -o "$folder"
[ "$(ls "$folder" | wc -l)" = "$before" ] || complain 'files of the earlier plan are left'
[ -f "$folder/.hidden" ] || complain 'a hidden file is gone'
cmp -s "$folder/programs.json" "$scratch/programs.json" || complain 'the same plan gave another list'

# Whatever is not in the list is somebody else's, even under such a name, and everything stays as it was.
state() {
    (cd "$folder" && ls -l --time-style=full-iso)
}
for name in notes.txt 999_conv_direct.cl; do
    : >"$folder/$name"
    found=$(state)
    # shellcheck disable=SC2086
    fails 1 plan $small --model cycle_gan --dump programs --output "$folder"
    says "it holds $name, which"
    [ "$(state)" = "$found" ] || complain "changed the folder in spite of $name"
    rm "$folder/$name"
done
# A list names files, not paths: none outside of the folder goes.
outside=$(dirname "$folder")/000_outside.cl
: >"$outside"
sed 's|"file":.*|"file": "../000_outside.cl",|' "$scratch/programs.json" >"$folder/programs.json"
rm "$folder"/*.cl
# shellcheck disable=SC2086
ok plan $small --dump programs --output "$folder"
[ -f "$outside" ] || complain 'a file outside of the folder is gone'
# Another list of that name, and none at all.
for list in '{"format": "something else", "programs": []}' 'no JSON'; do
    mkdir "$scratch/other"
    echo "$list" >"$scratch/other/programs.json"
    # shellcheck disable=SC2086
    fails 1 plan $small --dump programs --output "$scratch/other"
    says 'it holds programs.json, which'
    [ "$(cat "$scratch/other/programs.json")" = "$list" ] || complain 'wrote over a list that is not ours'
    rm -r "$scratch/other"
done

# For a GPU that is not there, without any driver.
(
    OCL_ICD_VENDORS=/nonexistent
    export OCL_ICD_VENDORS
    # shellcheck disable=SC2086
    ok plan $small --on vega-8 --dump programs --output "$folder"
    grep -q '"lanes":.*64,' "$folder/programs.json" || complain 'no waves of 64 on a Vega'
    grep -q '^#define SINGLE_GROUPS 0' "$folder"/000_*.cl || complain 'groups of one on a GPU'
    [ "$failed" = 0 ]
) || failed=$((failed + 1))

# shellcheck disable=SC2086
fails 1 plan $small --dump programs --output "$scratch/plan.json"
says "$scratch/plan.json is not a folder"
# shellcheck disable=SC2086
fails 2 plan $small --dump programs
says '--output is missing'
# shellcheck disable=SC2086
fails 2 plan $small --output "$folder"
says '--output goes with --dump programs'
# shellcheck disable=SC2086
fails 2 plan $small --dump programs --output "$folder" --json
says 'exclude each other'
