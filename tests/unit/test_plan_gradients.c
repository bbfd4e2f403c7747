/* Weight gradients as a GPU gets them: which kernel, how wide its waves' tiles, into how many parts, and who adds the
 * parts up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
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
    return target;
}

/* A convolution, the gradient of its weight, and Adam if wanted. */
typedef struct layer {
    int n, c, h, w, out, kernel, stride, pad;
} layer;

static px_graph *graph_of(const layer *l, bool adam)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    const px_shape shape = {l->out, l->c, l->kernel, l->kernel};
    px_node x = px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x");
    px_node weight = px_variable(graph, PX_WEIGHT, shape, "weight", false);
    px_node y = px_conv(graph, x, weight, l->stride, l->pad);
    px_graph_output(graph, y, "y");
    px_node dy = px_input(graph, px_graph_node(graph, y)->shape, "dy");
    px_node gradient = px_conv_wgrad(graph, x, dy, l->kernel, l->stride, l->pad);
    if (adam)
        px_adam(graph, weight, gradient, px_variable(graph, PX_WEIGHT, shape, "m", true),
                px_variable(graph, PX_WEIGHT, shape, "v", true), px_adam_optimiser(graph, 0.5, 0.999, 1e-8));
    else
        px_graph_output(graph, gradient, "gradient");
    return graph;
}

static px_plan *plan_of(px_graph *graph, const px_target *target)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    return plan;
}

/* The launches behind the convolution itself, by the first two words of their labels. */
static char *launches_of(const px_plan *plan)
{
    px_text text = {0};
    for (size_t i = 1; i < plan->launch_count; i++) {
        const char *label = plan->launches[i].label, *second = strchr(label, ' ');
        size_t length = second ? (size_t)(second - label) + 1 + strcspn(second + 1, " ") : strlen(label);
        px_text_add(&text, "%s%.*s", i > 1 ? ", " : "", (int)length, label);
    }
    return text.data;
}

static const px_arg *argument(const px_plan *plan, size_t launch, int index)
{
    return &plan->args[plan->launches[launch].first_arg + (size_t)index];
}

static void tiles_suit_waves_and_channels(void **state)
{
    static const struct {
        int lanes;
        layer layer;
        const char *expected;
    } rows[] = {
        {16, {1, 64, 8, 8, 128, 4, 2, 1}, "wgrad_lane 16x32"},
        {16, {1, 64, 8, 8, 48, 4, 2, 1}, "wgrad_lane 16x16"},
        {32, {1, 64, 8, 8, 128, 4, 2, 1}, "wgrad_lane 16x128"},
        {32, {1, 64, 8, 8, 64, 4, 2, 1}, "wgrad_lane 16x64"},
        {32, {1, 64, 8, 8, 48, 4, 2, 1}, "wgrad_lane 16x32"}, /* the second wave lacks a block */
        {64, {1, 64, 8, 8, 128, 4, 2, 1}, "wgrad_lane 16x128"},
        {64, {1, 64, 8, 8, 16, 4, 2, 1}, "wgrad_lane 16x64"},
        {16, {1, 24, 8, 8, 32, 3, 1, 1}, "wgrad_lane 8x32"},
        {16, {1, 20, 8, 8, 32, 3, 1, 1}, "wgrad_lane 4x32"},
        {16, {1, 3, 16, 16, 64, 7, 1, 3}, "wgrad_planes 3x32"},
        {16, {1, 6, 16, 16, 64, 4, 2, 1}, "wgrad_planes 6x16"}, /* with two channels a lane registers spill */
        {32, {1, 6, 16, 16, 64, 4, 2, 1}, "wgrad_planes 6x64"},
        {64, {1, 3, 16, 16, 64, 7, 1, 3}, "wgrad_planes 3x64"},
        {16, {1, 6, 8, 8, 12, 3, 1, 1}, "conv_wgrad 6x1"}, /* no lanes on either side */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const px_target target = gpu(rows[i].lanes);
        px_graph *graph = graph_of(&rows[i].layer, false);
        px_plan *plan = plan_of(graph, &target);
        char *launches = launches_of(plan);
        if (strncmp(launches, rows[i].expected, strlen(rows[i].expected)) != 0)
            fail_msg("row %zu: %s instead of %s", i, launches, rows[i].expected);
        const px_launch *launch = &plan->launches[1];
        if (strncmp(launches, "wgrad", 5) == 0) {
            assert_int_equal(launch->local[0], rows[i].lanes);
            assert_int_equal(launch->global[0] % launch->local[0], 0);
        }
        px_free(launches);
        px_plan_destroy(&plan);
        px_graph_destroy(&graph);
    }
}

/* A gradient is stored as its weight is: with the lanes along the axis that the convolution reads as vectors. */
static void lanes_follow_the_weight(void **state)
{
    static const struct {
        layer layer;
        px_weight_layout layout;
        const char *large;
    } rows[] = {
        {{1, 32, 8, 8, 32, 3, 2, 1}, PX_WEIGHT_AXIS0, "#define VECTOR_LARGE 0\n"},
        {{1, 32, 8, 8, 12, 3, 2, 1}, PX_WEIGHT_AXIS1, "#define VECTOR_LARGE 1\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const px_target target = gpu(16);
        px_graph *graph = graph_of(&rows[i].layer, false);
        px_plan *plan = plan_of(graph, &target);
        assert_int_equal(plan->launch_count, 2);
        assert_int_equal(plan->values[plan->launches[1].node].layout, rows[i].layout);
        assert_non_null(strstr(plan->programs[plan->launches[1].program].preamble, rows[i].large));
        px_plan_destroy(&plan);
        px_graph_destroy(&graph);
    }
}

static void many_products_are_split_and_added_up(void **state)
{
    enum { SPLITS = 9, SHARE = 10 }; /* numbers behind the buffers */
    static const struct {
        layer layer;
        int parts, rows;
        const char *without, *with;
    } rows[] = {
        {{1, 32, 33, 33, 32, 4, 1, 1}, 1, 32, "wgrad_lane 16x32", "wgrad_lane+adam 16x32"},
        {{1, 32, 34, 33, 32, 4, 1, 1}, 2, 17, "wgrad_lane 16x32, sum_splits", "wgrad_lane 16x32, adam weight"},
        {{3, 32, 33, 33, 32, 4, 1, 1}, 3, 32, "wgrad_lane 16x32, sum_splits", "wgrad_lane 16x32, adam weight"},
        {{1, 32, 5, 2001, 32, 4, 1, 1}, 4, 1, "wgrad_lane 16x32, sum_splits", "wgrad_lane 16x32, adam weight"},
        {{1, 32, 40, 40, 32, 1, 1, 0}, 2, 4, "wgrad_lane 16x32, sum_splits", "wgrad_lane 16x32, adam weight"},
        {{2, 3, 64, 64, 32, 4, 2, 1}, 2, 32, "wgrad_planes 3x32, sum_splits", "wgrad_planes 3x32, adam weight"},
        {{1, 3, 64, 64, 32, 4, 2, 1}, 1, 32, "wgrad_planes 3x32", "wgrad_planes 3x32, adam weight"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int adam = 0; adam < 2; adam++) {
            const px_target target = gpu(16);
            px_graph *graph = graph_of(&rows[i].layer, adam);
            px_plan *plan = plan_of(graph, &target);
            char *launches = launches_of(plan);
            if (strcmp(launches, adam ? rows[i].with : rows[i].without) != 0)
                fail_msg("row %zu: %s", i, launches);
            bool fused = strstr(launches, "+adam") != NULL; /* w, m, v and the step instead of dw */
            if (argument(plan, 1, (fused ? 6 : 3) + SPLITS)->i != rows[i].parts ||
                argument(plan, 1, (fused ? 6 : 3) + SHARE)->i != rows[i].rows)
                fail_msg("row %zu: %d parts of %d rows", i, argument(plan, 1, (fused ? 6 : 3) + SPLITS)->i,
                         argument(plan, 1, (fused ? 6 : 3) + SHARE)->i);
            px_free(launches);
            px_plan_destroy(&plan);
            px_graph_destroy(&graph);
        }
}

/* Groups for the whole device, but no part of a handful of products. */
static void a_device_with_little_to_do_gets_parts(void **state)
{
    px_target target = gpu(16);
    px_graph *graph = graph_of(&(layer){1, 32, 64, 64, 32, 3, 2, 1}, false);

    (void)state;
    for (int waves = 18; waves <= 18 * 64; waves *= 8) {
        target.waves = waves; /* the tiles make 2 x 1 groups at each of 9 taps */
        px_plan *plan = plan_of(graph, &target);
        assert_int_equal(plan->launches[1].global[2], waves / 18 < 32 ? waves / 18 : 32);
        px_plan_destroy(&plan);
    }
    px_graph_destroy(&graph);
}

static void large_parts_come_in_slices(void **state)
{
    px_target target = gpu(16);
    px_graph *graph = graph_of(&(layer){2, 32, 64, 64, 128, 3, 2, 1}, true);

    (void)state;
    target.weight_slice = 16 * 32 * 32;
    px_plan *plan = plan_of(graph, &target);
    char *launches = launches_of(plan);
    assert_string_equal(launches, "wgrad_lane 16x32, adam weight, wgrad_lane 16x32, adam weight, "
                                  "wgrad_lane 16x32, adam weight, wgrad_lane 16x32, adam weight");
    px_free(launches);
    px_plan_destroy(&plan);
    /* What is never in memory needs no slices. */
    px_graph_destroy(&graph);
    graph = graph_of(&(layer){1, 32, 64, 64, 128, 3, 2, 1}, true);
    plan = plan_of(graph, &target);
    launches = launches_of(plan);
    assert_string_equal(launches, "wgrad_lane+adam 16x32");
    px_free(launches);
    px_plan_destroy(&plan);
    px_graph_destroy(&graph);
}

static void winograds_parts_go_through_its_transform(void **state)
{
    const px_target target = gpu(16);
    px_graph *graph = graph_of(&(layer){3, 64, 80, 80, 64, 3, 1, 1}, false);

    (void)state;
    px_plan *plan = plan_of(graph, &target);
    size_t products = 0;
    while (products < plan->launch_count && strncmp(plan->launches[products].label, "wgrad_lane", 10) != 0)
        products++;
    assert_true(products + 2 == plan->launch_count);
    assert_int_equal(plan->launches[products].global[2], 36 * 2); /* 1200 tiles */
    assert_string_equal(plan->launches[products + 1].label, "winograd_weight_gradient");
    px_plan_destroy(&plan);
    px_graph_destroy(&graph);
}

static void cuts_are_checked(void **state)
{
    const px_conv_problem lane = {.op = PX_OP_CONV_WGRAD,
                                  .kernel = 4,
                                  .stride = 2,
                                  .pad = 1,
                                  .block = 16,
                                  .x = {1, 24, 8, 8},
                                  .y = {1, 32, 4, 4}};
    const struct {
        px_cut cut;
        bool right;
    } rows[] = {
        {{.algorithm = PX_ALGORITHM_LANE}, true},
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 8, .vectors = 4}, true},
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 16, .vectors = 1}, false}, /* of 24 */
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 6, .vectors = 1}, false},  /* of blocks of 8 */
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 24, .vectors = 1}, false}, /* too many */
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 8, .vectors = 3}, false},
        {{.algorithm = PX_ALGORITHM_LANE, .scalars = 8}, false},
        {{.algorithm = PX_ALGORITHM_LANE, .splits = 2}, false},
        {{.algorithm = PX_ALGORITHM_PLANES}, false}, /* 24 channels are too many */
    };
    px_cut cuts[PX_MOST_CUTS];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((px_cut_check(&lane, &rows[i].cut, NULL) == PIXCL_OK) != rows[i].right)
            fail_msg("row %zu", i);
    const px_target target = gpu(16);
    assert_int_equal(px_conv_lane.cuts(&target, &lane, NULL, cuts), 6);
    px_conv_problem planes = lane;
    planes.x.c = 3;
    assert_int_equal(px_conv_choose(&target, &lane), PX_ALGORITHM_LANE);
    assert_int_equal(px_conv_choose(&target, &planes), PX_ALGORITHM_PLANES);
    assert_int_equal(px_cut_check(&planes, &(px_cut){.algorithm = PX_ALGORITHM_PLANES}, NULL), PIXCL_OK);
    assert_int_equal(
        px_cut_check(&planes, &(px_cut){.algorithm = PX_ALGORITHM_PLANES, .scalars = 3, .vectors = 1}, NULL),
        PIXCL_ERROR_ARGUMENT);
    /* Large strides and lanes across the large map do not go together in rows of taps. */
    planes.x.c = 32;
    planes.y.c = 3;
    assert_int_equal(px_conv_choose(&target, &planes), PX_ALGORITHM_LANE);
    planes.stride = 1;
    assert_int_equal(px_conv_choose(&target, &planes), PX_ALGORITHM_PLANES);
}

/* The later gradient is added to the earlier one where that lies, unless somebody else reads one of them. */
static void gradients_are_added_in_place_when_nobody_looks(void **state)
{
    const px_target target = gpu(16);
    const px_shape x = {1, 16, 8, 8}, dy = {1, 16, 4, 4}, weight = {16, 16, 4, 4};
    const char *const names[2][2] = {{"x0", "dy0"}, {"x1", "dy1"}};

    (void)state;
    for (int read = 0; read < 3; read++) {
        px_graph *graph = px_graph_create(NULL);
        px_node each[2];
        for (int i = 0; i < 2; i++)
            each[i] = px_conv_wgrad(graph, px_input(graph, x, names[i][0]), px_input(graph, dy, names[i][1]), 4, 2, 1);
        px_node sum = px_add(graph, each[0], each[1]);
        px_adam(graph, px_variable(graph, PX_WEIGHT, weight, "w", false), sum,
                px_variable(graph, PX_WEIGHT, weight, "m", true), px_variable(graph, PX_WEIGHT, weight, "v", true),
                px_adam_optimiser(graph, 0.5, 0.999, 1e-8));
        if (read > 0)
            px_graph_output(graph, px_scale(graph, each[read - 1], 2), NULL);
        px_plan *plan = plan_of(graph, &target);
        assert_int_equal(plan->values[sum].buffer == plan->values[each[0]].buffer, read == 0);
        px_plan_destroy(&plan);
        px_graph_destroy(&graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_suit_waves_and_channels),
        cmocka_unit_test(lanes_follow_the_weight),
        cmocka_unit_test(many_products_are_split_and_added_up),
        cmocka_unit_test(gradients_are_added_in_place_when_nobody_looks),
        cmocka_unit_test(a_device_with_little_to_do_gets_parts),
        cmocka_unit_test(large_parts_come_in_slices),
        cmocka_unit_test(winograds_parts_go_through_its_transform),
        cmocka_unit_test(cuts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
