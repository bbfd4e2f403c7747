/* The edges of networks as a GPU gets them: convolutions from and to few channels, which do paddings by reflection in
 * their loads. */
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

typedef struct layer {
    bool transposed;
    int n, c, h, w, out, kernel, stride, pad;
} layer;

static px_node convolve(px_graph *graph, const layer *l, px_node x, const char *name)
{
    const px_shape shape = {l->transposed ? l->c : l->out, l->transposed ? l->out : l->c, l->kernel, l->kernel};
    px_node weight = px_variable(graph, PX_WEIGHT, shape, name, false);
    return l->transposed ? px_conv_t(graph, x, weight, l->stride, l->pad, 0)
                         : px_conv(graph, x, weight, l->stride, l->pad);
}

static px_plan *plan_of(px_graph *graph, const px_target *target)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    return plan;
}

static px_plan *plan_of_layer(const layer *l, const px_target *target)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node x = px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x");
    px_graph_output(graph, convolve(graph, l, x, "weight"), "y");
    px_plan *plan = plan_of(graph, target);
    px_graph_destroy(&graph);
    return plan;
}

/* All launches, by the first words of their labels. */
static char *launches_of(const px_plan *plan)
{
    px_text text = {0};
    for (size_t i = 0; i < plan->launch_count; i++) {
        const char *label = plan->launches[i].label;
        px_text_add(&text, "%s%.*s", i > 0 ? ", " : "", (int)strcspn(label, " "), label);
    }
    return text.data;
}

static void expect_launches(const px_plan *plan, const char *expected)
{
    char *launches = launches_of(plan);
    assert_string_equal(launches, expected);
    px_free(launches);
}

static int argument(const px_plan *plan, size_t launch, int index)
{
    return plan->args[plan->launches[launch].first_arg + (size_t)index].i;
}

static void tiles_suit_waves_channels_and_rows(void **state)
{
    static const struct {
        int lanes;
        layer layer;
        const char *label;
        size_t groups[3];
    } rows[] = {
        {16, {false, 1, 3, 256, 256, 64, 7, 1, 3}, "conv_planes 26x16", {10, 256, 4}},
        {16, {false, 2, 6, 256, 256, 64, 4, 2, 1}, "conv_planes 12x32", {11, 256, 2}},
        {32, {false, 1, 3, 256, 256, 64, 4, 2, 1}, "conv_planes 22x64", {6, 128, 1}},
        {32,
         {false, 1, 3, 256, 256, 48, 4, 2, 1},
         "conv_planes 22x32",
         {6, 128, 2}}, /* the second wave lacks a block */
        {64, {false, 1, 6, 256, 256, 64, 4, 2, 1}, "conv_planes 13x64", {10, 128, 1}},
        {32, {true, 1, 1, 30, 30, 512, 4, 1, 1}, "conv_planes 16x64", {2, 31, 8}}, /* a logit's gradient */
        {32, {true, 1, 3, 30, 30, 64, 4, 2, 1}, "conv_direct", {0}},               /* phases, and no lanes for them */
        {16, {false, 1, 3, 4, 3, 64, 3, 1, 1}, "conv_planes 3x16", {1, 4, 4}},
        {32, {false, 1, 60, 8, 8, 16, 7, 1, 3}, "conv_direct", {0}}, /* too many products for one sum */
        {32, {false, 1, 3, 8, 8, 12, 3, 1, 1}, "conv_direct", {0}},  /* no lanes on either side */
        {16, {false, 1, 64, 256, 256, 3, 7, 1, 3}, "conv_pixel 5x3", {52, 128, 1}},
        {32, {false, 1, 64, 256, 256, 3, 7, 1, 3}, "conv_pixel 8x3", {32, 32, 1}},
        {32, {true, 1, 128, 128, 128, 3, 4, 2, 1}, "conv_pixel 8x3", {32, 32, 1}},
        {64, {true, 2, 64, 128, 128, 6, 4, 2, 1}, "conv_pixel 4x6", {64, 32, 1}},
        {16, {false, 1, 64, 31, 31, 1, 4, 1, 1}, "conv_pixel 8x1", {4, 8, 1}},
        {32, {false, 1, 64, 16, 16, 24, 3, 1, 1}, "conv_pixel 4x8", {4, 2, 3}},
        {32, {true, 1, 16, 3, 2, 3, 4, 2, 1}, "conv_pixel 2x3", {2, 2, 1}}, /* phases of two pixels */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const px_target target = gpu(rows[i].lanes);
        px_plan *plan = plan_of_layer(&rows[i].layer, &target);
        const px_launch *launch = &plan->launches[0];
        if (strncmp(launch->label, rows[i].label, strlen(rows[i].label)) != 0)
            fail_msg("row %zu: %s instead of %s", i, launch->label, rows[i].label);
        if (rows[i].groups[0] > 0) {
            assert_int_equal(launch->local[0], rows[i].lanes);
            for (int d = 0; d < 3; d++)
                if (launch->global[d] != rows[i].groups[d] * (d == 0 ? launch->local[0] : 1))
                    fail_msg("row %zu: %zu work-items along dimension %d, expected %zu groups", i, launch->global[d], d,
                             rows[i].groups[d]);
        }
        px_plan_destroy(&plan);
    }
}

/* On a CPU these kernels have nothing to offer. */
static void a_cpu_keeps_its_own(void **state)
{
    px_target target = gpu(16);

    (void)state;
    target.device_class = PX_DEVICE_CPU;
    px_target_traits(&target);
    px_plan *plan = plan_of_layer(&(layer){false, 1, 3, 16, 16, 64, 7, 1, 3}, &target);
    expect_launches(plan, "conv_direct");
    px_plan_destroy(&plan);
    plan = plan_of_layer(&(layer){false, 1, 64, 16, 16, 3, 7, 1, 3}, &target);
    expect_launches(plan, "conv_dot");
    px_plan_destroy(&plan);
}

/* Input channels are shared out where a map has fewer tiles than the device has room for, or sums would get long. */
static void small_maps_and_long_sums_are_split(void **state)
{
    enum { BLOCKS = 14 }; /* a number behind the buffers */
    static const struct {
        int waves;
        layer layer;
        const char *launches;
        int splits, blocks;
    } rows[] = {
        {1, {false, 1, 512, 31, 31, 1, 4, 1, 1}, "conv_pixel, conv_sum", 2, 16}, /* 64 products of each block */
        {100, {false, 1, 512, 31, 31, 1, 4, 1, 1}, "conv_pixel, conv_sum", 7, 5},
        {1 << 20, {false, 1, 512, 31, 31, 1, 4, 1, 1}, "conv_pixel, conv_sum", 32, 1},
        {100, {true, 1, 128, 128, 128, 3, 4, 2, 1}, "conv_pixel", 1, 8},
        {1, {false, 1, 128, 64, 64, 3, 7, 1, 3}, "conv_pixel, conv_sum", 2, 4}, /* 196 of each */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        px_target target = gpu(32);
        target.waves = rows[i].waves;
        px_plan *plan = plan_of_layer(&rows[i].layer, &target);
        expect_launches(plan, rows[i].launches);
        assert_int_equal(plan->launches[0].global[2], rows[i].splits);
        assert_int_equal(argument(plan, 0, BLOCKS), rows[i].blocks);
        px_plan_destroy(&plan);
    }
}

/* A convolution of a picture that is padded by reflection, and, when trained, the gradient of its weight. */
static px_plan *plan_of_padded(const layer *l, const px_target *target, bool trained)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node x = px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x");
    px_node padded = px_reflect_pad(graph, x, l->kernel / 2), y = convolve(graph, l, padded, "weight");
    px_graph_output(graph, px_tanh(graph, y), "y");
    if (trained) {
        px_node dy = px_input(graph, px_graph_node(graph, y)->shape, "dy");
        px_graph_output(graph, px_conv_wgrad(graph, padded, dy, l->kernel, l->stride, 0), "gradient");
    }
    px_plan *plan = plan_of(graph, target);
    px_graph_destroy(&graph);
    return plan;
}

static void padding_is_done_in_the_load_of_all_readers_or_of_none(void **state)
{
    static const struct {
        layer layer;
        bool trained;
        const char *launches;
    } rows[] = {
        {{false, 1, 3, 8, 8, 64, 7, 1, 0}, false, "conv_planes"},
        {{false, 1, 3, 8, 8, 64, 7, 1, 0}, true, "conv_planes, wgrad_planes"},
        {{false, 1, 64, 8, 8, 3, 7, 1, 0}, false, "conv_pixel"},
        {{false, 1, 64, 8, 8, 3, 7, 1, 0}, true, "conv_pixel, wgrad_planes"},
        {{false, 1, 64, 8, 8, 9, 7, 1, 0}, true, "reflect_pad, conv_pixel, wgrad_lane"},
        {{false, 1, 32, 8, 8, 32, 3, 1, 0}, true, "reflect_pad, conv_lane, wgrad_lane"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const px_target target = gpu(32);
        px_plan *plan = plan_of_padded(&rows[i].layer, &target, rows[i].trained);
        expect_launches(plan, rows[i].launches);
        for (size_t l = 0; l < plan->launch_count; l++) {
            const char *preamble = plan->programs[plan->launches[l].program].preamble;
            if (plan->launch_count == 1 + (size_t)rows[i].trained) {
                assert_non_null(strstr(preamble, "#define REFLECT 1\n"));
                assert_non_null(strstr(preamble, "#define PAD 3\n"));
            }
        }
        px_plan_destroy(&plan);
    }
}

/* One layout of a weight serves the first layer's convolution and its gradients, and the last one's. */
static void edges_need_no_repacking(void **state)
{
    static const layer layers[] = {{false, 1, 3, 16, 16, 64, 4, 2, 1}, {true, 1, 64, 8, 8, 3, 4, 2, 1}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const layer *l = &layers[i], back = {!l->transposed, l->n, l->out, 0, 0, l->c, l->kernel, l->stride, l->pad};
        const px_target target = gpu(32);
        px_graph *graph = px_graph_create(NULL);
        px_node x = px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x"), y = convolve(graph, l, x, "weight");
        px_node dy = px_input(graph, px_graph_node(graph, y)->shape, "dy"), weight = px_graph_node(graph, y)->inputs[1];
        px_graph_output(graph, y, "y");
        px_graph_output(graph,
                        back.transposed ? px_conv_t(graph, dy, weight, l->stride, l->pad, 0)
                                        : px_conv(graph, dy, weight, l->stride, l->pad),
                        "dx");
        px_graph_output(graph,
                        l->transposed ? px_conv_wgrad(graph, dy, x, l->kernel, l->stride, l->pad)
                                      : px_conv_wgrad(graph, x, dy, l->kernel, l->stride, l->pad),
                        "gradient");
        px_plan *plan = plan_of(graph, &target);
        expect_launches(plan,
                        i == 0 ? "conv_planes, conv_pixel, wgrad_planes" : "conv_pixel, conv_planes, wgrad_planes");
        px_plan_destroy(&plan);
        px_graph_destroy(&graph);
    }
}

static void tables_of_cuts_may_name_them_but_not_their_tiles(void **state)
{
    static const px_conv_problem planes = {
        .op = PX_OP_CONV, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {1, 3, 8, 8}, .y = {1, 64, 4, 4}};
    px_conv_problem pixel = planes;
    pixcl_error err = {0};

    (void)state;
    pixel.x.c = 64;
    pixel.y.c = 3;
    assert_int_equal(px_cut_check(&planes, &(px_cut){.algorithm = PX_ALGORITHM_PLANES}, NULL), PIXCL_OK);
    assert_int_equal(px_cut_check(&pixel, &(px_cut){.algorithm = PX_ALGORITHM_PIXEL}, NULL), PIXCL_OK);
    assert_int_equal(px_cut_check(&planes, &(px_cut){.algorithm = PX_ALGORITHM_PIXEL}, NULL), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(px_cut_check(&pixel, &(px_cut){.algorithm = PX_ALGORITHM_PLANES}, NULL), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(
        px_cut_check(&planes, &(px_cut){.algorithm = PX_ALGORITHM_PLANES, .width = 8, .channels = 1}, &err),
        PIXCL_ERROR_ARGUMENT);
    assert_string_equal(err.message, "a tile for \"planes\", which chooses its own");
    assert_int_equal(px_cut_check(&pixel, &(px_cut){.algorithm = PX_ALGORITHM_PIXEL, .splits = 2}, &err),
                     PIXCL_ERROR_ARGUMENT);
    assert_string_equal(err.message, "a tile for \"pixel\", which chooses its own");
    pixel.op = PX_OP_CONV_WGRAD;
    assert_false(px_conv_pixel.applies(&pixel));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_suit_waves_channels_and_rows),
        cmocka_unit_test(a_cpu_keeps_its_own),
        cmocka_unit_test(small_maps_and_long_sums_are_split),
        cmocka_unit_test(padding_is_done_in_the_load_of_all_readers_or_of_none),
        cmocka_unit_test(edges_need_no_repacking),
        cmocka_unit_test(tables_of_cuts_may_name_them_but_not_their_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
