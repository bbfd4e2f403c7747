"""Exceptions: one for each status, with the library's words."""

import pickle

import pytest

import pixcl
from pixcl import _errors


@pytest.mark.parametrize(
    ("status", "kind", "usual"),
    [
        (pixcl.Status.ARGUMENT, pixcl.ArgumentError, ValueError),
        (pixcl.Status.IO, pixcl.FileError, OSError),
        (pixcl.Status.FORMAT, pixcl.FormatError, Exception),
        (pixcl.Status.MEMORY, pixcl.OutOfMemoryError, MemoryError),
        (pixcl.Status.DEVICE, pixcl.DeviceError, Exception),
        (pixcl.Status.NO_DEVICE, pixcl.NoDeviceError, Exception),
        (pixcl.Status.NUMERIC, pixcl.NumericError, Exception),
        (pixcl.Status.INTERRUPTED, pixcl.Interrupted, Exception),
        (pixcl.Status.INTERNAL, pixcl.InternalError, Exception),
    ],
)
def test_each_status_has_its_exception(status, kind, usual):
    error = _errors.error_of(int(status), "what happened")
    assert type(error) is kind
    assert isinstance(error, pixcl.Error) and isinstance(error, usual)
    assert error.status is status
    assert str(error) == "what happened"
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and str(again) == "what happened"


def test_a_status_of_a_newer_library():
    assert isinstance(_errors.error_of(99, "new"), pixcl.InternalError)


def test_errors_of_the_library(tmp_path):
    with pytest.raises(pixcl.FileError, match="no.png") as caught:
        pixcl.load(tmp_path / "no.png")
    assert caught.value.status is pixcl.Status.IO
    (tmp_path / "no.png").write_bytes(b"this is no picture")
    with pytest.raises(pixcl.FormatError, match="no.png"):
        pixcl.load(tmp_path / "no.png")
    with pytest.raises(pixcl.ArgumentError, match="NUL"):
        pixcl.load("a\0b")
