"""Errors: a class for each status of the library, with its message."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """What kind of thing went wrong: pixcl_status."""

    OK = 0
    ARGUMENT = 1
    IO = 2
    FORMAT = 3
    MEMORY = 4
    DEVICE = 5
    NO_DEVICE = 6
    NUMERIC = 7
    INTERRUPTED = 8
    INTERNAL = 9


class Error(Exception):
    """Anything that went wrong in pixcl. The text says what, which value, what was expected, and the cure."""

    status: Status = Status.INTERNAL


class ArgumentError(Error, ValueError):
    """A value given by the caller is wrong."""

    status = Status.ARGUMENT


class FileError(Error, OSError):
    """A file or folder cannot be read or written."""

    status = Status.IO


class FormatError(Error):
    """A file is damaged or is not what it should be."""

    status = Status.FORMAT


class OutOfMemoryError(Error, MemoryError):
    """The host or the device has too little memory."""

    status = Status.MEMORY


class DeviceError(Error):
    """An OpenCL call failed or a kernel did not build."""

    status = Status.DEVICE


class NoDeviceError(Error):
    """No usable OpenCL device."""

    status = Status.NO_DEVICE


class NumericError(Error):
    """A loss became NaN or infinite, or a result is wrong."""

    status = Status.NUMERIC


class Interrupted(Error):
    """Stopped, since the context's `stop` said so."""

    status = Status.INTERRUPTED


class InternalError(Error):
    """A defect in pixcl itself: please report it."""


class LibraryError(Error, ImportError):
    """The shared library of pixcl is not there, or is of another version than this package."""

    status = Status.IO


_KINDS: tuple[type[Error], ...] = (
    ArgumentError,
    FileError,
    FormatError,
    OutOfMemoryError,
    DeviceError,
    NoDeviceError,
    NumericError,
    Interrupted,
    InternalError,
)
_BY_STATUS: dict[int, type[Error]] = {kind.status: kind for kind in _KINDS}

for _kind in (Error, LibraryError, *_KINDS):
    _kind.__module__ = __package__  # as people write it: pixcl.FileError


def error_of(status: int, message: str) -> Error:
    """The exception for what the library reported."""
    return _BY_STATUS.get(status, InternalError)(message)
