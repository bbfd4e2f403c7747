"""A driver that pip installed, made known to the loader."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from pixcl import _drivers


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the system's registrations, with one in it; a package's library; nothing that the user has set."""
    folder = tmp_path / "vendors"
    folder.mkdir()
    (folder / "pocl.icd").write_text("libpocl.so.2\n")
    (folder / "notes.txt").write_text("libother.so\n")
    monkeypatch.setattr(_drivers, "SYSTEM", str(folder))
    monkeypatch.setattr(_drivers, "_library", lambda: "/there/libintelocl.so")
    monkeypatch.setenv("PIXCL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OCL_ICD_VENDORS", "")
    return folder


def test_its_registration_stands_beside_the_systems(system):
    for _ in range(2):  # made, and found again
        os.environ["OCL_ICD_VENDORS"] = ""
        _drivers.offer()
        offered = Path(os.environ["OCL_ICD_VENDORS"])
        registrations = {it.name: it.read_text() for it in offered.iterdir()}
        assert registrations == {"pocl.icd": "libpocl.so.2\n", "pixcl-intel-cpu.icd": "/there/libintelocl.so\n"}
        assert os.listdir(offered.parent) == [offered.name]
    (system / "new.icd").write_text("libnew.so\n")
    os.environ["OCL_ICD_VENDORS"] = ""
    _drivers.offer()
    assert sorted(os.listdir(os.environ["OCL_ICD_VENDORS"])) == ["new.icd", "pixcl-intel-cpu.icd", "pocl.icd"]


def test_a_system_without_registrations(system, monkeypatch):
    monkeypatch.setattr(_drivers, "SYSTEM", str(system / "nowhere"))
    _drivers.offer()
    assert os.listdir(os.environ["OCL_ICD_VENDORS"]) == ["pixcl-intel-cpu.icd"]


def test_what_is_set_or_registered_stays(system, monkeypatch):
    monkeypatch.setenv("OCL_ICD_VENDORS", "/mine")
    _drivers.offer()
    assert os.environ["OCL_ICD_VENDORS"] == "/mine"
    monkeypatch.setenv("OCL_ICD_VENDORS", "")
    (system / "intel.icd").write_text("/opt/intel/lib/libintelocl.so\n")
    _drivers.offer()
    assert os.environ["OCL_ICD_VENDORS"] == ""


def test_without_the_package_nothing_changes(system, monkeypatch):
    monkeypatch.setattr(_drivers, "_library", lambda: None)
    _drivers.offer()
    assert os.environ["OCL_ICD_VENDORS"] == ""


def test_a_cache_that_cannot_be_written_is_said(system, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PIXCL_CACHE_DIR", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING, "pixcl"):
        _drivers.offer()
    assert os.environ["OCL_ICD_VENDORS"] == ""
    assert "holds the line /there/libintelocl.so" in caplog.text
