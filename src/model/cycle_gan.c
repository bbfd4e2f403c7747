/* CycleGAN as a training program (Zhu et al., 1703.10593; reference: cycle_gan_model.py).
 *
 *   stage 0   fake_B = G_A(A)   rec_A = G_B(fake_B)   idt_A = G_A(B)     and the same with A and B exchanged
 *             G_A     = gan(D_A(fake_B), 1)
 *             cycle_A = lambda_A * |rec_A - A|
 *             idt_A   = lambda_identity * lambda_B * |idt_A - B|
 *             Adam of both generators on the sum of the six
 *   stage 1   D_A = (gan(D_A(B), 1) + gan(D_A(pool(fake_B)), 0)) / 2    Adam of both discriminators on D_A + D_B
 *
 * Without the GAN there are no discriminators and no stage 1. With wgangp the update of D_A also takes gp_A / 2, its
 * gradient penalty.
 *
 * G_A goes from A to B, and D_A judges what G_A makes: pictures like B. Stage 1 sees what the generators made before
 * stage 0 changed them, as in the reference.
 *
 * The losses of stage 0 are differentiated by cycle (A to B to A, then B to A to B, then the identities) and their
 * gradients summed, so that the maps of one cycle are gone before the next one begins: no more than two generators'
 * maps are in memory at a time, instead of six. */
#include <stdio.h>

#include "base/format.h"
#include "graph/build.h"
#include "model/net.h"

enum { OPTIMISER_G, OPTIMISER_D };
#define BETA2   0.999
#define EPSILON 1e-8

/* One direction: a generator, the discriminator of what it makes, and what becomes of a batch. */
typedef struct direction {
    char letter; /* 'A' leads from A to B */
    px_net G, D;
    px_model_options options; /* with the channels of this direction */
    float lambda_cycle, lambda_identity;
    px_node real, fake, rec;                                    /* rec: what the other generator makes of fake */
    px_node loss_D, loss_gp, loss_G, loss_cycle, loss_identity; /* PX_NONE where there is none */
} direction;

typedef struct program {
    px_training *training;
    px_graph *graph;
    direction A, B;
    px_gradients of_G, of_D;
} program;

static const char *const generators[] = {"G_A", "G_B", NULL}, *const discriminators[] = {"D_A", "D_B", NULL};

/* a + b, either of which may be missing. */
static px_node sum(px_graph *graph, px_node a, px_node b)
{
    return a == PX_NONE ? b : b == PX_NONE ? a : px_add(graph, a, b);
}

static px_node scaled_l1(px_graph *graph, px_node a, px_node b, float factor)
{
    return px_scale(graph, px_l1(graph, a, b), factor);
}

/* There and back again, and what it says about both generators. */
static void add_cycle(program *p, direction *there, const direction *back)
{
    px_graph *graph = p->graph;
    const px_model_options *o = &there->options;
    there->fake = px_generator(&there->G, there->real, o);
    if (o->gan_mode != PX_GAN_NONE)
        there->loss_G = px_gan_loss(graph, o->gan_mode, px_discriminator(&there->D, there->fake, o), true);
    if (there->lambda_cycle > 0) {
        there->rec = px_generator(&back->G, there->fake, &back->options);
        there->loss_cycle = scaled_l1(graph, there->rec, there->real, there->lambda_cycle);
    }
    px_differentiate(graph, sum(graph, there->loss_G, there->loss_cycle), generators, &p->of_G);
}

/* A generator shown a picture of the kind it makes should leave it as it is. */
static void add_identity(program *p, direction *d, const direction *other)
{
    if (d->lambda_identity <= 0)
        return;
    px_node same = px_generator(&d->G, other->real, &d->options);
    d->loss_identity = scaled_l1(p->graph, same, other->real, d->lambda_identity);
    px_differentiate(p->graph, d->loss_identity, generators, &p->of_G);
}

static void add_discriminator(program *p, direction *d, const direction *other)
{
    px_graph *graph = p->graph;
    const px_model_options *o = &d->options;
    char pool[] = "fake_?";
    pool[5] = other->letter;
    px_node real = px_gan_loss(graph, o->gan_mode, px_discriminator(&d->D, other->real, o), true);
    px_differentiate(graph, px_scale(graph, real, 0.5f), discriminators, &p->of_D);
    px_node shown = px_net_pool(graph, d->fake, o->pool_size, pool);
    px_node fake = px_gan_loss(graph, o->gan_mode, px_discriminator(&d->D, shown, o), false);
    px_differentiate(graph, px_scale(graph, fake, 0.5f), discriminators, &p->of_D);
    d->loss_D = px_scale(graph, px_add(graph, real, fake), 0.5f);
    d->loss_gp = px_gradient_penalty(&d->D, other->real, shown, o);
    if (d->loss_gp != PX_NONE)
        px_differentiate(graph, px_scale(graph, d->loss_gp, 0.5f), discriminators, &p->of_D);
}

static direction make_direction(px_graph *graph, const px_model_options *o, char letter)
{
    const bool forward = letter == 'A';
    direction d = {.letter = letter,
                   .G = {.graph = graph, .name = forward ? "G_A" : "G_B", .norm = o->norm},
                   .D = {.graph = graph, .name = forward ? "D_A" : "D_B", .norm = o->norm},
                   .options = *o,
                   .lambda_cycle = forward ? o->lambda_A : o->lambda_B,
                   .lambda_identity = o->lambda_identity * (forward ? o->lambda_B : o->lambda_A),
                   .fake = PX_NONE,
                   .rec = PX_NONE,
                   .loss_D = PX_NONE,
                   .loss_gp = PX_NONE,
                   .loss_G = PX_NONE,
                   .loss_cycle = PX_NONE,
                   .loss_identity = PX_NONE};
    if (!forward) {
        d.options.input_nc = o->output_nc;
        d.options.output_nc = o->input_nc;
    }
    return d;
}

static void show(program *p, const char *format, char letter, px_node node)
{
    char name[16];
    if (node == PX_NONE)
        return;
    px_snprintf(name, sizeof name, format, letter);
    px_training_visual(p->training, name, node, PX_NONE);
}

static void log_losses(program *p, const direction *d)
{
    const struct {
        const char *stem;
        px_node node;
    } losses[] = {
        {"D", d->loss_D}, {"gp", d->loss_gp}, {"G", d->loss_G}, {"cycle", d->loss_cycle}, {"idt", d->loss_identity}};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s_%c", losses[i].stem, d->letter);
        px_training_loss(p->training, name, losses[i].node);
    }
}

static void build(px_training *t, const px_model_options *o)
{
    px_graph *graph = t->graph;
    program p = {t, graph, make_direction(graph, o, 'A'), make_direction(graph, o, 'B'), {0}, {0}};

    px_adam_optimiser(graph, o->beta1, BETA2, EPSILON); /* OPTIMISER_G */
    px_adam_optimiser(graph, o->beta1, BETA2, EPSILON); /* OPTIMISER_D */

    graph->stage = 0;
    t->real_A = p.A.real = px_input(graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "real_A");
    t->real_B = p.B.real = px_input(graph, (px_shape){o->batch, o->output_nc, o->height, o->width}, "real_B");
    add_cycle(&p, &p.A, &p.B);
    add_cycle(&p, &p.B, &p.A);
    add_identity(&p, &p.A, &p.B);
    add_identity(&p, &p.B, &p.A);
    px_optimise(graph, &p.of_G, OPTIMISER_G);

    graph->stage = 1;
    if (o->gan_mode != PX_GAN_NONE) {
        add_discriminator(&p, &p.A, &p.B);
        add_discriminator(&p, &p.B, &p.A);
        px_optimise(graph, &p.of_D, OPTIMISER_D);
    }

    t->fake_B = p.A.fake;
    show(&p, "real_%c", 'A', p.A.real);
    show(&p, "fake_%c", 'B', p.A.fake);
    show(&p, "rec_%c", 'A', p.A.rec);
    show(&p, "real_%c", 'B', p.B.real);
    show(&p, "fake_%c", 'A', p.B.fake);
    show(&p, "rec_%c", 'B', p.B.rec);
    log_losses(&p, &p.A);
    log_losses(&p, &p.B);
}

px_training *px_training_cycle_gan(const px_model_options *o, pixcl_error *err)
{
    px_model_options back = *o;
    back.input_nc = o->output_nc;
    back.output_nc = o->input_nc;
    if (px_training_check(o, err) != PIXCL_OK || px_training_check(&back, err) != PIXCL_OK)
        return NULL;
    if (o->lambda_identity > 0 && o->input_nc != o->output_nc) {
        px_fail(err, PIXCL_ERROR_ARGUMENT,
                "--lambda_identity %g: needs --input_nc %d and --output_nc %d to be equal; give --lambda_identity 0",
                (double)o->lambda_identity, o->input_nc, o->output_nc);
        return NULL;
    }
    px_training *training = px_training_start(err);
    if (!training)
        return NULL;
    build(training, o);
    return px_training_finish(training, err);
}
