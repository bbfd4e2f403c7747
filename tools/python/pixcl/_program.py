"""The command `pixcl` of a wheel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from . import _drivers


def main() -> None:
    """Becomes the program beside the library, or on Windows, where no process can, waits for it."""
    windows = sys.platform == "win32"
    name = "pixcl.exe" if windows else "pixcl"
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", name)
    _drivers.offer()
    try:
        if windows:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the program as well, which saves first
            sys.exit(subprocess.call([program, *sys.argv[1:]]))
        os.execv(program, ["pixcl", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"pixcl: {program} cannot be started ({error.strerror}): install pixcl anew")
