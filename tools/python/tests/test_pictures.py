"""Pictures from and to files."""

import numpy as np
import pytest

import pixcl


@pytest.fixture
def picture():
    return np.random.default_rng(2).integers(0, 256, (5, 7, 3), np.uint8)


def test_files(tmp_path, picture):
    pixcl.save(picture, tmp_path / "colour.png")
    assert (pixcl.load(tmp_path / "colour.png") == picture).all()
    pixcl.save(picture[:, :, 0], str(tmp_path / "grey.png"))
    grey = pixcl.load(tmp_path / "grey.png")
    assert grey.shape == (5, 7, 1) and (grey[:, :, 0] == picture[:, :, 0]).all()
    assert grey.flags.writeable
    pixcl.save(picture[::-1, ::-1], tmp_path / "turned.png")
    assert (pixcl.load(tmp_path / "turned.png") == picture[::-1, ::-1]).all()


def test_quality(tmp_path, picture):
    pixcl.save(picture, tmp_path / "fine.jpg")
    pixcl.save(picture, tmp_path / "coarse.jpg", quality=5)
    assert (tmp_path / "coarse.jpg").stat().st_size < (tmp_path / "fine.jpg").stat().st_size
    with pytest.raises(pixcl.ArgumentError, match="quality=0: expected 1 to 100"):
        pixcl.save(picture, tmp_path / "none.jpg", quality=0)


def test_pil(tmp_path, picture):
    Image = pytest.importorskip("PIL.Image")
    pixcl.save(Image.fromarray(picture), tmp_path / "pil.png")
    assert (pixcl.load(tmp_path / "pil.png") == picture).all()
    pixcl.save(Image.fromarray(picture).convert("L"), tmp_path / "grey.png")
    assert pixcl.load(tmp_path / "grey.png").shape == (5, 7, 1)
    assert (np.asarray(Image.open(tmp_path / "pil.png")) == picture).all()


def test_what_is_no_picture(tmp_path, picture):
    with pytest.raises(pixcl.ArgumentError, match="float64"):
        pixcl.save(picture / 2, tmp_path / "no.png")
    with pytest.raises(pixcl.ArgumentError, match="shape"):
        pixcl.save(picture[:, :, :2], tmp_path / "no.png")
    with pytest.raises(pixcl.ArgumentError, match="shape"):
        pixcl.save(picture[:0], tmp_path / "no.png")
    with pytest.raises(pixcl.Error, match="bmp"):
        pixcl.save(picture, tmp_path / "no.bmp")
    assert not list(tmp_path.iterdir())


def test_synthetic_sets(tmp_path):
    folder = pixcl.synth(tmp_path / "set", "unpaired", size=16, train=2, val=0, test=1, seed=3)
    assert folder == tmp_path / "set"
    assert len(list((folder / "trainA").iterdir())) == 2
    assert len(list((folder / "testB").iterdir())) == 1
    assert not (folder / "valA").exists()
    again = pixcl.synth(tmp_path / "again", "unpaired", size=16, train=2, val=0, test=1, seed=3)
    for file in folder.rglob("*.jpg"):
        assert file.read_bytes() == (again / file.relative_to(folder)).read_bytes()
    with pytest.raises(pixcl.ArgumentError, match="kind|palaces"):
        pixcl.synth(tmp_path / "set", "palaces")
