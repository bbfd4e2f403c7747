"""A copy of the tree with a build folder of its own, where a file can be broken, built and tested."""

import collections
import fcntl
import hashlib
import json
import os
import shutil
import subprocess

# What a test may take beside the usual: drivers compile a changed kernel, and other work slows the machine.
PATIENCE_SECONDS, PATIENCE_FACTOR = 120, 4


class WorkError(Exception):
    """The copy cannot be built or tested as it is."""


class Workspace:
    """Everything is in `folder`: the copy, its build, the caches and the files of tests."""

    def __init__(self, root, folder, jobs):
        self._root, self._folder, self._jobs = root, folder, jobs
        self._tree, self._build = os.path.join(folder, "tree"), os.path.join(folder, "build")
        for name in ("tree", "cache", "tmp"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        self._lock = open(os.path.join(folder, "lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WorkError(f"{folder}: another run works in this folder; wait for it, or give another one") from None
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("PIXCL_")}
        # A driver that keeps compiled kernels keeps them here: broken ones are no one else's.
        self._environment.update(XDG_CACHE_HOME=os.path.join(folder, "cache"), TMPDIR=os.path.join(folder, "tmp"))
        self._tests = self._targets = None

    def update(self):
        """Makes the copy as the tree is. Files that are the same keep their times, so that little is built anew."""
        names = _files(self._root)
        for folder, _, files in os.walk(self._tree):
            for name in files:
                path = os.path.relpath(os.path.join(folder, name), self._tree)
                if path not in names:
                    os.remove(os.path.join(self._tree, path))
        for name in names:
            _copy_changed(os.path.join(self._root, name), os.path.join(self._tree, name))
        shutil.rmtree(os.path.join(self._folder, "tmp"))
        os.makedirs(os.path.join(self._folder, "tmp"))
        if not os.path.exists(os.path.join(self._build, "build.ninja")):
            self._run("setup", ["meson", "setup", self._build, self._tree])
        self._run("configure", ["ninja", "-C", self._build, "build.ninja"])

    def digests(self):
        """Two that tell trees apart: by the product alone, and with the tests. What people read, and this tool, are in
        neither."""
        product, everything = hashlib.sha256(), hashlib.sha256()
        for name in sorted(_files(self._root)):
            if name.startswith("tools/mutate/") or name.endswith(".md"):
                continue
            with open(os.path.join(self._root, name), "rb") as file:
                entry = name.encode() + b"\0" + hashlib.sha256(file.read()).digest()
            everything.update(entry)
            if not name.startswith("tests/"):
                product.update(entry)
        return product.hexdigest()[:16], everything.hexdigest()[:16]

    def read(self, name):
        with open(os.path.join(self._tree, name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        if self.read(name) == text:
            return  # it keeps its time, and what was made of it
        with open(os.path.join(self._tree, name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_names(self):
        return set(self._all_tests())

    def build(self, name):
        """Builds what a test needs. Returns "", or the end of what the compiler said."""
        targets = sorted({file for test in self._all_tests()[name] for target in test["depends"]
                          for file in self._all_targets()[target]})
        jobs = ["-j", str(self._jobs)] if self._jobs else []
        try:
            self._run("build", ["ninja", "-C", self._build, *jobs, *targets])
        except WorkError as error:
            return str(error)
        return ""

    def test(self, name, usual_seconds=None):
        """Runs one test, or all of that name: the result in Meson's words (OK, FAIL, SKIP, TIMEOUT, ..), and the seconds
        that it took. With the seconds that it usually takes, one that hangs is not waited for longer than it needs."""
        own = max(test["timeout"] for test in self._all_tests()[name])
        limit = min(own, PATIENCE_SECONDS + PATIENCE_FACTOR * usual_seconds) if usual_seconds is not None else own
        log = os.path.join(self._build, "meson-logs", "testlog.json")
        if os.path.exists(log):
            os.remove(log)
        command = ["meson", "test", "-C", self._build, "--no-rebuild", "--num-processes", "1", "--timeout-multiplier",
                   f"{limit / own:.4f}", name]
        _, printed = self._call(command)
        try:
            with open(log, encoding="utf-8") as file:
                results = [json.loads(line) for line in file]
        except (OSError, ValueError):
            results = []
        if not results:
            raise WorkError(f"meson test {name} left no result: {printed.strip()[-1000:]}")
        worst = next((one["result"] for one in results if one["result"] != "OK"), "OK")
        return worst, sum(one["duration"] for one in results)

    def _all_tests(self):
        if self._tests is None:
            self._tests = collections.defaultdict(list)
            for test in self._introspect("--tests"):
                self._tests[test["name"]].append(test)
        return self._tests

    def _all_targets(self):
        if self._targets is None:
            self._targets = {target["id"]: [os.path.relpath(name, self._build) for name in target["filename"]]
                             for target in self._introspect("--targets")}
        return self._targets

    def _introspect(self, what):
        return json.loads(self._run("introspect", ["meson", "introspect", self._build, what]))

    def _run(self, what, command):
        code, printed = self._call(command)
        if code != 0:
            raise WorkError(f"{what} failed: {printed.strip()[-2000:]}")
        return printed

    def _call(self, command):
        """The exit code, and what was printed."""
        with subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace") as process:
            try:
                printed, _ = process.communicate()
            except BaseException:
                process.terminate()  # Meson then ends the test, which is not of this group
                process.communicate()
                raise
        return process.returncode, printed


def _files(root):
    """The paths of the project's files: what version control knows or has yet to learn of, or all of an archive."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else []
    if not names:
        for folder, folders, files in os.walk(root):
            if folder == root:
                folders[:] = [name for name in folders if not name.startswith("build") and name not in (".git", "runs")]
            names += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return {name for name in names if os.path.isfile(os.path.join(root, name))}


def _copy_changed(source, target):
    with open(source, "rb") as file:
        wanted = file.read()
    try:
        with open(target, "rb") as file:
            if file.read() == wanted:
                return
    except OSError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(wanted)
    shutil.copymode(source, target)
