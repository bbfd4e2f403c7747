#!/usr/bin/env python3
"""Compares what `pixcl plan` estimates with what `pixcl bench` takes, and writes a Markdown table.

The device's speed is measured anew, before and after the steps, and the best counts, as in a cache folder of its own.
Ends with 1 when an estimate is further from the truth than --within. On a machine that does other things neither the
speed nor the steps mean much.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RESNET = ["--netG", "resnet_9blocks", "--norm", "instance", "--no_dropout"]
CASES = {  # title: options of plan and of bench
    "pix2pix step, unet_256": [],
    "the same, batch 4": ["--batch_size", "4"],
    "the same, 512 pixels": ["--crop_size", "512"],
    "pix2pix step, unet_128 at 128, batch 8": ["--netG", "unet_128", "--crop_size", "128", "--batch_size", "8"],
    "the same, batch 1": ["--netG", "unet_128", "--crop_size", "128"],
    "CycleGAN step, resnet_9blocks": ["--model", "cycle_gan", "--pool_size", "0"],
    "resnet_9blocks, forward + backward": [*RESNET, "--part", "generator"],
    "resnet_9blocks, forward": [*RESNET, "--part", "forward"],
    "unet_256, forward": ["--part", "forward"],
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixcl", default=os.path.join(ROOT, "build", "tools", "pixcl"), help="the pixcl to compare")
    parser.add_argument("--device", default="", help="as for pixcl (default: its own choice)")
    parser.add_argument("--steps", type=int, default=7, help="steps timed in each case (default 7)")
    parser.add_argument("--within", type=float, default=25, metavar="PERCENT", help="how far off is too far (default 25)")
    parser.add_argument("--only", default="", metavar="WORDS", help="cases with this in their title")
    args = parser.parse_args()
    args.cases = {title: options for title, options in CASES.items() if args.only in title}
    if not args.cases:
        parser.error(f"--only {args.only}: no such case; there are {'; '.join(CASES)}")
    if args.steps < 1:
        parser.error(f"--steps {args.steps}: at least 1")
    if not os.access(args.pixcl, os.X_OK):
        parser.error(f"--pixcl {args.pixcl}: no program there; build it, or say where it is")
    return args


def run(args, command, *options):
    """What the command prints, with the device's tuning left out: a table made on a busy machine would count."""
    environment = {**os.environ, "PIXCL_TUNE": "off"}
    words = [args.pixcl, command, *options]
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}")
    return done.stdout


def main():
    args = parse()
    device = ["--device", args.device] if args.device else []
    with tempfile.TemporaryDirectory() as cache:
        os.environ["PIXCL_CACHE_DIR"] = cache
        run(args, "devices")
        taken = {}
        for title, options in args.cases.items():
            result = json.loads(run(args, "bench", *options, *device, "--steps", str(args.steps), "--json"))
            taken[title] = result["seconds_per_step"]
            print(f"{title}: {taken[title]:.4f} s", file=sys.stderr)
        run(args, "devices")  # keeps what is faster than before
        estimates = {title: json.loads(run(args, "plan", *options, *device, "--json"))["estimate"]
                     for title, options in args.cases.items()}
    speed = next(iter(estimates.values()))
    print(f"{speed['device']}: {speed['gflops']:.0f} GFLOP/s, {speed['gbps']:.1f} GB/s, "
          f"{1e6 * speed['launch_seconds']:.1f} us a launch\n")
    print("| work | estimate | taken | estimate / taken | arithmetic, memory, launches |\n|---|---|---|---|---|")
    far = 0
    for title, e in estimates.items():
        seconds = e["seconds_per_step"]
        ratio = seconds / taken[title]
        shares = ", ".join(f"{100 * e[part] / seconds:.0f}%"
                           for part in ("arithmetic_seconds", "memory_seconds", "launching_seconds"))
        far += abs(ratio - 1) > args.within / 100
        print(f"| {title} | {seconds:.3g} s | {taken[title]:.3g} s | {ratio:.2f} | {shares} |")
    if far:
        print(f"\n{far} of {len(estimates)} are more than {args.within:g}% off", file=sys.stderr)
    return 1 if far else 0


if __name__ == "__main__":
    sys.exit(main())
