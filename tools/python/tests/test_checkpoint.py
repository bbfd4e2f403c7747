"""What files of weights hold, and other forms of them."""

import pytest

import pixcl


def test_show(run):
    shown = pixcl.show(run)
    assert {it["name"] for it in shown["networks"]} == {"G", "D"}
    assert shown["run"]["step"] == 3 and shown["run"]["options"]["netG"] == "resnet_1blocks"
    assert "list" not in shown
    tensors = pixcl.show(run, tensors=True, verify=True)["list"]
    assert len(tensors) == shown["tensors"] > 0


def test_damage_is_found(run, tmp_path):
    data = bytearray((run / "latest.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "damaged.safetensors").write_bytes(data)
    pixcl.show(tmp_path / "damaged.safetensors")
    with pytest.raises(pixcl.FormatError):
        pixcl.show(tmp_path / "damaged.safetensors", verify=True)


def test_convert(run, tmp_path, labels):
    files = pixcl.convert(run, tmp_path / "torch")
    assert {file.name for file in files} == {"latest_net_G.pth", "latest_net_D.pth"}
    assert all(file.parent == tmp_path / "torch" and file.exists() for file in files)
    files = pixcl.convert(run, tmp_path / "more", format="safetensors")
    assert {file.suffix for file in files} == {".safetensors"}
    assert pixcl.convert(run, tmp_path / "g.onnx", half=True, eval=True) == [tmp_path / "g.onnx"]
    with pixcl.Generator(run, test_dropout=False) as ours, pixcl.Generator(tmp_path / "torch") as theirs:
        assert (ours(labels) == theirs(labels)).all()
        state = theirs.state_dict()
        assert all((value == state[name]).all() for name, value in ours.state_dict().items())


def test_what_cannot_be_converted(run, tmp_path):
    with pytest.raises(pixcl.ArgumentError, match="tiff"):
        pixcl.convert(run, tmp_path / "out", format="tiff")
    with pytest.raises(pixcl.FileError):
        pixcl.convert(tmp_path / "nowhere", tmp_path / "out")
