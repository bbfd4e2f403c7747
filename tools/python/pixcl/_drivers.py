"""Makes a driver that pip installed known to OpenCL's loader.

intel-opencl-rt, OpenCL on any x86-64 CPU, puts its library below sys.prefix, where no loader looks, and its registration
names a folder of the machine that it was packed on. Where that package is installed and nobody has set OCL_ICD_VENDORS,
a folder in the cache folder takes the place of the system's registrations: links to these, and one more.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from typing import Optional

VARIABLE = "OCL_ICD_VENDORS"
SYSTEM = "/etc/OpenCL/vendors"
PACKAGE = "intel-opencl-rt"
LIBRARY = "libintelocl.so"


def _library() -> Optional[str]:
    """The library of the package in this Python's environment."""
    from importlib import metadata

    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    paths = (os.path.realpath(str(file.locate())) for file in files if file.name == LIBRARY)
    return next((path for path in paths if os.path.exists(path)), None)


def _cache_folder() -> Optional[str]:
    """That of the library."""
    if os.environ.get("PIXCL_CACHE_DIR"):
        return os.environ["PIXCL_CACHE_DIR"]
    for name, below in (("XDG_CACHE_HOME", "pixcl"), ("HOME", ".cache/pixcl")):
        if os.environ.get(name):
            return os.path.join(os.environ[name], below)
    return None


def _registrations() -> list[str]:
    """The system's."""
    try:
        return sorted(os.path.join(SYSTEM, name) for name in os.listdir(SYSTEM) if name.endswith(".icd"))
    except OSError:
        return []


def _names_library(registration: str) -> bool:
    try:
        with open(registration, errors="replace") as file:
            return os.path.basename(file.readline().strip()) == LIBRARY
    except OSError:
        return False


def _make_folder(folder: str, registrations: list[str], library: str) -> None:
    """Whole or not at all, since other processes may read it."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(folder), prefix="drivers-") as scratch:
        made = os.path.join(scratch, "made")
        os.mkdir(made)
        for registration in registrations:
            os.symlink(registration, os.path.join(made, os.path.basename(registration)))
        with open(os.path.join(made, "pixcl-intel-cpu.icd"), "w") as file:
            file.write(library + "\n")
        try:
            os.rename(made, folder)
        except OSError:
            if not os.path.isdir(folder):  # another process was faster
                raise


def offer() -> None:
    """Sets OCL_ICD_VENDORS for this process and those that it starts, where that helps."""
    if not sys.platform.startswith("linux") or os.environ.get(VARIABLE):
        return
    library = _library()
    registrations = _registrations()
    if library is None or any(map(_names_library, registrations)):
        return
    cache = _cache_folder()
    name = hashlib.sha256("\n".join([library, *registrations]).encode(errors="surrogateescape")).hexdigest()[:16]
    try:
        if cache is None:
            raise OSError("none of PIXCL_CACHE_DIR, XDG_CACHE_HOME and HOME is set")
        folder = os.path.join(os.path.abspath(cache), "drivers", name)
        if not os.path.isdir(folder):
            _make_folder(folder, registrations, library)
    except OSError as error:
        import logging

        logging.getLogger("pixcl").warning(
            "the OpenCL driver of %s is left out, since no registration of it can be written: %s; set %s to a folder "
            "with a file intel.icd in it that holds the line %s",
            PACKAGE,
            error,
            VARIABLE,
            library,
        )
        return
    os.environ[VARIABLE] = folder
