"""Signals, Ctrl-C first of all, while the library works.

Python runs a signal's handler on the main thread when that runs Python code next: during a call of the library that is
the beginning of a callback, before any `try` in it. What the handler raises there would be printed and lost. So for the
length of a call the handlers are replaced by ones that remember it.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Callable, List, Optional, Tuple

# Those whose handlers raise: Ctrl-C, polite ends, and alarms, as of a test with a time limit.
_NUMBERS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name)]

Guards = List[Tuple[int, Any, Any]]  # number, our handler, the one before


def _remembering(handler: Callable[[int, Optional[FrameType]], Any], remember: Callable[[BaseException], None]) -> Any:
    def guarded(number: int, frame: Optional[FrameType]) -> None:
        try:
            handler(number, frame)
        except BaseException as error:  # KeyboardInterrupt is one
            remember(error)

    return guarded


def guard(remember: Callable[[BaseException], None]) -> Guards:
    """Replaces the handlers that are Python functions; only on the main thread, where they run."""
    guards: Guards = []
    if threading.current_thread() is not threading.main_thread():
        return guards
    for number in _NUMBERS:
        handler = signal.getsignal(number)
        if callable(handler):
            ours = _remembering(handler, remember)
            try:
                signal.signal(number, ours)
            except ValueError:  # another interpreter than the main one: no signal arrives here
                return guards
            guards.append((number, ours, handler))
    return guards


def release(guards: Guards) -> None:
    """Puts the handlers back, but for what a callback has replaced meanwhile."""
    for number, ours, handler in guards:
        if signal.getsignal(number) is ours:
            signal.signal(number, handler)
