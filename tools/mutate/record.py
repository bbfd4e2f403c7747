"""What a folder's runs have found so far, a line each, so that an interrupted run goes on."""

import hashlib
import json


class Record:
    def __init__(self, path, tree, again):
        self._path, self._tree, self._lines = path, tree, {}
        if again:
            open(path, "w", encoding="utf-8").close()
        try:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    self._take(line)
        except FileNotFoundError:
            pass

    def find(self, *key):
        """What was kept of this tree under a key, None without."""
        return self._lines.get(_hash(key))

    def keep(self, value, *key):
        line = {"tree": self._tree, "key": _hash(key), "value": value}
        self._lines[line["key"]] = value
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _take(self, line):
        try:
            entry = json.loads(line)
        except ValueError:
            return  # cut short by a kill
        if entry["tree"] == self._tree:
            self._lines[entry["key"]] = entry["value"]


def _hash(key):
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
