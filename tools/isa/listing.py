"""Instructions of a compiled kernel, and the loop in which it spends its time."""

import collections
from dataclasses import dataclass


@dataclass
class Instruction:
    op: str  # "v_fma_f32", "send.dc1", "LDG.E.128"
    operands: str
    slots: float  # issue slots that it takes; what a slot is depends on the family
    work: float  # multiply-adds of 32-bit floats that it does, per slot's width
    jumps_to: tuple = ()  # labels


@dataclass
class Loop:
    """A stretch of instructions that ends with a jump back to its beginning."""

    instructions: list

    @property
    def work(self):
        return sum(one.work for one in self.instructions)

    @property
    def slots(self):
        return sum(one.slots for one in self.instructions)

    @property
    def density(self):
        """Multiply-adds for each slot: 1 where the loop does nothing else."""
        return self.work / max(1, self.slots)

    def count(self, beginning):
        """How many instructions begin so."""
        return sum(one.op.startswith(beginning) for one in self.instructions)

    def others(self):
        """What else is in it than multiply-adds: operation and how many, the most frequent first."""
        return dict(collections.Counter(one.op for one in self.instructions if not one.work).most_common())


class Listing:
    """The instructions of one kernel, built up in their order."""

    def __init__(self):
        self.instructions = []
        self._labels = {}

    def label(self, name):
        self._labels[name] = len(self.instructions)

    def add(self, instruction):
        self.instructions.append(instruction)

    def loops(self):
        """Every backward jump makes one; an inner loop is also part of its outer one."""
        found = []
        for last, instruction in enumerate(self.instructions):
            for name in instruction.jumps_to:
                first = self._labels.get(name)
                if first is not None and first <= last:
                    found.append(Loop(self.instructions[first : last + 1]))
        return found

    def hot_loop(self):
        """The densest loop that holds at least a quarter of the multiply-adds of the loop that has the most of them;
        None when no loop has any. Of equally dense ones it is the shortest.

        A quarter, since the same loop may be there several times, once for the inside of a picture and once for its
        edges, and since short loops for what is left over can be dense, too.
        """
        loops = self.loops()
        most = max((loop.work for loop in loops), default=0)
        if most == 0:
            return None
        heavy = [loop for loop in loops if loop.work >= most / 4]
        return max(heavy, key=lambda loop: (loop.density, -len(loop.instructions)))
