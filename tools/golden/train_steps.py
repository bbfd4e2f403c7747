"""Training steps in PyTorch, in float32 and float64, from formula weights and formula pictures.

usage: train_steps.py OUT_DIR [CASE...]
Writes OUT_DIR/<case>.json for each case. tests/golden/README.md describes the fields.
"""

import json
import os
import sys

import numpy as np
import torch

import formula
import models
import reference_nets as nets

JITTERED = 3  # further float32 runs, that show how much of a difference is chance
COMMON = {
    "pix2pix": {"model": "pix2pix", "input_nc": 3, "output_nc": 3, "netG": "unet_256", "ngf": 64, "netD": "basic",
                "n_layers_D": 3, "ndf": 64, "norm": "batch", "gan_mode": "vanilla", "lambda_L1": 100.0, "lr": 2e-4,
                "beta1": 0.5, "batch_size": 1, "crop_size": 256, "max_steps": 10},
    "cycle_gan": {"model": "cycle_gan", "input_nc": 3, "output_nc": 3, "netG": "resnet_9blocks", "ngf": 64,
                  "netD": "basic", "n_layers_D": 3, "ndf": 64, "norm": "instance", "gan_mode": "lsgan",
                  "lambda_A": 10.0, "lambda_B": 10.0, "lambda_identity": 0.5, "pool_size": 0, "lr": 2e-4,
                  "beta1": 0.5, "batch_size": 1, "crop_size": 256, "max_steps": 10},
}
SMALL = {"netG": "unet_32", "ngf": 8, "ndf": 8, "crop_size": 32, "batch_size": 2}
SMALL_CYCLE = {"netG": "resnet_2blocks", "ngf": 8, "netD": "n_layers", "n_layers_D": 2, "ndf": 8, "crop_size": 64,
               "max_steps": 4}
CASES = {  # what differs from COMMON; a name begins with its model's
    "pix2pix_unet_256_batch_vanilla": {},
    "pix2pix_unet_128_instance_lsgan": {"netG": "unet_128", "norm": "instance", "gan_mode": "lsgan"},
    "pix2pix_unet_32_batch_vanilla": SMALL,
    "pix2pix_unet_32_instance_lsgan": {**SMALL, "norm": "instance", "gan_mode": "lsgan", "netD": "n_layers",
                                       "n_layers_D": 2},
    "pix2pix_unet_32_instance_affine_lsgan": {**SMALL, "norm": "instance_affine", "gan_mode": "lsgan",
                                              "netD": "n_layers", "n_layers_D": 2},
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
    "pix2pix_unet_32_batch_smooth_L1": {**SMALL, "reconstruction": "smooth_L1"},
    "pix2pix_unet_32_batch_unconditional": {**SMALL, "reconstruction": "none", "unconditional_D": True},
    "cycle_gan_resnet_9blocks_instance_lsgan": {"max_steps": 3},
    "cycle_gan_unet_128_batch_vanilla": {"netG": "unet_128", "norm": "batch", "gan_mode": "vanilla", "crop_size": 128,
                                         "max_steps": 6},
    "cycle_gan_resnet_6blocks_instance_lsgan": {**SMALL_CYCLE, "netG": "resnet_6blocks"},
    "cycle_gan_resnet_2blocks_batch_vanilla": {**SMALL_CYCLE, "norm": "batch", "gan_mode": "vanilla", "batch_size": 2},
    "cycle_gan_unet_32_batch_vanilla": {**SMALL_CYCLE, "netG": "unet_32", "norm": "batch", "gan_mode": "vanilla",
                                        "batch_size": 2, "netD": "basic", "n_layers_D": 3},
    "cycle_gan_unet_32_batch_wgangp": {**SMALL_CYCLE, "netG": "unet_32", "norm": "batch", "gan_mode": "wgangp",
                                       "batch_size": 2},
    "cycle_gan_resnet_2blocks_instance_affine": {**SMALL_CYCLE, "norm": "instance_affine", "batch_size": 2},
    "cycle_gan_resnet_2blocks_no_identity": {**SMALL_CYCLE, "lambda_identity": 0.0},
    "cycle_gan_resnet_2blocks_one_sided": {**SMALL_CYCLE, "lambda_A": 0.0},
    "cycle_gan_resnet_2blocks_3_to_1": {**SMALL_CYCLE, "output_nc": 1, "lambda_identity": 0.0},
}


def config_of(case):
    model = next(m for m in COMMON if case.startswith(m))
    return {**COMMON[model], **CASES[case]}


def batches(config, dtype, jitter):
    """Picture indices 0,1,2,3,0,... in order, batch_size at a time. A jitter above 0 disturbs the last bits."""
    size, count = config["crop_size"], config["batch_size"]
    pairs = [formula.pair(i, size) for i in range(formula.PICTURES)]
    if jitter:
        random = np.random.default_rng(jitter)
        pairs = [[(p * (1 + 1e-7 * random.standard_normal(p.shape))).astype(np.float32) for p in ab] for ab in pairs]
    pairs = [(a[:config["input_nc"]], b[:config["output_nc"]]) for a, b in pairs]
    for step in range(config["max_steps"]):
        chosen = [pairs[(step * count + i) % len(pairs)] for i in range(count)]
        yield tuple(torch.stack([torch.from_numpy(p[side]) for p in chosen]).to(dtype) for side in (0, 1))


def norm(tensor):
    return float(tensor.double().norm())


def statistics(model):
    """L2 norms of the running statistics of batch norm, by network and key; nothing without batch norm."""
    running = {name: {k: norm(v) for k, v in net.state_dict().items() if "running_" in k}
               for name, net in model.nets.items()}
    return {name: norms for name, norms in running.items() if norms}


def batches_tracked(model):
    """Forward passes that each network's batch norm has counted."""
    counts = {name: {int(v) for k, v in net.state_dict().items() if k.endswith("num_batches_tracked")}
              for name, net in model.nets.items()}
    return {name: count.pop() for name, count in counts.items() if count}


def look(model, pictures):
    """What helps to find a mistake in a step."""
    return {
        "pictures": {name: {"mean": float(p.double().mean()), "l2": norm(p)} for name, p in pictures.items()},
        "gradient_l2": {name: {k: norm(p.grad) for k, p in net.named_parameters()}
                        for name, net in model.nets.items()},
        "statistics_l2": statistics(model),
    }


def train(config, dtype, jitter=0):
    """Losses of every step, a look at the first step, and what the statistics have become after the last."""
    model, losses, first = models.create(config, dtype), [], None
    for a, b in batches(config, dtype, jitter):
        values, pictures = model.step(a, b)
        losses.append({name: value.item() for name, value in values.items()})
        first = first or look(model, pictures)
    return losses, first, {"statistics_l2": statistics(model), "batches_tracked": batches_tracked(model)}


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
    args += ["--seed", str(models.SEED)] if config["gan_mode"] == "wgangp" else []
    return args + ["--preprocess", "none", "--no_flip", "--no_dropout", "--serial_batches", "--direction", "AtoB",
                   "--print_freq", "1"]


def deviation(losses, truth):
    """Per step, the largest relative deviation of the losses."""
    return [max(abs(s[k] - t[k]) / abs(t[k]) for k in t) for s, t in zip(losses, truth)]


def rounded(value):
    return float("%.1e" % value)


def run(name):
    config = config_of(name)
    networks = models.create(config).nets
    pictures = [formula.picture(i, config["crop_size"]) for i in range(formula.PICTURES)]
    single, _, _ = train(config, torch.float32)
    double, first, last = train(config, torch.float64)
    drift = deviation(single, double)
    jittered = [deviation(train(config, torch.float32, seed)[0], double) for seed in range(1, JITTERED + 1)]
    return {
        "made_by": "tools/golden/train_steps.py",
        "torch": torch.__version__,
        "config": config,
        "arguments": arguments(config),
        "parameters": {name: nets.parameter_count(net) for name, net in networks.items()},
        "checksums": {
            "pictures": formula.hexadecimal(sum(formula.checksum(p) for p in pictures)),
            **{name: net_checksum(net) for name, net in networks.items()},
        },
        "steps": [{"step": i + 1, **s, "float64": t} for i, (s, t) in enumerate(zip(single, double))],
        "drift": [rounded(d) for d in drift],
        "spread": [rounded(max(d)) for d in zip(drift, *jittered)],
        "first_step_float64": first,
        "last_step_float64": last,
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
    split = {"config": 0, "arguments": 0, "parameters": 0, "drift": 0, "spread": 0, "steps": 1, "first_step_float64": 3,
             "last_step_float64": 3}
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
