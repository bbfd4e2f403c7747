"""Options by their names in pixcl's table, from Python's values to the library's texts and back."""

from __future__ import annotations

import ctypes
import json
import math
import numbers
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Union

from . import _structs as s
from ._calls import Caller, Handle, encoded
from ._errors import ArgumentError
from ._library import library

Value = Union[str, bool, int, float]

_COMMANDS = {
    "train": s.PIXCL_FOR_TRAIN,
    "test": s.PIXCL_FOR_TEST,
    "translate": s.PIXCL_FOR_TRANSLATE,
    "plan": s.PIXCL_FOR_PLAN,
    "bench": s.PIXCL_FOR_BENCH,
    "check": s.PIXCL_FOR_CHECK,
    "tune": s.PIXCL_FOR_TUNE,
}
_TYPES = {
    s.PIXCL_KIND_TEXT: str,
    s.PIXCL_KIND_CHOICE: str,
    s.PIXCL_KIND_INT: int,
    s.PIXCL_KIND_FLOAT: float,
    s.PIXCL_KIND_FLAG: bool,
}


@dataclass(frozen=True)
class OptionInfo:
    """One option of the library's table."""

    name: str
    type: type
    default: Value
    range: Optional[tuple[float, float]]
    """The lowest and the highest value of a number."""
    choices: Optional[tuple[str, ...]]
    """The values of a choice; <n> in one stands for a number."""
    commands: tuple[str, ...]
    """What it is for: "train" (`pixcl.Trainer`), "translate" (`pixcl.Generator`), and what the command does."""
    help: str


def _text(name: str, value: Any) -> str:
    """The value as the library reads it."""
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(os.fspath(value))
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):  # numpy's, too
        return "on" if value else "off"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return repr(float(value))
    raise ArgumentError(f"{name}={value!r}: expected a text, a path, a number, True or False")


def make_options(caller: Caller, command: int, values: Mapping[str, Any]) -> Handle:
    """The library's options for a command; a value of None leaves the default."""
    lib = library()
    options = caller.handle("options", lib.pixcl_options_create, lib.pixcl_options_destroy, command)
    for name, value in values.items():
        if value is None:
            continue
        info = lib.pixcl_option_find(encoded(name))
        if info and not info.contents.commands & command:
            uses = ", ".join(_command_names(info.contents.commands))
            raise ArgumentError(f"{name} has no effect here: it is an option of {uses}")
        caller.status(lib.pixcl_options_set, options, encoded(name), encoded(_text(name, value)))
    return options


def read_options(caller: Caller, options: Any) -> dict[str, Value]:
    """All options with their values as Python has them."""
    lib = library()
    texts = json.loads(caller.text(lib.pixcl_options_to_json, options))
    return {name: _value(lib.pixcl_option_find(encoded(name)).contents, text) for name, text in texts.items()}


def run_folder(caller: Caller, options: Any) -> Path:
    """The folder of the run that the options name."""
    path = ctypes.create_string_buffer(4096)
    caller.status(library().pixcl_options_run_folder, options, path, len(path))
    return Path(os.fsdecode(path.value))


def _value(info: s.pixcl_option_info, text: str) -> Value:
    kind = _TYPES[info.kind]
    return text == "true" if kind is bool else kind(text)


def _command_names(bits: int) -> tuple[str, ...]:
    return tuple(name for name, bit in _COMMANDS.items() if bits & bit)


def option_table(command: str = "train") -> list[OptionInfo]:
    """The options of a command, "train" for `pixcl.Trainer`, "translate" for `pixcl.Generator`."""
    if command not in _COMMANDS:
        raise ArgumentError(f"{command!r} has no options: expected one of {', '.join(_COMMANDS)}")
    lib, caller = library(), Caller()
    bit = _COMMANDS[command]
    defaults = read_options(caller, make_options(caller, bit, {}))
    table: list[OptionInfo] = []
    index = 0
    while True:
        found = lib.pixcl_option_at(index)
        if not found:
            return table
        info = found.contents
        index += 1
        if not info.commands & bit:
            continue
        name = info.name.decode()
        numeric = info.kind in (s.PIXCL_KIND_INT, s.PIXCL_KIND_FLOAT)
        table.append(
            OptionInfo(
                name=name,
                type=_TYPES[info.kind],
                default=defaults[name],
                range=(info.lowest, info.highest) if numeric else None,
                choices=tuple(info.choices.decode().split(",")) if info.choices else None,
                commands=_command_names(info.commands),
                help=info.help.decode(),
            )
        )
