"""Importing, and finding the library."""

import _ctypes  # some library that is not pixcl
import os
import shutil
import subprocess
import sys

import pytest

import pixcl
from pixcl import _library


def python(code, **environment):
    package = os.path.dirname(os.path.dirname(pixcl.__file__))
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": package, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_import_loads_nothing():
    code = """
import sys, time
start = time.perf_counter()
import pixcl
assert time.perf_counter() - start < 0.1
assert not {"numpy", "PIL", "ctypes"} & set(sys.modules)
assert "Trainer" in dir(pixcl)
pixcl.Trainer
assert "numpy" not in sys.modules
"""
    done = python(code, PIXCL_LIBRARY="/nowhere")
    assert done.returncode == 0, done.stderr


def test_all_names_are_there():
    for name in pixcl.__all__:
        assert getattr(pixcl, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'trainer_'"):
        pixcl.trainer_


def test_version():
    assert [int(part) for part in pixcl.version.split(".")] >= [0, 1, 0]


@pytest.mark.parametrize(
    ("path", "cure"), [("/nowhere/libpixcl.so.1", "set PIXCL_LIBRARY"), (_ctypes.__file__, "another version")]
)
def test_a_library_that_does_not_do_says_what_helps(path, cure):
    code = """
import pixcl
try:
    pixcl.version
except pixcl.LibraryError as error:
    assert isinstance(error, (ImportError, pixcl.Error))
    print(error)
"""
    done = python(code, PIXCL_LIBRARY=path)
    assert cure in done.stdout, done.stderr
    assert path in done.stdout


def test_drivers_are_tried_by_the_program_beside_the_library(tmp_path):
    library = shutil.copy(os.path.realpath(_library._find()), tmp_path / _library.file_name())
    program = tmp_path / "pixcl"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    code = """
import pixcl
try:
    pixcl.devices(measure=True)
except pixcl.ArgumentError as error:
    print(error)
"""
    done = python(code, PIXCL_LIBRARY=library)
    assert f"{program} is no program for it" in done.stdout, done.stderr


def test_names_of_systems():
    assert _library.file_name("linux") == "libpixcl.so.1"
    assert _library.file_name("darwin") == "libpixcl.1.dylib"
    assert _library.file_name("win32") == "libpixcl-1.dll"
