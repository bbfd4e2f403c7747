"""Results on disk, so that only what has changed is compiled again."""

import hashlib
import json
import os
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = ("amd", "commands", "intel", "intel_binary", "listing", "measured", "nvidia")  # that make a result


class Cache:
    """Without a folder it keeps nothing."""

    def __init__(self, folder):
        self.folder = folder
        if folder:
            os.makedirs(folder, exist_ok=True)
            self._tool = _hash_of_tool()

    def find(self, program, target):
        """What was kept, None when there is nothing or it cannot be read."""
        if not self.folder:
            return None
        try:
            with open(self._path(program, target), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def keep(self, program, target, result):
        if not self.folder:
            return
        # Written aside and renamed: two reports may share the folder.
        handle, aside = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(result, file)
        os.replace(aside, self._path(program, target))

    def _path(self, program, target):
        parts = (*map(str, program.identity), target.name, target.family.compiler(), self._tool)
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return os.path.join(self.folder, digest + ".json")


def _hash_of_tool():
    """Results are of the code that made them, too."""
    digest = hashlib.sha256()
    for name in MODULES:
        with open(os.path.join(HERE, name + ".py"), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()
