"""Arrays as the library sees them: views by strides, without copies."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import _structs as s
from ._errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class View:
    """A picture or a batch in an array."""

    array: np.ndarray  # whose memory the tensor is a view of
    layout: str  # "HWC" or "CHW"
    tensor: s.pixcl_tensor

    def pictures(self) -> np.ndarray:
        """The same values as (N,H,W,C)."""
        array = self.array
        if array.ndim == 2:
            return array[None, :, :, None]
        array = array if array.ndim == 4 else array[None]
        return array if self.layout == "HWC" else array.transpose(0, 2, 3, 1)

    def like(self, channels: int) -> View:
        """A new array of the same kind and sides, for so many channels. Without a dimension for them it gets one where
        there are several."""
        import numpy as np

        shape = list(self.array.shape)
        if len(shape) > 2:
            shape[-1 if self.layout == "HWC" else -3] = channels
        elif channels > 1:
            shape.insert(2 if self.layout == "HWC" else 0, channels)
        return view(np.empty(shape, self.array.dtype), self.layout)


def array_of(values: Any) -> tuple[np.ndarray, Callable[[np.ndarray], Any]]:
    """The values as a numpy array over the same memory, and what makes of such an array the kind that was given: a
    tensor of PyTorch of a tensor, else the array itself."""
    import numpy as np

    torch = sys.modules.get("torch")
    if torch is not None and isinstance(values, torch.Tensor):
        if values.device.type != "cpu":
            raise ArgumentError(f"a tensor on {values.device}: expected one on the CPU, tensor.cpu()")
        return values.detach().numpy(), torch.from_numpy
    return np.asarray(values), lambda array: array


def view(array: np.ndarray, layout: Optional[str] = None) -> View:
    """uint8 is (H,W), (H,W,C) or (N,H,W,C), float32 is (H,W), (C,H,W) or (N,C,H,W); `layout` decides otherwise."""
    import numpy as np

    if array.dtype not in (np.uint8, np.float32):
        raise ArgumentError(
            f"an array of {array.dtype}: expected uint8, colours from 0 to 255, or float32 from -1 to 1; "
            "array.astype(numpy.float32) makes the latter of other numbers in that range"
        )
    if layout not in (None, "HWC", "CHW"):
        raise ArgumentError(f"layout={layout!r}: expected 'HWC', 'CHW' or None")
    if array.ndim not in (2, 3, 4):
        raise ArgumentError(
            f"an array of shape {array.shape}: expected a picture, (H,W), (H,W,C) or (C,H,W), or a batch of them, "
            "(N,H,W,C) or (N,C,H,W)"
        )
    if 0 in array.shape:
        raise ArgumentError(f"an array of shape {array.shape}: there is nothing in it")
    if not array.flags.aligned:
        array = array.copy()
    layout = layout or ("HWC" if array.dtype == np.uint8 else "CHW")
    names = {2: "HW", 3: layout, 4: "N" + layout}[array.ndim]
    axes = {name: axis for axis, name in enumerate(names)}
    sizes = [array.shape[axes[name]] if name in axes else 1 for name in "NCHW"]
    strides = [array.strides[axes[name]] if name in axes else 0 for name in "NCHW"]
    kind = s.PIXCL_UINT8 if array.dtype == np.uint8 else s.PIXCL_FLOAT32
    return View(array, layout, s.pixcl_tensor(array.ctypes.data, kind, *sizes, tuple(strides)))
