/* Convolutions as a GPU gets them: which tile a wave makes, into how many parts the input channels are split, and what
 * is done in the load and at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "graph/build.h"
#include "plan/conv_method.h"

static px_target gpu(int lanes)
{
    px_target target = {.device_class = PX_DEVICE_GPU_INTEGRATED,
                        .block = 16,
                        .sub_group = lanes,
                        .compute_units = 1,
                        .max_allocation = (size_t)1 << 30,
                        .memory = (size_t)1 << 32};
    px_target_traits(&target);
    target.waves = 1; /* nothing is split to keep the device busy */
    target.conv = PX_ALGORITHM_LANE;
    return target;
}

typedef struct layer {
    px_op op;
    int n, c, h, w, out, kernel, stride, pad;
} layer;

static px_plan *plan_of(px_graph *graph, const px_target *target)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(graph, target, &err);
    px_graph_destroy(&graph);
    if (!plan)
        fail_msg("%s", err.message);
    return plan;
}

/* With a bias and an activation behind it, and before it a padding by reflection if `reflect` is more than 0. */
static px_graph *graph_of(const layer *l, int reflect, bool trained)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node x = px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x");
    const bool conv = l->op == PX_OP_CONV;
    const px_shape shape = {conv ? l->out : l->c, conv ? l->c : l->out, l->kernel, l->kernel};
    px_node weight = px_variable(graph, PX_WEIGHT, shape, "weight", false);
    px_node bias = px_variable(graph, PX_PLAIN, (px_shape){1, l->out, 1, 1}, "bias", false);
    if (reflect > 0)
        x = px_reflect_pad(graph, x, reflect);
    px_node y = conv ? px_conv(graph, x, weight, l->stride, l->pad) : px_conv_t(graph, x, weight, l->stride, l->pad, 0);
    y = px_leaky(graph, px_bias(graph, y, bias), 0.2f);
    px_graph_output(graph, y, "y");
    if (trained)
        px_graph_output(graph, px_conv_wgrad(graph, x, y, l->kernel, l->stride, l->pad), "gradient");
    return graph;
}

static const char *preamble_of(const px_plan *plan, size_t launch)
{
    return plan->programs[plan->launches[launch].program].preamble;
}

static void tiles_suit_waves_and_pictures(void **state)
{
    static const struct {
        int lanes;
        layer layer;
        int rows, columns, width, waves; /* of the tile; channels of a lane; groups */
    } table[] = {
        /* Intel: rows of 16 pixels, no tile of 12 to 15 */
        {16, {PX_OP_CONV, 1, 64, 64, 64, 64, 3, 1, 1}, 1, 16, 2, 4 * 64 * 2},
        {16, {PX_OP_CONV, 1, 64, 30, 30, 64, 4, 1, 1}, 1, 16, 2, 2 * 29 * 2}, /* of 29 x 29 */
        {16, {PX_OP_CONV, 1, 64, 18, 18, 64, 3, 1, 1}, 1, 9, 2, 2 * 18 * 2},
        {16, {PX_OP_CONV, 2, 64, 32, 32, 64, 4, 2, 1}, 1, 16, 2, 16 * 2 * 2},
        {16, {PX_OP_CONV, 1, 64, 16, 16, 64, 4, 2, 1}, 2, 8, 2, 4 * 2},
        {16, {PX_OP_CONV, 1, 64, 8, 8, 64, 4, 2, 1}, 4, 4, 2, 2},
        {16, {PX_OP_CONV, 1, 64, 4, 4, 64, 4, 2, 1}, 2, 2, 2, 2},
        {16, {PX_OP_CONV, 1, 64, 2, 2, 64, 4, 2, 1}, 1, 1, 4, 1},
        {16, {PX_OP_CONV, 1, 64, 8, 8, 48, 4, 2, 1}, 4, 4, 1, 3},
        {16, {PX_OP_CONV, 1, 64, 18, 18, 64, 3, 1, 0}, 1, 16, 2, 16 * 2},
        {16, {PX_OP_CONV, 1, 64, 21, 21, 64, 1, 1, 0}, 1, 7, 4, 63},
        {16, {PX_OP_CONV_T, 1, 64, 32, 32, 64, 4, 2, 1}, 1, 16, 2, 64 * 4 * 2},
        {16, {PX_OP_CONV_T, 1, 64, 4, 4, 64, 4, 2, 1}, 4, 4, 2, 4 * 2},
        {16, {PX_OP_CONV_T, 1, 64, 1, 1, 64, 4, 2, 1}, 1, 1, 4, 4},
        /* NVIDIA, RDNA */
        {32, {PX_OP_CONV, 1, 64, 64, 64, 128, 3, 1, 1}, 1, 16, 4, 4 * 64},
        {32, {PX_OP_CONV, 1, 64, 64, 64, 64, 3, 1, 1}, 1, 16, 2, 4 * 64},
        {32, {PX_OP_CONV, 1, 64, 64, 64, 48, 3, 1, 1}, 1, 16, 1, 4 * 64 * 2}, /* the second lacks a block */
        {32, {PX_OP_CONV, 1, 64, 30, 30, 128, 4, 1, 1}, 1, 15, 4, 2 * 29},
        /* GCN: scalar registers hold 64 numbers of x */
        {64, {PX_OP_CONV, 1, 64, 64, 64, 256, 3, 1, 1}, 1, 8, 4, 8 * 64},
        {64, {PX_OP_CONV, 1, 64, 64, 64, 128, 3, 1, 1}, 1, 16, 2, 4 * 64},
        {64, {PX_OP_CONV, 1, 64, 64, 64, 32, 3, 1, 1}, 1, 16, 1, 4 * 64},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const px_target target = gpu(table[i].lanes);
        px_plan *plan = plan_of(graph_of(&table[i].layer, 0, false), &target);
        char expected[96];
        snprintf(expected, sizeof expected, "#define VL %d\n#define NV 1\n#define PH %d\n#define PW %d\n",
                 table[i].width, table[i].rows, table[i].columns);
        assert_int_equal(plan->launch_count, 1);
        if (!strstr(preamble_of(plan, 0), expected))
            fail_msg("row %zu is not %s: %s", i, expected, preamble_of(plan, 0));
        const px_launch *launch = &plan->launches[0];
        const size_t groups = launch->global[0] / launch->local[0] * launch->global[1] * launch->global[2];
        if (groups != (size_t)table[i].waves || launch->local[0] != (size_t)table[i].lanes)
            fail_msg("row %zu: %zu groups of %zu", i, groups, launch->local[0]);
        px_plan_destroy(&plan);
    }
}

/* Parts of the input channels, where pixels alone are too few; bias and activation are for who adds them up. */
static void a_device_with_little_to_do_gets_parts(void **state)
{
    static const struct {
        int waves;
        layer layer;
        int splits;
    } table[] = {
        {100, {PX_OP_CONV, 1, 512, 2, 2, 512, 4, 2, 1}, 11},    /* of 8 groups: 32 blocks by threes, not 13 times */
        {9999, {PX_OP_CONV, 1, 512, 2, 2, 512, 4, 2, 1}, 32},   /* no more than blocks */
        {9999, {PX_OP_CONV, 1, 512, 16, 16, 512, 4, 2, 1}, 16}, /* nor than what costs a fourth of the weights */
        {9999, {PX_OP_CONV, 1, 64, 64, 64, 64, 3, 1, 1}, 1},    {8, {PX_OP_CONV, 1, 512, 2, 2, 512, 4, 2, 1}, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        px_target target = gpu(16);
        target.waves = table[i].waves;
        px_plan *plan = plan_of(graph_of(&table[i].layer, 0, false), &target);
        const size_t splits = plan->launches[0].global[2];
        if (splits != (size_t)table[i].splits)
            fail_msg("row %zu: %zu splits", i, splits);
        assert_int_equal(plan->launch_count, splits > 1 ? 2 : 1);
        assert_non_null(strstr(preamble_of(plan, 0), splits > 1 ? "#define ACT 0" : "#define ACT 1"));
        if (splits > 1) {
            assert_string_equal(plan->launches[1].label, "conv_sum");
            assert_non_null(strstr(preamble_of(plan, 1), "#define HAS_BIAS 1\n#define ACT 1"));
        }
        px_plan_destroy(&plan);
    }
}

/* Its gradient would read the padded picture, so that is made. */
static void padding_by_reflection_is_done_in_the_load(void **state)
{
    static const layer seven = {PX_OP_CONV, 1, 32, 20, 20, 32, 7, 1, 0};
    const px_target target = gpu(16);

    (void)state;
    px_plan *plan = plan_of(graph_of(&seven, 3, false), &target);
    assert_int_equal(plan->launch_count, 1);
    assert_non_null(strstr(preamble_of(plan, 0), "#define PAD 3\n"));
    assert_non_null(strstr(preamble_of(plan, 0), "#define REFLECT 1\n"));
    px_plan_destroy(&plan);
    plan = plan_of(graph_of(&seven, 3, true), &target);
    assert_int_equal(strncmp(plan->launches[0].label, "reflect_pad", 11), 0);
    assert_non_null(strstr(preamble_of(plan, 1), "#define REFLECT 0\n"));
    px_plan_destroy(&plan);
}

static void cuts_are_checked(void **state)
{
    const px_conv_problem problem = {
        .op = PX_OP_CONV_T, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {1, 32, 8, 8}, .y = {1, 64, 16, 16}};
    const struct {
        px_cut cut;
        bool right;
    } rows[] = {
        {{.algorithm = PX_ALGORITHM_LANE}, true},
        {{.algorithm = PX_ALGORITHM_LANE, .width = 8, .rows = 2, .channels = 4, .vectors = 1}, true},
        {{.algorithm = PX_ALGORITHM_LANE, .width = 9, .rows = 1, .channels = 1, .vectors = 1},
         false}, /* of 8 a phase */
        {{.algorithm = PX_ALGORITHM_LANE, .width = 8, .rows = 9, .channels = 1, .vectors = 1}, false},
        {{.algorithm = PX_ALGORITHM_LANE, .width = 8, .rows = 1, .channels = 3, .vectors = 1}, false},
        {{.algorithm = PX_ALGORITHM_LANE, .width = 8, .rows = 4, .channels = 4, .vectors = 1}, false}, /* 128 sums */
        {{.algorithm = PX_ALGORITHM_LANE, .width = 8}, false},
        {{.algorithm = PX_ALGORITHM_LANE, .splits = 2}, true},
        {{.algorithm = PX_ALGORITHM_LANE, .splits = 3}, false}, /* of 2 blocks */
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 4}, false},
    };
    px_cut cuts[PX_MOST_CUTS];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((px_cut_check(&problem, &rows[i].cut, NULL) == PIXCL_OK) != rows[i].right)
            fail_msg("row %zu", i);
    const px_target target = gpu(16);
    assert_true(px_conv_lane.cuts(&target, &problem, NULL, cuts) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_suit_waves_and_pictures),
        cmocka_unit_test(a_device_with_little_to_do_gets_parts),
        cmocka_unit_test(padding_by_reflection_is_done_in_the_load),
        cmocka_unit_test(cuts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
