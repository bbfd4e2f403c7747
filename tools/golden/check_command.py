"""Holds the command against PyTorch, in both directions: weights that PyTorch saved give PyTorch's losses, and the
networks that `pixcl convert` writes are PyTorch's, and do there what they do in pixcl.

usage: check_command.py PIXCL [CASE...]
The cases are those of train_steps.py; without any, the small ones. Needs python3-pil.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

import export
import formula
import models
import train_steps

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "tests", "golden")
ALLOWED = (1e-4, 1e-3, 2e-2)  # losses of step 1, 2 and later, as in test_golden_train.c


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit("%s\ncheck_command: exit code %d of: %s" % (done.stdout, done.returncode, " ".join(command)))


def check_losses(fixture, folder):
    """Largest deviation of each step's losses."""
    with open(os.path.join(folder, "history.jsonl"), encoding="utf-8") as history:
        seen = [json.loads(line) for line in history]
    truth = [step["float64"] for step in fixture["steps"]]
    if len(seen) != len(truth):
        sys.exit("check_command: %d steps in %s, expected %d" % (len(seen), folder, len(truth)))
    worst = train_steps.deviation([step["losses"] for step in seen], truth)
    for i, deviation in enumerate(worst):
        if deviation > ALLOWED[min(i, 2)]:
            sys.exit("check_command: the losses of step %d are %.1e off" % (i + 1, deviation))
    return worst


def load(fixture, folder):
    """The networks with the weights in the folder, every key of which must be PyTorch's and the other way round."""
    nets = models.create(fixture["config"]).nets
    counts = fixture["last_step_float64"]["batches_tracked"]
    for name, net in nets.items():
        net.load_state_dict(torch.load(os.path.join(folder, "latest_net_%s.pth" % name)), strict=True)
        seen = {int(v) for k, v in net.state_dict().items() if k.endswith("num_batches_tracked")}
        if seen - {counts.get(name)}:
            sys.exit("check_command: %s has counted %s batches, expected %d" % (name, seen, counts[name]))
    return nets


def check_output(pixcl, config, nets, checkpoint, folder):
    """The generators' pictures from PyTorch and from the command, in 8 bits: how far apart at most."""
    worst = 0
    ends = [("G", "AtoB", 0, "input_nc")] if "G" in nets else [("G_A", "AtoB", 0, "input_nc"),
                                                              ("G_B", "BtoA", 1, "output_nc")]
    for name, direction, side, channels in ends:
        size, path = config["crop_size"], os.path.join(folder, "out.png")
        pixels = formula.picture(0, size)[:, side * size:(side + 1) * size]
        export.save_picture(pixels, config[channels], folder, "in.png")
        way = [] if name == "G" else ["--direction", direction]
        run(pixcl, "translate", os.path.join(folder, "in.png"), "-o", path, "--checkpoint", checkpoint, *way)
        with torch.no_grad():
            made = nets[name](torch.from_numpy(formula.planes(pixels)[None, :config[channels]]))[0].numpy()
        seen = np.atleast_3d(np.asarray(Image.open(path), np.float32)).transpose(2, 0, 1)
        worst = max(worst, float(np.abs((made + 1) * 127.5 - seen).max()))
    if worst > 0.51:  # rounding, and a little more where a colour lies halfway
        sys.exit("check_command: outputs are %.2f levels apart" % worst)
    return worst


def check(pixcl, case):
    with open(os.path.join(GOLDEN, case + ".json"), encoding="utf-8") as file:
        fixture = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        checkpoints, pth = os.path.join(folder, "checkpoints"), os.path.join(folder, "pth")
        run(pixcl, *export.export(case, folder), "--checkpoints_dir", checkpoints, "--no_html")
        worst = check_losses(fixture, os.path.join(checkpoints, case))
        checkpoint = os.path.join(checkpoints, case)
        run(pixcl, "convert", checkpoint, "--to", pth)
        apart = check_output(pixcl, fixture["config"], load(fixture, pth), checkpoint, folder)
    print(case, "losses", *("%.1e" % w for w in worst), "outputs %.2f levels" % apart, flush=True)


def main():
    cases = sys.argv[2:] or [c for c in train_steps.CASES if train_steps.config_of(c)["ngf"] < 64]
    unknown = [c for c in cases if c not in train_steps.CASES]
    if len(sys.argv) < 2 or unknown:
        print(__doc__ + "\ncases: " + " ".join(train_steps.CASES), file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    for case in cases:
        check(os.path.realpath(sys.argv[1]), case)
    return 0


if __name__ == "__main__":
    sys.exit(main())
