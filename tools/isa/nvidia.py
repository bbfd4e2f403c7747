"""NVIDIA GPUs: clang with libclc writes PTX, ptxas compiles it, nvdisasm shows what came out.

NVIDIA's own driver has another front end, but the same ptxas. A slot is an instruction: a scheduler issues one a cycle.
"""

import functools
import os
import re
import tempfile

from commands import CompileError, find, run, version
from listing import Instruction, Listing
from measured import Measured

LIBRARIES = ("/usr/lib/clc/nvptx64--nvidiacl.bc", "/usr/share/clc/nvptx64--nvidiacl.bc")
PTX_TARGET = "sm_75"  # what clang 15 knows; ptxas makes later ones of it
# libclc has no get_global_offset() for NVIDIA. In a driver it is a constant of the launch, read before any loop; here it
# is zero, so that a kernel which asks for it can be compiled at all.
NO_OFFSET = "-Dget_global_offset(dimension)=((size_t)0)"

# Of an SM: warps, groups, bytes of local memory that groups may share.
LIMITS = {"sm_75": (32, 16, 64 << 10), "sm_80": (64, 32, 164 << 10), "sm_86": (48, 16, 100 << 10),
          "sm_89": (48, 24, 100 << 10), "sm_90": (64, 32, 228 << 10)}
REGISTERS, LANES = 1 << 16, 32
REGISTERS_AT_A_TIME, WARPS_AT_A_TIME = 256, 4  # in which registers are given to a warp, and warps to an SM


def clang():
    return find("clang-15", "clang")


def ptxas():
    return find("ptxas", "/usr/local/cuda/bin/ptxas")


def nvdisasm():
    return find("nvdisasm", "/usr/local/cuda/bin/nvdisasm")


def library():
    return next((path for path in LIBRARIES if os.path.exists(path)), None)


def missing():
    """What has to be installed, None when nothing has. Without ptxas it is still seen that programs compile."""
    if not clang():
        return "clang (Debian: clang-15)"
    return None if library() else "libclc for nvptx64 (Debian: libclc-15)"


def compiler():
    parts = [version(clang(), "--version")]
    parts.append(version(ptxas(), "--version") if ptxas() else "no ptxas")
    parts.append("nvdisasm" if nvdisasm() else "no nvdisasm")
    return ", ".join(parts)


def build(program, target, folder):
    """Compiles a program in an empty folder."""
    ptx = _to_ptx(program.path, program.options)
    if not ptxas():
        return Measured(note="Without ptxas, no more is known")
    source, binary = os.path.join(folder, "kernel.ptx"), os.path.join(folder, "kernel.cubin")
    with open(source, "w", encoding="utf-8") as file:
        file.write(ptx)
    said = run([ptxas(), "-v", "-O3", "-arch=" + target, source, "-o", binary])
    measured = measure(said, program.kernel)
    measured.local_memory += program.local_bytes
    measured.waves = waves(target, measured.registers, measured.local_memory, program.group)
    if not nvdisasm():
        measured.note = "Without nvdisasm, loops are not known"
        return measured
    loop = parse(run([nvdisasm(), "-c", binary]), program.kernel).hot_loop()
    return measured.with_loop(loop)


@functools.lru_cache(maxsize=None)  # one for all targets
def _to_ptx(path, options):
    with tempfile.TemporaryDirectory() as folder:
        ptx = os.path.join(folder, "kernel.ptx")
        run([clang(), "-x", "cl", *options.split(), NO_OFFSET, "--target=nvptx64-nvidia-cuda", "-march=" + PTX_TARGET,
             "-Xclang", "-mlink-bitcode-file", "-Xclang", library(), "-Wno-unused-command-line-argument",
             "-O3", "-S", path, "-o", ptx])
        with open(ptx, encoding="utf-8") as file:
            return file.read()


def measure(said, kernel):
    """What `ptxas -v` says about one kernel."""
    found = re.search(rf"Function properties for {kernel}\n"
                      r"\s*(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads\n"
                      r".*?Used (\d+) registers(.*)", said)
    if not found:
        raise CompileError(f"ptxas says nothing about a kernel {kernel}")
    shared = re.search(r"(\d+) bytes smem", found.group(5))
    return Measured(
        registers=int(found.group(4)),
        spilled=int(found.group(2)),
        scratch=int(found.group(1)),
        local_memory=int(shared.group(1)) if shared else 0,
        wave_size=LANES,
    )


def waves(target, registers, local_memory, group):
    """How many warps fit an SM at once, in groups of `group` work-items (None: the driver's choice)."""
    most_warps, most_groups, most_local = LIMITS[target]
    a_warp = -(-registers * LANES // REGISTERS_AT_A_TIME) * REGISTERS_AT_A_TIME
    fit = min(most_warps, REGISTERS // max(1, a_warp) // WARPS_AT_A_TIME * WARPS_AT_A_TIME)
    if not group:
        return fit
    warps = -(-group // LANES)
    groups = min(most_groups, fit // warps, most_local // local_memory if local_memory else most_groups)
    return groups * warps


def parse(disassembly, kernel):
    section = re.search(rf"\.text\.{kernel}:(.*?)(?=\n\s*\.section|\Z)", disassembly, re.S)
    if not section:
        raise CompileError(f"nvdisasm shows no kernel {kernel}")
    listing = Listing()
    for line in section.group(1).split("\n"):
        label = re.match(r"\s*(\.L\w+):", line)
        found = re.match(r"\s*/\*[0-9a-f]+\*/\s*(?:@!?U?P\w+\s+)?([A-Z][\w.]*)\s*(.*)", line)
        if label:
            listing.label(label.group(1))
        elif found:
            op, operands = _shorten(found.group(1)), found.group(2)
            jumps_to = tuple(re.findall(r"\.L\w+", operands)) if op.startswith("BRA") else ()
            listing.add(Instruction(op, operands, 1, int(op.startswith("FFMA")), jumps_to))
    return listing


def _shorten(op):
    """Without the modifiers that no count needs: LDG.128 for LDG.E.128.CONSTANT."""
    first, *others = op.split(".")
    return ".".join([first] + [part for part in others if part.isdigit()])
