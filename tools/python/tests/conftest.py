"""What the tests share: a small set of pictures, and networks that train in milliseconds a step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pixcl

HEADERS = Path(__file__).resolve().parents[3] / "include"

# One set for every test, since OpenCL compiles kernels anew for others.
SMALL = {
    "netG": "resnet_1blocks",
    "ngf": 4,
    "netD": "n_layers",
    "n_layers_D": 1,
    "ndf": 4,
    "load_size": 36,
    "crop_size": 32,
    "print_freq": 1,
    "no_html": True,
}


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of 32 x 32 pixels: four for training, two for test."""
    return pixcl.synth(tmp_path_factory.mktemp("sets") / "pairs", size=32, train=4, val=1, test=2)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Path:
    """The folder of a run of three steps."""
    where = tmp_path_factory.mktemp("checkpoints")
    with pixcl.Trainer(dataroot=pairs, checkpoints_dir=where, name="run", max_steps=3, **SMALL) as trainer:
        trainer.run()
        return trainer.folder


@pytest.fixture
def small(tmp_path: Path) -> dict[str, Any]:
    """Options of a small run in a folder of its own."""
    return {**SMALL, "checkpoints_dir": tmp_path, "name": "run"}


@pytest.fixture
def labels(pairs: Path) -> Any:
    """A label map, (32,32,3)."""
    return pixcl.load(pairs / "test" / "001.jpg")[:, :32]
