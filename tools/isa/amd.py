"""AMD GPUs: clang with the device libraries of ROCm, and the assembly that it writes.

A slot is an instruction. Vector instructions are counted by themselves, too: where a SIMD has several waves, scalar
instructions, loads and waits are issued beside them. Multiply-adds for each vector instruction is what such a SIMD comes
near to, multiply-adds for each instruction what a single wave does.
"""

import glob
import os
import re

from commands import CompileError, find, run, version
from listing import Instruction, Listing
from measured import Measured

LIBRARIES = ("/usr/lib/*/amdgcn/bitcode", "/usr/lib/amdgcn/bitcode", "/opt/rocm*/amdgcn/bitcode")
MULTIPLY_ADD = re.compile(r"v_(fma|fmac|mad|mac|dual_fmac)\w*_f32")
TWO_MULTIPLY_ADDS = re.compile(r"v_pk_fma_f32")


def clang():
    return find("clang-15", "clang")


def libraries():
    """The folder with ROCm's bitcode, None where there is none."""
    folders = [folder for pattern in LIBRARIES for folder in sorted(glob.glob(pattern))]
    return next((folder for folder in folders if os.path.exists(os.path.join(folder, "ockl.bc"))), None)


def missing():
    """What has to be installed, None when nothing has."""
    if not clang():
        return "clang (Debian: clang-15)"
    return None if libraries() else "the device libraries of ROCm (Debian: rocm-device-libs)"


def compiler():
    return version(clang(), "--version")


def build(program, target, folder):
    """Compiles a program in an empty folder."""
    assembly = os.path.join(folder, "kernel.s")
    run([clang(), "-x", "cl", *program.options.split(), "--target=amdgcn-amd-amdhsa", "-mcpu=" + target,
         "--rocm-device-lib-path=" + libraries(), "-O3", "-S", program.path, "-o", assembly])
    with open(assembly, encoding="utf-8") as file:
        return measure(file.read(), program.kernel)


def measure(assembly, kernel):
    """What clang's assembly tells of one of its kernels."""
    body = re.search(rf"^{kernel}:.*?^\.Lfunc_end\d+:", assembly, re.M | re.S)
    if not body:
        raise CompileError(f"the assembly has no kernel {kernel}")
    notes = assembly[body.end():]  # a function's own come right behind it
    metadata = next((entry for entry in re.split(r"^  - ", assembly, flags=re.M)
                     if re.search(rf"^ +\.name: +{kernel}$", entry, re.M)), "")

    def note(name):
        return int(re.search(rf"; {name}: (\d+)", notes).group(1))

    def about(name):
        return int(re.search(rf"\.{name}: +(\d+)", metadata).group(1))

    loop = parse(body.group(0)).hot_loop()
    return Measured(
        registers=note("NumVgprs"),
        scalar_registers=note("NumSgprs"),
        spilled=4 * about("vgpr_spill_count"),
        scalars_spilled=4 * about("sgpr_spill_count"),
        scratch=note("ScratchSize"),
        local_memory=note("LDSByteSize"),
        waves=note("Occupancy"),
        wave_size=about("wavefront_size"),
    ).with_loop(loop, vector=loop.count("v_") if loop else None)


def parse(body):
    listing = Listing()
    for line in body.split("\n"):
        label = re.match(r"(\.LBB\w+):", line)
        found = re.match(r"\s+([a-z]\w+)\s*(.*)", line)  # directives begin with a dot, comments with a semicolon
        if label:
            listing.label(label.group(1))
        elif found:
            op, operands = re.sub(r"_e(32|64)$", "", found.group(1)), found.group(2).split(";")[0].strip()
            work = 2 if TWO_MULTIPLY_ADDS.match(op) else 1 if MULTIPLY_ADD.match(op) else 0
            jumps_to = tuple(re.findall(r"\.LBB\w+", operands)) if "branch" in op else ()
            listing.add(Instruction(op, operands, 1, work, jumps_to))
    return listing
