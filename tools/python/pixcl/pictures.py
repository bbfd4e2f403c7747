"""Pictures of 8 bits a channel: from and to files, numpy and PIL.

A picture is given as an array of uint8, (H,W) or (H,W,C) with 1 or 3 channels, as a picture of PIL, or as the path of a
JPEG or PNG file.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING, Any, Union

from . import _structs as s
from . import tensors
from ._calls import Caller, encoded
from ._errors import ArgumentError
from ._library import library

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    Picture = Union[np.ndarray, Image.Image, str, "os.PathLike[str]"]

# Borrowed pixels: the image must not be destroyed, and lives as long as what it was made of, which is its `owner`.


def is_pil(picture: Any) -> bool:
    """Whether it is a picture of PIL, which need not be there."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(picture, module.Image)


def _borrow(pixels: Any, width: int, height: int, channels: int, owner: Any) -> s.pixcl_image:
    image = s.pixcl_image(width, height, channels, ctypes.cast(pixels, ctypes.POINTER(ctypes.c_uint8)))
    image.owner = owner
    return image


def borrow_pil(picture: Image.Image) -> s.pixcl_image:
    """A picture of PIL: grey stays grey, all else becomes RGB."""
    grey = picture.mode in ("1", "L", "LA", "La")
    converted = picture.convert("L" if grey else "RGB")
    data = converted.tobytes()
    return _borrow(ctypes.c_char_p(data), converted.width, converted.height, 1 if grey else 3, data)


def borrow_array(array: np.ndarray) -> s.pixcl_image:
    """An array (H,W) or (H,W,C) of uint8; a copy where it has gaps."""
    import numpy as np

    channels = array.shape[2] if array.ndim == 3 else 1
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or 0 in array.shape or channels not in (1, 3):
        raise ArgumentError(
            f"a picture of shape {array.shape} and {array.dtype}: expected (H,W), (H,W,1) or (H,W,3) of uint8"
        )
    whole = np.ascontiguousarray(array)
    height, width = array.shape[:2]
    return _borrow(whole.ctypes.data, width, height, channels, whole)


def borrow(picture: Any) -> s.pixcl_image:
    """Any picture, as the library's image."""
    if isinstance(picture, (str, os.PathLike)):
        return borrow_array(load(picture))
    if is_pil(picture):
        return borrow_pil(picture)
    return borrow_array(tensors.array_of(picture)[0])


def take(image: Any) -> np.ndarray:
    """The library's image as an array (H,W,C), and the image destroyed."""
    import numpy as np

    try:
        it = image.contents
        array = np.empty((it.height, it.width, it.channels), np.uint8)
        ctypes.memmove(array.ctypes.data, it.pixels, array.nbytes)
        return array
    finally:
        library().pixcl_image_destroy(ctypes.byref(image))


def take_pil(image: Any) -> Image.Image:
    """The library's image as a picture of PIL, and the image destroyed."""
    from PIL import Image

    try:
        it = image.contents
        data = ctypes.string_at(it.pixels, it.height * it.width * it.channels)
        return Image.frombytes("L" if it.channels == 1 else "RGB", (it.width, it.height), data)
    finally:
        library().pixcl_image_destroy(ctypes.byref(image))


def load(path: Union[str, "os.PathLike[str]"]) -> np.ndarray:
    """The picture in a JPEG or PNG file as an array (H,W,C) of uint8: 1 channel for grey, 3 for colour. A JPEG is
    turned upright as its EXIF orientation says."""
    return take(Caller().image(library().pixcl_image_load, encoded(path)))


def save(picture: Picture, path: Union[str, "os.PathLike[str]"], quality: int = 95) -> None:
    """Writes a .png, .jpg or .jpeg file, whole or not at all. `quality`, 1 to 100, is for JPEG."""
    if not 1 <= quality <= 100:
        raise ArgumentError(f"quality={quality}: expected 1 to 100")
    Caller().status(library().pixcl_image_save, ctypes.byref(borrow(picture)), encoded(path), quality)
