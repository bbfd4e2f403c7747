"""What Intel's compiler says about a kernel in the binary that it makes: memory of its own and local memory.

The format ("patch tokens") is that of patch_list.h and patch_shared.h of intel-graphics-compiler: a header, then the
kernels, each with a header, its name, its heaps and a list of tokens, each with its own size. All numbers are
little-endian and of 4 bytes, but for one hash.
"""

import struct

from commands import CompileError

MAGIC = b"CTNI"
PROGRAM_HEADER = struct.Struct("<7I")  # magic, version, device, pointer size, kernels, stepping, size of the list
KERNEL_HEADER = struct.Struct("<IQ7I")  # checksum, hash; sizes of name, list and four heaps; code without padding
LOCAL_MEMORY, SCRATCH, PRIVATE_MEMORY, SECOND_SCRATCH = 15, 18, 38, 55


def memory_of(binary, kernel):
    """(bytes of memory that a thread has to itself, bytes of local memory of a work-group)."""
    magic, _, _, _, kernels, _, list_size = PROGRAM_HEADER.unpack_from(binary)
    if magic != struct.unpack("<I", MAGIC)[0]:
        raise CompileError("the binary is of a format that tools/isa/intel_binary.py does not know")
    at = PROGRAM_HEADER.size + list_size
    for _ in range(kernels):
        _, _, name_size, list_size, *heaps, _ = KERNEL_HEADER.unpack_from(binary, at)
        at += KERNEL_HEADER.size
        name = binary[at : at + name_size].rstrip(b"\0").decode()
        at += name_size + sum(heaps)
        if name == kernel:
            return _read_tokens(binary[at : at + list_size])
        at += list_size
    raise CompileError(f"the binary has no kernel {kernel}")


def _read_tokens(tokens):
    at, own, local = 0, 0, 0
    while at + 8 <= len(tokens):
        token, size = struct.unpack_from("<2I", tokens, at)
        numbers = struct.unpack_from(f"<{(size - 8) // 4}I", tokens, at + 8)
        if token in (SCRATCH, SECOND_SCRATCH):
            own += numbers[1]
        elif token == PRIVATE_MEMORY:
            own += numbers[3]
        elif token == LOCAL_MEMORY:
            local = numbers[1]
        at += max(8, size)
    return own, local
