"""The networks of pix2pix and CycleGAN in PyTorch, with the reference implementation's state_dict keys and shapes.

Written from the papers' architectures and the published key tables. The attribute names (`model`, `net`, `conv_block`)
and the order inside each Sequential are what makes the keys, so they may not be changed freely.
"""

import torch
from torch import nn


def norm_slot(norm, channels):
    """What stands after a convolution. "none" keeps the slot, so that later indices stay the same."""
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "instance":
        return nn.InstanceNorm2d(channels)
    if norm == "instance_affine":
        return nn.InstanceNorm2d(channels, affine=True)
    if norm == "none":
        return nn.Identity()
    raise ValueError("norm %r: expected batch, instance, instance_affine or none" % norm)


def normed_bias(norm):
    """Whether a convolution next to a norm slot has a bias: instance norm has no shift of its own, as built here; an
    affine one has one, and those who build it leave the bias in."""
    return norm in ("instance", "instance_affine")


class ResizeConv2d(nn.Conv2d):
    """What --upsample resize puts in the place of a transposed convolution: pixels repeated, reflection, 3x3."""

    def __init__(self, in_channels, out_channels, bias):
        super().__init__(in_channels, out_channels, 3, bias=bias)

    def forward(self, x):
        x = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
        return super().forward(nn.functional.pad(x, (1, 1, 1, 1), mode="reflect"))


def up_convolution(upsample, in_channels, out_channels, kernel, bias):
    """Doubles the sides."""
    if upsample == "resize":
        return ResizeConv2d(in_channels, out_channels, bias)
    return nn.ConvTranspose2d(in_channels, out_channels, kernel, stride=2, padding=1, output_padding=4 - kernel,
                              bias=bias)


class UnetLevel(nn.Module):
    """One level: down convolution, the levels below, up convolution; with a skip the input is passed on beside the
    result."""

    def __init__(self, outside, inside, below=None, input_nc=None, outermost=False, norm="batch", dropout=False,
                 skips=True, upsample="conv_t"):
        super().__init__()
        self.skip = skips and not outermost
        bias = normed_bias(norm)
        down = nn.Conv2d(input_nc or outside, inside, 4, stride=2, padding=1, bias=bias)
        from_below = 2 * inside if skips and below is not None else inside
        up = up_convolution(upsample, from_below, outside, 4, True if outermost else bias)
        if outermost:
            layers = [down, below, nn.ReLU(inplace=True), up, nn.Tanh()]
        else:
            layers = [nn.LeakyReLU(0.2, inplace=True), down]
            if below is not None:
                layers += [norm_slot(norm, inside), below]
            layers += [nn.ReLU(inplace=True), up, norm_slot(norm, outside)]
            if dropout:
                layers.append(nn.Dropout(0.5))
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        inner = self.model(x)
        # The first layer of an inner level works in place: x is already leaky(x) here, as in the reference.
        return torch.cat([x, inner], dim=1) if self.skip else inner


class Unet(nn.Module):
    """Without `skips` it is the encoder-decoder of 1611.07004 (6.1.1), which the reference does not have."""

    def __init__(self, downs, input_nc=3, output_nc=3, ngf=64, norm="batch", dropout=False, skips=True,
                 upsample="conv_t"):
        super().__init__()
        if downs < 5:
            raise ValueError("a U-Net has at least 5 levels, not %d" % downs)
        common = {"norm": norm, "skips": skips, "upsample": upsample}
        level = UnetLevel(8 * ngf, 8 * ngf, **common)
        for _ in range(downs - 5):
            level = UnetLevel(8 * ngf, 8 * ngf, level, dropout=dropout, **common)
        for factor in (4, 2, 1):
            level = UnetLevel(factor * ngf, 2 * factor * ngf, level, **common)
        self.model = UnetLevel(output_nc, ngf, level, input_nc=input_nc, outermost=True, **common)

    def forward(self, x):
        return self.model(x)


class ResnetBlock(nn.Module):
    def __init__(self, channels, norm, dropout):
        super().__init__()
        bias = normed_bias(norm)
        layers = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm_slot(norm, channels),
                  nn.ReLU(inplace=True)]
        if dropout:
            layers.append(nn.Dropout(0.5))
        layers += [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm_slot(norm, channels)]
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv_block(x)


class Resnet(nn.Module):
    def __init__(self, blocks, input_nc=3, output_nc=3, ngf=64, norm="instance", dropout=False, upsample="conv_t"):
        super().__init__()
        bias = normed_bias(norm)
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(input_nc, ngf, 7, bias=bias), norm_slot(norm, ngf),
                  nn.ReLU(inplace=True)]
        for factor in (1, 2):
            layers += [nn.Conv2d(factor * ngf, 2 * factor * ngf, 3, stride=2, padding=1, bias=bias),
                       norm_slot(norm, 2 * factor * ngf), nn.ReLU(inplace=True)]
        layers += [ResnetBlock(4 * ngf, norm, dropout) for _ in range(blocks)]
        for factor in (2, 1):
            layers += [up_convolution(upsample, 2 * factor * ngf, factor * ngf, 3, bias),
                       norm_slot(norm, factor * ngf), nn.ReLU(inplace=True)]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, output_nc, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class PatchGan(nn.Module):
    def __init__(self, input_nc, ndf=64, n_layers=3, norm="batch"):
        super().__init__()
        layers = [nn.Conv2d(input_nc, ndf, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        width = ndf
        for i in range(1, n_layers + 1):
            previous, width = width, ndf * min(2**i, 8)
            layers += [nn.Conv2d(previous, width, 4, stride=2 if i < n_layers else 1, padding=1,
                                 bias=normed_bias(norm)),
                       norm_slot(norm, width), nn.LeakyReLU(0.2, inplace=True)]
        layers.append(nn.Conv2d(width, 1, 4, stride=1, padding=1))
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class PixelGan(nn.Module):
    def __init__(self, input_nc, ndf=64, norm="batch"):
        super().__init__()
        bias = normed_bias(norm)
        self.net = nn.Sequential(
            nn.Conv2d(input_nc, ndf, 1), nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(ndf, 2 * ndf, 1, bias=bias),
            norm_slot(norm, 2 * ndf), nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(2 * ndf, 1, 1, bias=bias))

    def forward(self, x):
        return self.net(x)


def generator(name, input_nc=3, output_nc=3, ngf=64, norm="batch", dropout=False, upsample="conv_t"):
    """`name`: unet_<2^k> or encoder_decoder_<2^k>, k >= 5, or resnet_<n>blocks."""
    kind, _, size = name.rpartition("_")
    if kind in ("unet", "encoder_decoder") and size.isdigit() and int(size) == 1 << (int(size).bit_length() - 1):
        return Unet(int(size).bit_length() - 1, input_nc, output_nc, ngf, norm, dropout, kind == "unet", upsample)
    if kind == "resnet" and size.endswith("blocks") and size[:-6].isdigit():
        return Resnet(int(size[:-6]), input_nc, output_nc, ngf, norm, dropout, upsample)
    raise ValueError("generator %r: expected unet_<power of two>, encoder_decoder_<power of two> or resnet_<n>blocks"
                     % name)


def discriminator(name, input_nc, ndf=64, n_layers=3, norm="batch"):
    """`name`: basic (three layers), n_layers or pixel."""
    if name == "pixel":
        return PixelGan(input_nc, ndf, norm)
    if name in ("basic", "n_layers"):
        return PatchGan(input_nc, ndf, 3 if name == "basic" else n_layers, norm)
    raise ValueError("discriminator %r: expected basic, n_layers or pixel" % name)


def gradient_penalty(net, real, fake, alpha, weight):
    """The reference's cal_gradient_penalty, with one number of `alpha` for each sample: a scalar to differentiate."""
    alpha = torch.tensor(alpha, dtype=real.dtype).reshape(-1, 1, 1, 1)
    x = (alpha * real + (1 - alpha) * fake).detach().requires_grad_(True)
    scores = net(x)
    g = torch.autograd.grad(scores, x, torch.ones_like(scores), create_graph=True)[0].flatten(1)
    return (((g + 1e-16).norm(2, dim=1) - 1) ** 2).mean() * weight


def parameter_count(net):
    return sum(p.numel() for p in net.parameters())


def fill(net, letter, dtype=torch.float32):
    """Load formula weights ("G" or "D") and give the net the precision asked for."""
    import formula

    state = {k: torch.from_numpy(formula.tensor(letter, k, tuple(v.shape))) for k, v in net.state_dict().items()}
    net.load_state_dict(state)
    return net.to(dtype)
