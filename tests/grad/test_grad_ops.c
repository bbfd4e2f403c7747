/* The gradient of every op that has one, against central differences, through the reference executor.
 *
 * Each case builds y from variables in a graph of its own. For a fixed dy, L = sum of dy*y is the function whose
 * gradient px_graph_backward() makes; the test computes L in double from y. Each element of each variable is moved by
 * +-H.
 *
 * Tolerance. y is stored as float: |y| <= 8 gives errors up to 2^-22 each, over 2H = 2^-6 that is 1.5e-5 of a
 * derivative of order one. The difference quotient itself errs by H^2/6 f''' = 1e-5 f'''; the steepest here are the
 * normalisations with f''' of about ten. Seen: at most 1e-4 of the largest element of the gradient. Allowed: 4e-4. */
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
#include "graph/build.h"

#define H         0x1p-7f
#define TOLERANCE 4e-4

typedef struct trial {
    px_graph *graph;
    px_node wanted[4]; /* variables */
    int count;
} trial;

/* A variable to differentiate towards. */
static px_node variable(trial *t, px_kind kind, int n, int c, int h, int w)
{
    char name[16];
    snprintf(name, sizeof name, "v%d", t->count);
    px_node node = px_variable(t->graph, kind, (px_shape){n, c, h, w}, name, false);
    t->wanted[t->count++] = node;
    return node;
}

static px_node picture(trial *t)
{
    return variable(t, PX_ACTIVATION, 2, 3, 5, 4);
}

/* For losses: the fewer elements, the larger each one's share of the one rounded number. */
static px_node few(trial *t)
{
    return variable(t, PX_ACTIVATION, 2, 1, 2, 3);
}

static px_node vector(trial *t, int channels)
{
    return variable(t, PX_PLAIN, 1, channels, 1, 1);
}

static px_node conv_case(trial *t)
{
    px_node x = variable(t, PX_ACTIVATION, 2, 3, 7, 6), w = variable(t, PX_WEIGHT, 2, 3, 4, 4);
    return px_conv(t->graph, x, w, 2, 1);
}

static px_node conv_stride_1_case(trial *t)
{
    px_node x = variable(t, PX_ACTIVATION, 2, 3, 5, 4), w = variable(t, PX_WEIGHT, 2, 3, 3, 3);
    return px_conv(t->graph, x, w, 1, 1);
}

static px_node conv_t_case(trial *t)
{
    px_node x = variable(t, PX_ACTIVATION, 2, 3, 3, 4), w = variable(t, PX_WEIGHT, 3, 2, 4, 4);
    return px_conv_t(t->graph, x, w, 2, 1, 0);
}

static px_node conv_t_output_pad_case(trial *t)
{
    px_node x = variable(t, PX_ACTIVATION, 2, 3, 3, 4), w = variable(t, PX_WEIGHT, 3, 2, 3, 3);
    return px_conv_t(t->graph, x, w, 2, 1, 1);
}

static px_node conv_wgrad_case(trial *t)
{
    px_node x = variable(t, PX_ACTIVATION, 2, 3, 7, 6), dy = variable(t, PX_ACTIVATION, 2, 2, 3, 3);
    return px_conv_wgrad(t->graph, x, dy, 4, 2, 1);
}

static px_node bias_case(trial *t)
{
    px_node x = picture(t);
    return px_bias(t->graph, x, vector(t, 3));
}

static px_node add_case(trial *t)
{
    px_node a = picture(t), b = picture(t);
    return px_add(t->graph, px_add(t->graph, a, b), a);
}

static px_node scale_case(trial *t)
{
    return px_scale(t->graph, picture(t), -2.5f);
}

static px_node leaky_case(trial *t)
{
    return px_leaky(t->graph, picture(t), 0.2f);
}

static px_node relu_case(trial *t)
{
    return px_relu(t->graph, picture(t));
}

static px_node leaky_grad_case(trial *t)
{
    px_node y = px_input(t->graph, (px_shape){2, 3, 5, 4}, "y");
    return px_leaky_grad(t->graph, y, picture(t), 0.2f);
}

static px_node tanh_case(trial *t)
{
    return px_tanh(t->graph, picture(t));
}

static px_node dropout_case(trial *t)
{
    return px_dropout(t->graph, picture(t), 0.5f);
}

static px_node batch_norm_case(trial *t)
{
    px_node x = picture(t), gamma = vector(t, 3), beta = vector(t, 3);
    return px_norm(t->graph, x, px_norm_stats(t->graph, x, false), gamma, beta, 1e-5f);
}

static px_node instance_norm_case(trial *t)
{
    px_node x = picture(t);
    return px_norm(t->graph, x, px_norm_stats(t->graph, x, true), PX_NONE, PX_NONE, 1e-5f);
}

/* The gradient of a normalisation, differentiated once more: towards x, dy and gamma, through statistics and sums. */
static px_node batch_norm_twice_case(trial *t)
{
    px_node x = picture(t), dy = picture(t), gamma = vector(t, 3), stats = px_norm_stats(t->graph, x, false);
    px_node sums = px_norm_sums(t->graph, x, stats, dy, 1e-5f);
    return px_norm_grad(t->graph, x, stats, dy, sums, gamma, 1e-5f);
}

static px_node instance_norm_twice_case(trial *t)
{
    px_node x = picture(t), dy = picture(t), stats = px_norm_stats(t->graph, x, true);
    px_node sums = px_norm_sums(t->graph, x, stats, dy, 1e-5f);
    return px_norm_grad(t->graph, x, stats, dy, sums, PX_NONE, 1e-5f);
}

static px_node concat_case(trial *t)
{
    px_node a = picture(t), b = variable(t, PX_ACTIVATION, 2, 2, 5, 4);
    return px_concat(t->graph, a, b);
}

/* Sides of 5 and 4 pixels: with a pad of 3 there are pixels with images beyond both edges. */
static px_node reflect_pad_case(trial *t)
{
    return px_reflect_pad(t->graph, picture(t), 3);
}

static px_node reflect_pad_grad_case(trial *t)
{
    return px_reflect_pad_grad(t->graph, variable(t, PX_ACTIVATION, 2, 2, 7, 6), 1);
}

static px_node upsample_case(trial *t)
{
    return px_upsample(t->graph, picture(t));
}

static px_node upsample_grad_case(trial *t)
{
    return px_upsample_grad(t->graph, variable(t, PX_ACTIVATION, 2, 3, 4, 6));
}

static px_node bce_real_case(trial *t)
{
    return px_bce(t->graph, few(t), 1);
}

static px_node bce_fake_case(trial *t)
{
    return px_bce(t->graph, few(t), 0);
}

static px_node mse_case(trial *t)
{
    return px_mse(t->graph, few(t), 1);
}

/* The scale keeps the two apart: odd sixteenths against even ones. */
static px_node l1_case(trial *t)
{
    px_node a = few(t), b = few(t);
    return px_l1(t->graph, a, px_scale(t->graph, b, 2));
}

static px_node l2_case(trial *t)
{
    px_node a = few(t);
    return px_l2(t->graph, a, few(t));
}

/* Differences of odd sixteenths are eighths: 5/16 is between two of them, so that none is on the seam. */
static px_node smooth_l1_case(trial *t)
{
    px_node a = few(t);
    return px_smooth_l1(t->graph, a, few(t), 0.3125f);
}

static px_node mean_case(trial *t)
{
    return px_mean(t->graph, few(t));
}

static px_node mean_grad_case(trial *t)
{
    px_node x = px_input(t->graph, (px_shape){2, 1, 2, 3}, "x");
    return px_mean_grad(t->graph, x, vector(t, 1));
}

static px_node sample_norm_case(trial *t)
{
    return px_sample_norm(t->graph, few(t), 1e-16f);
}

static const struct {
    const char *name;
    px_node (*build)(trial *t);
} cases[] = {
    {"conv", conv_case},
    {"conv, stride 1", conv_stride_1_case},
    {"conv_t", conv_t_case},
    {"conv_t, output_pad 1", conv_t_output_pad_case},
    {"conv_wgrad", conv_wgrad_case},
    {"bias", bias_case},
    {"add", add_case},
    {"scale", scale_case},
    {"leaky", leaky_case},
    {"leaky, slope 0", relu_case},
    {"leaky_grad", leaky_grad_case},
    {"tanh", tanh_case},
    {"dropout", dropout_case},
    {"batch norm", batch_norm_case},
    {"instance norm", instance_norm_case},
    {"batch norm twice", batch_norm_twice_case},
    {"instance norm twice", instance_norm_twice_case},
    {"concat", concat_case},
    {"reflect_pad", reflect_pad_case},
    {"reflect_pad_grad", reflect_pad_grad_case},
    {"upsample", upsample_case},
    {"upsample_grad", upsample_grad_case},
    {"bce, target 1", bce_real_case},
    {"bce, target 0", bce_fake_case},
    {"mse", mse_case},
    {"l1", l1_case},
    {"l2", l2_case},
    {"smooth_l1", smooth_l1_case},
    {"mean", mean_case},
    {"mean_grad", mean_grad_case},
    {"sample_norm", sample_norm_case},
};

/* No rule in autodiff.c: effects, the pool, where gradients end, and what only gradients are made of. */
static const px_op without[] = {PX_OP_TANH_GRAD,      PX_OP_MIX,         PX_OP_NORM_RUNNING,    PX_OP_NORM_SUMS,
                                PX_OP_NORM_GRAD_DOT,  PX_OP_NORM_GRAD_X, PX_OP_NORM_GRAD_GAMMA, PX_OP_NORM_ROW,
                                PX_OP_NORM_UPDATE,    PX_OP_CHANNEL_SUM, PX_OP_SLICE,           PX_OP_SAMPLE_NORM_GRAD,
                                PX_OP_BCE_GRAD,       PX_OP_MSE_GRAD,    PX_OP_L1_GRAD,         PX_OP_L2_GRAD,
                                PX_OP_SMOOTH_L1_GRAD, PX_OP_ADAM,        PX_OP_POOL_PICK,       PX_OP_POOL_STORE};

/* Odd sixteenths from -31/16 to 31/16: never nearer to a kink at zero than 1/16, which is more than H. */
static void fill(float *values, size_t count, uint64_t stream)
{
    px_rng rng = {.seed = 6, .stream = stream};
    for (size_t e = 0; e < count; e++)
        values[e] = (float)(2 * (int)px_rng_below(&rng, 32) - 31) / 16;
}

static float *array(const px_graph *graph, px_node node, size_t *count)
{
    *count = px_shape_count(graph->nodes[node].shape);
    float *values = px_calloc(*count, sizeof *values, NULL);
    assert_non_null(values);
    return values;
}

/* Sum of dy*y after a run. */
static double loss_of(px_exec *exec, const px_graph *graph, px_node y, const float *dy)
{
    size_t count;
    float *values = array(graph, y, &count);
    double sum = 0;
    const px_step step = {.seed = 11, .step = 3};
    assert_int_equal(px_exec_run(exec, &step, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, y, values, NULL), PIXCL_OK);
    for (size_t e = 0; e < count; e++)
        sum += (double)values[e] * dy[e];
    px_free(values);
    return sum;
}

/* Writes values to every variable and input. */
static void start(px_exec *exec, const px_graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        size_t count;
        if (graph->nodes[i].op != PX_OP_VARIABLE && graph->nodes[i].op != PX_OP_INPUT)
            continue;
        float *values = array(graph, (px_node)i, &count);
        fill(values, count, i);
        assert_int_equal(px_exec_write(exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
}

static void check_variable(const char *name, const trial *t, px_exec *exec, int which, px_node gradient, px_node y,
                           const float *dy)
{
    size_t count;
    px_node v = t->wanted[which];
    float *values = array(t->graph, v, &count), *g = array(t->graph, gradient, &count);
    double largest = 0;

    loss_of(exec, t->graph, y, dy);
    assert_int_equal(px_exec_read(exec, v, values, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, gradient, g, NULL), PIXCL_OK);
    for (size_t e = 0; e < count; e++)
        largest = fmax(largest, fabs(g[e]));
    if (largest < 1e-4)
        fail_msg("%s: the gradient towards input %d is zero and proves nothing", name, which);
    for (size_t e = 0; e < count; e++) {
        const float middle = values[e];
        values[e] = middle + H;
        px_exec_write(exec, v, values, NULL);
        const double above = loss_of(exec, t->graph, y, dy);
        values[e] = middle - H;
        px_exec_write(exec, v, values, NULL);
        const double below = loss_of(exec, t->graph, y, dy), expected = (above - below) / (2 * H);
        values[e] = middle;
        px_exec_write(exec, v, values, NULL);
        if (fabs(g[e] - expected) > TOLERANCE * largest)
            fail_msg("%s: element %zu towards input %d is %g, the differences say %g (largest %g)", name, e, which,
                     (double)g[e], expected, largest);
    }
    px_free(values);
    px_free(g);
}

static void check_case(size_t index, bool *seen)
{
    pixcl_error err = {0};
    trial t = {.graph = px_graph_create(NULL)};
    px_node gradients[4];
    px_node y = cases[index].build(&t);

    assert_int_equal(px_graph_check(t.graph, &err), PIXCL_OK);
    for (size_t i = 0; i < t.graph->count; i++)
        seen[t.graph->nodes[i].op] = true;
    px_node dy = px_variable(t.graph, t.graph->nodes[y].kind, t.graph->nodes[y].shape, "dy", true);
    px_graph_backward(t.graph, y, dy, t.wanted, t.count, gradients);
    px_exec *exec = px_exec_create_reference(t.graph, &err);
    if (!exec)
        fail_msg("%s: %s", cases[index].name, err.message);
    start(exec, t.graph);
    size_t count;
    float *dy_values = array(t.graph, dy, &count);
    px_exec_read(exec, dy, dy_values, NULL);
    for (int i = 0; i < t.count; i++) {
        assert_int_not_equal(gradients[i], PX_NONE);
        check_variable(cases[index].name, &t, exec, i, gradients[i], y, dy_values);
    }
    px_free(dy_values);
    px_exec_destroy(&exec);
    px_graph_destroy(&t.graph);
}

static void gradients_are_the_slopes_of_their_functions(void **state)
{
    bool seen[PX_OP_COUNT] = {false};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(i, seen);
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        seen[without[i]] = true;
    for (int op = 0; op < PX_OP_COUNT; op++)
        if (!seen[op] && px_op_describe((px_op)op)->op_class != PX_SOURCE)
            fail_msg("%s has neither a case here nor a place among those without a gradient",
                     px_op_describe((px_op)op)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_slopes_of_their_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
