"""The gradient penalty of small discriminators and its gradients, from PyTorch in float64, rounded to float32.

usage: penalties.py OUT_DIR
Writes OUT_DIR/<case>.safetensors: penalty, and grad.<key> for each weight that it depends on. The real pictures are A
and B of pictures 0, 1, 2, 3, 0, the fake ones A with the B of the next picture.
"""

import os
import sys

import numpy as np
import torch

import formula
import reference_nets as nets
from safetensors_writer import save

CASES = {
    "patch_2_batch": {"net": "n_layers", "n_layers": 2, "norm": "batch"},
    "patch_1_instance": {"net": "n_layers", "n_layers": 1, "norm": "instance"},
    "patch_1_instance_affine": {"net": "n_layers", "n_layers": 1, "norm": "instance_affine"},
    "patch_1_none": {"net": "n_layers", "n_layers": 1, "norm": "none"},
    "pixel_batch": {"net": "pixel", "n_layers": 0, "norm": "batch"},
}
WIDTH, SIZE, BATCH = 4, 16, 5  # more samples than a block of random numbers has
SEED, STEP, WEIGHT = 0x123456789ABC, 7, 10.0


def pictures(shift):
    chosen = [np.concatenate([formula.pair(i % 4, SIZE)[0], formula.pair((i + shift) % 4, SIZE)[1]])
              for i in range(BATCH)]
    return torch.from_numpy(np.stack(chosen)).double()


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    alpha = formula.random_units(SEED, STEP, 0, BATCH)
    for case, c in CASES.items():
        net = nets.fill(nets.discriminator(c["net"], 6, WIDTH, c["n_layers"], c["norm"]), "D", torch.float64).train()
        penalty = nets.gradient_penalty(net, pictures(0), pictures(1), alpha, WEIGHT)
        penalty.backward()
        tensors = {"grad." + k: p.grad.numpy().astype(np.float32) for k, p in net.named_parameters()
                   if p.grad is not None}
        tensors["penalty"] = penalty.detach().numpy().astype(np.float32)
        about = {**c, "ndf": WIDTH, "crop_size": SIZE, "batch_size": BATCH, "seed": SEED, "step": STEP,
                 "lambda_gp": WEIGHT}
        save(os.path.join(sys.argv[1], case + ".safetensors"), tensors, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
