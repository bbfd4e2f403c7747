/* pix2pix as a training program (Isola et al., 1611.07004; reference: pix2pix_model.py), and colorization, which is the
 * same between other channels (colorization_model.py).
 *
 *   stage 0   fake_B = G(A)
 *   stage 1   D_fake = gan(D(A,fake_B), 0)   D_real = gan(D(A,B), 1)     Adam of D on (D_fake + D_real) / 2
 *   stage 2   G_GAN  = gan(D(A,fake_B), 1)   G_L1 = lambda_L1 * |fake_B - B|     Adam of G on G_GAN + G_L1
 *
 * Or without the GAN, and then without D and stage 1; without G_L1, or with G_L2 = lambda_L1 * (fake_B - B)^2 or
 * G_smooth_L1 in its place; with a D that does not see A. With wgangp D's loss has D_gp, the gradient penalty, as its
 * third part.
 *
 * D looks at the fake and at the real pair one after the other, each forward and backward, so that the maps of one pass
 * are gone before the other begins.
 *
 * Stage 2 asks the D that stage 1 has just changed: its nodes come after Adam's, and a node sees its variables as
 * the nodes before it have left them. G runs once, its forward pass serves both. That stage 1 stops at fake_B
 * (PyTorch's detach) and stage 2 leaves D alone needs no word: differentiation goes only where a wanted weight is. */
#include "graph/build.h"
#include "model/net.h"

enum { OPTIMISER_G, OPTIMISER_D };
#define BETA2   0.999
#define EPSILON 1e-8
#define BETA    0.1f /* of smooth_L1: below 13 of 255 levels a difference's gradient falls with it */

typedef struct program {
    px_training *training;
    px_graph *graph;
    const px_model_options *options;
    px_net G, D;
    px_node fake; /* as D sees it; PX_NONE without a GAN */
} program;

/* What D sees of a picture B: the pair, or B alone. */
static px_node shown(const program *p, px_node B)
{
    return p->options->unconditional_D ? B : px_concat(p->graph, p->training->real_A, B);
}

static px_node judge(const program *p, px_node picture, bool real)
{
    return px_gan_loss(p->graph, p->options->gan_mode, px_discriminator(&p->D, picture, p->options), real);
}

/* One of the parts of D's loss, of which it takes half. */
static void add_part(const program *p, px_node loss, px_gradients *sum)
{
    if (loss != PX_NONE)
        px_differentiate(p->graph, px_scale(p->graph, loss, 0.5f), (const char *const[]){"D", NULL}, sum);
}

typedef struct discriminator_losses {
    px_node fake, real, gp;
} discriminator_losses;

static discriminator_losses update_discriminator(const program *p)
{
    discriminator_losses losses;
    px_gradients of_D = {0};
    losses.fake = judge(p, p->fake, false);
    add_part(p, losses.fake, &of_D);
    px_node real = shown(p, p->training->real_B);
    losses.real = judge(p, real, true);
    add_part(p, losses.real, &of_D);
    losses.gp = px_gradient_penalty(&p->D, real, p->fake, p->options);
    add_part(p, losses.gp, &of_D);
    px_optimise(p->graph, &of_D, OPTIMISER_D);
    return losses;
}

static px_node reconstruct(const program *p)
{
    px_node fake = p->training->fake_B, real = p->training->real_B;
    px_node difference = PX_NONE;
    switch (p->options->reconstruction) {
    case PX_RECONSTRUCTION_L1:
        difference = px_l1(p->graph, fake, real);
        break;
    case PX_RECONSTRUCTION_L2:
        difference = px_l2(p->graph, fake, real);
        break;
    case PX_RECONSTRUCTION_SMOOTH_L1:
        difference = px_smooth_l1(p->graph, fake, real, BETA);
        break;
    case PX_RECONSTRUCTION_NONE:
        return PX_NONE;
    }
    return px_scale(p->graph, difference, p->options->lambda_L1);
}

static void build(px_training *t, const px_model_options *o)
{
    px_graph *graph = t->graph;
    const bool gan = o->gan_mode != PX_GAN_NONE;
    program p = {.training = t,
                 .graph = graph,
                 .options = o,
                 .G = {.graph = graph, .name = "G", .norm = o->norm},
                 .D = {.graph = graph, .name = "D", .norm = o->norm},
                 .fake = PX_NONE};
    discriminator_losses of_D = {PX_NONE, PX_NONE, PX_NONE};
    px_gradients of_G = {0};

    px_adam_optimiser(graph, o->beta1, BETA2, EPSILON); /* OPTIMISER_G */
    px_adam_optimiser(graph, o->beta1, BETA2, EPSILON); /* OPTIMISER_D */

    graph->stage = 0;
    t->real_A = px_input(graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "real_A");
    t->real_B = px_input(graph, (px_shape){o->batch, o->output_nc, o->height, o->width}, "real_B");
    t->fake_B = px_generator(&p.G, t->real_A, o);

    graph->stage = 1;
    if (gan) {
        p.fake = shown(&p, t->fake_B);
        of_D = update_discriminator(&p);
    }

    graph->stage = 2;
    px_node G_GAN = gan ? judge(&p, p.fake, true) : PX_NONE, G_rec = reconstruct(&p);
    px_node loss = G_GAN == PX_NONE ? G_rec : G_rec == PX_NONE ? G_GAN : px_add(graph, G_GAN, G_rec);
    px_differentiate(graph, loss, (const char *const[]){"G", NULL}, &of_G);
    px_optimise(graph, &of_G, OPTIMISER_G);

    const bool lab = o->model == PX_MODEL_COLORIZATION;
    px_training_visual(t, "real_A", t->real_A, PX_NONE);
    px_training_visual(t, lab ? "fake_B_rgb" : "fake_B", t->fake_B, lab ? t->real_A : PX_NONE);
    px_training_visual(t, lab ? "real_B_rgb" : "real_B", t->real_B, lab ? t->real_A : PX_NONE);
    px_training_loss(t, "G_GAN", G_GAN);
    static const char *const reconstructions[] = {"G_L1", "G_L2", "G_smooth_L1", ""};
    px_training_loss(t, reconstructions[o->reconstruction], G_rec);
    px_training_loss(t, "D_real", of_D.real);
    px_training_loss(t, "D_fake", of_D.fake);
    px_training_loss(t, "D_gp", of_D.gp);
}

px_training *px_training_pix2pix(const px_model_options *options, pixcl_error *err)
{
    if (px_training_check(options, err) != PIXCL_OK)
        return NULL;
    px_training *training = px_training_start(err);
    if (!training)
        return NULL;
    build(training, options);
    return px_training_finish(training, err);
}
