"""Outputs of small networks with formula weights on formula pictures, from PyTorch in float64, rounded to float32.

usage: networks.py OUT_DIR
Writes OUT_DIR/<case>.safetensors: output_train, and with batch norm output_eval from the same net, whose running
statistics have seen that one batch, and those statistics by their state_dict keys. The input is A of pictures 0 and 1,
or A and B for a D.
"""

import os
import sys

import numpy as np
import torch

import formula
import reference_nets as nets
from safetensors_writer import save

GENERATORS = {
    "unet_32_batch": {"net": "unet_32", "norm": "batch"},
    "unet_32_instance": {"net": "unet_32", "norm": "instance"},
    "unet_32_instance_affine": {"net": "unet_32", "norm": "instance_affine"},
    "unet_32_none": {"net": "unet_32", "norm": "none"},
    "encoder_decoder_32_batch": {"net": "encoder_decoder_32", "norm": "batch"},
    "unet_32_batch_resize": {"net": "unet_32", "norm": "batch", "upsample": "resize"},
    "resnet_6blocks_instance": {"net": "resnet_6blocks", "norm": "instance"},
    "resnet_6blocks_instance_resize": {"net": "resnet_6blocks", "norm": "instance", "upsample": "resize"},
    "resnet_6blocks_instance_affine": {"net": "resnet_6blocks", "norm": "instance_affine"},
}
DISCRIMINATORS = {
    "patch_3_batch": {"net": "basic", "n_layers": 3, "norm": "batch"},
    "patch_1_instance": {"net": "n_layers", "n_layers": 1, "norm": "instance"},
    "pixel_batch": {"net": "pixel", "n_layers": 0, "norm": "batch"},
}
WIDTH = 4
SIZE = 32


def pictures(size, sides):
    """(2, 3 or 6, size, size) in float64."""
    pairs = [formula.pair(i, size) for i in range(2)]
    return torch.from_numpy(np.stack([np.concatenate(p[:sides]) for p in pairs])).double()


def run(net, x):
    tensors = {}
    with torch.no_grad():
        tensors["output_train"] = net.train()(x).numpy().astype(np.float32)
        running = {k: v.numpy().astype(np.float32) for k, v in net.state_dict().items() if "running_" in k}
        if running:
            tensors["output_eval"] = net.eval()(x).numpy().astype(np.float32)
    return {**tensors, **running}


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for case, c in GENERATORS.items():
        net = nets.generator(c["net"], 3, 1, WIDTH, c["norm"], upsample=c.get("upsample", "conv_t"))
        net = nets.fill(net, "G", torch.float64)
        about = {**c, "letter": "G", "input_nc": 3, "output_nc": 1, "ngf": WIDTH, "crop_size": SIZE, "batch_size": 2}
        save(os.path.join(sys.argv[1], case + ".safetensors"), run(net, pictures(SIZE, 1)), about)
    for case, c in DISCRIMINATORS.items():
        size = SIZE // 2 if c["net"] == "pixel" else SIZE
        net = nets.fill(nets.discriminator(c["net"], 6, WIDTH, c["n_layers"], c["norm"]), "D", torch.float64)
        about = {**c, "letter": "D", "input_nc": 6, "ndf": WIDTH, "crop_size": size, "batch_size": 2}
        save(os.path.join(sys.argv[1], case + ".safetensors"), run(net, pictures(size, 2)), about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
