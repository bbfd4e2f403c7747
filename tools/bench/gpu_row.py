"""Sums up what on-gpu.sh measured: FOLDER/result.json, without anything that tells whose machine it was, and
FOLDER/row.md, a Markdown row under its header.

Prints the row, and before it what is wrong. Exit code 1 when the device computes wrong or nothing was timed.
"""

import argparse
import datetime
import json
import os
import platform
import re
import sys

MODELS = {"pix2pix": "pix2pix", "cycle_gan": "CycleGAN"}
BATCHES = (1, 4)
KERNELS = 20  # of a profile, the slowest
DEVICE = ("name", "vendor", "platform", "driver", "version", "kind", "note", "compute_units", "clock_mhz",
          "vector_width", "max_work_group", "global_memory", "max_allocation", "local_memory", "dedicated_local_memory",
          "host_unified_memory", "half_arithmetic", "gflops", "gbps", "selftest")
BENCH = ("netG", "crop_size", "steps", "seconds_per_step", "seconds_lowest", "seconds_highest", "gflop_per_step",
         "gflops", "peak_bytes", "prepare_seconds")
PROFILE = ("peak_gflops", "peak_gbps", "conv_seconds", "conv_gflops", "other_seconds")
PYTORCH = ("torch", "device", "steps", "seconds_per_step", "seconds_min", "seconds_max", "tf32_seconds_per_step",
           "device_peak_bytes")
STOPPED = (124, 137)  # timeout's exit codes


def text_of(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def object_of(folder, name):
    """The JSON object in the file; an empty one for a step that did not come to print it."""
    try:
        value = json.loads(text_of(folder, name + ".json"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def chosen(keys, source):
    return {key: source[key] for key in keys if key in source}


def anonymous(text):
    """On one line, and without paths, which can hold a user's name."""
    return re.sub(r"(?<![\w.)])~?/[^\s:;,'\"()]+", "PATH", " ".join(text.split()))


def device_of(folder):
    listed = object_of(folder, "devices")
    for device in listed.get("devices", []):
        if device["index"] == listed.get("chosen"):
            return chosen(DEVICE, device)
    return {}


def steps_of(folder):
    """What ran, with its exit code, and what was left out, in the order of on-gpu.sh."""
    steps = []
    for line in text_of(folder, "steps.txt").splitlines():
        name, code, rest = line.split(" ", 2)
        steps.append({"name": name, "left_out": rest} if code == "left-out" else
                     {"name": name, "code": int(code), "seconds": int(rest)})
    return steps


def check_of(folder, steps):
    lines = text_of(folder, "check.txt").splitlines()
    wrong = [anonymous(line)[:240] for line in lines if line.startswith("  WRONG ")]
    right = sum(line.startswith("  ok ") for line in lines)
    code = next((step.get("code") for step in steps if step["name"] == "check"), None)
    if wrong:
        result = "wrong"
    elif code is None or (code in STOPPED and right == 0):
        result = "not run"
    else:
        result = "right" if code == 0 else "unfinished" if code in STOPPED else "failed"
    return {"result": result, "right": right, "wrong": wrong}


def model_of(folder, model):
    plan, profile = object_of(folder, "plan-" + model), object_of(folder, "profile-" + model)
    batches = {}
    for batch in BATCHES:
        end = f"-{model}-{batch}"
        found = {"default": chosen(BENCH, object_of(folder, "bench" + end)),
                 "tuned": chosen(BENCH, object_of(folder, "tuned" + end)),
                 "pytorch": chosen(PYTORCH, object_of(folder, "pytorch" + end))}
        batches[str(batch)] = {name: value for name, value in found.items() if value}
    return {"plan": {**chosen(("bytes", "flops"), plan), "launches": len(plan.get("launches", []))},
            "estimate": plan.get("estimate"),
            "profile": {**chosen(PROFILE, profile), "kernels": profile.get("kernels", [])[:KERNELS]},
            "batches": batches}


def system():
    name = platform.system()
    for line in text_of("/etc", "os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            name = line.split("=", 1)[1].strip('"')
    version = re.match(r"[0-9.]*[0-9]", platform.release())  # what follows can be a name of the machine's own
    return {"os": name, "kernel": platform.system() + " " + (version.group() if version else "?"),
            "machine": platform.machine()}


def summarise(folder):
    steps = steps_of(folder)
    version = text_of(folder, "version.txt").split("\n")
    return {"format": 1, "pixcl": version[0].replace("pixcl ", ""), "commit": "".join(version[1:]),
            "date": datetime.date.today().isoformat(), "system": system(), "device": device_of(folder),
            "check": check_of(folder, steps), "models": {model: model_of(folder, model) for model in MODELS},
            "steps": steps}


def milliseconds(seconds):
    value = 1000 * seconds
    return f"{value:.0f}" if value >= 99.5 else f"{value:.3g}"


def model_cell(model, batch):
    """As "12.3 ms; tuned 10.1 (estimate 9.8; PyTorch 11.2, TF32 8.4)"."""
    runs = model["batches"][str(batch)]
    seconds = {name: run["seconds_per_step"] for name, run in runs.items() if "seconds_per_step" in run}
    beside = []
    if batch == 1 and model["estimate"]:
        beside.append("estimate " + milliseconds(model["estimate"]["seconds_per_step"]))
    if "pytorch" in seconds:
        tf32 = runs["pytorch"].get("tf32_seconds_per_step")
        beside.append("PyTorch " + milliseconds(seconds["pytorch"]) + (f", TF32 {milliseconds(tf32)}" if tf32 else ""))
    cell = milliseconds(seconds["default"]) + " ms" if "default" in seconds else "-"
    cell += "; tuned " + milliseconds(seconds["tuned"]) if "tuned" in seconds else ""
    return cell + (f" ({'; '.join(beside)})" if beside else "")


def speed_cell(result):
    device, estimates = result["device"], [model["estimate"] for model in result["models"].values()]
    parts = [f"{device[key]:.0f} {unit}" for key, unit in (("gflops", "GFLOP/s"), ("gbps", "GB/s")) if device.get(key)]
    launch = next((e["launch_seconds"] for e in estimates if e and e.get("launch_seconds")), None)
    return ", ".join(parts + ([f"{1e6 * launch:.2g} us a launch"] if launch else [])) or "-"


def check_cell(check):
    return {"right": f"{check['right']} right", "wrong": f"**{len(check['wrong'])} wrong**, {check['right']} right",
            "unfinished": f"{check['right']} right, unfinished"}.get(check["result"], check["result"])


def row(result):
    """The header and the row, four lines with the line under the header and one of what it stands for."""
    device = result["device"]
    cells = {"device": device.get("name", "?") + ", " + device.get("kind", "?"), "driver": device.get("driver", "?"),
             "measured": speed_cell(result), "pixcl check": check_cell(result["check"])}
    for model, title in MODELS.items():
        for batch in BATCHES:
            cells[f"{title} step, batch {batch}"] = model_cell(result["models"][model], batch)
    line = "| " + " | ".join(text.replace("|", "/") for text in cells.values()) + " |"
    return "\n".join(["| " + " | ".join(cells) + " |", "|---" * len(cells) + "|", line]) + "\n"


def verdict(result):
    """Why the whole is a failure; nothing when it is none."""
    if result["check"]["result"] in ("wrong", "failed"):
        return "this device does not compute right: see check.txt"
    if not any("default" in runs for model in result["models"].values() for runs in model["batches"].values()):
        return "no step could be timed: see *.err.txt"
    return ""


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", help="the folder that on-gpu.sh wrote")
    parser.add_argument("--kind", action="store_true", help="only print the device, and in brackets what kind it is")
    args = parser.parse_args()
    if args.kind:
        device = device_of(args.folder)
        if not device:
            return 1
        print(f"{device['name']} ({device['kind']})")
        return 0
    result = summarise(args.folder)
    write(args.folder, "result.json", json.dumps(result, indent=1) + "\n")
    write(args.folder, "row.md", row(result))
    print("", *result["check"]["wrong"], row(result), sep="\n")
    if verdict(result):
        print(f"gpu_row: {args.folder}: {verdict(result)}", file=sys.stderr)
    return 1 if verdict(result) else 0


if __name__ == "__main__":
    sys.exit(main())
