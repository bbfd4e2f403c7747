"""Training: as a whole, step by step, or from arrays."""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional

from . import _structs as s
from . import pictures, tensors
from ._calls import encoded
from ._errors import ArgumentError
from ._library import library
from ._running import Running
from .context import Context, context_or_default
from .history import read_history
from .options import Value, make_options, read_options, run_folder
from .weights import Keys, Weights

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Progress:
    """Where a run stands. Counts are of the whole run, over every continue_train."""

    epoch: int
    epochs: int
    """In all."""
    step: int
    """Optimiser steps done."""
    steps: Optional[int]
    """In all; None: not known."""
    iter: int
    """Pictures of this epoch seen."""
    iters: Optional[int]
    """Pictures in an epoch; None: not known."""
    lr: float
    seconds: float
    """Since this process began to train."""
    images_per_second: float
    """Over the last seconds; 0 before the first measurement."""
    eta_seconds: Optional[float]
    """Until the run is done; None: not known."""
    logged: bool
    """The losses are new and were written to history.jsonl."""
    losses: dict[str, float]
    """By name; none before the first were read back."""


def _progress_of(it: s.pixcl_progress) -> Progress:
    return Progress(
        epoch=it.epoch,
        epochs=it.epochs,
        step=it.step,
        steps=it.steps or None,
        iter=it.iter,
        iters=it.iters or None,
        lr=it.lr,
        seconds=it.seconds,
        images_per_second=it.images_per_second,
        eta_seconds=it.eta_seconds if it.eta_seconds >= 0 else None,
        logged=it.logged,
        losses={it.loss_names[i].decode(): it.losses[i] for i in range(it.loss_count)},
    )


class _Listener:
    """The progress callback of a trainer, which it does not hold: a trainer that nobody needs any more ends."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.progress: Optional[Callable[[Progress], Any]] = None
        self.heard = s.pixcl_progress_fn(self._hear)

    def _hear(self, _user: Optional[int], progress: Any) -> None:
        try:
            if self.progress and not self._running.stopping():
                self.progress(_progress_of(progress.contents))
        except BaseException as error:
            self._running.remember(error)


class Trainer:
    """A training run.

        with Trainer(dataroot="facades", name="mine", n_epochs=20) as trainer:
            trainer.run(lambda progress: print(progress.step, progress.losses))

    Options have the names of pixcl's command line, `pixcl.option_table("train")` lists them; the library checks them.
    A value is a text, a number, a path, True or False; None leaves the default.

    Pictures come from the folder `dataroot`. Without one, every batch is given to step(A, B), and end_epoch() says
    where an epoch ends.

    A run under a name that has checkpoints is refused; `continue_train=True` goes on with it. Several threads may use a
    trainer; they take turns.
    """

    def __init__(self, *, context: Optional[Context] = None, **options: Any) -> None:
        lib = library()
        self._context = context_or_default(context)
        self._caller = self._context._caller
        self._lock = threading.RLock()  # a progress callback may look at the trainer that calls it
        self._listener = _Listener(self._caller.running)
        given = make_options(self._caller, s.PIXCL_FOR_TRAIN, options)
        self._handle = self._context._open(
            self,
            "trainer",
            lib.pixcl_trainer_create,
            lib.pixcl_trainer_destroy,
            given,
            self._listener.heard,
            None,
            keep=(self._listener,),
        )
        given.close()

    def run(self, progress: Optional[Callable[[Progress], Any]] = None) -> None:
        """Trains to the end, or to max_steps, with all that the options say of checkpoints, pages and validation.

        `progress` is called after every step. What it raises, Ctrl-C, and the context's `stop` end the run; all up to
        the last step is saved then."""
        with self._lock:
            self._listener.progress = progress
            try:
                self._caller.status(library().pixcl_trainer_run, self._handle)
            finally:
                self._listener.progress = None

    def step(self, A: Any = None, B: Any = None, *, layout: Optional[str] = None) -> bool:
        """One step. False when there was none left, and nothing was done; save() then, as run() would.

        Without a dataroot it is on the batch that is given: batch_size pictures of crop_size x crop_size for A and as
        many for B, (N,H,W,C) of uint8, or (N,C,H,W) of float32 from -1 to 1, or otherwise with `layout`; N may be left
        out where it is 1. Tensors of PyTorch on the CPU and pictures of PIL will do as well."""
        lib = library()
        with self._lock:
            if A is None and B is None:
                over = ctypes.c_bool()
                self._caller.status(lib.pixcl_trainer_step, self._handle, ctypes.byref(over))
                return not over.value
            if A is None or B is None:
                raise ArgumentError("step() takes both pictures, A and B, or none where there is a dataroot")
            a, b = (tensors.view(tensors.array_of(picture)[0], layout) for picture in (A, B))
            self._caller.status(lib.pixcl_trainer_feed, self._handle, ctypes.byref(a.tensor), ctypes.byref(b.tensor))
            return True

    def end_epoch(self) -> None:
        """Ends an epoch of batches that were given to step(): the learning rate goes on, a checkpoint is due."""
        with self._lock:
            self._caller.status(library().pixcl_trainer_end_epoch, self._handle)

    @property
    def progress(self) -> Progress:
        """Where the run stands, with the losses of the last step, for which it waits."""
        it = s.pixcl_progress()
        with self._lock:
            self._caller.status(library().pixcl_trainer_losses, self._handle, ctypes.byref(it))
            return _progress_of(it)

    @property
    def losses(self) -> dict[str, float]:
        """The losses of the last step, for which it waits: G_GAN, G_L1, D_real and D_fake of pix2pix."""
        return self.progress.losses

    def save(self) -> None:
        """Writes latest.safetensors of the run as it is now."""
        with self._lock:
            self._caller.status(library().pixcl_trainer_save, self._handle)

    def visuals(self) -> dict[str, np.ndarray]:
        """What the last step looked at, arrays (H,W,C) of uint8: real_A, fake_B and real_B of pix2pix, of the batch's
        first picture."""
        with self._lock:
            names = self._names(library().pixcl_trainer_visual_name)
            return {name: pictures.take(self._visual(name)) for name in names}

    def _visual(self, name: str) -> Any:
        return self._caller.image(library().pixcl_trainer_visual, self._handle, encoded(name))

    @property
    def networks(self) -> list[str]:
        """The networks: G and D; G_A, G_B, D_A and D_B of a CycleGAN."""
        with self._lock:
            return self._names(library().pixcl_trainer_network)

    def _names(self, function: Any) -> list[str]:
        names: list[str] = []
        while True:
            name = function(self._handle.pointer, len(names))
            if name is None:
                return names
            names.append(name.decode())

    def state_dict(self, net: str = "G") -> dict[str, np.ndarray]:
        """Weights and running statistics of a network by the reference's keys, in its order."""
        with self._lock:
            return self._weights(net).state_dict()

    def load_state_dict(self, net: str, state: Mapping[str, Any], strict: bool = True) -> Keys:
        """Sets weights and running statistics of a network; see `Generator.load_state_dict`."""
        with self._lock:
            return self._weights(net).load(state, strict, net)

    def _weights(self, net: str) -> Weights:
        networks = self.networks
        if net not in networks:
            raise ArgumentError(f"there is no network {net!r}: expected one of {', '.join(networks)}")
        return Weights(self._caller, "trainer", self._handle, encoded(net))

    @property
    def options(self) -> dict[str, Value]:
        """The options in force: those given and, under continue_train, those of the checkpoint."""
        with self._lock:
            return read_options(self._caller, library().pixcl_trainer_options(self._handle.pointer))

    @property
    def folder(self) -> Path:
        """Where the run keeps its checkpoints, history.jsonl and its page, web/index.html."""
        with self._lock:
            return run_folder(self._caller, library().pixcl_trainer_options(self._handle.pointer))

    @property
    def history(self) -> dict[str, np.ndarray]:
        """What history.jsonl says of the run so far; see `pixcl.read_history`."""
        return read_history(self.folder)

    def close(self) -> None:
        """Frees the device's memory; what was not saved is lost."""
        with self._lock:
            self._caller.close(self._handle)

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<pixcl.Trainer {'(closed)' if self._handle.closed else repr(str(self.folder))}>"
