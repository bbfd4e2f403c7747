"""Pictures in and out of a generator, in every form; its weights."""

import threading

import numpy as np
import pytest

import pixcl


@pytest.fixture(scope="module")
def generator(run):
    """Without dropout, so that equal pictures give equal pictures."""
    with pixcl.Generator(run, test_dropout=False) as it:
        yield it


@pytest.fixture(scope="module")
def grey(tmp_path_factory, pairs):
    """One that takes grey pictures and makes grey ones."""
    from conftest import SMALL

    options = {**SMALL, "dataroot": pairs, "checkpoints_dir": tmp_path_factory.mktemp("grey"), "max_steps": 1}
    with pixcl.Trainer(input_nc=1, output_nc=1, **options) as trainer:
        trainer.run()
        folder = trainer.folder
    with pixcl.Generator(folder, test_dropout=False) as it:
        yield it


def scaled(picture):
    """(H,W,C) of bytes as the network sees it."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32) / np.float32(127.5) - 1


def test_bytes(generator, labels):
    made = generator(labels)
    assert made.shape == (32, 32, 3) and made.dtype == np.uint8
    assert made.std() > 1
    assert (generator(labels) == made).all()
    assert (generator.input_nc, generator.output_nc) == (3, 3)


def test_floats_are_the_same(generator, labels):
    made = generator(scaled(labels))
    assert made.shape == (3, 32, 32) and made.dtype == np.float32
    rounded = np.floor((made.transpose(1, 2, 0) + 1) * 127.5 + 0.5)
    assert np.abs(rounded - generator(labels)).max() <= 1  # halves may fall on either side


def test_layouts(generator, labels):
    made = generator(labels)
    assert (generator(labels.transpose(2, 0, 1), layout="CHW") == made.transpose(2, 0, 1)).all()
    floats = generator(scaled(labels))
    turned = generator(scaled(labels).transpose(1, 2, 0), layout="HWC")
    assert turned.shape == (32, 32, 3) and (turned == floats.transpose(1, 2, 0)).all()


def test_strides(generator, labels):
    """Parts of larger arrays, backwards as well, are read where they are."""
    upside_down = labels[::-1, ::-1]
    assert (generator(upside_down) == generator(upside_down.copy())).all()
    wide = np.zeros((32, 64, 4), np.uint8)
    wide[:, ::2, :3] = labels
    wide.flags.writeable = False
    assert (generator(wide[:, ::2, :3]) == generator(labels)).all()
    bytes_apart = np.zeros(3 * 32 * 32 * 4 + 1, np.uint8)[1:].view(np.float32).reshape(3, 32, 32)
    bytes_apart[:] = scaled(labels)
    assert not bytes_apart.flags.aligned
    assert (generator(bytes_apart) == generator(scaled(labels))).all()


def test_batches(generator, labels):
    batch = np.stack([labels, labels[::-1], labels[:, ::-1]])
    made = generator(batch)
    assert made.shape == (3, 32, 32, 3)
    for picture, result in zip(batch, made):
        assert (generator(picture) == result).all()
    floats = generator(np.stack([scaled(picture) for picture in batch]))
    assert floats.shape == (3, 3, 32, 32)
    assert (floats[1] == generator(scaled(batch[1]))).all()


def test_any_size(generator, labels):
    assert generator(labels[:21, :17]).shape == (21, 17, 3)
    assert generator(np.zeros((3, 40, 33), np.float32)).shape == (3, 40, 33)


def test_grey_and_colour(generator, grey, labels):
    flat = labels[:, :, 0]
    assert generator(flat).shape == (32, 32, 3)
    assert (generator(flat) == generator(np.repeat(flat[:, :, None], 3, axis=2))).all()
    assert generator(np.stack([flat[:, :, None]] * 2)).shape == (2, 32, 32, 3)
    assert generator(flat[None], layout="CHW").shape == (3, 32, 32)

    assert grey(flat).shape == (32, 32)
    assert grey(flat[:, :, None]).shape == (32, 32, 1)
    assert grey(labels).shape == (32, 32, 1)  # converted
    assert grey(flat.astype(np.float32) / 255).shape == (32, 32)
    assert grey(flat[None].astype(np.float32) / 255).shape == (1, 32, 32)


def test_pil(generator, grey, labels):
    Image = pytest.importorskip("PIL.Image")
    picture = Image.fromarray(labels)
    made = generator(picture)
    assert isinstance(made, Image.Image) and (made.mode, made.size) == ("RGB", (32, 32))
    assert (np.asarray(made) == generator(labels)).all()
    assert generator(picture.resize((17, 21))).size == (17, 21)
    assert (np.asarray(generator(picture.convert("RGBA"))) == np.asarray(made)).all()
    assert grey(picture).mode == "L"
    assert generator(picture.convert("L")).mode == "RGB"


def test_colours_for_grey_pictures(tmp_path, pairs, small, labels):
    (tmp_path / "photos" / "train").mkdir(parents=True)
    pixcl.save(labels, tmp_path / "photos" / "train" / "1.png")
    with pixcl.Trainer(**{**small, "model": "colorization"}, dataroot=tmp_path / "photos", max_steps=1) as trainer:
        trainer.run()
        folder = trainer.folder
    with pixcl.Generator(folder, test_dropout=False) as generator:
        assert (generator.input_nc, generator.output_nc) == (1, 2)
        made = generator(labels[:, :, 0])
        assert made.shape == (32, 32, 3)
        assert (generator(labels[:, :, :1]) == made).all()
        assert generator(np.zeros((1, 32, 32), np.float32)).shape == (2, 32, 32)


def test_torch(generator, labels):
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(scaled(labels))
    made = generator(tensor)
    assert isinstance(made, torch.Tensor) and made.shape == (3, 32, 32)
    assert (made.numpy() == generator(scaled(labels))).all()
    assert (generator(tensor.requires_grad_()).numpy() == made.numpy()).all()
    state = {name: torch.from_numpy(value) for name, value in generator.state_dict().items()}
    generator.load_state_dict(state)
    with pytest.raises(pixcl.ArgumentError, match=r"tensor\.cpu"):
        generator(tensor.to("meta"))


def test_what_is_no_picture(generator):
    with pytest.raises(pixcl.ArgumentError, match="int64.*expected uint8"):
        generator(np.zeros((4, 4, 3), np.int64))
    with pytest.raises(pixcl.ArgumentError, match="shape"):
        generator(np.zeros(4, np.uint8))
    with pytest.raises(pixcl.ArgumentError, match="nothing in it"):
        generator(np.zeros((0, 4, 3), np.uint8))
    with pytest.raises(pixcl.ArgumentError, match="layout"):
        generator(np.zeros((4, 4, 3), np.uint8), layout="HCW")
    with pytest.raises(pixcl.ArgumentError, match="2"):
        generator(np.zeros((2, 32, 32), np.float32))


def test_options(run, labels):
    with pytest.raises(pixcl.ArgumentError, match="lr has no effect here: it is an option of train"):
        pixcl.Generator(run, lr=1)
    with pytest.raises(pixcl.ArgumentError, match="reference_output"):
        pixcl.Generator(run, reference_outputs=True)
    with pixcl.Generator(run, eval=True, test_dropout=True, seed=5, reference_output=True, device="cpu") as it:
        first, second = it(scaled(labels)), it(scaled(labels))
        assert (first != second).any()  # dropout
    with pixcl.Generator(run, eval=True, test_dropout="on", seed=5) as it:
        assert (it(scaled(labels)) == first).all()
    with pytest.raises(pixcl.FileError, match="nowhere"):
        pixcl.Generator(run / "nowhere")


def test_state_dict(generator, run, labels):
    state = generator.state_dict()
    assert next(iter(state)) == "model.1.weight"
    assert state["model.1.weight"].shape == (4, 3, 7, 7)
    assert all(value.dtype == np.float32 for value in state.values())
    with pixcl.Generator(run, test_dropout=False) as other:
        before = other(labels)
        keys = other.load_state_dict({name: value * 0 for name, value in state.items()})
        assert keys == ([], [])
        assert not any(value.any() for value in other.state_dict().values())
        assert (other(labels) != before).any()
        other.load_state_dict({**state, "model.2.num_batches_tracked": np.array(7)})
        assert (other(labels) == before).all()
        other.load_state_dict({name: value.tolist() for name, value in state.items()})
        assert (other(labels) == before).all()


def test_a_state_dict_that_does_not_fit(generator, labels):
    state, before = generator.state_dict(), generator(labels)
    first, second = list(state)[:2]
    damaged = {name: value + 1 for name, value in state.items() if name != first}
    damaged["more"] = np.zeros(3, np.float32)
    with pytest.raises(pixcl.ArgumentError) as caught:
        generator.load_state_dict(damaged)
    assert f'Missing key(s) in state_dict: "{first}".' in str(caught.value)
    assert 'Unexpected key(s) in state_dict: "more".' in str(caught.value)
    with pytest.raises(pixcl.ArgumentError, match=f"size mismatch for {second}"):
        generator.load_state_dict({second: np.zeros((1, 2), np.float32)}, strict=False)
    assert (generator(labels) == before).all()
    assert generator.load_state_dict({first: state[first], "more": 1}, strict=False) == (list(state)[1:], ["more"])


def test_threads_take_turns(generator, labels):
    expected, results = generator(labels), []
    threads = [threading.Thread(target=lambda: results.append(generator(labels))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and all((made == expected).all() for made in results)


def test_repr(generator):
    assert "3 to 3 channels" in repr(generator)
