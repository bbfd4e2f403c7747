"""Results as tables: aligned text for a terminal, Markdown for a page."""

from programs import short_names

COLUMNS = ("program", "share", "registers", "spilled", "scratch", "local", "lanes", "waves", "multiply-adds / slots",
           "density", "per vector", "what else is in the loop")
LEFT = (0, 11)
OTHERS = 3  # kinds of instructions that a row names


def is_convolution(program):
    """Whether it is one of the kernels that multiply and add all day, whose density counts."""
    return program.kernel.startswith(("conv_", "wgrad"))


def text(results, whole):
    """`whole`: every program has a row, not only those that deserve one."""
    return _tables(results, whole, _aligned, "{}\n\n")


def markdown(results, whole):
    return _tables(results, whole, _piped, "## {}\n\n")


def _tables(results, whole, lay_out, heading):
    names = short_names([result.program for result in results])
    parts = []
    for target in dict.fromkeys(result.target for result in results):
        of_target = [result for result in results if result.target is target]
        shown = [result for result in of_target if whole or _deserves_row(result)]
        title = f"{target.name}, {target.devices} ({target.family.compiler()})"
        parts.append(heading.format(title))
        if shown:
            parts.append(lay_out([COLUMNS] + [_row(result, names) for result in shown]) + "\n")
        parts.append(_summary([result for result in of_target if result not in shown]))
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def _deserves_row(result):
    measured = result.measured
    return not measured or measured.spilled or measured.scratch or is_convolution(result.program) and measured.work


def _summary(results):
    """A line for the programs without a row."""
    if not results:
        return ""
    most = max(results, key=lambda result: result.measured.registers or 0)
    registers = most.measured.registers
    return f"{len(results)} other programs" + (
        f": nothing spilled, no scratch memory, at most {registers} registers ({most.program.kernel})." if registers
        else " compile.") + (f" {most.measured.note}." if most.measured.note else "") + "\n"


def _row(result, names):
    name, share = names[result.program.identity], f"{100 * result.program.share:.1f}%"
    measured = result.measured
    if not measured:
        return (name, share, "does not compile") + ("",) * (len(COLUMNS) - 3)
    scalars = measured.scalar_registers
    others = list((measured.others or {}).items())[:OTHERS]
    return (
        name,
        share,
        _number(measured.registers) + (f"+{scalars}" if scalars is not None else ""),
        _number(measured.spilled) + (f"+{measured.scalars_spilled}" if measured.scalars_spilled else ""),
        _number(measured.scratch),
        _number(measured.local_memory),
        _number(measured.wave_size),
        _number(measured.waves),
        f"{measured.work:g} / {measured.slots:g}" if measured.work else "",
        f"{measured.density:.3f}" if measured.work else "",
        f"{measured.vector_density:.3f}" if measured.vector_density else "",
        ", ".join(f"{count} {op}" for op, count in others),
    )


def _number(value):
    return "" if value is None else str(value)


def _aligned(rows):
    rows = _without_empty_columns(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    left = [rows[0][column] in (COLUMNS[0], COLUMNS[-1]) for column in range(len(widths))]
    lines = ("  ".join(cell.ljust(width) if at_left else cell.rjust(width)
                       for cell, width, at_left in zip(row, widths, left)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"


def _piped(rows):
    rows = _without_empty_columns(rows)
    rule = ["---" if name in (COLUMNS[0], COLUMNS[-1]) else "---:" for name in rows[0]]
    return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], rule, *rows[1:]]) + "\n"


def _without_empty_columns(rows):
    used = [column for column in range(len(rows[0])) if any(row[column] for row in rows[1:])]
    return [[row[column] for column in used] for row in rows]
