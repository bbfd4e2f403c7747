"""Compares pixcl with PyTorch on the same CPU cores, and writes a Markdown table of speed and memory.

Both sides run in turns, each time as a new process pinned to the same cores. A pair is one run of each; the speed-up
is the median over the pairs of PyTorch's seconds by pixcl's, so that a machine that slows down for a while slows both.
Of PyTorch's memory layouts, compiled and not, the one counts that was fastest in a short run before the pairs. The
generators forward are compared with ONNX Runtime and OpenVINO, too, where they are installed. Memory is what the kernel
reports as each process's resident peak, the interpreter and the OpenCL driver included; setting up counts for pixcl
alone.
"""

import argparse
import datetime
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
CASES = {  # name: title, part, sides, pictures, and the options that both sides understand
    "step-unet_256": ("pix2pix step, unet_256", "step", 256, 1, UNET),
    "step-unet_256-batch_4": ("the same, batch 4", "step", 256, 4, UNET),
    "step-unet_256-512": ("the same, 512 pixels", "step", 512, 1, UNET),
    "step-cycle_gan": ("CycleGAN step, resnet_9blocks", "step", 256, 1, CYCLE_GAN),
    "generator-resnet_9blocks": ("resnet_9blocks, forward + backward", "generator", 256, 1, RESNET),
    "forward-unet_256": ("unet_256, forward", "forward", 256, 1, UNET),
    "forward-resnet_9blocks": ("resnet_9blocks, forward", "forward", 256, 1, RESNET),
}
VARIANTS = {"": [], "channels last": ["--channels_last"]}
COMPILED = {"compiled": ["--compile"], "compiled, channels last": ["--compile", "--channels_last"]}
RUNTIMES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
PACKAGES = ["numpy", "onnx", "onnxscript", "onnxruntime", "openvino"]
TORCH_FOR_CPUS = "https://download.pytorch.org/whl/cpu"
# What tunes one BLAS for one machine would hold the other side back.
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "CL_CONFIG_CPU_TARGET_ARCH": "core-avx2"}
# Libraries are known by what is mapped after a product: Debian's PyTorch takes whichever BLAS is installed.
DESCRIBE_TORCH = r"""
import re, torch
torch.ones(64, 64) @ torch.ones(64, 64)
names = set(re.findall(r"/(lib[^/\n]*(?:blas|dnnl)[^/\n]*)$", open("/proc/self/maps").read(), re.M))
within = re.findall(r"MKL-DNN v\S+|oneDNN v\S+", torch.__config__.show())
print("PyTorch", torch.__version__, "(" + ", ".join(sorted(names) + within or ["no BLAS or oneDNN library"]) + ")")
"""


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    return int(text)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixcl", default=os.path.join(ROOT, "build", "tools", "pixcl"), help="the pixcl to time")
    parser.add_argument("--python", default=sys.executable, help="the Python whose PyTorch is timed (default this one)")
    parser.add_argument("--install", metavar="DIR", help="time today's PyTorch, ONNX Runtime and OpenVINO from PyPI, "
                        "in a virtual environment in this folder, which is made when it is not there")
    parser.add_argument("--pairs", type=positive, default=3, help="paired runs of each case (default 3)")
    parser.add_argument("--steps", type=positive, default=10, help="steps timed in each run, after 2 more (default 10)")
    parser.add_argument("--threads", type=positive, default=2, help="cores and threads of both sides (default 2)")
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this in their name: " + ", ".join(CASES))
    parser.add_argument("--avx2", action="store_true", help="hold PyTorch and pixcl's driver to AVX2, which most laptops "
                        "have; the driver must be Intel's: sh tests/intel_cpu.sh python3 tools/bench/vs_pytorch.py --avx2")
    parser.add_argument("--out", metavar="FILE", help="write the table here too")
    args = parser.parse_args()
    args.cases = [name for name in CASES if args.only in name]
    if not args.cases:
        parser.error(f"--only {args.only}: no such case; there are {', '.join(CASES)}")
    if not os.access(args.pixcl, os.X_OK):
        parser.error(f"--pixcl {args.pixcl}: no program there; build it, or say where it is")
    cores = sorted(os.sched_getaffinity(0))
    if args.threads > len(cores):
        parser.error(f"--threads {args.threads}: only {len(cores)} cores may be used")
    args.cores = cores[:args.threads]
    return args


def install(folder):
    """The Python of a virtual environment with today's packages."""
    python = os.path.join(folder, "bin", "python")
    if os.access(python, os.X_OK):
        return python
    pip = [python, "-m", "pip", "install", "--quiet"]
    tries = [[sys.executable, "-m", "venv", folder]], [[*pip, "--index-url", TORCH_FOR_CPUS, "torch"], [*pip, "torch"]], [
        [*pip, *PACKAGES]]
    for commands in tries:  # the first of each that succeeds
        if not any(subprocess.run(command).returncode == 0 for command in commands):
            sys.exit(f"vs_pytorch: --install {folder}: this failed: {' '.join(commands[-1])}\nremove the folder, and try "
                     "again with a network, or give the Python of an environment of your own as --python")
    return python


def pin(args):
    """Every child inherits the cores, and learns of the number of threads."""
    os.sched_setaffinity(0, args.cores)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POCL_MAX_PTHREAD_COUNT"):
        os.environ[name] = str(args.threads)
    for name in UNSET:
        os.environ.pop(name, None)
    if args.avx2:
        os.environ.update(AVX2)


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
        result = json.loads(text[max(0, text.find("\n{") if not text.startswith("{") else 0):])  # exporters print, too
    except ValueError:
        sys.exit(f"vs_pytorch: no JSON object but {text[:200]!r} from: {' '.join(command)}")
    result["resident"] = usage.ru_maxrss * 1024
    return result


def show(name, who, result):
    print(f"{name}: {who} {result['seconds_per_step']:.4f} s, {result['resident'] / 1e6:.0f} MB resident",
          file=sys.stderr, flush=True)


def sizes(name):
    _, part, side, batch, options = CASES[name]
    return ["--part", part, "--crop_size", str(side), "--batch_size", str(batch), *options]


def pytorch(args, name, steps, variant):
    return [args.python, os.path.join(HERE, "pytorch_step.py"), "--threads", str(args.threads), "--steps", str(steps),
            *sizes(name), *variant]


def runtime(args, name, which):
    _, _, side, batch, options = CASES[name]
    net = {key: options[options.index(key) + 1] for key in ("--netG", "--norm")}
    return [args.python, os.path.join(HERE, "onnx_forward.py"), "--runtime", which, "--threads", str(args.threads),
            "--steps", str(args.steps), "--crop_size", str(side), "--batch_size", str(batch),
            *[word for pair in net.items() for word in pair]]


def fastest_variant(args, name):
    variants = {**VARIANTS, **(COMPILED if CASES[name][1] == "forward" and args.can_compile else {})}
    seconds = {}
    for variant, extra in variants.items():
        result = run(pytorch(args, name, 2, extra))
        show(name, f"PyTorch ({variant or 'as it is'}), to choose,", result)
        seconds[variant] = result["seconds_per_step"]
    variant = min(seconds, key=seconds.get)
    return variant, variants[variant]


def compare(name, args):
    """One row of the table."""
    bench = [args.pixcl, "bench", "--device", "cpu", "--json", *sizes(name)]
    first = run([*bench, "--steps", "1"])  # fills the driver's kernel cache; compiling is no part of the comparison
    if args.avx2 and first["device"].startswith(("pthread", "cpu-")):
        sys.exit(f"vs_pytorch: --avx2: {first['device']} is PoCL's, which compiles for all that the processor has; "
                 "start this by tests/intel_cpu.sh")
    variant, extra = fastest_variant(args, name)
    runners = {"pixcl": [*bench, "--steps", str(args.steps)], "PyTorch": pytorch(args, name, args.steps, extra)}
    if CASES[name][1] == "forward":
        runners.update((RUNTIMES[which], runtime(args, name, which)) for which in args.runtimes)
    runs = {who: [] for who in runners}
    for pair in range(args.pairs):
        # every other pair the other way round: neither side always comes first
        for who in list(runners)[::-1 if pair % 2 == 0 else 1]:
            runs[who].append(run(runners[who]))
            show(name, who, runs[who][-1])

    def median(who, field="seconds_per_step"):
        return statistics.median(result[field] for result in runs[who])

    def ratios(who):
        return [t["seconds_per_step"] / p["seconds_per_step"] for t, p in zip(runs[who], runs["pixcl"])]

    return {
        "title": CASES[name][0],
        "variant": variant,
        "seconds": {who: median(who) for who in runs},
        "ratios": {who: ratios(who) for who in runs if who != "pixcl"},
        "torch_resident": median("PyTorch", "resident"),
        "pixcl_resident": median("pixcl", "resident"),
        "device_bytes": median("pixcl", "peak_bytes"),
        "device": runs["pixcl"][0]["device"],
    }


def planned(args, name, row):
    """What `pixcl plan` says of a training step, the only part that it plans, beside what the step took."""
    said = run([args.pixcl, "plan", "--device", "cpu", "--json", *sizes(name)])["bytes"]
    used = int(row["device_bytes"])
    return (f"`pixcl plan` says {said} bytes for {row['title']}; `pixcl bench` "
            + ("took just those." if said == used else f"took {used}."))


def first_line(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout:
        sys.exit(f"vs_pytorch: exit code {done.returncode}, or nothing printed, of: {' '.join(command)}")
    return done.stdout.splitlines()[0]


def version_of(args, package):
    done = subprocess.run([args.python, "-c", f"import {package}; print({package}.__version__)"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def machine(args, load):
    with open("/proc/cpuinfo") as info:
        found = re.search(r"^model name\s*:\s*(.+)$", info.read(), re.M)
    cpu = found.group(1) if found else platform.machine()
    versions = {title: version_of(args, package) for package, title in RUNTIMES.items()}
    return [f"{datetime.date.today()}; {cpu}, {args.threads} of {os.cpu_count()} cores, Linux {platform.release()}",
            first_line([args.python, "-c", DESCRIBE_TORCH]),
            "; ".join(f"{title} {version or 'is not installed'}" for title, version in versions.items()),
            first_line([args.pixcl, "--version"]), f"{args.pairs} pairs of {args.steps} steps",
            *(["PyTorch and pixcl held to AVX2"] if args.avx2 else []),
            f"load before the first run {load:.2f} (near 0 on a machine that does nothing else)"]


def times(ratios):
    return f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"


def table(rows, facts):
    lines = [f"- {fact}" for fact in facts]
    columns = ("", "PyTorch", "pixcl", "times faster (range)", "PyTorch resident", "pixcl device", "pixcl resident")
    lines += ["", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for r in rows:
        def memory(field, base=r["torch_resident"]):
            return f"{r[field] / 1e6:.0f} MB ({r[field] / base:.2f})"
        variant = f" ({r['variant']})" if r["variant"] else ""
        lines.append(f"| {r['title']} | {r['seconds']['PyTorch']:.4f} s{variant} | {r['seconds']['pixcl']:.4f} s "
                     f"| {times(r['ratios']['PyTorch'])} | {r['torch_resident'] / 1e6:.0f} MB "
                     f"| {memory('device_bytes')} | {memory('pixcl_resident')} |")
    others = [(r, who) for r in rows for who in r["ratios"] if who != "PyTorch"]
    if others:
        lines += ["", "| | | seconds | pixcl | times faster (range) |", "|---|---|---|---|---|"]
        lines += [f"| {r['title']} | {who} | {r['seconds'][who]:.4f} s | {r['seconds']['pixcl']:.4f} s "
                  f"| {times(r['ratios'][who])} |" for r, who in others]
    return [*lines, "", "Medians of the runs; peaks of memory, in brackets their share of PyTorch's."]


def main():
    args = parse()
    load = os.getloadavg()[0]
    if args.install:
        args.python = install(args.install)
    pin(args)
    facts = machine(args, load)
    args.runtimes = [package for package in RUNTIMES
                     if not args.avx2 and version_of(args, package) and version_of(args, "onnx")]
    args.can_compile = version_of(args, "torch") >= "2"
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
