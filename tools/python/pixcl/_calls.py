"""Calls of the library: errors become exceptions, and what a callback raises comes out of the call that ran it."""

from __future__ import annotations

import ctypes
import os
import weakref
from typing import Any, Callable, Optional, Union

from . import _signals
from . import _structs as s
from ._errors import ArgumentError, error_of
from ._library import library
from ._running import Running, end_with_python


class Handle:
    """A thing of the library, destroyed with this object or by close()."""

    def __init__(self, address: int, destroy: Any, what: str, running: Running, keep: tuple[Any, ...]) -> None:
        """`keep`: what has to live as long, the context and the callbacks."""
        self.what = what
        self._pointer = ctypes.c_void_p(address)
        self._end = weakref.finalize(self, _destroy, destroy, self._pointer, running, keep)
        end_with_python(running)

    @property
    def pointer(self) -> ctypes.c_void_p:
        """For as long as this object lives."""
        if self.closed:
            raise ArgumentError(f"the {self.what} is closed")
        return self._pointer

    @property
    def closed(self) -> bool:
        return not self._end.alive

    def close(self) -> None:
        self._end()


def _destroy(destroy: Any, pointer: ctypes.c_void_p, running: Running, keep: tuple[Any, ...]) -> None:
    if not running.stuck():
        destroy(ctypes.byref(pointer))


class Caller:
    """Calls functions whose last argument is the pixcl_error, which it adds. A Handle goes where its pointer does."""

    def __init__(self) -> None:
        self.running = Running()

    def _call(self, function: Any, arguments: tuple[Any, ...], failed: Callable[[Any], bool], undo: Any = None) -> Any:
        error = s.pixcl_error()
        outermost = self.running.enter()
        guards = _signals.guard(self.running.remember) if outermost else []
        try:
            pointers = [it.pointer if isinstance(it, Handle) else it for it in arguments]
            result = function(*pointers, ctypes.byref(error))
        finally:
            _signals.release(guards)
            if outermost:
                self.running.leave()
        wrong = failed(result)
        raised = self.running.take()
        if raised is not None:
            if undo and not wrong:
                undo(result)
            raise raised
        if wrong:
            raise error_of(error.status, error.message.decode("utf-8", "replace"))
        return result

    def close(self, handle: Handle) -> None:
        """Destroys what is behind the handle, but not under the feet of a call."""
        if self.running.inside():
            raise ArgumentError(f"the {handle.what} cannot be closed from within a callback: raise an exception there")
        handle.close()

    def status(self, function: Any, *arguments: Any) -> None:
        """A call that returns a pixcl_status."""
        self._call(function, arguments, bool)

    def handle(self, what: str, create: Any, destroy: Any, *arguments: Any, keep: tuple[Any, ...] = ()) -> Handle:
        """A call that returns a handle, or NULL."""
        address = self._call(create, arguments, _is_null, lambda made: destroy(ctypes.byref(ctypes.c_void_p(made))))
        return Handle(address, destroy, what, self.running, keep)

    def image(self, function: Any, *arguments: Any) -> Any:
        """A call that returns a pixcl_image, or NULL. The caller destroys it."""
        return self._call(function, arguments, _is_null, lambda made: library().pixcl_image_destroy(ctypes.byref(made)))

    def text(self, function: Any, *arguments: Any) -> str:
        """A call that returns a text that is to be freed, or NULL."""
        free = library().pixcl_free
        made = self._call(function, arguments, _is_null, free)
        text = ctypes.string_at(made)
        free(made)
        return text.decode("utf-8", "replace")


def _is_null(result: Any) -> bool:
    return not result


def encoded(value: Union[str, "os.PathLike[str]"]) -> bytes:
    """A text or a path as the library takes it."""
    data = os.fsencode(value)
    if b"\0" in data:
        raise ArgumentError(f"{value!r} has a NUL character in it, which no text or path can have")
    return data


def encoded_or_none(value: Union[None, str, "os.PathLike[str]"]) -> Optional[bytes]:
    return None if value is None else encoded(value)
