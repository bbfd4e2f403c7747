/* The gradients of whole training steps against central differences, through the reference executor: every weight of
 * small generators and discriminators, in the program that trains them.
 *
 * With both learning rates 0 a step changes no weight, so that losses can be read at any point of the weights' space.
 * Each variable is moved along its own gradient, by STEP of its size but no further than should change the loss by
 * CHANGE; the loss must change so. A gradient penalty is in the hundreds here, and its rounding as large: there CHANGE
 * is relative to the loss.
 *
 * Tolerance. Two things err. The losses, though summed in double here, are those of values stored as float: ROUNDING,
 * against changes from 1e-7 (a bias of a CycleGAN) to 1e-5. And the line is not straight: ReLU, LeakyReLU and L1 have
 * kinks, and instance norms of 2x2 pixels, most of them zeros behind a ReLU, bend strongly; this part grows with CHANGE
 * (seen: 1.1e-2, 2.1e-2, 7.4e-2 for CHANGE 1e-5, 2e-5, 5e-5, and 1.9e-2 in a CycleGAN). Allowed: 3e-2. A missing path
 * or a wrong factor is off by much more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "exec/exec.h"
#include "model/model.h"

#define STEP      1e-3
#define CHANGE    1e-5
#define ROUNDING  1e-8
#define TOLERANCE 3e-2

typedef struct run {
    px_training *training;
    px_exec *exec;
    const char *name;
    bool relative; /* CHANGE is */
    double worst;
} run;

static float *array(const px_graph *graph, px_node node, size_t *count)
{
    *count = px_shape_count(graph->nodes[node].shape);
    float *values = px_calloc(*count, sizeof *values, NULL);
    assert_non_null(values);
    return values;
}

static float *values_of(const run *r, px_node node, size_t *count)
{
    float *values = array(r->training->graph, node, count);
    assert_int_equal(px_exec_read(r->exec, node, values, NULL), PIXCL_OK);
    return values;
}

/* Of a gradient penalty: the mean over samples of (|g| - 1)^2. */
static double mean_penalty(const run *r, px_node norm)
{
    const px_graph *graph = r->training->graph;
    const int samples = graph->nodes[norm].shape.n;
    size_t count;
    float *g = values_of(r, graph->nodes[norm].inputs[0], &count);
    double sum = 0;
    for (int n = 0; n < samples; n++) {
        double square = 0;
        for (size_t e = 0; e < count / (size_t)samples; e++)
            square += pow(g[(size_t)n * (count / (size_t)samples) + e], 2);
        sum += pow(sqrt(square) - 1, 2);
    }
    px_free(g);
    return sum / samples;
}

/* The loss once more, in double, from the values it is the mean of: its own rounding would be larger than what is
 * looked for. */
static double value_of(const run *r, px_node node)
{
    const px_graph *graph = r->training->graph;
    const px_node_info *loss = &graph->nodes[node];
    const double t = loss->attrs.value;
    if (loss->op == PX_OP_SCALE)
        return t * value_of(r, loss->inputs[0]);
    if (loss->op == PX_OP_ADD)
        return value_of(r, loss->inputs[0]) + value_of(r, loss->inputs[1]);
    if (graph->nodes[loss->inputs[0]].op == PX_OP_SAMPLE_NORM)
        return mean_penalty(r, loss->inputs[0]);
    size_t count;
    float *x = values_of(r, loss->inputs[0], &count), *y = values_of(r, loss->inputs[loss->input_count - 1], &count);
    double sum = 0;
    for (size_t e = 0; e < count; e++)
        sum += loss->op == PX_OP_L1     ? fabs((double)x[e] - y[e])
               : loss->op == PX_OP_L2   ? pow((double)x[e] - y[e], 2)
               : loss->op == PX_OP_MSE  ? pow(x[e] - t, 2)
               : loss->op == PX_OP_MEAN ? x[e]
                                        : log1p(exp(x[e])) - t * x[e];
    px_free(x);
    px_free(y);
    return sum / (double)count;
}

/* How much of a loss optimiser 0, the generators', or 1 makes smaller. Of pix2pix's discriminator, and of penalties, it
 * is half. */
static double share_of(const char *loss, int optimiser)
{
    const bool penalty = strncmp(loss, "gp_", 3) == 0, of_D = penalty || loss[0] == 'D';
    const bool halved =
        penalty || strcmp(loss, "D_real") == 0 || strcmp(loss, "D_fake") == 0 || strcmp(loss, "D_gp") == 0;
    return of_D != (optimiser == 1) ? 0 : halved ? 0.5 : 1;
}

static double loss_of(const run *r, int optimiser)
{
    const px_step step = {.seed = 9, .step = 1};
    const px_training *t = r->training;
    double sum = 0;
    assert_int_equal(px_exec_run(r->exec, &step, NULL), PIXCL_OK);
    for (int i = 0; i < t->loss_count; i++) {
        const double share = share_of(t->losses[i].name, optimiser);
        if (share > 0)
            sum += share * value_of(r, t->losses[i].node);
    }
    return sum;
}

/* Weights of signal-preserving size (Kaiming), so that no gradient drowns in rounding; pictures of smooth waves. */
static void start(const run *r)
{
    const px_graph *graph = r->training->graph;
    for (size_t i = 0; i < graph->count; i++) {
        const px_node_info *node = &graph->nodes[i];
        size_t count;
        if (node->op != PX_OP_VARIABLE && node->op != PX_OP_INPUT)
            continue;
        float *values = array(graph, (px_node)i, &count);
        if (node->op == PX_OP_VARIABLE)
            px_model_initial(graph, (px_node)i, PX_INIT_KAIMING, 0.02f, 4, values, NULL);
        else
            for (size_t e = 0; e < count; e++)
                values[e] = (float)(0.8 * sin((double)e * (0.7 + (double)i)));
        assert_int_equal(px_exec_write(r->exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
}

/* A bias before a norm moves nothing: the norm takes the mean off again. Its gradient is the rounding of a sum that
 * is 0. */
static bool is_cancelled(const run *r, px_node variable)
{
    const px_graph *graph = r->training->graph;
    for (size_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].op == PX_OP_BIAS && graph->nodes[i].inputs[1] == variable)
            return i + 1 < graph->count && graph->nodes[i + 1].op == PX_OP_NORM_STATS;
    return false;
}

static void check_variable(run *r, const px_node_info *adam)
{
    const px_graph *graph = r->training->graph;
    size_t count;
    px_node variable = adam->inputs[0];
    float *values = array(graph, variable, &count), *moved = array(graph, variable, &count);
    float *g = array(graph, adam->inputs[1], &count);
    double square = 0, length = 0, expected = 0;

    const double loss = fabs(loss_of(r, adam->attrs.id)), change = CHANGE * (r->relative ? fmax(1, loss) : 1);
    px_exec_read(r->exec, variable, values, NULL);
    px_exec_read(r->exec, adam->inputs[1], g, NULL);
    for (size_t e = 0; e < count; e++)
        square += (double)g[e] * g[e], length += (double)values[e] * values[e];
    length = fmin(STEP * fmax(sqrt(length), 0.1 * sqrt((double)count)), change / sqrt(square));
    if (is_cancelled(r, variable)) {
        assert_true(sqrt(square / (double)count) < 1e-5);
    } else {
        double sides[2];
        for (int side = 0; side < 2; side++) {
            for (size_t e = 0; e < count; e++) {
                moved[e] = (float)(values[e] + (side ? -0.5 : 0.5) * length / sqrt(square) * g[e]);
                expected += (side ? -1 : 1) * (double)moved[e] * g[e]; /* the step as it was rounded */
            }
            px_exec_write(r->exec, variable, moved, NULL);
            sides[side] = loss_of(r, adam->attrs.id);
        }
        px_exec_write(r->exec, variable, values, NULL);
        const double off = fabs(sides[0] - sides[1] - expected) - ROUNDING, error = fmax(off, 0) / expected;
        r->worst = fmax(r->worst, error);
        if (error > TOLERANCE)
            fail_msg("%s: along the gradient of %s the loss should change by %g, it changes by %g", r->name,
                     graph->nodes[variable].name, expected, sides[0] - sides[1]);
    }
    px_free(values);
    px_free(moved);
    px_free(g);
}

static void check_program(const char *name, px_model_options o)
{
    pixcl_error err = {0};
    run r = {.training = px_training_create(&o, &err), .name = name, .relative = o.gan_mode == PX_GAN_WGANGP};
    int checked = 0;

    if (!r.training)
        fail_msg("%s", err.message);
    r.exec = px_exec_create_reference(r.training->graph, &err);
    assert_non_null(r.exec);
    start(&r);
    for (size_t i = 0; i < r.training->graph->count; i++)
        if (r.training->graph->nodes[i].op == PX_OP_ADAM) {
            check_variable(&r, &r.training->graph->nodes[i]);
            checked++;
        }
    assert_true(checked > 10);
    print_message("%s: %d variables, largest error %.1e\n", name, checked, r.worst);
    px_exec_destroy(&r.exec);
    px_training_destroy(&r.training);
}

static px_model_options tiny(void)
{
    return (px_model_options){.netG = "unet_32",
                              .netD = "n_layers",
                              .n_layers_D = 2,
                              .input_nc = 2,
                              .output_nc = 1,
                              .ngf = 2,
                              .ndf = 2,
                              .norm = PX_NORM_BATCH,
                              .gan_mode = PX_GAN_VANILLA,
                              .lambda_gp = 1,
                              .lambda_L1 = 1,
                              .beta1 = 0.5f,
                              .batch = 2,
                              .height = 32,
                              .width = 32};
}

static void batch_vanilla(void **state)
{
    (void)state;
    check_program("batch, vanilla", tiny());
}

static void instance_lsgan_dropout(void **state)
{
    px_model_options o = tiny();
    (void)state;
    o.netG = "unet_64"; /* the smallest with a dropout */
    o.height = o.width = 64;
    o.batch = 1;
    o.norm = PX_NORM_INSTANCE;
    o.gan_mode = PX_GAN_LSGAN;
    o.dropout = true;
    check_program("instance, lsgan, dropout", o);
}

static void none_pixel(void **state)
{
    px_model_options o = tiny();
    (void)state;
    o.norm = PX_NORM_NONE;
    o.netD = "pixel";
    check_program("none, pixel", o);
}

static void batch_wgangp(void **state)
{
    px_model_options o = tiny();
    (void)state;
    o.gan_mode = PX_GAN_WGANGP;
    check_program("batch, wgangp", o);
}

static void instance_wgangp(void **state)
{
    px_model_options o = tiny();
    (void)state;
    o.norm = PX_NORM_INSTANCE;
    o.gan_mode = PX_GAN_WGANGP;
    o.reconstruction = PX_RECONSTRUCTION_NONE;
    o.unconditional_D = true;
    check_program("instance, wgangp alone, unconditional", o);
}

static void none_wgangp_pixel_L2(void **state)
{
    px_model_options o = tiny();
    (void)state;
    o.norm = PX_NORM_NONE;
    o.netD = "pixel";
    o.gan_mode = PX_GAN_WGANGP;
    o.reconstruction = PX_RECONSTRUCTION_L2;
    check_program("none, wgangp, pixel, L2", o);
}

static void L2_alone(void **state)
{
    px_model_options o = tiny();
    (void)state;
    o.gan_mode = PX_GAN_NONE;
    o.reconstruction = PX_RECONSTRUCTION_L2;
    check_program("batch, L2 alone", o);
}

static px_model_options tiny_cycle(void)
{
    px_model_options o = tiny();
    o.model = PX_MODEL_CYCLE_GAN;
    o.netG = "resnet_1blocks";
    o.norm = PX_NORM_INSTANCE;
    o.gan_mode = PX_GAN_LSGAN;
    o.output_nc = o.input_nc;
    o.lambda_A = 1;
    o.lambda_B = 2;
    o.lambda_identity = 0.5f;
    return o;
}

static void cycle_instance_lsgan(void **state)
{
    (void)state;
    check_program("cycle, instance, lsgan", tiny_cycle());
}

static void cycle_batch_vanilla_2_to_1(void **state)
{
    px_model_options o = tiny_cycle();
    (void)state;
    o.netG = "unet_32";
    o.norm = PX_NORM_BATCH;
    o.gan_mode = PX_GAN_VANILLA;
    o.output_nc = 1;
    o.lambda_identity = 0;
    check_program("cycle, batch, vanilla, 2 to 1 channels", o);
}

static void cycle_one_sided_none_pixel(void **state)
{
    px_model_options o = tiny_cycle();
    (void)state;
    o.norm = PX_NORM_NONE;
    o.netD = "pixel";
    o.lambda_A = 0;
    check_program("cycle, one-sided, none, lsgan, pixel", o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_vanilla),
        cmocka_unit_test(instance_lsgan_dropout),
        cmocka_unit_test(none_pixel),
        cmocka_unit_test(batch_wgangp),
        cmocka_unit_test(instance_wgangp),
        cmocka_unit_test(none_wgangp_pixel_L2),
        cmocka_unit_test(L2_alone),
        cmocka_unit_test(cycle_instance_lsgan),
        cmocka_unit_test(cycle_batch_vanilla_2_to_1),
        cmocka_unit_test(cycle_one_sided_none_pixel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
