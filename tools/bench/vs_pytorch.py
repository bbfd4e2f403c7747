"""Compares pixcl with PyTorch on the same CPU cores, and writes a Markdown table of speed and memory.

Both sides run in turns, each time as a new process pinned to the same cores. A pair is one run of each; the speed-up
is the median over the pairs of PyTorch's seconds by pixcl's, so that a machine that slows down for a while slows both.
PyTorch runs in both of its memory layouts, and the one with the lower median counts. Memory is what the kernel reports
as each process's resident peak, the interpreter and the OpenCL driver included; setting up counts for pixcl alone.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
UNET = ["--model", "pix2pix", "--netG", "unet_256", "--norm", "batch"]
RESNET = ["--model", "pix2pix", "--netG", "resnet_9blocks", "--norm", "instance", "--no_dropout"]
# No image pool on either side: while a pool fills, as it would all the time here, it only stores pictures.
CYCLE_GAN = ["--model", "cycle_gan", "--netG", "resnet_9blocks", "--norm", "instance", "--gan_mode", "lsgan",
             "--lambda_identity", "0.5", "--pool_size", "0"]
CASES = {  # name: title, and the options that both sides understand
    "step-unet_256": ("pix2pix step, unet_256", ["--part", "step", *UNET]),
    "step-cycle_gan": ("CycleGAN step, resnet_9blocks", ["--part", "step", *CYCLE_GAN]),
    "generator-resnet_9blocks": ("resnet_9blocks, forward + backward", ["--part", "generator", *RESNET]),
    "forward-unet_256": ("unet_256, forward", ["--part", "forward", *UNET]),
    "forward-resnet_9blocks": ("resnet_9blocks, forward", ["--part", "forward", *RESNET]),
}
SIZE = ["--crop_size", "256", "--batch_size", "1"]
LAYOUTS = {"contiguous": [], "channels_last": ["--channels_last"]}
# Libraries are known by what is mapped after a product: Debian's PyTorch takes whichever BLAS is installed.
DESCRIBE_TORCH = r"""
import re, torch
torch.ones(64, 64) @ torch.ones(64, 64)
names = set(re.findall(r"/(lib[^/\n]*(?:blas|dnnl)[^/\n]*)$", open("/proc/self/maps").read(), re.M))
print("PyTorch", torch.__version__, "(" + ", ".join(sorted(names) or ["no BLAS or oneDNN library"]) + ")")
"""


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    return int(text)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixcl", default=os.path.join(ROOT, "build", "tools", "pixcl"), help="the pixcl to time")
    parser.add_argument("--pairs", type=positive, default=3, help="paired runs of each case (default 3)")
    parser.add_argument("--steps", type=positive, default=10, help="steps timed in each run, after 2 more (default 10)")
    parser.add_argument("--threads", type=positive, default=2, help="cores and threads of both sides (default 2)")
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this in their name: " + ", ".join(CASES))
    parser.add_argument("--out", metavar="FILE", help="write the table here too")
    args = parser.parse_args()
    args.cases = {name: case for name, case in CASES.items() if args.only in name}
    if not args.cases:
        parser.error(f"--only {args.only}: no such case; there are {', '.join(CASES)}")
    if not os.access(args.pixcl, os.X_OK):
        parser.error(f"--pixcl {args.pixcl}: no program there; build it, or say where it is")
    cores = sorted(os.sched_getaffinity(0))
    if args.threads > len(cores):
        parser.error(f"--threads {args.threads}: only {len(cores)} cores may be used")
    args.cores = cores[:args.threads]
    return args


def pin(args):
    """Every child inherits the cores, and learns of the number of threads."""
    os.sched_setaffinity(0, args.cores)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POCL_MAX_PTHREAD_COUNT"):
        os.environ[name] = str(args.threads)


def run(command):
    """The JSON object that the command prints, with the process's resident peak as "resident"."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if child.returncode != 0:
        sys.exit(f"vs_pytorch: exit code {child.returncode} of: {' '.join(command)}")
    try:
        result = json.loads(text)
    except ValueError:
        sys.exit(f"vs_pytorch: no JSON object but {text[:200]!r} from: {' '.join(command)}")
    result["resident"] = usage.ru_maxrss * 1024
    return result


def show(name, who, result):
    print(f"{name}: {who} {result['seconds_per_step']:.4f} s, {result['resident'] / 1e6:.0f} MB resident",
          file=sys.stderr, flush=True)


def compare(name, args):
    """One row of the table."""
    title, options = args.cases[name]
    torch = ["/usr/bin/python3", os.path.join(HERE, "pytorch_step.py"), "--threads", str(args.threads),
             "--steps", str(args.steps), *SIZE, *options]
    bench = [args.pixcl, "bench", "--device", "cpu", "--json", *SIZE, *options]
    runners = {"pixcl": bench + ["--steps", str(args.steps)]}
    runners.update((layout, torch + extra) for layout, extra in LAYOUTS.items())
    run(bench + ["--steps", "1"])  # fills the driver's kernel cache; compiling is no part of the comparison
    runs = {who: [] for who in runners}
    for pair in range(args.pairs):
        # every other pair the other way round: neither side always comes first
        for who in list(runners)[::-1 if pair % 2 == 0 else 1]:
            runs[who].append(run(runners[who]))
            show(name, who, runs[who][-1])

    def median(who, field):
        return statistics.median(result[field] for result in runs[who])

    layout = min(LAYOUTS, key=lambda who: median(who, "seconds_per_step"))
    ratios = [t["seconds_per_step"] / p["seconds_per_step"] for t, p in zip(runs[layout], runs["pixcl"])]
    return {
        "title": title,
        "layout": layout,
        "torch_seconds": median(layout, "seconds_per_step"),
        "pixcl_seconds": median("pixcl", "seconds_per_step"),
        "ratio": statistics.median(ratios),
        "ratio_range": (min(ratios), max(ratios)),
        "torch_resident": median(layout, "resident"),
        "pixcl_resident": median("pixcl", "resident"),
        "device_bytes": median("pixcl", "peak_bytes"),
        "device": runs["pixcl"][0]["device"],
    }


def planned(args, name, row):
    """What `pixcl plan` says of a training step, the only part that it plans, beside what the step took."""
    options = args.cases[name][1][2:]  # without --part
    said = run([args.pixcl, "plan", "--device", "cpu", "--json", *SIZE, *options])["bytes"]
    used = int(row["device_bytes"])
    return (f"`pixcl plan` says {said} bytes for the {row['title']}; `pixcl bench` "
            + ("took just those." if said == used else f"took {used}."))


def first_line(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout:
        sys.exit(f"vs_pytorch: exit code {done.returncode}, or nothing printed, of: {' '.join(command)}")
    return done.stdout.splitlines()[0]


def machine(args, load):
    with open("/proc/cpuinfo") as info:
        found = re.search(r"^model name\s*:\s*(.+)$", info.read(), re.M)
    cpu = found.group(1) if found else platform.machine()
    return [f"{cpu}, {args.threads} of {os.cpu_count()} cores, Linux {platform.release()}",
            first_line(["/usr/bin/python3", "-c", DESCRIBE_TORCH]), first_line([args.pixcl, "--version"]),
            f"{args.pairs} pairs of {args.steps} steps, 256x256, batch 1",
            f"load before the first run {load:.2f} (near 0 on a machine that does nothing else)"]


def table(rows, facts):
    lines = [f"- {fact}" for fact in facts]
    columns = ("", "PyTorch", "layout", "pixcl", "times faster (range)", "PyTorch resident", "pixcl device",
               "pixcl resident")
    lines += ["", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for r in rows:
        def memory(field, base=r["torch_resident"]):
            return f"{r[field] / 1e6:.0f} MB ({r[field] / base:.2f})"
        lines.append(f"| {r['title']} | {r['torch_seconds']:.4f} s | {r['layout']} | {r['pixcl_seconds']:.4f} s "
                     f"| **{r['ratio']:.2f}** ({r['ratio_range'][0]:.2f} to {r['ratio_range'][1]:.2f}) "
                     f"| {r['torch_resident'] / 1e6:.0f} MB | {memory('device_bytes')} | {memory('pixcl_resident')} |")
    lines += ["", "Medians of the runs; peaks of memory, in brackets their share of PyTorch's."]
    return lines


def main():
    args = parse()
    load = os.getloadavg()[0]
    pin(args)
    facts = machine(args, load)
    rows = [compare(name, args) for name in args.cases]
    lines = table(rows, facts + [f"OpenCL device: {rows[0]['device']}"])
    lines += [planned(args, name, row) for name, row in zip(args.cases, rows) if name.startswith("step-")]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if args.out:
        with open(args.out, "w") as out:
            out.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
