"""The weights of a network as a state_dict: the keys and shapes of the PyTorch reference."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Iterator, Mapping, NamedTuple

from . import _structs as s
from . import tensors
from ._calls import Caller, Handle, encoded
from ._errors import ArgumentError
from ._library import library

if TYPE_CHECKING:
    import numpy as np

_COUNTER = "num_batches_tracked"  # PyTorch's, which no picture depends on: pixcl has none


class Keys(NamedTuple):
    """What load_state_dict() found to differ, as PyTorch's does."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Weights:
    """The weights behind pixcl_<kind>_weight_*() of a generator, or of a network of a trainer."""

    def __init__(self, caller: Caller, kind: str, handle: Handle, *network: bytes) -> None:
        self._caller = caller
        self._prefix = f"pixcl_{kind}_weight_"
        self._handle = handle
        self._network = network

    def _function(self, name: str) -> Any:
        return getattr(library(), self._prefix + name)

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Keys and shapes, in the reference's order."""
        weight = s.pixcl_weight()
        for index in range(self._function("count")(self._handle.pointer, *self._network)):
            self._caller.status(self._function("at"), self._handle, *self._network, index, ctypes.byref(weight))
            yield weight.name.decode(), tuple(weight.shape[: weight.rank])

    def state_dict(self) -> dict[str, np.ndarray]:
        import numpy as np

        state = {}
        for name, shape in self.shapes():
            state[name] = np.empty(shape, np.float32)
            self._pass("get", name, state[name])
        return state

    def load(self, state: Mapping[str, Any], strict: bool, what: str) -> Keys:
        """Sets all weights that are in `state`. When something does not fit, none is set."""
        shapes = dict(self.shapes())
        arrays = {name: _floats(state[name]) for name in shapes if name in state}
        keys = Keys(
            missing_keys=[name for name in shapes if name not in state],
            unexpected_keys=[name for name in state if name not in shapes and name.rpartition(".")[2] != _COUNTER],
        )
        faults = []
        if strict and keys.missing_keys:
            faults.append(f"Missing key(s) in state_dict: {_quoted(keys.missing_keys)}.")
        if strict and keys.unexpected_keys:
            faults.append(f"Unexpected key(s) in state_dict: {_quoted(keys.unexpected_keys)}.")
        for name, array in arrays.items():
            if array.shape != shapes[name]:
                faults.append(f"size mismatch for {name}: {array.shape} was given, {shapes[name]} is expected.")
        if faults:
            raise ArgumentError(f"Error(s) in loading state_dict for {what}:\n\t" + "\n\t".join(faults))
        for name, array in arrays.items():
            self._pass("set", name, array)
        return keys

    def _pass(self, function: str, name: str, array: np.ndarray) -> None:
        floats = array.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._caller.status(
            self._function(function), self._handle, *self._network, encoded(name), floats, array.size
        )


def _floats(values: Any) -> np.ndarray:
    """An array, a tensor of PyTorch on any device, or a list, as float32 without gaps."""
    import numpy as np

    if hasattr(values, "detach"):
        values = values.detach().cpu().float()
    return np.require(tensors.array_of(values)[0], np.float32, ["C", "A"])


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
