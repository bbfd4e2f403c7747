"""The history of a run: history.jsonl, an object a line."""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any, Union

from ._errors import FileError

if TYPE_CHECKING:
    import numpy as np

_WHOLE = ("step", "epoch")


def _numbers(line: str) -> dict[str, float]:
    """The numbers of a line; nothing of half a line, as a run that is writing leaves it."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), int) for name in _WHOLE):
        return {}
    losses = entry.pop("losses", {})
    values = {**entry, **(losses if isinstance(losses, dict) else {})}
    return {name: float(value) for name, value in values.items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    return value in ("nan", "inf", "-inf") or (isinstance(value, (int, float)) and not isinstance(value, bool))


def read_history(folder: Union[str, "os.PathLike[str]"]) -> dict[str, np.ndarray]:
    """The history of the run in `folder`, a column each: step and epoch as whole numbers, lr, seconds, each loss, and
    val_l1 and so on where there were validations. NaN where a line lacks one, as that of a validation lacks the losses.
    A run that has logged nothing yet has empty columns."""
    import numpy as np

    path = os.path.join(folder, "history.jsonl")
    try:
        with open(path, encoding="utf-8") as file:
            lines = [numbers for numbers in map(_numbers, file) if numbers]
    except FileNotFoundError:
        if not os.path.isdir(folder):
            raise FileError(f"{os.fspath(folder)}: no such folder; expected that of a run") from None
        lines = []
    names = dict.fromkeys([*_WHOLE, "lr", *(name for line in lines for name in line)])
    columns = {name: np.array([line.get(name, math.nan) for line in lines], float) for name in names}
    columns.update({name: columns[name].astype(np.int64) for name in _WHOLE})
    return columns
