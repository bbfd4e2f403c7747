"""Inputs, outputs and gradients of single operations, from PyTorch in float64, rounded to float32.

usage: ops.py OUT_DIR
Writes OUT_DIR/<case>.safetensors. Inputs are exact float32, so the only error in a file is its last rounding.
"""

import os
import sys

import numpy as np
import torch
from torch.nn import functional as F

import formula
from safetensors_writer import save


def uniform(case, name, shape, spread=2.0):
    """float32 in [-spread / 2, spread / 2)."""
    return formula.centred("ops:%s:%s" % (case, name), shape, spread)


def leaf(array):
    return torch.from_numpy(array).double().requires_grad_(True)


def single(t):
    return t.detach().numpy().astype(np.float32)


def differentiate(case, function, inputs, grad_names):
    """Tensors of one case: inputs, output, a grad_output, and the gradient of each input in `grad_names`."""
    leaves = {k: leaf(v) for k, v in inputs.items()}
    output = function(**leaves)
    tensors = dict(inputs)
    tensors["output"] = single(output)
    if output.dim() == 0:
        output.backward()
    else:
        tensors["grad_output"] = uniform(case, "grad_output", tuple(output.shape))
        output.backward(torch.from_numpy(tensors["grad_output"]).double())
    for name in grad_names:
        tensors["grad_" + name] = single(leaves[name].grad)
    return tensors


def convolution(case, op, x, w, bias, **attributes):
    inputs = {"input": uniform(case, "input", x), "weight": uniform(case, "weight", w, 1.0)}
    if bias:
        channels = w[0] if op == "conv2d" else w[1]
        inputs["bias"] = uniform(case, "bias", (channels,))
    function = F.conv2d if op == "conv2d" else F.conv_transpose2d
    tensors = differentiate(case, lambda **t: function(t["input"], t["weight"], t.get("bias"), **attributes), inputs,
                            list(inputs))
    return tensors, {"op": op, "kernel": w[2], **attributes}


def convolutions():
    down, up = "conv2d", "conv_transpose2d"
    s1p0, s1p1, s1p3, s2p1 = ({"stride": s, "padding": p} for s, p in ((1, 0), (1, 1), (1, 3), (2, 1)))
    table = [
        # name after the op, op, input, weight, bias, attributes
        ("k4s2p1", down, (2, 3, 9, 7), (5, 3, 4, 4), True, s2p1),
        ("k4s2p1_16to8", down, (2, 16, 4, 5), (8, 16, 4, 4), False, s2p1),
        ("k4s1p1", down, (2, 3, 7, 6), (5, 3, 4, 4), True, s1p1),
        ("k3s1p1_16to16", down, (2, 16, 4, 3), (16, 16, 3, 3), False, s1p1),
        ("k3s2p1", down, (2, 3, 9, 7), (5, 3, 3, 3), True, s2p1),
        ("k1_16to32", down, (2, 16, 2, 3), (32, 16, 1, 1), True, s1p0),
        ("k7p3", down, (2, 3, 5, 6), (5, 3, 7, 7), True, s1p3),
        ("k4s2p1", up, (2, 5, 4, 3), (5, 3, 4, 4), True, {**s2p1, "output_padding": 0}),
        ("k4s2p1_16to4", up, (2, 16, 1, 3), (16, 4, 4, 4), False, {**s2p1, "output_padding": 0}),
        ("k3s2p1op1", up, (2, 5, 4, 3), (5, 3, 3, 3), True, {**s2p1, "output_padding": 1}),
        ("k4s1p1", up, (2, 5, 4, 3), (5, 3, 4, 4), True, {**s1p1, "output_padding": 0}),
    ]
    return {op + "_" + name: convolution(op + "_" + name, op, x, w, bias, **attributes)
            for name, op, x, w, bias, attributes in table}


def reflection_pads():
    cases = {}
    for padding, shape in ((1, (2, 3, 2, 5)), (3, (2, 2, 4, 5))):
        case = "reflection_pad2d_p%d" % padding
        tensors = differentiate(case, lambda input: F.pad(input, (padding,) * 4, mode="reflect"),
                                {"input": uniform(case, "input", shape)}, ["input"])
        cases[case] = tensors, {"op": "reflection_pad2d", "padding": padding}
    return cases


def upsamples():
    tensors = differentiate("upsample_nearest", lambda input: F.interpolate(input, scale_factor=2, mode="nearest"),
                            {"input": uniform("upsample_nearest", "input", (2, 3, 3, 2))}, ["input"])
    return {"upsample_nearest": (tensors, {"op": "upsample_nearest"})}


def batch_norm(case, training):
    shape, channels = (2, 5, 4, 3), 5
    inputs = {"input": uniform(case, "input", shape, 4.0) + np.float32(0.75),
              "weight": np.float32(1) + uniform(case, "weight", (channels,)),
              "bias": uniform(case, "bias", (channels,))}
    mean = uniform(case, "running_mean", (channels,))
    var = np.float32(1) + uniform(case, "running_var", (channels,), 1.0)
    new_mean, new_var = torch.from_numpy(mean).double(), torch.from_numpy(var).double()

    def function(input, weight, bias):
        return F.batch_norm(input, new_mean, new_var, weight, bias, training, 0.1, 1e-5)

    tensors = differentiate(case, function, inputs, list(inputs))
    tensors.update({"running_mean": mean, "running_var": var})
    if training:
        tensors.update({"running_mean_after": single(new_mean), "running_var_after": single(new_var)})
    return tensors, {"op": "batch_norm", "training": training, "momentum": 0.1, "eps": 1e-5}


def twice(case, shape, norm, weight):
    """The gradient of a normalisation towards its input, as a function of input, weight and arriving gradient."""
    inputs = {"input": uniform(case, "input", shape, 4.0) + np.float32(0.75),
              "gradient": uniform(case, "gradient", shape)}
    if weight:
        inputs["weight"] = np.float32(1) + uniform(case, "weight", shape[1:2])

    def function(input, gradient, weight=None):
        return torch.autograd.grad(norm(input, weight), input, gradient, create_graph=True)[0]

    return differentiate(case, function, inputs, list(inputs))


def norms():
    def instance(case, shape):
        inputs = {"input": uniform(case, "input", shape, 4.0) + np.float32(0.75)}
        return (differentiate(case, lambda input: F.instance_norm(input, eps=1e-5), inputs, ["input"]),
                {"op": "instance_norm", "eps": 1e-5})

    return {
        "batch_norm_train": batch_norm("batch_norm_train", True),
        "batch_norm_eval": batch_norm("batch_norm_eval", False),
        "instance_norm": instance("instance_norm", (2, 5, 4, 3)),
        "instance_norm_2x2": instance("instance_norm_2x2", (2, 3, 2, 2)),
        "batch_norm_backward": (
            twice("batch_norm_backward", (2, 5, 4, 3),
                  lambda x, w: F.batch_norm(x, None, None, w, None, True, 0.1, 1e-5), True),
            {"op": "batch_norm_backward", "eps": 1e-5}),
        "instance_norm_backward": (
            twice("instance_norm_backward", (2, 5, 4, 3), lambda x, w: F.instance_norm(x, eps=1e-5), False),
            {"op": "instance_norm_backward", "eps": 1e-5}),
    }


def activations():
    cases = {}
    for case, function, attributes in (("relu", F.relu, {}), ("tanh", torch.tanh, {}),
                                       ("leaky_relu", lambda x: F.leaky_relu(x, 0.2), {"slope": 0.2})):
        x = uniform(case, "input", (2, 3, 5, 3), 6.0)
        x.flat[:4] = (0.0, 30.0, -30.0, 1e-6)  # the kink, both ends of tanh, next to the kink
        tensors = differentiate(case, lambda input: function(input), {"input": x}, ["input"])
        cases[case] = tensors, {"op": case, **attributes}
    return cases


def losses():
    cases = {}
    for case, function in (("bce_with_logits", F.binary_cross_entropy_with_logits), ("mse", F.mse_loss)):
        x = uniform(case, "input", (2, 1, 5, 3), 8.0)
        x.flat[:4] = (0.0, 40.0, -40.0, 120.0)  # exp(120) is no float32: only the stable form survives
        for target in (0, 1):
            name = "%s_target_%d" % (case, target)
            tensors = differentiate(name, lambda input: function(input, torch.full_like(input, float(target))),
                                    {"input": x}, ["input"])
            cases[name] = tensors, {"op": case, "reduction": "mean", "target": target}
    for case, function, attributes in (("l1", F.l1_loss, {}), ("l2", F.mse_loss, {}),
                                       ("smooth_l1", F.smooth_l1_loss, {"beta": 0.5})):
        a, b = uniform(case, "input", (2, 3, 5, 3)), uniform(case, "other", (2, 3, 5, 3))
        b.flat[0] = a.flat[0]  # gradient 0 where the two are equal
        cases[case] = differentiate(case, lambda input, other: function(input, other, **attributes),
                                    {"input": a, "other": b}, ["input", "other"]), {
                                        "op": case, "reduction": "mean", **attributes}
    cases["mean"] = differentiate("mean", lambda input: input.mean(), {"input": uniform("mean", "input", (2, 3, 5, 3))},
                                  ["input"]), {"op": "mean"}
    return cases


def sample_norms():
    """The norm of each sample as the gradient penalty has it; one sample is zero."""
    x = uniform("sample_norm", "input", (3, 2, 4, 3))
    x[1] = 0.0
    return {"sample_norm": (differentiate("sample_norm", lambda input: (input.flatten(1) + 1e-16).norm(2, dim=1)
                                          .reshape(3, 1, 1, 1), {"input": x}, ["input"]),
                            {"op": "sample_norm", "eps": 1e-16})}


def adam():
    steps, count, settings = 5, 19, {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8}
    start = uniform("adam", "start", (count,))
    gradients = uniform("adam", "gradients", (steps, count))
    gradients[:, 0] = 0.0
    gradients[:, 1] *= np.float32(1e-8)  # as small as eps: shows where eps is added
    gradients[:, 2] *= np.float32(1e4)
    gradients[2:, 3] = 0.0
    p = leaf(start)
    betas = (settings["beta1"], settings["beta2"])
    optimizer = torch.optim.Adam([p], lr=settings["lr"], betas=betas, eps=settings["eps"])
    after = {"parameter": [], "exp_avg": [], "exp_avg_sq": []}
    for g in gradients:
        p.grad = torch.from_numpy(g).double()
        optimizer.step()
        after["parameter"].append(single(p))
        for key in ("exp_avg", "exp_avg_sq"):
            after[key].append(single(optimizer.state[p][key]))
    tensors = {"start": start, "gradients": gradients, **{k: np.stack(v) for k, v in after.items()}}
    return {"adam": (tensors, {"op": "adam", "steps": steps, **settings})}


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    for group in (convolutions, reflection_pads, upsamples, norms, activations, losses, sample_norms, adam):
        for case, (tensors, attributes) in group().items():
            save(os.path.join(sys.argv[1], case + ".safetensors"), tensors, attributes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
