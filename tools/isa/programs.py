"""The programs of plans, as `pixcl plan --dump programs` leaves them in folders."""

import json
import math
import os
import re
from dataclasses import dataclass, field
from typing import Optional

from targets import of_lanes

FORMAT = "pixcl programs 1"


class PlanError(Exception):
    """A folder does not hold what it should."""


@dataclass
class Program:
    path: str
    kernel: str
    options: str
    source: str
    group: Optional[int]  # work-items of a work-group, None where the driver chooses
    local_bytes: int  # local memory of a work-group that the launch brings, beside what the kernel has of its own
    targets: set  # names of those that it is for
    shares: dict = field(default_factory=dict)  # plan: part of its floating-point operations

    @property
    def identity(self):
        """What a compiler sees of it, and what is asked of the result."""
        return (self.source, self.options, self.kernel, self.group, self.local_bytes)

    @property
    def share(self):
        """Of the operations of a plan, where it has most of them."""
        return max(self.shares.values(), default=0)

    @property
    def defines(self):
        """The preamble that the planner wrote: what this program is of all that its kernel can be."""
        lines = self.source.split("\n")
        pairs = [re.match(r"#define (\w+)(?: (.*))?$", line) for line in lines]
        end = next((at for at, pair in enumerate(pairs) if not pair), len(pairs))
        return {pair.group(1): pair.group(2) or "" for pair in pairs[:end]}

    @property
    def name(self):
        """The same for the same program in other plans and other versions of the kernels."""
        return " ".join([self.kernel] + [f"{name}={value}" for name, value in self.defines.items()])


def read_plan(folder, targets=None):
    """The programs in one folder, which are for these targets; None: for those with waves as the plan has them."""
    path = os.path.join(folder, "programs.json")
    try:
        with open(path, encoding="utf-8") as file:
            plan = json.load(file)
    except FileNotFoundError:
        raise PlanError(f"{folder}: no programs.json; expected what `pixcl plan --dump programs --output {folder}` "
                        "writes") from None
    except (OSError, ValueError) as error:
        raise PlanError(f"{path}: {error}") from None
    if not isinstance(plan, dict) or plan.get("format") != FORMAT:
        raise PlanError(f'{path}: not a list of programs of this version of pixcl ("format": "{FORMAT}")')
    try:
        targets = targets or of_lanes(plan["lanes"])
        whole = sum(entry["flops"] for entry in plan["programs"]) + plan["gemm"]["flops"]
        name = os.path.basename(os.path.abspath(folder))
        return [_read_program(folder, name, entry, set(targets), whole) for entry in plan["programs"]]
    except (KeyError, TypeError) as error:
        raise PlanError(f"{path}: damaged, or changed by hand ({error!r})") from None


def _read_program(folder, plan, entry, targets, whole):
    path = os.path.join(folder, entry["file"])
    try:
        with open(path, encoding="utf-8") as file:
            source = file.read()
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror}; make the folder anew") from None
    group = max((math.prod(launch["local"]) for launch in entry["launches"]), default=0)
    local_bytes = max((launch["local_bytes"] for launch in entry["launches"]), default=0)
    return Program(path, entry["kernel"], entry["options"], source, group or None, local_bytes, targets,
                   {plan: entry["flops"] / whole if whole else 0})


def merge(programs):
    """The different ones among them, those with most work first."""
    found = {}
    for program in programs:
        known = found.setdefault(program.identity, program)
        known.shares.update(program.shares)
        known.targets.update(program.targets)
    return sorted(found.values(), key=lambda program: (-program.share, program.name))


def short_names(programs):
    """{identity: name} with only those definitions by which the programs of a kernel differ."""
    values = {}
    for program in programs:
        for name, value in program.defines.items():
            values.setdefault((program.kernel, name), set()).add(value)
    together = {}
    for program in programs:
        together.setdefault(program.kernel, []).append(program)

    def differs(program, name):
        having = sum(name in other.defines for other in together[program.kernel])
        return len(values[program.kernel, name]) > 1 or having < len(together[program.kernel])

    return {program.identity: " ".join([program.kernel] + [f"{name}={value}" for name, value in program.defines.items()
                                                           if len(value) < 12 and differs(program, name)])
            for program in programs}
