"""Generators as other people's programs keep them, each with the picture that PyTorch makes of input.png.

usage: make_forks.py OUT_DIR
Writes OUT_DIR/input.png, and <case>.pth (or .safetensors) with <case>.png (training mode) and, with batch norm, <case>.eval.png.
Needs PyTorch 2, numpy and Pillow. tests/train/test_forks.sh reads them.
"""

import os
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn

import formula
import reference_nets as nets
import safetensors_writer

SIZE = 32


def randomise(net, seed):
    """Weights large enough that a mistake shows, running statistics that are not those of the picture."""
    random = np.random.default_rng(seed)
    state = net.state_dict()
    for key, value in state.items():
        shape = tuple(value.shape)
        if key.endswith("running_var"):
            new = random.uniform(0.5, 2, shape)
        elif value.dim() == 4:
            new = random.standard_normal(shape) * 0.2
        elif key.endswith("num_batches_tracked"):
            new = np.asarray(7)
        else:
            new = random.uniform(0.1, 0.9, shape)
        state[key] = torch.from_numpy(np.asarray(new)).to(value.dtype)
    net.load_state_dict(state)
    return net


def with_biases(net):
    """Biases in front of batch norms, as forks leave them in."""
    for module in list(net.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, (nn.Conv2d, nn.ConvTranspose2d)) and child.bias is None:
                child.bias = nn.Parameter(torch.zeros(child.out_channels))
    return net


def renamed(state, *pairs):
    """The state_dict with other module names."""
    result = {}
    for key, value in state.items():
        for old, new in pairs:
            key = key.replace(old, new)
        result[key] = value
    return result


def resnet(norm, seed, biased=False, blocks=1):
    net = nets.Resnet(blocks, 3, 3, 2, norm)
    return randomise(with_biases(net) if biased else net, seed)


def unet(norm, seed):
    return randomise(nets.Unet(5, 3, 3, 1, norm), seed)


def cases():
    """name, net, what is saved, whether in the older stream"""
    net = resnet("instance_affine", 1)
    yield "block", net, renamed(net.state_dict(), ("conv_block", "block")), False
    net = resnet("instance_affine", 2)
    yield "affine", net, net.state_dict(), True
    net = resnet("instance", 3, blocks=2)
    yield "main", net, renamed(net.state_dict(), ("conv_block", "main"), ("model.", "main.")), False
    net = resnet("instance_affine", 4)
    other = resnet("instance_affine", 5)
    discriminator = randomise(nets.PatchGan(3, 1, 1, "instance"), 6)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    yield "trainer", net, {"epoch": 7, "netG_A2B": net.state_dict(), "netG_B2A": other.state_dict(),
                           "netD_A": discriminator.state_dict(), "optimizer": optimiser.state_dict(),
                           "args": {"lr": 1e-3, "name": "photo2map"}}, False
    net = resnet("instance", 7).half().float()
    yield "module_half", net, {"module." + key: value.half() for key, value in net.state_dict().items()}, False
    net = resnet("instance", 8).bfloat16().float()
    yield "compiled_bfloat16", net, {"_orig_mod." + key: value.bfloat16() for key, value in net.state_dict().items()}, \
        False
    net = resnet("batch", 9, biased=True)
    yield "biased_batch", net, {"state_dict": {"ema": net.state_dict()}}, False
    net = resnet("batch", 10)
    yield "resnet_batch", net, {key: value.double() if value.is_floating_point() else value
                                for key, value in net.state_dict().items()}, True
    net = resnet("instance", 13, blocks=2)
    yield "sorted", net, net.state_dict(), False
    net = unet("batch", 11)
    yield "unet_batch", net, net.state_dict(), False
    net = unet("instance", 12)
    yield "unet_instance", net, renamed(net.state_dict(), ("model.model", "net.model")), False


def save_picture(path, planes):
    """As the reference's tensor2im, but rounded."""
    pixels = ((planes[0].numpy().transpose(1, 2, 0) + 1) / 2 * 255).round().clip(0, 255)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    out = sys.argv[1]
    torch.set_num_threads(1)
    picture = torch.from_numpy(formula.pair(0, SIZE)[0][None])
    save_picture(os.path.join(out, "input.png"), picture)
    pixels = np.asarray(Image.open(os.path.join(out, "input.png")), np.float32)
    picture = torch.from_numpy(pixels.transpose(2, 0, 1)[None] / 127.5 - 1)
    for name, net, saved, stream in cases():
        if name == "sorted":  # in the order of the names, as the safetensors library writes
            tensors = {key: value.numpy() for key, value in sorted(saved.items())}
            safetensors_writer.save(os.path.join(out, name + ".safetensors"), tensors, {})
        else:
            torch.save(saved, os.path.join(out, name + ".pth"), _use_new_zipfile_serialization=not stream)
        with torch.no_grad():
            running = any("running_mean" in key for key in net.state_dict())
            if running:
                save_picture(os.path.join(out, name + ".eval.png"), net.eval()(picture))
            save_picture(os.path.join(out, name + ".png"), net.train()(picture))
    return 0


if __name__ == "__main__":
    sys.exit(main())
