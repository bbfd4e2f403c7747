"""Does a device compute right; how near are pictures to what they should be."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Union

from . import _structs as s
from . import pictures
from ._calls import Caller, encoded_or_none
from ._errors import FileError
from ._library import library
from ._running import Running
from .context import Context, context_or_default

if TYPE_CHECKING:
    from .pictures import Picture


@dataclass(frozen=True)
class CheckRow:
    """One case in one lowering."""

    group: str
    name: str
    lowering: str
    error: float
    """The largest difference from the reference, relative to the result's largest value."""
    allowed: float
    """What float arithmetic excuses."""
    passed: bool
    message: str
    """What is wrong, "" when passed."""


@dataclass(frozen=True)
class CheckResult:
    """Every case came out right."""

    device: str
    driver: str
    """Its version."""
    rows: int
    """Cases, each in one lowering."""


def _check_row(it: s.pixcl_check_row) -> CheckRow:
    group, name, lowering, message = (
        text.decode("utf-8", "replace") for text in (it.group, it.name, it.lowering, it.message)
    )
    return CheckRow(group, name, lowering, it.error, it.allowed, it.passed, message)


def _row_callback(running: Running, row: Optional[Callable[[CheckRow], Any]]) -> Any:
    if row is None:
        return s.check_row_fn()

    def hear(_user: Optional[int], pointer: Any) -> None:
        try:
            if not running.stopping():
                row(_check_row(pointer.contents))
        except BaseException as error:
            running.remember(error)

    return s.check_row_fn(hear)


def check(
    device: Union[None, str, int] = None,
    only: Optional[str] = None,
    row: Optional[Callable[[CheckRow], Any]] = None,
    *,
    context: Optional[Context] = None,
) -> CheckResult:
    """Runs every operation of pixcl on a device and compares it with plain C; seconds, up to a minute at first.

    only: cases whose name contains this.
    row: called after every case.

    pixcl.NumericError when a case came out wrong or did not run.
    """
    context = context_or_default(context)
    caller = context._caller
    options = s.pixcl_check_options(
        device=encoded_or_none(None if device is None else str(device)),
        only=encoded_or_none(only),
        row=_row_callback(caller.running, row),
    )
    result = s.pixcl_check_result()
    caller.status(library().pixcl_check, context._handle, ctypes.byref(options), ctypes.byref(result))
    return CheckResult(result.device.decode("utf-8", "replace"), result.driver.decode("utf-8", "replace"), result.rows)


@dataclass(frozen=True)
class Metrics:
    """How far a picture is from what it should be."""

    l1: float
    """Mean absolute difference, as a share of the range: 0 (equal) to 1."""
    psnr: float
    """Peak signal to noise ratio in dB; infinite for equal pictures."""
    ssim: float
    """Structural similarity, -1 to 1 (equal); NaN when a side is below 11 pixels."""


def compare(a: Picture, b: Picture) -> Metrics:
    """Compares two pictures of the same size and channels: arrays (H,W) or (H,W,C) of uint8, pictures of PIL, or
    paths."""
    metrics = s.pixcl_metrics()
    first, second = pictures.borrow(a), pictures.borrow(b)
    Caller().status(library().pixcl_compare, ctypes.byref(first), ctypes.byref(second), ctypes.byref(metrics))
    return Metrics(metrics.l1, metrics.psnr, metrics.ssim)


@dataclass(frozen=True)
class Distance:
    """The sliced Wasserstein distance of two sets, times 1000."""

    mean: float
    """Over the levels that have a figure; NaN when none has."""
    levels: tuple[float, ...]
    """The finest first, each of half the size of the one before; NaN where a set has no picture of that size."""


PictureSet = Union[str, "os.PathLike[str]", Iterable["Picture"]]


def _members(pictures_or_folder: PictureSet) -> Iterable[Picture]:
    if not isinstance(pictures_or_folder, (str, os.PathLike)):
        return pictures_or_folder
    folder = Path(pictures_or_folder)
    if not folder.is_dir():
        raise FileError(f"{folder}: no such folder; expected one with pictures, or the pictures themselves")
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))


def distance(set_a: PictureSet, set_b: PictureSet, *, levels: int = 0, seed: int = 0) -> Distance:
    """How far two sets of pictures are from one another, which need not be pairs: the sliced Wasserstein distance of
    Karras et al. (2018), which sees blur, grain, contrast and colour, at every scale.

    A set is a folder, or pictures as `compare` takes them. Two sets of one source do not come to 0: some 30 with 64
    pictures each. `levels` is 1 to 12, or 0: as many as the first picture allows."""
    lib, caller = library(), Caller()
    swd = caller.handle("distance", lib.pixcl_swd_create, lib.pixcl_swd_destroy, levels, seed)
    for index, members in enumerate((set_a, set_b)):
        for picture in _members(members):
            caller.status(lib.pixcl_swd_add, swd, index, ctypes.byref(pictures.borrow(picture)))
    result = s.pixcl_swd_distance()
    caller.status(lib.pixcl_swd_result, swd, ctypes.byref(result))
    swd.close()
    return Distance(result.mean, tuple(result.level[: result.levels]))
