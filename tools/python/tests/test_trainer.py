"""Training: as a whole, step by step, from arrays; what a run tells of itself."""

import math

import numpy as np
import pytest

import pixcl


@pytest.fixture
def batch():
    """Random pictures, two for A and two for B, (2,32,32,3)."""
    return np.random.default_rng(1).integers(0, 256, (2, 2, 32, 32, 3), np.uint8)


def test_run(small, pairs):
    seen = []
    with pixcl.Trainer(dataroot=pairs, n_epochs=1, n_epochs_decay=1, **small) as trainer:
        trainer.run(seen.append)
        assert [it.step for it in seen] == list(range(1, 9))
        last = seen[-1]
        assert (last.epoch, last.epochs, last.steps, last.iter, last.iters) == (2, 2, 8, 4, 4)
        assert list(last.losses) == ["G_GAN", "G_L1", "D_real", "D_fake"]
        assert all(math.isfinite(loss) for loss in last.losses.values())
        assert last.seconds > 0 and seen[0].lr == 0.0002 and last.logged
        assert trainer.losses == last.losses
        assert trainer.progress.step == 8
        assert (trainer.folder / "latest.safetensors").exists()
        assert trainer.step() is False


def test_steps_are_those_of_a_run(small, pairs):
    with pixcl.Trainer(dataroot=pairs, max_steps=3, **{**small, "name": "whole"}) as trainer:
        trainer.run()
        whole, losses = trainer.state_dict(), trainer.losses
    with pixcl.Trainer(dataroot=pairs, max_steps=3, **small) as trainer:
        steps = 0
        while trainer.step():
            steps += 1
        assert steps == 3
        assert trainer.losses == losses
        assert all((value == whole[name]).all() for name, value in trainer.state_dict("G").items())


def test_arrays(small, batch):
    with pixcl.Trainer(batch_size=2, n_epochs=1, n_epochs_decay=1, **small) as trainer:
        first = trainer.progress
        assert (first.steps, first.iters, first.losses) == (None, None, {})
        for _ in range(2):
            for _ in range(3):
                assert trainer.step(*batch)
            trainer.end_epoch()
        assert trainer.progress.step == 6
        assert trainer.losses["G_L1"] > 0
        visuals = trainer.visuals()
        assert list(visuals) == ["real_A", "fake_B", "real_B"]
        assert (visuals["real_A"] == batch[0][0]).all() and (visuals["real_B"] == batch[1][0]).all()
        assert visuals["fake_B"].shape == (32, 32, 3)
        trainer.save()
        assert (trainer.folder / "latest.safetensors").exists()
        assert pixcl.show(trainer.folder)["run"]["step"] == 6


def test_arrays_in_other_forms(small, batch):
    def losses(*pair, **layout):
        with pixcl.Trainer(**{**small, "name": f"run{len(results)}"}) as trainer:
            trainer.step(*pair, **layout)
            results.append(trainer.losses)

    results = []
    a, b = batch[:, 0]
    losses(a, b)
    losses(a[None], b)
    losses(a.transpose(2, 0, 1), b.transpose(2, 0, 1), layout="CHW")
    assert results[0] == results[1] == results[2]
    floats = [np.ascontiguousarray(it.transpose(2, 0, 1), np.float32) / 127.5 - 1 for it in (a, b)]
    losses(*floats)
    assert results[3] == pytest.approx(results[0], rel=1e-4)  # another rounding of the same colours
    Image = pytest.importorskip("PIL.Image")
    losses(Image.fromarray(a), Image.fromarray(b))
    assert results[4] == results[0]


def test_arrays_that_do_not_fit(small, batch, pairs):
    with pixcl.Trainer(**small) as trainer:
        with pytest.raises(pixcl.ArgumentError, match="2"):
            trainer.step(*batch)  # two pictures, and the batch size is one
        with pytest.raises(pixcl.ArgumentError, match="both"):
            trainer.step(batch[0, 0])
        with pytest.raises(pixcl.ArgumentError):
            trainer.step()  # there is no folder
    with pixcl.Trainer(dataroot=pairs, **{**small, "name": "folder"}) as trainer:
        with pytest.raises(pixcl.ArgumentError):
            trainer.step(*batch[:, 0])


def test_state_dicts(small, batch):
    with pixcl.Trainer(**small) as trainer:
        assert trainer.networks == ["G", "D"]
        trainer.step(*batch[:, 0])
        state = {name: trainer.state_dict(name) for name in trainer.networks}
        assert state["D"]["model.0.weight"].shape == (4, 6, 4, 4)
        losses = trainer.losses
        trainer.step(*batch[:, 1])
        assert any((value != state["G"][name]).any() for name, value in trainer.state_dict("G").items())
        for name in trainer.networks:
            assert trainer.load_state_dict(name, state[name]) == ([], [])
        assert all((value == state["D"][name]).all() for name, value in trainer.state_dict("D").items())
        assert losses != trainer.losses
        with pytest.raises(pixcl.ArgumentError, match="expected one of G, D"):
            trainer.state_dict("G_A")
        with pytest.raises(pixcl.ArgumentError, match="Missing key"):
            trainer.load_state_dict("D", {})


def test_cycle_gan(small, batch):
    with pixcl.Trainer(model="cycle_gan", **small) as trainer:
        assert trainer.networks == ["G_A", "G_B", "D_A", "D_B"]
        trainer.step(*batch[:, 0])
        assert "cycle_A" in trainer.losses
        assert {"real_A", "fake_B", "rec_A", "real_B", "fake_A", "rec_B"} <= set(trainer.visuals())
        trainer.save()
        folder = trainer.folder
    with pixcl.Generator(folder, direction="BtoA") as back:
        assert back(batch[1, 0]).shape == (32, 32, 3)


def test_options(small, pairs, tmp_path):
    given = {**small, "name": "a run", "lr": 1e-5, "no_flip": np.bool_(True), "beta1": np.float32(0.25), "seed": None}
    with pixcl.Trainer(dataroot=pairs, lambda_L1=50, **given) as trainer:
        options = trainer.options
        assert options["lr"] == 1e-5 and options["no_flip"] is True and options["beta1"] == 0.25
        assert options["lambda_L1"] == 50.0 and options["ngf"] == 4 and options["serial_batches"] is False
        assert options["dataroot"] == str(pairs) and options["seed"] == 0
        assert trainer.folder == tmp_path / "a run"
        assert "a run" in repr(trainer)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"lear_rate": 1}, "lear_rate"),
        ({"lr": "fast"}, "expected a number"),
        ({"ngf": 1.5}, "expected a whole number"),
        ({"ngf": True}, "expected a whole number"),
        ({"netG": "unet_33"}, "netG"),
        ({"crop_size": 33}, "multiple of 4"),
        ({"lr": [1]}, r"lr=\[1\]: expected a text"),
        ({"lr": math.nan}, "lr=nan: expected"),
        ({"name": "a\0b"}, "NUL"),
        ({"num_test": 3}, "num_test has no effect here: it is an option of test"),
        ({"gpu_ids": 0}, "gpu_ids"),
    ],
)
def test_options_that_are_wrong(small, pairs, wrong, says):
    with pytest.raises(pixcl.ArgumentError, match=says):
        pixcl.Trainer(dataroot=pairs, **{**small, **wrong})


def test_going_on(small, pairs):
    with pixcl.Trainer(dataroot=pairs, max_steps=2, **small) as trainer:
        trainer.run()
    with pytest.raises(pixcl.ArgumentError, match="continue_train"):
        pixcl.Trainer(dataroot=pairs, max_steps=4, **small)
    with pixcl.Trainer(dataroot=pairs, max_steps=4, continue_train=True, **small) as trainer:
        assert trainer.progress.step == 2
        trainer.run()
        assert list(trainer.history["step"]) == [1, 2, 3, 4]


def test_looking_at_a_run_from_its_callback(small, pairs):
    seen = []
    with pixcl.Trainer(dataroot=pairs, max_steps=2, **small) as trainer:
        trainer.run(lambda it: seen.append((it.losses, trainer.losses, trainer.visuals())))
    assert len(seen) == 2
    assert all(told == asked and "fake_B" in visuals for told, asked, visuals in seen)


def test_table_of_options():
    table = {it.name: it for it in pixcl.option_table("train")}
    assert table["lr"].type is float and table["lr"].default == 0.0002 and table["lr"].range == (0, 10)
    assert table["netG"].choices and "unet_256" in table["netG"].choices
    assert table["no_flip"].default is False and "mirror" in table["no_flip"].help
    assert "eval" not in table and "train" in table["lr"].commands
    assert "eval" in {it.name for it in pixcl.option_table("translate")}
    with pytest.raises(pixcl.ArgumentError, match="translate"):
        pixcl.option_table("paint")
