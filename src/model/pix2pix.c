/* pix2pix as a training program (Isola et al., 1611.07004; reference: pix2pix_model.py), and colorization, which is the
 * same between other channels (colorization_model.py).
 *
 *   stage 0   fake_B = G(A)
 *   stage 1   D_fake = gan(D(A,fake_B), 0)   D_real = gan(D(A,B), 1)     Adam of D on (D_fake + D_real) / 2
 *   stage 2   G_GAN  = gan(D(A,fake_B), 1)   G_L1 = lambda_L1 * |fake_B - B|     Adam of G on G_GAN + G_L1
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

static void build(px_training *t, const px_model_options *o)
{
    px_graph *graph = t->graph;
    const px_net G = {.graph = graph, .name = "G", .norm = o->norm}, D = {.graph = graph, .name = "D", .norm = o->norm};
    px_gradients of_D = {0}, of_G = {0};

    px_adam_optimiser(graph, o->beta1, BETA2, EPSILON); /* OPTIMISER_G */
    px_adam_optimiser(graph, o->beta1, BETA2, EPSILON); /* OPTIMISER_D */

    graph->stage = 0;
    t->real_A = px_input(graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "real_A");
    t->real_B = px_input(graph, (px_shape){o->batch, o->output_nc, o->height, o->width}, "real_B");
    t->fake_B = px_generator(&G, t->real_A, o);

    graph->stage = 1;
    px_node fake_pair = px_concat(graph, t->real_A, t->fake_B);
    px_node D_fake = px_gan_loss(graph, o->gan_mode, px_discriminator(&D, fake_pair, o), false);
    px_differentiate(graph, px_scale(graph, D_fake, 0.5f), (const char *const[]){"D", NULL}, &of_D);
    px_node real_pair = px_concat(graph, t->real_A, t->real_B);
    px_node D_real = px_gan_loss(graph, o->gan_mode, px_discriminator(&D, real_pair, o), true);
    px_differentiate(graph, px_scale(graph, D_real, 0.5f), (const char *const[]){"D", NULL}, &of_D);
    px_optimise(graph, &of_D, OPTIMISER_D);

    graph->stage = 2;
    px_node G_GAN = px_gan_loss(graph, o->gan_mode, px_discriminator(&D, fake_pair, o), true);
    px_node G_L1 = px_scale(graph, px_l1(graph, t->fake_B, t->real_B), o->lambda_L1);
    px_differentiate(graph, px_add(graph, G_GAN, G_L1), (const char *const[]){"G", NULL}, &of_G);
    px_optimise(graph, &of_G, OPTIMISER_G);

    const bool lab = o->model == PX_MODEL_COLORIZATION;
    px_training_visual(t, "real_A", t->real_A, PX_NONE);
    px_training_visual(t, lab ? "fake_B_rgb" : "fake_B", t->fake_B, lab ? t->real_A : PX_NONE);
    px_training_visual(t, lab ? "real_B_rgb" : "real_B", t->real_B, lab ? t->real_A : PX_NONE);
    px_training_loss(t, "G_GAN", G_GAN);
    px_training_loss(t, "G_L1", G_L1);
    px_training_loss(t, "D_real", D_real);
    px_training_loss(t, "D_fake", D_fake);
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
