"""Finds and loads the shared library."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import Optional

from . import _drivers
from ._errors import LibraryError
from ._functions import SIGNATURES

VARIABLE = "PIXCL_LIBRARY"

_lock = threading.Lock()
_loaded: Optional[ctypes.CDLL] = None


def file_name(platform: str = sys.platform) -> str:
    """What the library's file is called on a system."""
    if platform == "win32":
        return "libpixcl-1.dll"
    return "libpixcl.1.dylib" if platform == "darwin" else "libpixcl.so.1"


def _find() -> str:
    """The file that the variable names, else that of a wheel, else the system's."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", file_name())
    return beside if os.path.exists(beside) else file_name()


def _load(path: str) -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL(path)
    except OSError as error:
        loader = "; it needs OpenCL.dll, which the driver of a GPU brings" if sys.platform == "win32" else ""
        raise LibraryError(
            f"the library of pixcl cannot be loaded ({error}{loader}): install pixcl, meson install -C build, on Linux "
            f"with ldconfig after it, or set {VARIABLE} to the library's path, build/src/{file_name()} say"
        ) from None
    for name, (result, arguments) in SIGNATURES.items():
        try:
            function = getattr(lib, name)
        except AttributeError:
            raise LibraryError(
                f"{path} has no {name}: it is of another version than this package, which is "
                f"{os.path.dirname(__file__)}; install both anew, from one version of pixcl"
            ) from None
        function.restype = result
        function.argtypes = arguments
    return lib


def library() -> ctypes.CDLL:
    """The library, loaded at the first call."""
    global _loaded
    with _lock:
        if _loaded is None:
            _drivers.offer()
            _loaded = _load(_find())
        return _loaded


def version() -> str:
    """The version of the library."""
    text: bytes = library().pixcl_version()
    return text.decode()
