"""What is compared: the sets, the runs, and the papers' figures beside which ours are put.

Figures of the papers are per-pixel accuracy, per-class accuracy and class IoU of labels -> photo on Cityscapes: pix2pix
(Isola, Zhu, Zhou, Efros 2017, tables 1 to 3) and CycleGAN (Zhu, Park, Isola, Efros 2017, tables 4 and 5; the latter is
photo -> labels).
"""

from dataclasses import dataclass

MEASURES = ("per-pixel accuracy", "per-class accuracy", "class IoU")
REAL_PHOTOS = (0.80, 0.26, 0.21)  # what the papers' judge finds in them

# Palettes: the colours of each class; some have several, since skies and meadows have gradients, and a shape by night
# has an outline and a darker inside.
FACADES = {
    "background": [(0, 0, 170)], "wall": [(0, 0, 255)], "molding": [(255, 85, 0)], "pillar": [(255, 0, 0)],
    "deco": [(255, 170, 0)], "window": [(0, 85, 255)], "door": [(0, 170, 255)], "shop": [(170, 0, 0)],
    "blind": [(255, 255, 0)], "sill": [(85, 255, 170)], "balcony": [(170, 255, 85)], "cornice": [(0, 255, 255)],
}
MAPS = {
    "land": [(233, 229, 220)], "street": [(254, 254, 254)], "motorway": [(252, 156, 36)], "water": [(178, 208, 254)],
    "park": [(203, 222, 174)],
}
DAY = {
    "sky": [(132, 186, 232), (179, 212, 238), (226, 238, 244)],
    "meadow": [(156, 196, 112), (124, 171, 93), (92, 146, 74)],
    "disc": [(214, 62, 54), (184, 53, 46)], "square": [(52, 98, 196), (45, 84, 169)],
    "triangle": [(238, 190, 46), (205, 163, 40)],
}
NIGHT = {
    "sky": [(12, 14, 40), (35, 27, 66), (58, 40, 92)], "meadow": [(28, 44, 56), (19, 31, 41), (10, 18, 26)],
    "disc": [(70, 226, 214), (32, 102, 96)], "square": [(250, 140, 50), (113, 63, 23)],
    "triangle": [(190, 96, 236), (86, 43, 106)],
}


@dataclass(frozen=True)
class Size:
    """How much is drawn and trained."""
    pixels: int  # labels -> photo
    pictures: int
    epochs: int
    judge_epochs: int
    cycle_pixels: int  # CycleGAN
    cycle_pictures: int
    cycle_epochs: int
    tested: int
    filters: int

    def pix2pix(self):
        """Options of every run with pairs."""
        return ["--netG", f"unet_{self.pixels}", "--ngf", str(self.filters), "--ndf", str(self.filters), "--load_size",
                str(self.pixels * 9 // 8), "--crop_size", str(self.pixels), *LOGGED, *epochs(self.epochs)]

    def judge(self):
        """The judge learns labels from photos, by L1 alone, so that it has no taste of its own."""
        return [*self.pix2pix(), "--gan_mode", "none", "--no_dropout", *epochs(self.judge_epochs)]

    def cycle(self):
        """A patch of the discriminator has 16 of 64 pixels a side, as it has 70 of 256 in the paper. Where it sees
        half of the picture it leaves the cycles little to do."""
        return ["--model", "cycle_gan", "--netG", "resnet_4blocks", "--ngf", str(self.filters), "--ndf",
                str(self.filters), "--netD", "n_layers", "--n_layers_D", "1", "--load_size",
                str(self.cycle_pixels * 9 // 8), "--crop_size", str(self.cycle_pixels), "--lambda_identity", "0",
                *LOGGED, *epochs(self.cycle_epochs)]


LOGGED = ("--print_freq", "10", "--save_latest_freq", "1000", "--no_html")


def epochs(count):
    """The learning rate falls over the second half."""
    return ["--n_epochs", str(count - count // 2), "--n_epochs_decay", str(count // 2)]


SIZES = {
    "full": Size(pixels=128, pictures=300, epochs=10, judge_epochs=12, cycle_pixels=64, cycle_pictures=300,
                 cycle_epochs=18, tested=40, filters=32),
    "quick": Size(pixels=128, pictures=50, epochs=4, judge_epochs=8, cycle_pixels=64, cycle_pictures=50,
                  cycle_epochs=4, tested=8, filters=8),
    "smoke": Size(pixels=128, pictures=5, epochs=2, judge_epochs=2, cycle_pixels=32, cycle_pictures=5, cycle_epochs=2,
                  tested=2, filters=4),
}

# What a run has beside the options that all of its kind share; the last of two equal options counts.
PIX2PIX = {
    "l1": ["--gan_mode", "none"],
    "gan": ["--reconstruction", "none", "--unconditional_D"],
    "cgan": ["--reconstruction", "none"],
    "l1_gan": ["--unconditional_D"],
    "l1_cgan": [],
    "coder_l1": ["--netG", "encoder_decoder_{pixels}", "--gan_mode", "none"],
    "coder_l1_cgan": ["--netG", "encoder_decoder_{pixels}"],
    "patch_1": ["--netD", "pixel"],
    "patch_16": ["--netD", "n_layers", "--n_layers_D", "1"],
    "patch_286": ["--netD", "n_layers", "--n_layers_D", "5"],
}
CYCLE = {
    "cycle_full": [],
    "cycle_gan": ["--lambda_A", "0", "--lambda_B", "0"],
    "cycle_forward": ["--lambda_B", "0"],
    "cycle_backward": ["--lambda_A", "0"],
    "cycle_alone": ["--gan_mode", "none"],
    "cycle_log": ["--gan_mode", "vanilla"],
}


@dataclass(frozen=True)
class Comparison:
    name: str
    title: str
    source: str
    about: str
    rows: tuple  # (run, what it is called here, the paper's figures); without figures, the paper's best comes first
    view: str = "pairs"  # which outputs of a run are looked at

    def of(self, runs):
        return self.rows[0][0] in runs

    def found(self, runs):
        """What came of its runs, row by row."""
        return [runs[run].views[self.view] for run, _, _ in self.rows]


COMPARISONS = (
    Comparison(
        "objectives", "Objectives", "pix2pix, table 1",
        "What the generator is trained for. GAN is a discriminator that sees the photo alone, cGAN one that sees the "
        "labels too.",
        (("l1", "L1", (0.42, 0.15, 0.11)), ("gan", "GAN", (0.22, 0.05, 0.01)), ("cgan", "cGAN", (0.57, 0.22, 0.16)),
         ("l1_gan", "L1 + GAN", (0.64, 0.20, 0.15)), ("l1_cgan", "L1 + cGAN", (0.66, 0.23, 0.17)))),
    Comparison(
        "generators", "Generators", "pix2pix, table 2",
        "The encoder-decoder is the U-Net without its skips: everything goes through the bottleneck.",
        (("coder_l1", "encoder-decoder L1", (0.35, 0.12, 0.08)),
         ("coder_l1_cgan", "encoder-decoder L1 + cGAN", (0.29, 0.09, 0.05)),
         ("l1", "U-Net L1", (0.48, 0.18, 0.13)), ("l1_cgan", "U-Net L1 + cGAN", (0.55, 0.20, 0.14)))),
    Comparison(
        "patches", "Patches", "pix2pix, table 3",
        "How many pixels each judgement of the discriminator sees, with L1 + cGAN. The paper's pictures have 256 a "
        "side.",
        (("patch_1", "1x1", (0.39, 0.15, 0.10)), ("patch_16", "16x16", (0.65, 0.21, 0.17)),
         ("l1_cgan", "70x70", (0.66, 0.23, 0.17)), ("patch_286", "286x286", (0.42, 0.16, 0.11)))),
    Comparison(
        "cycles", "Cycles: day to night", "CycleGAN, table 4",
        "Day to night without pairs. Forward is the cycle from day to night to day, backward the other one. The paper "
        "has labels by day and photos by night.",
        (("cycle_alone", "cycle alone", (0.22, 0.07, 0.02)), ("cycle_gan", "GAN alone", (0.51, 0.11, 0.08)),
         ("cycle_forward", "GAN + forward cycle", (0.55, 0.18, 0.12)),
         ("cycle_backward", "GAN + backward cycle", (0.39, 0.14, 0.06)),
         ("cycle_full", "CycleGAN", (0.52, 0.17, 0.11))), "by_day"),
    Comparison(
        "cycles_back", "Cycles: night to day", "CycleGAN, table 5",
        "The way back of the same runs.",
        (("cycle_alone", "cycle alone", (0.10, 0.05, 0.02)), ("cycle_gan", "GAN alone", (0.53, 0.11, 0.07)),
         ("cycle_forward", "GAN + forward cycle", (0.49, 0.11, 0.07)),
         ("cycle_backward", "GAN + backward cycle", (0.01, 0.06, 0.01)),
         ("cycle_full", "CycleGAN", (0.58, 0.22, 0.16))), "by_night"),
    Comparison(
        "gan_losses", "Least squares against log loss", "CycleGAN, section 4",
        "The paper takes least squares, since they train more steadily and give better pictures; it has no figures.",
        (("cycle_full", "least squares", None), ("cycle_log", "log loss", None)), "both_ways"),
)
