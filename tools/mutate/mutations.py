"""The list of mutations: what mutations.txt says, and whether the tree still has the texts that it speaks of."""

import dataclasses
import os


class ListError(Exception):
    """The list cannot be read, or does not fit the tree."""


@dataclasses.dataclass
class Mutation:
    file: str
    what: str  # the mistake, in words
    line: int  # of the list
    old: list = dataclasses.field(default_factory=list)  # lines
    new: list = dataclasses.field(default_factory=list)
    tests: list = dataclasses.field(default_factory=list)
    survives: str = ""  # why no test can notice it; usually there is no such reason

    @property
    def title(self):
        return f"{self.file}: {self.what}"

    @property
    def room(self):
        parts = self.file.split("/")
        return parts[1] if parts[0] == "src" else parts[0]

    def apply(self, text):
        """The file's text with the mistake in it."""
        old, new = "\n".join(self.old), "\n".join(self.new)
        found = text.count(old)
        if found != 1:
            raise ListError(f"{self.title} (line {self.line} of the list): its text occurs {found} times in "
                            f"{self.file}, expected once: {old.strip()}")
        return text.replace(old, new)


def read(path):
    """All mutations of a list, in its order."""
    mutations = []
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    begun = None
    for number, line in enumerate(lines, 1):
        try:
            begun = _take(begun, line, number, mutations)
        except ListError as error:
            raise ListError(f"{path}:{number}: {error}") from None
    _finish(begun, mutations)
    titles = [mutation.title for mutation in mutations]
    for title in titles:
        if titles.count(title) > 1:
            raise ListError(f"{path}: there are two of {title}")
    return mutations


def check(mutations, root):
    """What is wrong with the list in this tree, a text for each mutation."""
    findings = []
    for mutation in mutations:
        try:
            with open(os.path.join(root, mutation.file), encoding="utf-8") as file:
                mutation.apply(file.read())
        except (OSError, ListError) as error:
            findings.append(str(error))
    return findings


def _take(begun, line, number, mutations):
    """One line of the list. Returns the mutation that goes on behind it, None between two."""
    if line.startswith("#"):
        return begun
    if not line:
        _finish(begun, mutations)
        return None
    if begun is None:
        file, colon, what = line.partition(": ")
        if not colon or " " in file:
            raise ListError(f'expected "FILE: THE MISTAKE" in front of a mutation, not "{line}"')
        return Mutation(file, what, number)
    word, _, rest = line.partition(" ")
    if word == "-" and not begun.new:
        begun.old.append(line[2:])
    elif word == "+":
        begun.new.append(line[2:])
    elif word == "tests:":
        begun.tests = rest.split()
    elif word == "survives:":
        begun.survives = rest
    else:
        raise ListError(f'expected "- TEXT", "+ TEXT", "tests: NAME.." or "survives: REASON", not "{line}"')
    return begun


def _finish(mutation, mutations):
    if mutation is None:
        return
    if not mutation.old or not mutation.new or mutation.old == mutation.new or not mutation.tests:
        raise ListError(f"line {mutation.line}: {mutation.title} needs a text, another one in its place, and tests")
    mutations.append(mutation)
