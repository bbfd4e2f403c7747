"""Packs what was built into a wheel: pack.py BUILD_FOLDER SYSTEM FOLDER, or pack.py --windows DIR FOLDER.

SYSTEM is the root of the Debian it was built in, where the libraries that it needs are taken from. Which glibc the wheel
asks for in its name is what its files need, by the versions of the symbols that they use. DIR is that of
tools/cross/windows.sh --library.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "tools" / "python"

# What every system has whose glibc is new enough, by PEP 600.
OF_THE_SYSTEM = re.compile(r"lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|z)\.so\.\d+|ld-linux.*")
# The profiles of auditwheel: glibc 2.n, and the last GLIBCXX_3.4.n of the libstdc++ that there is with it.
PROFILES = {17: 19, 24: 22, 27: 24, 28: 24, 31: 28, 34: 29, 35: 30, 39: 33}


def run(*command: str | Path) -> str:
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


def processor(file: Path) -> str:
    """Of a program or library, by ELF's e_machine."""
    return {62: "x86_64", 183: "aarch64"}[int.from_bytes(file.read_bytes()[18:20], "little")]


def binutil(name: str, option: str, file: Path) -> str:
    """Runs the one that knows the file's processor."""
    machine = processor(file)
    return run(name if machine == platform.machine() else f"{machine}-linux-gnu-{name}", option, file)


def project_value(name: str) -> str:
    """Of project() in meson.build."""
    found = re.search(rf"^ *{name}: '([^']*)'", (PROJECT / "meson.build").read_text(), re.MULTILINE)
    if not found:
        sys.exit(f"meson.build: project() has no {name}")
    return found[1]


class System:
    """The Debian that it was built in."""

    def __init__(self, root: Path, triplet: str) -> None:
        self.root = root
        self.folders = [root / folder / triplet for folder in ("usr/lib", "lib")]

    def library(self, name: str) -> Path:
        for folder in self.folders:
            if (folder / name).exists():
                return folder / name
        sys.exit(f"{name} is needed, and in none of {', '.join(map(str, self.folders))}")

    def licence(self, library: Path) -> tuple[str, Path]:
        """The Debian package that a library is of, and the text."""
        names = {str(Path("/") / it.relative_to(self.root)) for it in (library, library.parent / library.resolve().name)}
        names |= {name.removeprefix("/usr") for name in names}
        for files in sorted((self.root / "var/lib/dpkg/info").glob("*.list")):
            if names & set(files.read_text().splitlines()):
                package = files.stem.split(":")[0]
                return package, self.root / "usr/share/doc" / package / "copyright"
        sys.exit(f"{library}: no package of {self.root} has it, so its licence is not known")


def needed(file: Path) -> list[str]:
    names = re.findall(r"NEEDED +(\S+)", binutil("objdump", "-p", file))
    return [name for name in names if not OF_THE_SYSTEM.fullmatch(name)]


def gather(build: Path, system: System, lib: Path, licences: Path) -> None:
    """The library, the program and all that they need, in one folder."""
    shutil.copy(build / "src" / "libpixcl.so.1", lib)
    shutil.copy(build / "tools" / "pixcl", lib)
    waiting = [name for file in lib.iterdir() for name in needed(file)]
    while waiting:
        name = waiting.pop()
        if (lib / name).exists():
            continue
        library = system.library(name)
        package, text = system.licence(library)
        shutil.copy(library, lib / name)
        shutil.copy(text, licences / f"{package}.txt")
        waiting += needed(lib / name)
    for file in lib.iterdir():
        file.chmod(0o755)
        binutil("strip", "--strip-unneeded", file)
        # RPATH and not RUNPATH, since LD_LIBRARY_PATH comes before that, and with it the loaders of driver packages.
        run("patchelf", "--force-rpath", "--set-rpath", "$ORIGIN", file)


# What every Windows has, and what drivers bring.
OF_WINDOWS = {"OpenCL.dll", "ADVAPI32.dll", "KERNEL32.dll", "msvcrt.dll"}


def gather_windows(folder: Path, lib: Path, licences: Path) -> None:
    """The library, into which all that it needs is linked, and the program."""
    built, names = folder / "build-library", {"libpixcl-1.dll", "pixcl.exe"}
    shutil.copy(built / "src" / "libpixcl-1.dll", lib)
    shutil.copy(built / "tools" / "pixcl.exe", lib)
    for file in lib.iterdir():
        wanted = set(re.findall(r"DLL Name: (\S+)", run("x86_64-w64-mingw32-objdump", "-p", file))) - OF_WINDOWS - names
        if wanted:
            sys.exit(f"{file.name} needs {', '.join(sorted(wanted))}, which no Windows has")
        run("x86_64-w64-mingw32-strip", "--strip-unneeded", file)
    for source in sorted(it for it in (folder / "src").iterdir() if it.is_dir() and it.name != "cmocka"):
        text = next((it for it in (source / "debian" / "copyright", source / "LICENSE") if it.exists()), None)
        if not text:
            sys.exit(f"{source}: no licence is there")
        shutil.copy(text, licences / f"{source.name}.txt")
    for package in ("gcc-mingw-w64-base", "mingw-w64-x86-64-dev"):  # of what the compiler links in
        shutil.copy(Path("/usr/share/doc") / package / "copyright", licences / f"{package}.txt")


def glibc_minor(lib: Path) -> int:
    """The n of the glibc 2.n that the files need."""
    last = {"GLIBC_2": 0, "GLIBCXX_3.4": 0}
    for file in lib.iterdir():
        for name, number in re.findall(r"\*UND\*.*\b(GLIBC_2|GLIBCXX_3\.4)\.(\d+)", binutil("objdump", "-T", file)):
            last[name] = max(last[name], int(number))
    for glibc, stdcxx in PROFILES.items():
        if glibc >= last["GLIBC_2"] and stdcxx >= last["GLIBCXX_3.4"]:
            return glibc
    sys.exit(f"symbols up to {last} are needed, of which no profile is known here: add one to PROFILES")


def metadata(version: str) -> str:
    about = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {about['name']}",
        f"Version: {version}",
        f"Summary: {about['description']}",
        f"License: {project_value('license')}",
        f"Requires-Python: {about['requires-python']}",
        *(f"Requires-Dist: {it}" for it in about["dependencies"]),
    ]
    for extra, names in about["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        for name in names:
            what, _, marker = map(str.strip, name.partition(";"))
            condition = f'({marker}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
            lines.append(f"Requires-Dist: {what}; {condition}")
    lines.append("Description-Content-Type: text/markdown")
    return "\n".join(lines) + "\n\n" + (PACKAGE / about["readme"]).read_text()


def write(wheel: Path, stage: Path, info: str) -> None:
    """The archive, the same bytes for the same files."""
    record = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def add(name: str, content: bytes, mode: int) -> None:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)

        for file in sorted(it for it in stage.rglob("*") if it.is_file()):
            name, content = file.relative_to(stage).as_posix(), file.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}")
            add(name, content, 0o755 if file.stat().st_mode & 0o100 else 0o644)
        record.append(f"{info}/RECORD,,")
        add(f"{info}/RECORD", ("\n".join(record) + "\n").encode(), 0o644)


def main() -> None:
    windows = sys.argv[1] == "--windows"
    *built, folder = (Path(it).resolve() for it in sys.argv[1 + windows :])
    version = project_value("version")
    info = f"pixcl-{version}.dist-info"
    with tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch)
        shutil.copytree(PACKAGE / "pixcl", stage / "pixcl", ignore=shutil.ignore_patterns("__pycache__", "_lib"))
        lib, licences = stage / "pixcl" / "_lib", stage / info / "licenses"
        lib.mkdir()
        licences.mkdir(parents=True)
        if windows:
            gather_windows(*built, lib, licences)
            tag = "py3-none-win_amd64"
        else:
            build, root = built
            machine = processor(build / "tools" / "pixcl")
            gather(build, System(root, f"{machine}-linux-gnu"), lib, licences)
            tag = f"py3-none-manylinux_2_{glibc_minor(lib)}_{machine}"
        shutil.copy(PROJECT / "LICENSE", licences)
        (stage / info / "METADATA").write_text(metadata(version))
        (stage / info / "WHEEL").write_text(
            f"Wheel-Version: 1.0\nGenerator: pixcl ({version})\nRoot-Is-Purelib: false\nTag: {tag}\n"
        )
        (stage / info / "entry_points.txt").write_text("[console_scripts]\npixcl = pixcl._program:main\n")
        wheel = folder / f"pixcl-{version}-{tag}.whl"
        write(wheel, stage, info)
        print(f"{wheel}: {wheel.stat().st_size / 1e6:.1f} MB, with {' '.join(sorted(it.name for it in lib.iterdir()))}")


if __name__ == "__main__":
    main()
