"""The training steps of the reference's pix2pix and CycleGAN, from formula weights and without image pools.

Beside the reference's objectives there are those that it lacks or never calls: gan_mode wgangp with its gradient penalty,
gan_mode none, and for pix2pix another reconstruction than L1 and an unconditional D. A configuration names them only
where they differ from OBJECTIVE.
"""

import torch
from torch import nn

import formula
import reference_nets as nets

SEED = 1  # of the run, whose random numbers are the gradient penalty's mixtures
CRITERIA = {"L1": nn.L1Loss(), "L2": nn.MSELoss(), "smooth_L1": nn.SmoothL1Loss(beta=0.1)}
OBJECTIVE = {"lambda_gp": 10.0, "reconstruction": "L1", "unconditional_D": False}


class Model:
    """Networks by the reference's names, one optimiser for the generators, one for the discriminators.

    After a step each parameter's `grad` is what its optimiser was given: a step leaves alone what it does not train.
    """

    def __init__(self, config, dtype, dropout):
        self.config = {**OBJECTIVE, **config}
        self.steps = 0
        self.has_gan = config["gan_mode"] != "none"
        self.nets = {name: nets.fill(net, name, dtype).train() for name, net in self.networks(dropout).items()
                     if self.has_gan or name[0] == "G"}
        self.generators, self.discriminators = (
            [net for name, net in self.nets.items() if name[0] == letter] for letter in "GD")
        self.adam_g = self.adam(self.generators)
        self.adam_d = self.adam(self.discriminators) if self.has_gan else None

    def networks(self, dropout):
        raise NotImplementedError

    def generator(self, input_nc, output_nc, dropout):
        c = self.config
        return nets.generator(c["netG"], input_nc, output_nc, c["ngf"], c["norm"], dropout)

    def discriminator(self, input_nc):
        c = self.config
        return nets.discriminator(c["netD"], input_nc, c["ndf"], c["n_layers_D"], c["norm"])

    def adam(self, trained):
        parameters = [p for net in trained for p in net.parameters()]
        return torch.optim.Adam(parameters, lr=self.config["lr"], betas=(self.config["beta1"], 0.999))

    def train_discriminators(self, wanted):
        for net in self.discriminators:
            net.requires_grad_(wanted)

    def gan_loss(self, score, real):
        if self.config["gan_mode"] == "wgangp":
            return -score.mean() if real else score.mean()
        criterion = nn.BCEWithLogitsLoss() if self.config["gan_mode"] == "vanilla" else nn.MSELoss()
        return criterion(score, torch.full_like(score, 1.0 if real else 0.0))

    def penalty(self, d, real, fake, stream):
        """Of wgangp, by random stream `stream`; else 0."""
        if self.config["gan_mode"] != "wgangp":
            return 0.0
        alpha = formula.random_units(SEED, self.steps, stream, len(real))
        return nets.gradient_penalty(d, real, fake, alpha, self.config["lambda_gp"])

    def step(self, a, b):
        """One step on a batch. Returns losses and pictures, tensors by the reference's names; what has weight 0 is no
        loss."""
        self.steps += 1
        losses, pictures = self.update(a, b)
        return {name: loss for name, loss in losses.items() if float(torch.as_tensor(loss).detach()) != 0}, pictures

    def update(self, a, b):
        raise NotImplementedError


class Pix2Pix(Model):
    """G forward, D's update, G's update against the updated D."""

    def networks(self, dropout):
        a, b = self.config["input_nc"], self.config["output_nc"]
        return {"G": self.generator(a, b, dropout),
                "D": self.discriminator(b if self.config["unconditional_D"] else a + b)}

    def shown(self, a, b):
        return b if self.config["unconditional_D"] else torch.cat([a, b], 1)

    def update_d(self, a, b, fake):
        d, shown_fake, shown_real = self.nets["D"], self.shown(a, fake.detach()), self.shown(a, b)
        self.train_discriminators(True)
        self.adam_d.zero_grad()
        losses = {"D_fake": self.gan_loss(d(shown_fake), False), "D_real": self.gan_loss(d(shown_real), True),
                  "D_gp": self.penalty(d, shown_real, shown_fake, 0)}
        (sum(losses.values()) * 0.5).backward()
        self.adam_d.step()
        self.train_discriminators(False)
        return losses

    def update(self, a, b):
        fake = self.nets["G"](a)
        of_d = self.update_d(a, b, fake) if self.has_gan else {}
        self.adam_g.zero_grad()
        of_g, reconstruction = {}, self.config["reconstruction"]
        if self.has_gan:
            of_g["G_GAN"] = self.gan_loss(self.nets["D"](self.shown(a, fake)), True)
        if reconstruction != "none":
            of_g["G_" + reconstruction] = CRITERIA[reconstruction](fake, b) * self.config["lambda_L1"]
        sum(of_g.values()).backward()
        self.adam_g.step()
        losses = {**of_g, **{name: of_d[name] for name in ("D_real", "D_fake", "D_gp") if name in of_d}}
        return losses, {"fake_B": fake.detach()}


class CycleGan(Model):
    """Both generators' update against the Ds as they are, then both Ds', with the fakes of before.

    As in the reference a cycle of weight 0 is gone through all the same, which batch norm's statistics notice.
    """

    def networks(self, dropout):
        a, b = self.config["input_nc"], self.config["output_nc"]
        return {"G_A": self.generator(a, b, dropout), "G_B": self.generator(b, a, dropout),
                "D_A": self.discriminator(b), "D_B": self.discriminator(a)}

    def d_losses(self, letter, real, fake, stream):
        d = self.nets["D_" + letter]
        loss = (self.gan_loss(d(real), True) + self.gan_loss(d(fake), False)) * 0.5
        penalty = self.penalty(d, real, fake, stream)
        (loss + penalty * 0.5).backward()
        return {"D_" + letter: loss, "gp_" + letter: penalty}

    def update(self, a, b):
        g_a, g_b = self.nets["G_A"], self.nets["G_B"]
        lambda_a, lambda_b, identity = (self.config["lambda_" + name] for name in ("A", "B", "identity"))
        l1 = nn.functional.l1_loss
        fake_b = g_a(a)
        rec_a = g_b(fake_b)
        fake_a = g_b(b)
        rec_b = g_a(fake_a)

        self.train_discriminators(False)
        self.adam_g.zero_grad()
        losses, identities = {}, {}
        if identity > 0:
            identities = {"idt_A": l1(g_a(b), b) * lambda_b * identity, "idt_B": l1(g_b(a), a) * lambda_a * identity}
        if self.has_gan:
            losses["G_A"] = self.gan_loss(self.nets["D_A"](fake_b), True)
            losses["G_B"] = self.gan_loss(self.nets["D_B"](fake_a), True)
        losses["cycle_A"] = l1(rec_a, a) * lambda_a
        losses["cycle_B"] = l1(rec_b, b) * lambda_b
        losses.update(identities)
        sum(losses.values()).backward()
        self.adam_g.step()

        if self.has_gan:
            self.train_discriminators(True)
            self.adam_d.zero_grad()
            losses.update(self.d_losses("A", b, fake_b.detach(), 0))
            losses.update(self.d_losses("B", a, fake_a.detach(), 1))
            self.adam_d.step()
        pictures = {"fake_B": fake_b, "rec_A": rec_a, "fake_A": fake_a, "rec_B": rec_b}
        return losses, {name: picture.detach() for name, picture in pictures.items()}


MODELS = {"pix2pix": Pix2Pix, "cycle_gan": CycleGan}


def create(config, dtype=torch.float32, dropout=False):
    return MODELS[config["model"]](config, dtype, dropout)
