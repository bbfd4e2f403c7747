"""Intel GPUs: ocloc, the driver's compiler as a program, and the assembly that it leaves when asked to.

A slot is what the floating-point pipe needs for 8 lanes: an instruction of 16 lanes has two, one of fewer than 8 has one.
A `send`, which goes to memory, has one, too, however wide it is.
"""

import functools
import glob
import os
import re
import tempfile

from commands import CompileError, find, run
from intel_binary import memory_of
from listing import Instruction, Listing
from measured import Measured

PIPE_LANES = 8
INSTRUCTION = re.compile(r"\s*(?:\([^)]*\))?\s*([a-z][a-z0-9_.]*)\s*(?:\((\d+)\|)?(.*)")
JUMPS = ("while", "jmpi", "brd", "brc", "goto")
MULTIPLY_ADDS = ("mad", "mac", "madm")


def ocloc():
    return find("ocloc")


def missing():
    """What has to be installed, None when nothing has."""
    return None if ocloc() else "ocloc (Debian: intel-opencl-icd)"


@functools.lru_cache(maxsize=None)
def compiler():
    """The version of ocloc, which it leaves in a file."""
    with tempfile.TemporaryDirectory() as folder:
        run([ocloc(), "query", "OCL_DRIVER_VERSION"], cwd=folder)
        with open(os.path.join(folder, "OCL_DRIVER_VERSION"), encoding="utf-8") as file:
            return "ocloc " + file.read().strip("\0\n ")


def build(program, target, folder):
    """Compiles a program in an empty folder."""
    run([ocloc(), "compile", "-file", os.path.abspath(program.path), "-device", target, "-output", "kernel", "-options",
         program.options], cwd=folder, env={**os.environ, "IGC_ShaderDumpEnable": "1", "IGC_DumpToCustomDir": folder})
    assemblies = [path for path in sorted(glob.glob(os.path.join(folder, "*.asm"))) if _is_of(path, program.kernel)]
    if not assemblies:
        raise CompileError(f"ocloc left no assembly of the kernel {program.kernel}")
    (binary_path,) = glob.glob(os.path.join(folder, "*.progbin"))
    binary = _read_bytes(binary_path)
    # A kernel that spilled is compiled once more in another way, and the better one goes into the binary.
    used = next((path for path in assemblies if _read_bytes(path[: -len(".asm")] + ".dat") in binary), None)
    if not used:
        raise CompileError(f"the binary has none of the {len(assemblies)} assemblies of the kernel {program.kernel}")
    with open(used, encoding="utf-8") as file:
        measured = measure(file.read())
    measured.wave_size = int(re.search(r"simd(\d+)", os.path.basename(used)).group(1))
    measured.scratch, measured.local_memory = memory_of(binary, program.kernel)
    return measured


def _is_of(path, kernel):
    with open(path, encoding="utf-8") as file:
        return file.readline().strip() == "//.kernel " + kernel


def _read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def measure(assembly):
    """What the assembly of a kernel tells."""
    spilled = re.search(r"^//\.spill size (\d+)", assembly, re.M)
    registers = [int(number) for number in re.findall(r"\br(\d+)\.", assembly)]
    return Measured(
        registers=max(registers, default=-1) + 1,
        spilled=int(spilled.group(1)) if spilled else 0,
    ).with_loop(parse(assembly).hot_loop())


def parse(assembly):
    listing = Listing()
    for line in assembly.split("\n"):
        label = re.match(r"([A-Za-z_]\w*):", line)
        found = INSTRUCTION.match(line)
        if label:
            listing.label(label.group(1))
        elif found:
            op, lanes, operands = found.group(1), int(found.group(2) or 1), found.group(3)
            listing.add(Instruction(op, operands, _slots(op, lanes), _work(op, lanes, operands), _labels(op, operands)))
    return listing


def _slots(op, lanes):
    return 1 if op.startswith("send") else max(1, lanes / PIPE_LANES)


def _work(op, lanes, operands):
    return lanes / PIPE_LANES if op.split(".")[0] in MULTIPLY_ADDS and ":f" in operands else 0


def _labels(op, operands):
    return tuple(re.findall(r"\b[A-Za-z_]\w+", operands)) if op.split(".")[0] in JUMPS else ()
