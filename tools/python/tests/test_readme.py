"""The tour of the README works as it stands there."""

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"


def blocks():
    """Each with as many empty lines in front as there are in the README, so that errors tell its lines."""
    text = README.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        yield "\n" * text.count("\n", 0, match.start(1)) + match.group(1)


def test_tour(tmp_path, monkeypatch, capsys):
    pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "tour"}
    found = list(blocks())
    assert len(found) >= 6
    for block in found:
        exec(compile(block, README, "exec"), names)
    printed = capsys.readouterr().out
    assert "G_L1" in printed and "nowhere" in printed
    for made in ("checkpoints/arrays/latest.safetensors", "photo.png", "for_torch/latest_net_D.pth", "tour.onnx"):
        assert (tmp_path / made).exists()
