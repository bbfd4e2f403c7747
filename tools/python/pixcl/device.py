"""The OpenCL devices of this machine."""

from __future__ import annotations

import ctypes
import json
from dataclasses import dataclass, fields
from typing import Any, Optional, Union

from . import _structs as s
from ._calls import encoded_or_none
from ._library import library
from .context import Context, context_or_default


@dataclass(frozen=True)
class DeviceStep:
    """A training step that was timed on a device, or tried, by `clinfo-check --step`."""

    model: str
    crop_size: int
    batch_size: int
    seconds: Optional[float] = None
    """None: it failed."""
    failure: str = ""


@dataclass(frozen=True)
class Device:
    """A device as found. Memory in bytes."""

    index: int
    """What `device` arguments take."""
    name: str
    vendor: str
    platform: str
    """The driver's name, as "Portable Computing Language"."""
    driver: str
    """Its version."""
    version: str
    kind: str
    """"cpu", "integrated gpu", "discrete gpu" or "accelerator"."""
    note: str
    """What to know about it, "" for nothing."""
    usable: bool
    reason: str
    """Why it is not usable, "" when it is."""
    default: bool
    """Whether it is what the `device` argument of devices() names, or the best one."""
    compute_units: int
    clock_mhz: int
    vector_width: int
    """Floats."""
    max_work_group: int
    global_memory: int
    max_allocation: int
    local_memory: int
    dedicated_local_memory: bool
    host_unified_memory: bool
    half_arithmetic: bool
    gflops: Optional[float]
    """Float multiply-adds, 1e9 operations a second, each counted as two; None: not measured."""
    gbps: Optional[float]
    """Copying, 1e9 bytes a second, reading and writing both counted; None: not measured."""
    selftest: str
    """"not run", "passed" or "failed"."""
    selftest_message: str
    """What failed, "" otherwise."""
    steps: tuple[DeviceStep, ...]
    """Training steps known of it."""


def _known(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    """Without what a newer library says in addition."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


def _device(values: dict[str, Any]) -> Device:
    steps = tuple(DeviceStep(**_known(DeviceStep, step)) for step in values["steps"])
    return Device(**{**_known(Device, values), "steps": steps})


def _report(context: Context, params: s.pixcl_device_list_params) -> dict[str, Any]:
    """The list as the library's JSON has it."""
    lib = library()
    found = context._caller.handle(
        "list of devices",
        lib.pixcl_device_list_create,
        lib.pixcl_device_list_destroy,
        context._handle,
        ctypes.byref(params),
        keep=(context._handle,),
    )
    report: dict[str, Any] = json.loads(lib.pixcl_device_list_json(found.pointer))
    found.close()
    return report


def devices(
    device: Union[None, str, int] = None,
    *,
    measure: bool = False,
    timeout_seconds: float = 60,
    context: Optional[Context] = None,
) -> list[Device]:
    """The devices of this machine, usable or not; none is an empty list.

    measure: measure how fast each is and whether it computes right, in a process of its own: about a second a device.
        That process is the command `pixcl`, which has to be installed.
    timeout_seconds: a device that takes longer for that is given up.
    """
    name = encoded_or_none(None if device is None else str(device))
    report = _report(context_or_default(context), s.pixcl_device_list_params(name, measure, timeout_seconds))
    return [_device(values) for values in report["devices"]]
