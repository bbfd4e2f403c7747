"""Work in stages, each done once: what was finished with the same commands is skipped, and an interrupted training goes
on from its checkpoint. Everything lies in one folder:

    stamps/NAME.json      written when a stage is complete: its key, made of its commands and of the keys it rests on
    log/NAME.txt          what pixcl printed
    data, checkpoints...  what the stages make
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time


def key_of(*parts):
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def read_json(path):
    """What one of our files holds; None when it is not there."""
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def write_json(path, value):
    """The whole file or nothing of it."""
    with open(path + ".new", "w") as file:
        json.dump(value, file)
    os.replace(path + ".new", path)


class Stages:
    def __init__(self, program, folder, device):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.device = ["--device", device] if device else []
        for part in ("stamps", "log", "data", "checkpoints"):
            os.makedirs(self.path(part), exist_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.interrupted)

    @staticmethod
    def interrupted(number, frame):
        raise KeyboardInterrupt

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def pixcl(self, name, command, *arguments):
        """Runs pixcl to its end. A signal is passed on, so that training saves before it ends."""
        words = [self.program, command, *map(str, arguments), *(self.device if command != "synth" else [])]
        log = self.path("log", name + ".txt")
        with open(log, "a") as output:
            output.write("$ " + " ".join(words) + "\n")
            output.flush()
            # a session of its own: Ctrl-C reaches pixcl once, through here
            child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                     start_new_session=True)
            try:
                status = child.wait()
            except KeyboardInterrupt:
                child.send_signal(signal.SIGINT)
                child.wait()
                raise
        if status != 0:
            with open(log) as output:
                last = "".join(output.readlines()[-10:])
            sys.exit(f"\nexperiments: exit code {status} of the last command in {log}, which ends with\n{last}")

    def once(self, name, what, key, make):
        """Calls make() unless that was done with this key. Returns the key, for the stages that rest on this one."""
        stamp = self.path("stamps", name + ".json")
        if read_json(stamp) != key:
            print(what, "... ", end="", flush=True)
            start = time.monotonic()
            make()
            write_json(stamp, key)
            print(f"{time.monotonic() - start:.0f} s", flush=True)
        return key

    def synth(self, name, options):
        """Draws a set into data/NAME. Returns its folder and its key."""
        folder = self.path("data", name)

        def make():
            shutil.rmtree(folder, ignore_errors=True)
            self.pixcl("synth", "synth", folder, *options)
        return folder, self.once(name, f"drawing the set {name}", key_of(options), make)

    def train(self, name, options, data_key):
        """Trains checkpoints/NAME. Returns its key."""
        run = ["--name", name, "--checkpoints_dir", self.path("checkpoints")]
        folder, begun = self.path("checkpoints", name), self.path("stamps", name + ".begun.json")
        key = key_of(options, data_key)

        def make():
            if read_json(begun) == key and os.path.exists(os.path.join(folder, "latest.safetensors")):
                self.pixcl(name, "train", "--continue_train", *run)
                return
            shutil.rmtree(folder, ignore_errors=True)
            write_json(begun, key)
            self.pixcl(name, "train", *run, *options)
        return self.once(name, f"training {name}", key, make)

    def test(self, name, view, options, key):
        """Translates test pictures with checkpoints/NAME into results/VIEW/NAME. Returns the key of the results."""
        folder = self.path("results", view)

        def make():
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
            self.pixcl(name, "test", "--name", name, "--checkpoints_dir", self.path("checkpoints"), "--results_dir",
                       folder, *options)
        return self.once(f"{name}.{view}", f"testing {name} {view}", key_of(options, key), make)

    def tested(self, name, view, *parts):
        """A file among the results; there is one phase."""
        folder = self.path("results", view, name)
        return os.path.join(folder, os.listdir(folder)[0], *parts)

    def images(self, name, view, label):
        """The pictures with this label that pixcl test wrote, in the order of their names."""
        names = sorted(os.listdir(self.tested(name, view, "images")))
        return [self.tested(name, view, "images", file) for file in names if file.endswith(f"_{label}.png")]

    def trained(self, name):
        """Steps and seconds of the training, breaks left out."""
        with open(self.path("checkpoints", name, "history.jsonl")) as history:
            last = json.loads(history.readlines()[-1])
        return last["step"], last["seconds"]
