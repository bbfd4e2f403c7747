"""Ten pix2pix training steps in PyTorch, in float32 and float64, from formula weights and formula pictures.

usage: train_steps.py OUT_DIR [CASE...]
Writes OUT_DIR/<case>.json for each case. README.md describes the fields.
"""

import json
import os
import sys

import numpy as np
import torch
from torch import nn

import formula
import reference_nets as nets

STEPS = 10
JITTERED = 3  # further float32 runs, that show how much of a difference is chance
SEED = 1  # of the run, whose random numbers are the gradient penalty's mixtures
COMMON = {"model": "pix2pix", "input_nc": 3, "output_nc": 3, "netG": "unet_256", "ngf": 64, "netD": "basic",
          "n_layers_D": 3, "ndf": 64, "norm": "batch", "gan_mode": "vanilla", "lambda_L1": 100.0, "lr": 2e-4,
          "beta1": 0.5, "batch_size": 1, "crop_size": 256}
OBJECTIVE = {"lambda_gp": 10.0, "reconstruction": "L1", "unconditional_D": False}  # unless the case says otherwise
SMALL = {"netG": "unet_32", "ngf": 8, "ndf": 8, "crop_size": 32, "batch_size": 2}
CASES = {
    "pix2pix_unet_256_batch_vanilla": {},
    "pix2pix_unet_128_instance_lsgan": {"netG": "unet_128", "norm": "instance", "gan_mode": "lsgan"},
    "pix2pix_unet_32_batch_vanilla": SMALL,
    "pix2pix_unet_32_instance_lsgan": {**SMALL, "norm": "instance", "gan_mode": "lsgan", "netD": "n_layers",
                                       "n_layers_D": 2},
    "pix2pix_unet_32_none_vanilla": {**SMALL, "norm": "none"},
    "pix2pix_resnet_2blocks_instance_lsgan": {**SMALL, "netG": "resnet_2blocks", "norm": "instance",
                                              "gan_mode": "lsgan", "netD": "n_layers", "n_layers_D": 2},
    "pix2pix_resnet_2blocks_batch_vanilla": {**SMALL, "netG": "resnet_2blocks"},
    "pix2pix_unet_32_batch_lsgan_pixel": {**SMALL, "gan_mode": "lsgan", "netD": "pixel"},
    "pix2pix_unet_32_batch_wgangp": {**SMALL, "gan_mode": "wgangp"},
    "pix2pix_unet_32_instance_wgangp": {**SMALL, "norm": "instance", "gan_mode": "wgangp", "netD": "n_layers",
                                        "n_layers_D": 2, "batch_size": 3},
    "pix2pix_unet_32_none_wgangp_pixel": {**SMALL, "norm": "none", "gan_mode": "wgangp", "netD": "pixel",
                                          "lambda_gp": 3.0, "unconditional_D": True},
    "pix2pix_unet_32_batch_L2": {**SMALL, "gan_mode": "none", "reconstruction": "L2"},
    "pix2pix_unet_32_batch_unconditional": {**SMALL, "reconstruction": "none", "unconditional_D": True},
}


def option(config, name):
    return config.get(name, OBJECTIVE[name])


def build(config, dtype=torch.float32, dropout=False):
    g = nets.generator(config["netG"], config["input_nc"], config["output_nc"], config["ngf"], config["norm"], dropout)
    seen = config["output_nc"] + (0 if option(config, "unconditional_D") else config["input_nc"])
    d = nets.discriminator(config["netD"], seen, config["ndf"], config["n_layers_D"], config["norm"])
    return nets.fill(g, "G", dtype).train(), nets.fill(d, "D", dtype).train()


def gradient_norms(net):
    return {k: float(p.grad.double().norm()) for k, p in net.named_parameters()}


class Pix2Pix:
    """The training step in the reference's order: G forward, D update, G update against the updated D."""

    def __init__(self, config, dtype, dropout=False):
        self.config = config
        self.g, self.d = build(config, dtype, dropout)
        self.steps = 0
        betas = (config["beta1"], 0.999)
        self.adam_g = torch.optim.Adam(self.g.parameters(), lr=config["lr"], betas=betas)
        self.adam_d = torch.optim.Adam(self.d.parameters(), lr=config["lr"], betas=betas)

    def gan_loss(self, score, real):
        if self.config["gan_mode"] == "wgangp":
            return -score.mean() if real else score.mean()
        criterion = nn.BCEWithLogitsLoss() if self.config["gan_mode"] == "vanilla" else nn.MSELoss()
        return criterion(score, torch.full_like(score, 1.0 if real else 0.0))

    def shown(self, a, b):
        return b if option(self.config, "unconditional_D") else torch.cat([a, b], 1)

    def update_d(self, a, b, fake):
        for p in self.d.parameters():
            p.requires_grad_(True)
        self.adam_d.zero_grad()
        shown_fake, shown_real = self.shown(a, fake.detach()), self.shown(a, b)
        d_fake = self.gan_loss(self.d(shown_fake), False)
        losses = {"D_real": self.gan_loss(self.d(shown_real), True), "D_fake": d_fake}
        if self.config["gan_mode"] == "wgangp":
            alpha = formula.random_units(SEED, self.steps, 0, len(a))
            losses["D_gp"] = nets.gradient_penalty(self.d, shown_real, shown_fake, alpha,
                                                   option(self.config, "lambda_gp"))
        (sum(losses.values()) * 0.5).backward()
        return losses

    def step(self, a, b, details=True):
        """The losses; with `details` also the size of what was computed (G's output, every gradient)."""
        self.steps += 1
        fake = self.g(a)
        losses, norms = {}, {}
        if self.config["gan_mode"] != "none":
            losses = self.update_d(a, b, fake)
            if details:
                norms["D"] = gradient_norms(self.d)
            self.adam_d.step()
            for p in self.d.parameters():
                p.requires_grad_(False)
        self.adam_g.zero_grad()
        of_g, reconstruction = {}, option(self.config, "reconstruction")
        if self.config["gan_mode"] != "none":
            of_g["G_GAN"] = self.gan_loss(self.d(self.shown(a, fake)), True)
        if reconstruction != "none":
            criterion = nn.L1Loss() if reconstruction == "L1" else nn.MSELoss()
            of_g["G_" + reconstruction] = criterion(fake, b) * self.config["lambda_L1"]
        sum(of_g.values()).backward()
        if details:
            norms = {"G": gradient_norms(self.g), **norms}
        self.adam_g.step()

        losses = {name: loss.item() for name, loss in {**of_g, **losses}.items()}
        if not details:
            return losses, None
        seen = fake.detach().double()
        return losses, {"fake_B": {"mean": float(seen.mean()), "l2": float(seen.norm())}, "gradient_l2": norms}


def batches(config, dtype, jitter):
    """Picture indices 0,1,2,3,0,... in order, batch_size at a time. A jitter above 0 disturbs the last bits."""
    size, count = config["crop_size"], config["batch_size"]
    pairs = [formula.pair(i, size) for i in range(formula.PICTURES)]
    if jitter:
        random = np.random.default_rng(jitter)
        pairs = [[(p * (1 + 1e-7 * random.standard_normal(p.shape))).astype(np.float32) for p in ab] for ab in pairs]
    for step in range(STEPS):
        chosen = [pairs[(step * count + i) % len(pairs)] for i in range(count)]
        yield tuple(torch.stack([torch.from_numpy(p[side]) for p in chosen]).to(dtype) for side in (0, 1))


def train(config, dtype, jitter=0):
    """Losses of every step, and what helps to find a mistake in the first."""
    model, losses, first = Pix2Pix(config, dtype), [], None
    for a, b in batches(config, dtype, jitter):
        values, detail = model.step(a, b, details=first is None)
        losses.append(values)
        first = first or detail
    return losses, first


def net_checksum(net):
    floats = [v.numpy() for v in net.state_dict().values() if v.is_floating_point()]
    return formula.hexadecimal(sum(formula.checksum(v) for v in floats))


def arguments(config):
    """The same run as options of the command; the data set, --init_from and --name are the caller's."""
    args = []
    for key, value in config.items():
        if isinstance(value, bool):
            args += ["--" + key] if value else []
        else:
            args += ["--" + key, repr(value) if isinstance(value, float) else str(value)]
    args += ["--seed", str(SEED)] if config["gan_mode"] == "wgangp" else []
    return args + ["--preprocess", "none", "--no_flip", "--no_dropout", "--serial_batches", "--direction", "AtoB",
                   "--max_steps", str(STEPS), "--print_freq", "1"]


def deviation(losses, truth):
    """Per step, the largest relative deviation of the losses."""
    return [max(abs(s[k] - t[k]) / abs(t[k]) for k in t) for s, t in zip(losses, truth)]


def rounded(value):
    return float("%.1e" % value)


def run(name):
    config = {**COMMON, **CASES[name]}
    g, d = build(config)
    pictures = [formula.picture(i, config["crop_size"]) for i in range(formula.PICTURES)]
    single, _ = train(config, torch.float32)
    double, first = train(config, torch.float64)
    drift = deviation(single, double)
    jittered = [deviation(train(config, torch.float32, seed)[0], double) for seed in range(1, JITTERED + 1)]
    return {
        "made_by": "tools/golden/train_steps.py",
        "torch": torch.__version__,
        "config": config,
        "arguments": arguments(config),
        "parameters": {"G": nets.parameter_count(g), "D": nets.parameter_count(d)},
        "checksums": {
            "pictures": formula.hexadecimal(sum(formula.checksum(p) for p in pictures)),
            "G": net_checksum(g),
            "D": net_checksum(d),
        },
        "steps": [{"step": i + 1, **s, "float64": t} for i, (s, t) in enumerate(zip(single, double))],
        "drift": [rounded(d) for d in drift],
        "spread": [rounded(max(d)) for d in zip(drift, *jittered)],
        "first_step_float64": first,
    }


def lines(value, depth):
    """JSON text of `value`: containers down to `depth` get a line per entry, deeper ones stay on one line."""
    if depth == 0 or not isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, dict):
        entries, ends = ["%s: %s" % (json.dumps(k), lines(v, depth - 1)) for k, v in value.items()], "{}"
    else:
        entries, ends = [lines(v, depth - 1) for v in value], "[]"
    return ends[0] + "\n" + ",\n".join(entries) + "\n" + ends[1]


def dump(result, path):
    """A line per step and per gradient, so that a diff shows what moved."""
    split = {"config": 0, "arguments": 0, "parameters": 0, "drift": 0, "spread": 0, "steps": 1, "first_step_float64": 3}
    entries = ["%s: %s" % (json.dumps(k), lines(v, split.get(k, 1))) for k, v in result.items()]
    with open(path, "w", encoding="utf-8") as out:
        out.write("{\n" + ",\n".join(entries) + "\n}\n")


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    torch.set_num_threads(1)  # one order of summation
    torch.use_deterministic_algorithms(True)
    for name in sys.argv[2:] or CASES:
        result = run(name)
        dump(result, os.path.join(sys.argv[1], name + ".json"))
        print(name, "drift", *result["drift"], "spread", *result["spread"], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
