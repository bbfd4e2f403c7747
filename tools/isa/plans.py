"""Plans made by pixcl for devices that need not be here."""

import os
import subprocess

from programs import PlanError, read_plan

MODELS = ("pix2pix", "cycle_gan")


def make_plans(pixcl, targets, folder):
    """The programs of every model's step on the devices of these targets; each is for the targets of its device."""
    programs = []
    for device in dict.fromkeys(target.device for target in targets):
        names = {target.name for target in targets if target.device == device}
        for model in MODELS:
            programs += read_plan(_make_plan(pixcl, model, device, folder), names)
    return programs


def _make_plan(pixcl, model, device, folder):
    output = os.path.join(folder, f"{device}-{model}")
    command = [pixcl, "plan", "--model", model, "--on", device, "--tune", "off", "--dump", "programs", "--output", output]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise PlanError(f"{pixcl}: {error.strerror}; expected the path of pixcl") from None
    if done.returncode != 0:
        raise PlanError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return output
