"""The GPUs that programs are compiled for."""

from dataclasses import dataclass

import amd
import intel
import nvidia


@dataclass(frozen=True)
class Target:
    name: str  # what the compiler calls it
    family: object  # the module that compiles for it
    lanes: int  # work-items of a wave that pixcl plans for (src/plan/target_default.c)
    device: str  # one of them, as `pixcl plan --on` knows it
    devices: str  # where it is found


TARGETS = (
    Target("skl", intel, 16, "uhd-620", "Intel Gen9: HD 530, UHD 620"),
    Target("tgllp", intel, 16, "iris-xe", "Intel Xe-LP: Iris Xe"),
    Target("dg2", intel, 16, "arc-a370m", "Intel Xe-HPG: Arc A370M, A770"),
    Target("gfx900", amd, 64, "vega-8", "AMD GCN 5: Vega 56, Vega 64"),
    Target("gfx90c", amd, 64, "vega-8", "AMD GCN 5: Vega 8 of Ryzen processors"),
    Target("gfx1030", amd, 32, "radeon-680m", "AMD RDNA 2: RX 6800; much as Radeon 680M"),
    Target("sm_75", nvidia, 32, "gtx-1650", "NVIDIA Turing: GTX 1650, RTX 2060"),
    Target("sm_90", nvidia, 32, "h200", "NVIDIA Hopper: H100, H200"),
)


def named(names):
    """The targets of these names; ValueError names one that is none."""
    by_name = {target.name: target for target in TARGETS}
    for name in names:
        if name not in by_name:
            raise ValueError(f"there is no target {name}; known are {', '.join(by_name)}")
    return [by_name[name] for name in names]


def of_lanes(lanes):
    """The names of the targets that a plan with such waves is for. A plan for a CPU is for no GPU more than for others."""
    return {target.name for target in TARGETS if lanes in (1, target.lanes)}
