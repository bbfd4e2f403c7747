"""Files of weights: what is inside, and other forms of them."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import Any, Optional, Union

from . import _structs as s
from ._calls import encoded, encoded_or_none
from ._library import library
from .context import Context, context_or_default

_Path = Union[str, "os.PathLike[str]"]


def show(
    path: _Path, *, tensors: bool = False, verify: bool = False, context: Optional[Context] = None
) -> dict[str, Any]:
    """What a file of weights holds: {"file", "bytes", "format", "pixcl", "networks", "tensors", "run"}; include/pixcl/
    checkpoint.h describes it all.

    path: a checkpoint of pixcl, a .safetensors or .pth file, or a run's folder, which stands for its latest.
    tensors: "list" every tensor with its shape and statistics as well; reads the whole file.
    verify: compare every tensor with the hash that was written with it: pixcl.FormatError when one is damaged.
    """
    context = context_or_default(context)
    params = s.pixcl_show_params(tensors=tensors, json=True, verify=verify)
    text = context._caller.text(library().pixcl_show, context._handle, encoded(path), ctypes.byref(params))
    described: dict[str, Any] = json.loads(text)
    return described


def convert(
    src: _Path,
    dst: _Path,
    *,
    format: Optional[str] = None,
    direction: Optional[str] = None,
    network: Optional[str] = None,
    eval: bool = False,
    half: bool = False,
    context: Optional[Context] = None,
) -> list[Path]:
    """Converts a file of weights, and gives the files that were written.

    format: "pth", "safetensors" or "onnx"; None: by the name of `dst`. A checkpoint becomes PyTorch's files of its
        networks in the folder `dst`, with the reference's keys; its generator becomes one ONNX model.

    For ONNX only:

    direction: "AtoB" or "BtoA", which generator of a CycleGAN; None: as trained.
    network: which of several generators in a file of another program.
    eval: batch norm by its running statistics, not by those of each picture.
    half: weights as float16.
    """
    context = context_or_default(context)
    caller = context._caller
    files: list[Path] = []

    def written(_user: Optional[int], path: bytes, _tensors: int) -> None:
        try:
            files.append(Path(os.fsdecode(path)))
        except BaseException as error:
            caller.running.remember(error)

    params = s.pixcl_convert_params(
        format=encoded_or_none(format),
        direction=encoded_or_none(direction),
        network=encoded_or_none(network),
        eval=eval,
        half=half,
        written=s.convert_written_fn(written),
    )
    caller.status(library().pixcl_convert, context._handle, encoded(src), encoded(dst), ctypes.byref(params))
    return files
