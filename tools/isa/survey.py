"""Every program compiled for every target."""

import concurrent.futures
import sys
import tempfile
from dataclasses import dataclass
from typing import Optional

from commands import CompileError
from measured import Measured
from programs import Program
from targets import Target


@dataclass
class Result:
    program: Program
    target: Target
    measured: Optional[Measured] = None
    error: Optional[str] = None  # why there is nothing measured


def survey(programs, targets, cache, jobs):
    """The results in the order of the targets, and of the programs within a target."""
    wanted = [(program, target) for target in targets for program in programs if target.name in program.targets]
    results = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(lambda pair: _measure(*pair, cache), wanted):
            results.append(result)
            _show_progress(len(results), len(wanted))
    return results


def _measure(program, target, cache):
    kept = cache.find(program, target)
    if kept:
        return Result(program, target, Measured(**kept))
    try:
        with tempfile.TemporaryDirectory(prefix="pixcl-isa-") as folder:
            measured = target.family.build(program, target.name, folder)
    except CompileError as error:
        return Result(program, target, error=str(error))
    cache.keep(program, target, measured.to_json())
    return Result(program, target, measured)


def _show_progress(done, count):
    if sys.stderr.isatty():
        end = "\r" if done < count else "\n"
        print(f"compiled {done} of {count}", end=end, file=sys.stderr, flush=True)
