#!/usr/bin/env python3
"""How far training drifts from PyTorch in float64 with each convolution algorithm, as a Markdown table.

Runs the golden training tests once for each algorithm, forced wherever it applies, and once as the planner chooses; what
it prints is the largest relative deviation of a loss from the third step on. Beside it stands PyTorch's own in float32,
the largest of some runs with pictures off by 1e-7. Steps are chaotic: factors of two mean nothing.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIXTURES = os.path.join(ROOT, "tests", "golden")
MODELS = ("pix2pix", "cycle_gan")
LINE = re.compile(r"^\S+\.json: .*, later (\S+)", re.M)
OVER = re.compile(r"^ERROR: .* of step (\d+) is (\S+), PyTorch has (\S+)", re.M)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", default=os.path.join(ROOT, "build", "tests", "golden", "golden_train"),
                        help="the program of the golden training tests")
    parser.add_argument("--algorithms", nargs="+", default=["", "direct", "winograd2"], metavar="NAME",
                        help="for PIXCL_CONV; '' is the planner's choice")
    parser.add_argument("--out", metavar="FILE", help="write the table here too")
    args = parser.parse_args()
    if not os.access(args.golden, os.X_OK):
        parser.error(f"--golden {args.golden}: no program there; build it, or say where it is")
    return args


def names():
    return sorted(os.path.basename(path)[:-5] for model in MODELS
                  for path in glob.glob(os.path.join(FIXTURES, model + "_*.json")))


def drift(golden, algorithm, name):
    """In bold where the test's bound was passed, which ends it at that step."""
    environment = {**os.environ, "PIXCL_CONV": algorithm, "PIXCL_TUNE": "off"}
    done = subprocess.run([golden, "opencl", name + ".json"], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    line, over = LINE.search(done.stdout), OVER.search(done.stdout)
    if line and done.returncode == 0:
        return line[1]
    if not over:
        sys.exit(f"{algorithm or 'the planner'}, {name}: ended with {done.returncode}\n{done.stdout}")
    value, truth = float(over[2]), float(over[3])
    return f"**{abs(value - truth) / abs(truth):.1e}** (step {over[1]})"


def of_pytorch(name):
    with open(os.path.join(FIXTURES, name + ".json"), encoding="utf-8") as file:
        return f"{max(json.load(file)['spread'][2:]):.1e}"


def main():
    args = parse()
    lines = ["| steps | PyTorch in float32 | " + " | ".join(a or "as planned" for a in args.algorithms) + " |",
             "|---" * (len(args.algorithms) + 2) + "|"]
    for name in names():
        cells = [name, of_pytorch(name), *(drift(args.golden, algorithm, name) for algorithm in args.algorithms)]
        lines.append("| " + " | ".join(cells) + " |")
    print("\n".join(lines))
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
