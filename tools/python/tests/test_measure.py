"""Figures of pictures, and the check of a device."""

import math

import numpy as np
import pytest

import pixcl


@pytest.fixture
def picture():
    return np.random.default_rng(3).integers(0, 256, (32, 32, 3), np.uint8)


def test_equal_pictures(picture):
    metrics = pixcl.compare(picture, picture.copy())
    assert metrics == pixcl.Metrics(l1=0, psnr=math.inf, ssim=1)


def test_compare(tmp_path, picture):
    darker = picture // 2
    metrics = pixcl.compare(darker, picture)
    difference = darker.astype(float) - picture
    assert metrics.l1 == pytest.approx(np.abs(difference).mean() / 255)
    assert metrics.psnr == pytest.approx(10 * math.log10(255**2 / (difference**2).mean()))
    assert 0 < metrics.ssim < 1
    pixcl.save(picture, tmp_path / "picture.png")
    assert pixcl.compare(darker, tmp_path / "picture.png") == metrics
    assert math.isnan(pixcl.compare(picture[:8], picture[:8]).ssim)
    with pytest.raises(pixcl.ArgumentError):
        pixcl.compare(picture, picture[:16])


def test_distance(tmp_path, picture):
    rng = np.random.default_rng(4)
    ones = [rng.integers(0, 256, (32, 32, 3), np.uint8) for _ in range(3)]
    others = [it // 2 for it in ones]
    found = pixcl.distance(ones, others)
    assert len(found.levels) == 2
    assert found.mean == pytest.approx(sum(found.levels) / 2) and found.mean > 10
    assert pixcl.distance(ones, ones).mean == 0
    assert pixcl.distance(ones, others, levels=2) == found
    assert len(pixcl.distance(ones, others, levels=1).levels) == 1
    for i, it in enumerate(others):
        pixcl.save(it, tmp_path / f"{i}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    assert pixcl.distance(iter(ones), tmp_path) == found
    with pytest.raises(pixcl.FileError, match="nowhere"):
        pixcl.distance(ones, tmp_path / "nowhere")
    with pytest.raises(pixcl.ArgumentError):
        pixcl.distance(ones, [picture[:, :, 0]])
    with pytest.raises(pixcl.ArgumentError):
        pixcl.distance(ones, others, levels=13)


def test_check():
    rows = []
    result = pixcl.check(only="relu", row=rows.append)
    assert result.rows == len(rows) > 0 and result.device
    assert all(row.passed and "relu" in row.name and row.error <= row.allowed for row in rows)
    assert pixcl.check(only="relu") == result


def test_check_of_nothing():
    with pytest.raises(pixcl.ArgumentError, match="no such case"):
        pixcl.check(only="no such case")


def test_what_a_row_raises_comes_out():
    seen = []

    def row(it):
        seen.append(it)
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        pixcl.check(only="relu", row=row)
    assert len(seen) == 1


def test_devices():
    found = pixcl.devices()
    assert sum(it.default for it in found) == 1
    for index, it in enumerate(found):
        assert it.index == index and it.name and it.kind
        assert it.gflops is None and it.selftest == "not run"
        assert it.usable != bool(it.reason)
        assert it.global_memory >= it.max_allocation > 0
