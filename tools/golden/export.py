"""Writes one golden case as files, to repeat it by hand with the command.

usage: export.py CASE OUT_DIR
Makes the pictures in OUT_DIR/data and OUT_DIR/weights/latest_net_<net>.pth, as the reference saves them, and prints the
command.
"""

import os
import sys

import torch
from PIL import Image

import formula
import models
import train_steps


def save_picture(pixels, channels, *path):
    """The first channels, as the tensors of a case have them; one is a grey picture."""
    os.makedirs(os.path.join(*path[:-1]), exist_ok=True)
    Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(os.path.join(*path))


def save_pictures(config, folder):
    """Pairs side by side, or what the sides of a pair are in folders of their own."""
    size = config["crop_size"]
    for i in range(formula.PICTURES):
        pixels, name = formula.picture(i, size), "%d.png" % i
        if config["model"] == "pix2pix":
            save_picture(pixels, 3, folder, "train", name)
        else:
            save_picture(pixels[:, :size], config["input_nc"], folder, "trainA", name)
            save_picture(pixels[:, size:], config["output_nc"], folder, "trainB", name)


def export(case, out):
    """Arguments of the command that trains the case from the files made here."""
    config = train_steps.config_of(case)
    data, weights = os.path.join(out, "data"), os.path.join(out, "weights")
    os.makedirs(weights, exist_ok=True)
    save_pictures(config, data)
    for name, net in models.create(config).nets.items():
        torch.save(net.state_dict(), os.path.join(weights, "latest_net_%s.pth" % name))
    return ["train", "--dataroot", data, "--name", case, "--init_from", weights, *train_steps.arguments(config)]


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in train_steps.CASES:
        print(__doc__ + "\ncases: " + " ".join(train_steps.CASES), file=sys.stderr)
        return 2
    print("pixcl", *export(*sys.argv[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
