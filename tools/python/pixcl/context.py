"""What calls share: where messages go, the cache folder, the device, and who may stop what takes long."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from typing import Any, Callable, Optional, Union

from . import _structs as s
from ._calls import Caller, Handle, encoded_or_none
from ._library import library
from ._running import Running

Log = Callable[[str, str], Any]

_LEVELS = ("error", "warning", "info", "debug")  # by pixcl_log_level


class _Hooks:
    """The callbacks of a context. They hold no context, so that one that nobody needs any more ends."""

    def __init__(self, running: Running, log: Optional[Log], stop: Optional[Callable[[], Any]]) -> None:
        self._running = running
        self._log = log
        self._stop = stop
        self.heard = s.pixcl_log_fn(self._hear)
        self.asked = s.pixcl_stop_fn(self._ask)

    def _hear(self, _user: Optional[int], level: int, message: bytes) -> None:
        try:
            if self._log:
                self._log(_LEVELS[level], message.decode("utf-8", "replace"))
        except BaseException as error:
            self._running.remember(error)

    def _ask(self, _user: Optional[int]) -> bool:
        try:
            return self._running.stopping() or bool(self._stop and self._stop())
        except BaseException as error:
            self._running.remember(error)
            return True


def _to_stderr(level: str, message: str) -> None:
    print(f"pixcl: {message}" if level == "info" else f"pixcl: {level}: {message}", file=sys.stderr)


def _listener(log: Union[None, bool, Log]) -> tuple[Optional[Log], int]:
    """Who hears messages, and the least important level."""
    if log is None:
        import logging  # here, since a program may not need it otherwise

        logger = logging.getLogger("pixcl")
        numbers = dict(zip(_LEVELS, (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)))
        heard = [level for level in _LEVELS if logger.isEnabledFor(numbers[level])]
        if not heard:
            return None, s.PIXCL_LOG_ERROR
        return lambda level, message: logger.log(numbers[level], "%s", message), len(heard) - 1
    if log is True:
        return _to_stderr, s.PIXCL_LOG_INFO
    return (log, s.PIXCL_LOG_DEBUG) if callable(log) else (None, s.PIXCL_LOG_ERROR)


class Context:
    """What calls of the library share. Two contexts know nothing of each other.

    device: an index, "gpu", "cpu", or a part of a name (`pixcl.devices()` lists them), for where no other is given;
        None: $PIXCL_DEVICE, else the best one.
    cache: the folder for built programs and what was measured of devices; None: $PIXCL_CACHE_DIR, else
        ~/.cache/pixcl.
    log: a function that is called with the level ("error", "warning", "info", "debug") and the message, from any
        thread; True: standard error, without "debug"; False: nobody; None: the logger "pixcl" of Python's `logging`,
        from the level on that this has now, "warning" where nothing is set.
    stop: a function that is asked now and then while a call takes long, on the thread of the call: what is true ends
        it with `pixcl.Interrupted`.

    What these functions raise ends the call and comes out of it, and so does what a signal's handler raises, Ctrl-C's
    KeyboardInterrupt for one. Calls of several threads may share a context.
    """

    def __init__(
        self,
        device: Union[None, str, int] = None,
        cache: Union[None, str, "os.PathLike[str]"] = None,
        log: Union[None, bool, Log] = None,
        stop: Optional[Callable[[], Any]] = None,
    ) -> None:
        lib = library()
        self._children: "weakref.WeakSet[Any]" = weakref.WeakSet()
        self._caller = Caller()
        listener, least = _listener(log)
        hooks = _Hooks(self._caller.running, listener, stop)
        self._handle = self._caller.handle(
            "context", lib.pixcl_context_create, lib.pixcl_context_destroy, None, keep=(hooks,)
        )
        lib.pixcl_context_set_stop(self._handle.pointer, hooks.asked, None)
        if listener:
            lib.pixcl_context_set_log(self._handle.pointer, hooks.heard, None, least)
        if cache is not None:
            self._caller.status(lib.pixcl_context_set_cache, self._handle, encoded_or_none(cache))
        if device is not None:
            self._caller.status(lib.pixcl_context_set_device, self._handle, encoded_or_none(str(device)))

    def _open(
        self, child: Any, what: str, create: Any, destroy: Any, *arguments: Any, keep: tuple[Any, ...] = ()
    ) -> Handle:
        """A handle that needs the context; `child`, which has it, is closed before the context is."""
        handle = self._caller.handle(what, create, destroy, self._handle, *arguments, keep=(self._handle, *keep))
        self._children.add(child)
        return handle

    def close(self) -> None:
        """Frees everything, and closes the generators and trainers of this context before."""
        for child in list(self._children):
            child.close()
        self._caller.close(self._handle)

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<pixcl.Context{' (closed)' if self._handle.closed else ''}>"


_lock = threading.Lock()
_default: Optional[Context] = None


def context_or_default(context: Optional[Context]) -> Context:
    """The one that was given, else the one that all share who give none; that is made at its first use."""
    global _default
    if context is not None:
        return context
    with _lock:
        if _default is None or _default._handle.closed:
            _default = Context()
        return _default
