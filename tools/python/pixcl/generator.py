"""A trained generator at work."""

from __future__ import annotations

import ctypes
import os
import threading
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

from . import _structs as s
from . import pictures, tensors
from ._calls import encoded
from ._library import library
from .context import Context, context_or_default
from .options import make_options
from .weights import Keys, Weights

if TYPE_CHECKING:
    import numpy as np


class Generator:
    """A trained generator: opened once, then called for any number of pictures of any size.

        g = Generator("checkpoints/facades")
        facade = g(PIL.Image.open("labels.png"))

    path: a checkpoint of pixcl, a generator in a .pth or .safetensors file of PyTorch, or a folder, which stands for
        its latest.
    device: an index, "gpu", "cpu" or a part of a name; None: the context's.
    eval: running statistics and no dropout; without it, as in the paper, the network stays in training mode.
    direction: "AtoB" or "BtoA", for a CycleGAN; None: as it was trained.
    network: which of several generators in a file of another program.
    test_dropout: True or False whatever `eval` says; None: by `eval`.
    seed: where dropout's random numbers start.
    options: others of `pixcl.option_table("translate")`.

    Several threads may call it; they take turns.
    """

    def __init__(
        self,
        path: Union[str, "os.PathLike[str]"],
        *,
        device: Union[None, str, int] = None,
        eval: bool = False,
        direction: Optional[str] = None,
        network: Optional[str] = None,
        test_dropout: Union[None, bool, str] = None,
        seed: int = 0,
        context: Optional[Context] = None,
        **options: Any,
    ) -> None:
        lib = library()
        self.path = os.fspath(path)
        self._context = context_or_default(context)
        self._caller = self._context._caller
        self._lock = threading.RLock()
        options.update(device=device, eval=eval, direction=direction, network=network)
        options.update(test_dropout=test_dropout, seed=seed)
        given = make_options(self._caller, s.PIXCL_FOR_TRANSLATE, options)
        self._handle = self._context._open(
            self, "generator", lib.pixcl_generator_open, lib.pixcl_generator_close, encoded(path), given
        )
        given.close()
        self.input_nc: int = lib.pixcl_generator_input_nc(self._handle.pointer)
        """Channels of what the network takes."""
        self.output_nc: int = lib.pixcl_generator_output_nc(self._handle.pointer)
        """Channels of what the network makes."""

    def __call__(self, picture: Any, *, layout: Optional[str] = None) -> Any:
        """Translates a picture or a batch, and gives the same kind of thing.

        A picture of PIL, or an array of uint8 that is (H,W), (H,W,C) or (N,H,W,C): pictures. Where the network takes
        others, grey and colour are converted, and a colorization network gives them colours.

        An array of float32 that is (C,H,W) or (N,C,H,W): what networks see, -1 to 1, with input_nc channels.

        layout: "HWC" or "CHW", for arrays the other way round. Tensors of PyTorch on the CPU are taken as arrays are.
        Arrays are read where they are, whatever their strides. Any sides will do: those that do not fit the network are
        padded by reflection and cut off again. Each picture of a batch is translated by itself.
        """
        if pictures.is_pil(picture):
            return pictures.take_pil(self._translate(pictures.borrow_pil(picture)))
        array, back = tensors.array_of(picture)
        given = tensors.view(array, layout)
        if given.tensor.dtype == s.PIXCL_UINT8 and self._converts(given.tensor.channels):
            return back(self._translate_each(given))
        made = given.like(self.output_nc)
        with self._lock:
            self._caller.status(
                library().pixcl_generator_run, self._handle, ctypes.byref(given.tensor), ctypes.byref(made.tensor)
            )
        return back(made.array)

    def _converts(self, channels: int) -> bool:
        """Whether pictures are not what the network takes or makes, but can be turned to and from it."""
        colorizes = (self.input_nc, self.output_nc) == (1, 2)
        return channels in (1, 3) and (colorizes or channels != self.input_nc)

    def _translate(self, image: s.pixcl_image) -> Any:
        made = ctypes.POINTER(s.pixcl_image)()
        lib = library()
        try:
            with self._lock:
                self._caller.status(
                    lib.pixcl_generator_translate, self._handle, ctypes.byref(image), ctypes.byref(made)
                )
        except BaseException:
            lib.pixcl_image_destroy(ctypes.byref(made))  # a picture may be there: Ctrl-C came late
            raise
        return made

    def _translate_each(self, given: tensors.View) -> np.ndarray:
        made = None
        for index, picture in enumerate(given.pictures()):
            result = pictures.take(self._translate(pictures.borrow_array(picture)))
            made = made or given.like(result.shape[2])
            made.pictures()[index] = result
        assert made is not None  # a view is never empty
        return made.array

    def state_dict(self) -> dict[str, np.ndarray]:
        """Weights and running statistics by the reference's keys, in its order; num_batches_tracked, which changes no
        picture, is not among them."""
        with self._lock:
            return self._weights().state_dict()

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Keys:
        """Sets weights and running statistics from arrays or tensors; the file stays as it is. As in PyTorch keys that
        are missing or too many are an error unless `strict` is False, and are returned. After an error nothing has been
        set."""
        with self._lock:
            return self._weights().load(state, strict, "Generator")

    def _weights(self) -> Weights:
        return Weights(self._caller, "generator", self._handle)

    def close(self) -> None:
        """Frees the device's memory. A closed generator translates no more."""
        with self._lock:
            self._caller.close(self._handle)

    def __enter__(self) -> Generator:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = " (closed)" if self._handle.closed else ""
        return f"<pixcl.Generator {self.path!r}: {self.input_nc} to {self.output_nc} channels{state}>"
