"""Synthetic sets of pictures with a known truth."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Optional, Union

from . import _structs as s
from ._calls import encoded
from ._library import library
from .context import Context, context_or_default


def synth(
    folder: Union[str, "os.PathLike[str]"],
    kind: str = "facades",
    *,
    size: int = 256,
    train: int = 100,
    val: int = 10,
    test: int = 10,
    seed: int = 0,
    quality: int = 95,
    context: Optional[Context] = None,
) -> Path:
    """Makes a synthetic set of pictures, to try pixcl without data, and gives its folder. Same options, same bytes.

    kind: "facades", pairs of a label map (A) and a drawing as a photo (B) for pix2pix; "unpaired", scenes by day (A)
        and other ones by night (B) for CycleGAN, with the truth in testA_truth and so on.
    size: pixels, width and height of A and of B, 16 to 4096.
    train, val, test: how many pictures or pairs.
    quality: of the JPEG files, 1 to 100.
    """
    context = context_or_default(context)
    counts = [count or -1 for count in (train, val, test)]  # the library takes 0 for the default
    params = s.pixcl_synth_options(encoded(folder), encoded(kind), size, *counts, seed, quality)
    context._caller.status(library().pixcl_synth, context._handle, ctypes.byref(params))
    return Path(folder)
