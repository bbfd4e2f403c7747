"""What the convolutions' hot loops are expected to be, kept in densities.json, and whether results are as good."""

import json
import os

from table import is_convolution

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "densities.json")
ENOUGH = 0.95  # of the expected density
# dg2 of Debian 12's compiler spills in loops that its other targets have room for; later compilers do not.
MAY_SPILL = ("dg2",)


def read():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def write(results):
    """Keeps what is expected of targets whose loops are not known now. All of `results` were measured."""
    expected = read() if os.path.exists(PATH) else {"compilers": {}, "densities": {}}
    targets = {result.target.name for result in results if not result.measured.note}
    densities = {name: {target: figures for target, figures in of_program.items() if target not in targets}
                 for name, of_program in expected["densities"].items()}
    for result in results:
        if _counts(result):
            densities.setdefault(result.program.name, {})[result.target.name] = _figures(result.measured)
            expected["compilers"][result.target.name] = result.target.family.compiler()
    expected["densities"] = {name: figures for name, figures in sorted(densities.items()) if figures}
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(_to_text(expected))


def _to_text(expected):
    """A line for each program, so that a change of one is a change of one line."""
    def block(entries):
        return ",\n".join(f"    {json.dumps(name)}: {json.dumps(value, sort_keys=True)}" for name, value in entries)

    return ('{\n  "compilers": {\n' + block(sorted(expected["compilers"].items())) +
            '\n  },\n  "densities": {\n' + block(expected["densities"].items()) + "\n  }\n}\n")


def _counts(result):
    return result.measured and result.measured.work and is_convolution(result.program)


def _figures(measured):
    """[density] or, where vector instructions are counted by themselves, [density, that of those]."""
    figures = [measured.density, measured.vector_density]
    return [round(figure, 3) for figure in figures if figure is not None]


def complaints(results):
    """What is not as it should be, and what could not be compared; both as lines for people."""
    expected = read()
    wrong, untold = [], []
    for target in dict.fromkeys(result.target for result in results):
        of_target = [result for result in results if result.target is target]
        wrong += [line for result in of_target for line in _broken(result)]
        compiler, known = target.family.compiler(), expected["compilers"].get(target.name)
        notes = {result.measured.note for result in of_target if result.measured and result.measured.note}
        if notes:
            untold.append(f"{target.name}: densities not compared. {' '.join(sorted(notes))}.")
        elif known and known != compiler:
            untold.append(f"{target.name}: densities not compared, since they are expected of {known} and this is "
                          f"{compiler}")
        else:
            wrong += _worse(target.name, of_target, expected["densities"])
    return wrong, untold


def _broken(result):
    where = f"{result.target.name}: {result.program.path}"
    if result.error:
        return [f"{where} does not compile: {result.error}"]
    spilled, scratch = result.measured.spilled or 0, result.measured.scratch or 0
    if (spilled or scratch) and result.target.name not in MAY_SPILL:
        return [f"{where} does not stay in its registers: {spilled} bytes spilled, {scratch} bytes of scratch memory"]
    return []


def _worse(target, results, densities):
    known = {name: of_program[target] for name, of_program in densities.items() if target in of_program}
    by_name = {result.program.name: result for result in results}
    lines = [f"{target}: {name} is in densities.json, but in none of these plans"
             for name in sorted(set(known) - set(by_name))]
    for name, result in sorted(by_name.items()):
        where, wanted = f"{target}: {result.program.path}", known.get(name)
        if wanted is None and _counts(result):
            lines.append(f"{where} is not in densities.json: {name}")
        elif wanted is not None and result.measured and not _counts(result):
            lines.append(f"{where} has no loop of multiply-adds, a density of {wanted} is expected: {name}")
        elif wanted is not None and result.measured and _is_worse(_figures(result.measured), wanted):
            lines.append(f"{where} has a density of {_figures(result.measured)}, {wanted} is expected: {name}")
    return lines


def _is_worse(figures, wanted):
    return any(figure < ENOUGH * least for figure, least in zip(figures, wanted))
