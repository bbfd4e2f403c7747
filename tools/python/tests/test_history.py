"""history.jsonl as columns."""

import numpy as np
import pytest

import pixcl

LINES = """\
{"step":1,"epoch":1,"iter":1,"lr":0.0002,"losses":{"G_L1":36.5,"D_real":"nan"},"seconds":0.1,"images_per_s":9}
{"step":2,"epoch":1,"val_l1":0.25,"val_psnr":"inf","val_phase":"val"}
[1]
{"epoch":1}
{"step":3,"epoch":2,"iter":1,"lr":0.0001,"losses":{"G_L1":30,"G_GAN":1},"seconds":1,"warning":"all the same"}
{"step":4,"ep"""


def test_columns(tmp_path):
    (tmp_path / "history.jsonl").write_text(LINES)
    history = pixcl.read_history(tmp_path)
    assert history["step"].dtype == np.int64 and history["step"].tolist() == [1, 2, 3]
    assert history["epoch"].tolist() == [1, 1, 2]
    nan = np.nan
    expected = {
        "lr": [0.0002, nan, 0.0001],
        "G_L1": [36.5, nan, 30],
        "D_real": [nan, nan, nan],
        "G_GAN": [nan, nan, 1],
        "val_l1": [nan, 0.25, nan],
        "val_psnr": [nan, np.inf, nan],
        "seconds": [0.1, nan, 1],
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(history[name], values)
    assert not {"warning", "val_phase", "losses"} & set(history)


def test_nothing_yet(tmp_path):
    history = pixcl.read_history(tmp_path)
    assert list(history) == ["step", "epoch", "lr"]
    assert all(len(column) == 0 for column in history.values())
    with pytest.raises(pixcl.FileError, match="nowhere"):
        pixcl.read_history(tmp_path / "nowhere")


def test_of_a_run(run):
    history = pixcl.read_history(run)
    assert history["step"].tolist() == [1, 2, 3]
    assert np.isfinite(history["G_L1"]).all() and (history["lr"] == 0.0002).all()
