/* The gradients of whole training steps against central differences, through the reference executor: every weight of
 * small generators and discriminators, in the program that trains them.
 *
 * With both learning rates 0 a step changes no weight, so that losses can be read at any point of the weights' space.
 * Each variable is moved along its own gradient, by STEP of its size but no further than should change the loss by
 * CHANGE; the loss must change so.
 *
 * Tolerance. Two things err. The losses, though summed in double here, are those of values stored as float: 1e-8,
 * against changes from 2e-6 (biases) to 1e-5. And the line is not straight: ReLU, LeakyReLU and L1 have kinks, and
 * instance norms of 2x2 pixels, most of them zeros behind a ReLU, bend strongly; this part grows with CHANGE (seen:
 * 1.1e-2, 2.1e-2, 7.4e-2 for CHANGE 1e-5, 2e-5, 5e-5). Allowed: 3e-2. A missing path or a wrong factor is off by
 * much more. */
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
#define TOLERANCE 3e-2

typedef struct run {
    px_training *training;
    px_exec *exec;
    const char *name;
    double worst;
} run;

static float *array(const px_graph *graph, px_node node, size_t *count)
{
    *count = px_shape_count(graph->nodes[node].shape);
    float *values = px_calloc(*count, sizeof *values, NULL);
    assert_non_null(values);
    return values;
}

/* The loss once more, in double, from the values it is the mean of: its own rounding would be larger than what is
 * looked for. */
static double mean_loss(const run *r, px_node node)
{
    const px_graph *graph = r->training->graph;
    const px_node_info *loss = &graph->nodes[node];
    size_t count;
    float *x = array(graph, loss->inputs[0], &count), *y = array(graph, loss->inputs[loss->input_count - 1], &count);
    double sum = 0, t = loss->attrs.value;

    px_exec_read(r->exec, loss->inputs[0], x, NULL);
    px_exec_read(r->exec, loss->inputs[loss->input_count - 1], y, NULL);
    for (size_t e = 0; e < count; e++)
        sum += loss->op == PX_OP_L1    ? fabs((double)x[e] - y[e])
               : loss->op == PX_OP_MSE ? (x[e] - t) * (x[e] - t)
                                       : log1p(exp(x[e])) - t * x[e];
    px_free(x);
    px_free(y);
    return sum / (double)count;
}

/* What optimiser 0 (G) or 1 (D) makes smaller. */
static double loss_of(const run *r, int optimiser)
{
    const px_step step = {.seed = 9, .step = 1};
    const px_training *t = r->training;
    assert_int_equal(px_exec_run(r->exec, &step, NULL), PIXCL_OK);
    if (optimiser == 1)
        return 0.5 * (mean_loss(r, t->losses[2].node) + mean_loss(r, t->losses[3].node));
    const px_node_info *scale = &t->graph->nodes[t->losses[1].node]; /* lambda_L1 * L1 */
    return mean_loss(r, t->losses[0].node) + scale->attrs.value * mean_loss(r, scale->inputs[0]);
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

    loss_of(r, adam->attrs.id);
    px_exec_read(r->exec, variable, values, NULL);
    px_exec_read(r->exec, adam->inputs[1], g, NULL);
    for (size_t e = 0; e < count; e++)
        square += (double)g[e] * g[e], length += (double)values[e] * values[e];
    length = fmin(STEP * fmax(sqrt(length), 0.1 * sqrt((double)count)), CHANGE / sqrt(square));
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
        const double error = fabs((sides[0] - sides[1]) / expected - 1);
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
    run r = {.training = px_training_pix2pix(&o, &err), .name = name};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_vanilla),
        cmocka_unit_test(instance_lsgan_dropout),
        cmocka_unit_test(none_pixel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
