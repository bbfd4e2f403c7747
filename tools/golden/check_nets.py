"""Compares the networks' parameter counts and keys with the published ones; make.sh runs it first.

Of the encoder-decoder nothing is published: it is unet_256 without the skips' share of the weights, which are
16 * (3 * 512 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3).
"""

import sys

import reference_nets as nets

COUNTS = [
    ("unet_256 batch", lambda: nets.generator("unet_256", norm="batch"), 54413955, 82),
    ("unet_256 instance", lambda: nets.generator("unet_256", norm="instance"), 54409603, 32),
    ("unet_128 batch", lambda: nets.generator("unet_128", norm="batch"), 41828995, None),
    ("unet_128 instance", lambda: nets.generator("unet_128", norm="instance"), 41825667, None),
    ("encoder_decoder_256 batch", lambda: nets.generator("encoder_decoder_256"), 54413955 - 15338496, 82),
    ("resnet_9blocks instance", lambda: nets.generator("resnet_9blocks", norm="instance"), 11378179, None),
    ("resnet_6blocks instance", lambda: nets.generator("resnet_6blocks", norm="instance"), 7837699, None),
    ("basic 3 channels instance", lambda: nets.discriminator("basic", 3, norm="instance"), 2764737, None),
    ("basic 6 channels batch", lambda: nets.discriminator("basic", 6, norm="batch"), 2768705, None),
]


def unet_key(level, tail):
    return "model.model" + "".join(".1.model" if i == 0 else ".3.model" for i in range(level)) + tail


def expected_shapes():
    """(what, net, key -> shape) straight from the published tables."""
    u = {unet_key(0, ".0.weight"): (64, 3, 4, 4), unet_key(0, ".3.weight"): (128, 3, 4, 4),
         unet_key(0, ".3.bias"): (3,)}
    downs = [(128, 64), (256, 128), (512, 256), (512, 512), (512, 512), (512, 512), (512, 512)]
    ups = [(256, 64), (512, 128), (1024, 256), (1024, 512), (1024, 512), (1024, 512)]
    for level, shape in enumerate(downs, start=1):
        u[unet_key(level, ".1.weight")] = shape + (4, 4)
        if level < 7:
            u[unet_key(level, ".2.running_var")] = (shape[0],)
    for level, shape in enumerate(ups, start=1):
        u[unet_key(level, ".5.weight")] = shape + (4, 4)
        u[unet_key(level, ".6.num_batches_tracked")] = ()
    u[unet_key(7, ".3.weight")] = (512, 512, 4, 4)
    u[unet_key(7, ".4.weight")] = (512,)
    r = {"model.1.weight": (64, 3, 7, 7), "model.4.weight": (128, 64, 3, 3), "model.7.weight": (256, 128, 3, 3),
         "model.10.conv_block.1.weight": (256, 256, 3, 3), "model.18.conv_block.5.bias": (256,),
         "model.19.weight": (256, 128, 3, 3), "model.22.weight": (128, 64, 3, 3), "model.26.weight": (3, 64, 7, 7)}
    p = {"model.0.bias": (64,), "model.2.weight": (128, 64, 4, 4), "model.3.running_mean": (128,),
         "model.5.weight": (256, 128, 4, 4), "model.6.weight": (256,), "model.8.weight": (512, 256, 4, 4),
         "model.9.bias": (512,), "model.11.weight": (1, 512, 4, 4), "model.11.bias": (1,)}
    x = {"net.0.bias": (64,), "net.2.weight": (128, 64, 1, 1), "net.3.weight": (128,), "net.5.weight": (1, 128, 1, 1)}
    return [("unet_256", nets.generator("unet_256"), u),
            ("resnet_9blocks", nets.generator("resnet_9blocks", norm="instance"), r),
            ("basic", nets.discriminator("basic", 6), p), ("pixel", nets.discriminator("pixel", 6), x)]


def main():
    wrong = []
    for what, build, count, tensors in COUNTS:
        net = build()
        if nets.parameter_count(net) != count:
            wrong.append("%s: %d parameters, expected %d" % (what, nets.parameter_count(net), count))
        if tensors is not None and len(net.state_dict()) != tensors:
            wrong.append("%s: %d tensors, expected %d" % (what, len(net.state_dict()), tensors))
    for what, net, shapes in expected_shapes():
        have = {k: tuple(v.shape) for k, v in net.state_dict().items()}
        for key, shape in shapes.items():
            if have.get(key) != shape:
                wrong.append("%s: %s is %s, expected %s" % (what, key, have.get(key), shape))
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
