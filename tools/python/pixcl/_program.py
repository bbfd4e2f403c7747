"""The command `pixcl` of a wheel."""

from __future__ import annotations

import os
import sys

from . import _drivers


def main() -> None:
    """Becomes the program beside the library."""
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", "pixcl")
    _drivers.offer()
    try:
        os.execv(program, ["pixcl", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"pixcl: {program} cannot be started ({error.strerror}): install pixcl anew")
