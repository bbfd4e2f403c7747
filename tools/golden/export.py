"""Writes one golden case as files, to repeat it by hand with the command.

usage: export.py CASE OUT_DIR
Makes OUT_DIR/data/train/<0..3>.png and OUT_DIR/weights/latest_net_{G,D}.safetensors, and prints the command.
"""

import os
import sys

from PIL import Image

import formula
import train_steps
from safetensors_writer import save


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in train_steps.CASES:
        print(__doc__ + "\ncases: " + " ".join(train_steps.CASES), file=sys.stderr)
        return 2
    case, out = sys.argv[1:]
    config = {**train_steps.COMMON, **train_steps.CASES[case]}
    data, weights = os.path.join(out, "data"), os.path.join(out, "weights")
    os.makedirs(os.path.join(data, "train"), exist_ok=True)
    os.makedirs(weights, exist_ok=True)
    for i in range(formula.PICTURES):
        Image.fromarray(formula.picture(i, config["crop_size"])).save(os.path.join(data, "train", "%d.png" % i))
    for letter, net in zip("GD", train_steps.build(config)):
        tensors = {k: v.numpy() for k, v in net.state_dict().items()}
        save(os.path.join(weights, "latest_net_%s.safetensors" % letter), tensors, {"format": "pt"})
    print("pixcl train --dataroot %s --name %s --init_from %s %s"
          % (data, case, weights, " ".join(train_steps.arguments(config))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
