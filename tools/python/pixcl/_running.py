"""Which threads are in calls of the library, and what callbacks have raised there."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from typing import Optional

_WAIT = 10.0  # seconds


class Running:
    """The calls of a context, of several threads at a time.

    What a callback raises is kept until the call that it is in is over, and stops that. What is raised on a thread that
    is in none, one of the library's own, comes out of the call that ends first.
    """

    def __init__(self) -> None:
        self._inside: set[int] = set()
        self._errors: dict[Optional[int], BaseException] = {}
        self._ending = False

    def enter(self) -> bool:
        """Whether this is the thread's outermost call."""
        thread = threading.get_ident()
        if thread in self._inside:
            return False
        self._inside.add(thread)
        return True

    def leave(self) -> None:
        self._inside.discard(threading.get_ident())

    def inside(self) -> bool:
        """Whether the thread is in a call, and so in a callback."""
        return threading.get_ident() in self._inside

    def remember(self, error: BaseException) -> None:
        thread = threading.get_ident()
        self._errors.setdefault(thread if thread in self._inside else None, error)

    def stopping(self) -> bool:
        """Whether the thread's call shall end."""
        return self._ending or None in self._errors or threading.get_ident() in self._errors

    def take(self) -> Optional[BaseException]:
        error = self._errors.pop(threading.get_ident(), None)
        return error if error is not None else self._errors.pop(None, None)

    def end(self) -> None:
        """Stops all calls and waits for them, though not forever."""
        self._ending = True
        end = time.monotonic() + _WAIT
        while self._inside and time.monotonic() < end:
            time.sleep(0.01)

    def stuck(self) -> bool:
        """Whether a call goes on though it was stopped."""
        return self._ending and bool(self._inside)


_all: "weakref.WeakSet[Running]" = weakref.WeakSet()
_registered = False


def end_with_python(running: Running) -> None:
    """Has the calls of daemon threads stopped when Python ends, before what they work with is destroyed. To be called
    once there is something to be destroyed: what is registered last is done first."""
    global _registered
    _all.add(running)
    if not _registered:
        _registered = True
        atexit.register(_end_all)


def _end_all() -> None:
    for running in list(_all):
        running.end()
