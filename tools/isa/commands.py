"""Running other people's compilers."""

import functools
import os
import shutil
import subprocess


class CompileError(Exception):
    """A compiler refused a program, or wrote something that nobody here can read."""


@functools.lru_cache(maxsize=None)
def find(*names):
    """The path of the first of these programs that is installed; None without any. CLANG, OCLOC, PTXAS and NVDISASM in
    the environment name another one; empty, none."""
    named = os.environ.get(os.path.basename(names[-1]).upper())
    candidates = names if named is None else [named]
    return next((path for path in map(shutil.which, candidates) if path), None)


def run(command, **options):
    """Standard output and error together; CompileError with their end when the command fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          text=True, errors="replace", check=False, **options)
    if done.returncode != 0:
        shown = done.stdout.strip()[-2000:]
        raise CompileError(f"{os.path.basename(command[0])} ended with {done.returncode}: {shown or 'no message'}")
    return done.stdout


@functools.lru_cache(maxsize=None)
def version(*command):
    """The line of what a program says about itself that has a version in it."""
    lines = run(list(command)).strip().split("\n")
    return next((line.strip() for line in lines if "version" in line or ", V" in line), lines[0].strip())
