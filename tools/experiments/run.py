#!/usr/bin/env python3
"""Repeats the papers' comparisons at small scale, and writes one page with the papers' order beside ours.

Trains and evaluates everything with the pixcl command: objectives, generators and patches of pix2pix on pairs, cycles
and GAN losses of CycleGAN on synthetic pictures without pairs. What is finished is not done again: after Ctrl-C, the
same command goes on.
"""

import argparse
import os
import sys
import time

import page
from comparisons import COMPARISONS, SIZES
from cycle import Cycle
from pairs import Pairs
from stages import Stages

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixcl", default=os.path.join(ROOT, "build", "tools", "pixcl"), help="the pixcl to run")
    parser.add_argument("--maps", metavar="DIR", help="labels -> photo on the reference's maps set, not on synthetic "
                        "facades")
    parser.add_argument("--out", metavar="DIR", help="everything goes here (default runs/experiments, with -quick and "
                        "-maps behind it)")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--quick", action="store_const", dest="size", const="quick", default="full",
                        help="a few hundred steps each, to see that everything works")
    amount.add_argument("--smoke", action="store_const", dest="size", const="smoke",
                        help="ten steps each, for the test")
    parser.add_argument("--only", metavar="NAME,...", help="of the comparisons only these: "
                        + ", ".join(comparison.name for comparison in COMPARISONS))
    parser.add_argument("--seed", type=int, default=0, help="of the networks and of training (default 0)")
    parser.add_argument("--device", help="as in pixcl train")
    args = parser.parse_args()
    if not os.access(args.pixcl, os.X_OK):
        parser.error(f"--pixcl {args.pixcl}: no program there; build it, or say where it is")
    names = args.only.split(",") if args.only else [comparison.name for comparison in COMPARISONS]
    args.comparisons = [comparison for comparison in COMPARISONS if comparison.name in names]
    if len(args.comparisons) != len(names):
        parser.error(f"--only {args.only}: there are " + ", ".join(comparison.name for comparison in COMPARISONS))
    if not args.out:
        args.out = os.path.join("runs", "experiments" + f"-{args.size}" * (args.size != "full")
                                + "-maps" * bool(args.maps))
    return args


def facts(args, runs):
    command = f"run.py{f' --{args.size}' * (args.size != 'full')}{' --maps DIR' * bool(args.maps)} --seed {args.seed}"
    minutes = sum(run.seconds for run in runs.values()) / 60
    return [f"{len(runs)} runs by {command}, {minutes:.1f} minutes of training."]


def main():
    args = parse()
    start = time.monotonic()
    stages = Stages(args.pixcl, args.out, args.device)
    size = SIZES[args.size]
    kinds = [kind for kind in (Pairs(stages, size, args.seed, args.maps), Cycle(stages, size, args.seed))
             if any(comparison.of(kind.runs) for comparison in args.comparisons)]
    wanted = {run for comparison in args.comparisons for run, _, _ in comparison.rows}
    runs = {}
    try:
        for kind in kinds:
            runs.update(kind.run(wanted))
        page.write(args.out, args.comparisons, kinds, runs, facts(args, runs))
    except KeyboardInterrupt:
        sys.exit("\nexperiments: stopped; the same command goes on from here")
    print(f"{(time.monotonic() - start) / 60:.0f} minutes. Look at {args.out}/index.html, or the tables in "
          f"{args.out}/results.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
