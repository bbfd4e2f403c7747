"""pix2pix and CycleGAN on any OpenCL device: pixcl for Python.

    g = pixcl.Generator("checkpoints/facades")
    g(PIL.Image.open("labels.png")).save("facade.png")

Everything is loaded at its first use, numpy and the library of pixcl included.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._errors import ArgumentError as ArgumentError
    from ._errors import DeviceError as DeviceError
    from ._errors import Error as Error
    from ._errors import FileError as FileError
    from ._errors import FormatError as FormatError
    from ._errors import InternalError as InternalError
    from ._errors import Interrupted as Interrupted
    from ._errors import LibraryError as LibraryError
    from ._errors import NoDeviceError as NoDeviceError
    from ._errors import NumericError as NumericError
    from ._errors import OutOfMemoryError as OutOfMemoryError
    from ._errors import Status as Status
    from .checkpoint import convert as convert
    from .checkpoint import show as show
    from .context import Context as Context
    from .device import Device as Device
    from .device import DeviceStep as DeviceStep
    from .device import devices as devices
    from .generator import Generator as Generator
    from .history import read_history as read_history
    from .measure import CheckResult as CheckResult
    from .measure import CheckRow as CheckRow
    from .measure import Distance as Distance
    from .measure import Metrics as Metrics
    from .measure import check as check
    from .measure import compare as compare
    from .measure import distance as distance
    from .options import OptionInfo as OptionInfo
    from .options import option_table as option_table
    from .pictures import load as load
    from .pictures import save as save
    from .synthetic import synth as synth
    from .trainer import Progress as Progress
    from .trainer import Trainer as Trainer

    version: str

# Which module a name is in. No module has the name of one of these: importing it would hide the other.
_HOMES = {
    "ArgumentError": "_errors",
    "CheckResult": "measure",
    "CheckRow": "measure",
    "Context": "context",
    "Device": "device",
    "DeviceError": "_errors",
    "DeviceStep": "device",
    "Distance": "measure",
    "Error": "_errors",
    "FileError": "_errors",
    "FormatError": "_errors",
    "Generator": "generator",
    "InternalError": "_errors",
    "Interrupted": "_errors",
    "LibraryError": "_errors",
    "Metrics": "measure",
    "NoDeviceError": "_errors",
    "NumericError": "_errors",
    "OptionInfo": "options",
    "OutOfMemoryError": "_errors",
    "Progress": "trainer",
    "Status": "_errors",
    "Trainer": "trainer",
    "check": "measure",
    "compare": "measure",
    "convert": "checkpoint",
    "devices": "device",
    "distance": "measure",
    "load": "pictures",
    "option_table": "options",
    "read_history": "history",
    "save": "pictures",
    "show": "checkpoint",
    "synth": "synthetic",
    "version": "_library",
}

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module("." + home, __name__)
    value = module.version() if name == "version" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_HOMES))
