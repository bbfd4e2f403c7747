"""What is known of one kernel on one target. Fields that a compiler does not tell are None."""

from dataclasses import asdict, dataclass
from typing import Optional


@dataclass
class Measured:
    registers: Optional[int] = None  # of a lane: VGPRs, registers; on Intel of the whole thread, each of 32 bytes
    scalar_registers: Optional[int] = None  # AMD
    spilled: Optional[int] = None  # bytes of registers that went to memory: of a lane, on Intel of a thread
    scalars_spilled: Optional[int] = None  # AMD: bytes of scalar registers that went to lanes of vector ones
    scratch: Optional[int] = None  # bytes of memory for what is not in registers, spilled ones included
    local_memory: Optional[int] = None  # bytes of a work-group, as far as the kernel fixes it
    waves: Optional[int] = None  # that fit a SIMD (AMD) or an SM (NVIDIA) at once; Intel's threads are always all there
    wave_size: Optional[int] = None  # work-items of a wave, warp, or thread
    # The hot loop, None where no loop multiplies and adds: multiply-adds, slots, and slots of vector instructions.
    work: Optional[float] = None
    slots: Optional[float] = None
    vector: Optional[int] = None
    others: Optional[dict] = None  # instructions of the hot loop that are no multiply-adds, and how many
    note: Optional[str] = None  # why something is not known

    def with_loop(self, loop, vector=None):
        if loop:
            self.work, self.slots, self.others, self.vector = loop.work, loop.slots, loop.others(), vector
        return self

    @property
    def density(self):
        return self.work / max(1, self.slots) if self.work else None

    @property
    def vector_density(self):
        return self.work / max(1, self.vector) if self.work and self.vector else None

    def to_json(self):
        return {name: value for name, value in asdict(self).items() if value is not None}
