"""Structs, constants and functions are those of the headers, as a C compiler and a look at the text see them."""

import ctypes
import os
import re
import shutil
import subprocess

import pytest
from conftest import HEADERS

from pixcl import Status, _functions, _structs

COMPILER = shutil.which(os.environ.get("CC", "cc"))

if not HEADERS.is_dir():
    pytest.skip("there are no headers here", allow_module_level=True)

STRUCTS = {
    name: it for name, it in vars(_structs).items() if isinstance(it, type) and issubclass(it, ctypes.Structure)
}
del STRUCTS["Structure"]
CONSTANTS = {name: it for name, it in vars(_structs).items() if name.startswith("PIXCL_")}
CONSTANTS.update({"PIXCL_OK" if it == 0 else f"PIXCL_ERROR_{it.name}": int(it) for it in Status})


def lines_of_python():
    for name, it in STRUCTS.items():
        yield f"sizeof({name}) {ctypes.sizeof(it)}"
        for member, *_ in it._fields_:
            field = getattr(it, member)
            yield f"{name}.{member} {field.offset} {field.size}"
    for name, value in CONSTANTS.items():
        yield f"{name} {value}"


def program():
    yield "#include <stdio.h>"
    for header in sorted(HEADERS.glob("pixcl/*.h")):
        yield f'#include "pixcl/{header.name}"'
    yield "#define SIZE(t) printf(\"sizeof(%s) %zu\\n\", #t, sizeof(t));"
    yield "#define MEMBER(t, m) printf(\"%s.%s %zu %zu\\n\", #t, #m, offsetof(t, m), sizeof(((t *)0)->m));"
    yield "#define CONSTANT(c) printf(\"%s %d\\n\", #c, (int)c);"
    yield "int main(void) {"
    for name, it in STRUCTS.items():
        yield f"SIZE({name})"
        yield from (f"MEMBER({name}, {member})" for member, *_ in it._fields_)
    yield from (f"CONSTANT({name})" for name in CONSTANTS)
    yield "}"


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
def test_layouts_are_the_compilers(tmp_path):
    source, binary = tmp_path / "layouts.c", tmp_path / "layouts"
    source.write_text("\n".join(program()) + "\n")
    subprocess.run([COMPILER, "-std=c11", "-I", HEADERS, "-o", binary, source], check=True)
    printed = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
    assert printed.splitlines() == list(lines_of_python())


def text_of_headers():
    text = "\n".join(header.read_text() for header in sorted(HEADERS.glob("pixcl/*.h")))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


NUMBERS = {
    "void": None,
    "bool": ctypes.c_bool,
    "int": ctypes.c_int,
    "double": ctypes.c_double,
    "float": ctypes.c_float,
    "size_t": ctypes.c_size_t,
    "uint64_t": ctypes.c_uint64,
}


def fitting(declared):
    """The types of ctypes that stand for a type of C, given as "const pixcl_image *input" or without the name."""
    kind, stars = re.fullmatch(r"(?:const )?(\w+) ?(\**)(?:\w*)", declared.strip()).groups()
    if kind == "char":
        return [ctypes.c_char_p, ctypes.c_void_p]
    if kind.endswith("_fn"):
        return [getattr(_structs, kind)]
    if kind in STRUCTS:
        base = STRUCTS[kind]
    elif kind in NUMBERS:
        base = NUMBERS[kind]
    elif stars:  # an opaque struct: its pointer is a handle
        base, stars = ctypes.c_void_p, stars[1:]
    else:
        base = ctypes.c_int  # an enum
    if base is None and stars:
        base, stars = ctypes.c_void_p, stars[1:]
    for _ in stars:
        base = ctypes.POINTER(base)
    return [base]


def declared_functions():
    pattern = r"PIXCL_API ([\w ]+?\**)(pixcl_\w+)\(([^)]*)\);"
    for result, name, arguments in re.findall(pattern, text_of_headers()):
        yield name, result, [] if arguments == "void" else [" ".join(it.split()) for it in arguments.split(",")]


def test_functions_are_the_headers():
    declared = {name: (result, arguments) for name, result, arguments in declared_functions()}
    for name, (result, arguments) in _functions.SIGNATURES.items():
        assert name in declared
        c_result, c_arguments = declared[name]
        assert result in fitting(c_result), name
        assert len(arguments) == len(c_arguments), name
        for given, argument in zip(arguments, c_arguments):
            assert given in fitting(argument), f"{name}: {argument}"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pixcl_log_fn", _structs.pixcl_log_fn),
        ("pixcl_stop_fn", _structs.pixcl_stop_fn),
        ("pixcl_progress_fn", _structs.pixcl_progress_fn),
        ("row", _structs.check_row_fn),
        ("written", _structs.convert_written_fn),
    ],
)
def test_callbacks_are_the_headers(name, kind):
    texts = re.findall(rf"(\w+) \(\*{name}\)\(([^)]*)\)", text_of_headers())
    assert any(
        kind._restype_ in fitting(result)
        and len(kind._argtypes_) == len(arguments.split(","))
        and all(given in fitting(it) for given, it in zip(kind._argtypes_, arguments.split(",")))
        for result, arguments in texts
    ), texts
