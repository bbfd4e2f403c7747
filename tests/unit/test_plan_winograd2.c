/* 4x4 convolutions by minimal filtering: which ones, in which tiles, how much of a map at a time, and slices of weights
 * and gradients. */
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

static px_target cpu(void)
{
    px_target target = {.device_class = PX_DEVICE_CPU,
                        .max_allocation = (size_t)1 << 30,
                        .memory = (size_t)1 << 32,
                        .compute_units = 2};
    px_target_default(&target);
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

static px_graph *graph_of(const layer *l)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node x = px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x");
    const bool conv = l->op == PX_OP_CONV;
    const px_shape shape = {conv ? l->out : l->c, conv ? l->c : l->out, l->kernel, l->kernel};
    px_node w = px_variable(graph, PX_WEIGHT, shape, "weight", false);
    px_node y = conv ? px_conv(graph, x, w, l->stride, l->pad) : px_conv_t(graph, x, w, l->stride, l->pad, 0);
    px_graph_output(graph, px_tanh(graph, y), "y");
    return graph;
}

/* A convolution whose input and weight are trained. */
static px_graph *trained_graph(const layer *l)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node x = px_leaky(graph, px_input(graph, (px_shape){l->n, l->c, l->h, l->w}, "x"), 0.2f);
    px_node w = px_variable(graph, PX_WEIGHT, (px_shape){l->out, l->c, l->kernel, l->kernel}, "weight", true);
    px_node y = px_conv(graph, x, w, l->stride, l->pad), dy = px_leaky(graph, y, 0.5f);
    px_graph_output(graph, px_conv_t(graph, dy, w, l->stride, l->pad, 0), "dx");
    px_graph_output(graph, px_conv_wgrad(graph, x, dy, l->kernel, l->stride, l->pad), "dw");
    return graph;
}

static int count(const px_plan *plan, const char *kernel)
{
    int found = 0;
    for (size_t i = 0; i < plan->launch_count; i++)
        found += plan->launches[i].type == PX_LAUNCH_KERNEL &&
                 strcmp(plan->programs[plan->launches[i].program].kernel, kernel) == 0;
    return found;
}

static bool defines(const px_plan *plan, const char *kernel, const char *text)
{
    for (size_t i = 0; i < plan->program_count; i++)
        if (strcmp(plan->programs[i].kernel, kernel) == 0 && strstr(plan->programs[i].preamble, text))
            return true;
    return false;
}

static void forms_follow_the_map(void **state)
{
    static const struct {
        layer layer;
        int side; /* of an inner tile; 0: another algorithm */
    } table[] = {
        {{PX_OP_CONV, 1, 64, 128, 128, 128, 4, 2, 1}, 3}, {{PX_OP_CONV, 1, 256, 32, 32, 512, 4, 2, 1}, 2},
        {{PX_OP_CONV, 1, 512, 16, 16, 512, 4, 2, 1}, 0},  {{PX_OP_CONV, 4, 512, 16, 16, 512, 4, 2, 1}, 2},
        {{PX_OP_CONV, 1, 256, 32, 32, 512, 4, 1, 1}, 2},  {{PX_OP_CONV, 1, 512, 31, 31, 1, 4, 1, 1}, 0},
        {{PX_OP_CONV, 1, 3, 256, 256, 64, 4, 2, 1}, 0},   {{PX_OP_CONV_T, 1, 1024, 16, 16, 256, 4, 2, 1}, 3},
        {{PX_OP_CONV_T, 1, 1024, 8, 8, 512, 4, 2, 1}, 0}, {{PX_OP_CONV_T, 1, 128, 128, 128, 3, 4, 2, 1}, 0},
        {{PX_OP_CONV, 1, 64, 64, 64, 64, 3, 2, 1}, 3},    {{PX_OP_CONV, 1, 64, 64, 64, 64, 4, 4, 0}, 0},
        {{PX_OP_CONV, 1, 64, 64, 64, 64, 3, 1, 1}, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const px_target target = cpu();
        px_plan *plan = plan_of(graph_of(&table[i].layer), &target);
        const int products = count(plan, "winograd2_products");
        if ((products > 0) != (table[i].side > 0))
            fail_msg("layer %zu has %d launches of winograd2_products", i, products);
        char text[32];
        snprintf(text, sizeof text, "#define M %d\n", table[i].side);
        if (table[i].side > 0 && !defines(plan, "winograd2_products", text))
            fail_msg("layer %zu has no tiles of %d", i, table[i].side);
        assert_int_equal(count(plan, "winograd2_input"), products);
        assert_int_equal(count(plan, "pointwise"),
                         table[i].side > 0 ? 0 : count(plan, "pointwise")); /* tanh at its end */
        px_plan_destroy(&plan);
    }
}

/* The odd phases of 3x3 weights have one tap a side, and no products at a tile's last point. */
static void work_is_that_of_the_points_which_have_products(void **state)
{
    static const struct {
        int kernel, products; /* of a tile of 3x3 outputs */
    } table[] = {{4, 4 * 16}, {3, 49}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const layer l = {PX_OP_CONV, 1, 64, 66, 66, 32, table[i].kernel, 2, 1}; /* to 33 x 33: 11 x 11 tiles */
        const px_target target = cpu();
        px_plan *plan = plan_of(graph_of(&l), &target);
        double flops = 0;
        for (size_t k = 0; k < plan->launch_count; k++)
            flops += strstr(plan->launches[k].label, "winograd2_products") ? plan->launches[k].flops : 0;
        assert_true(flops == 2.0 * table[i].products * 64 * 32 * 121);
        px_plan_destroy(&plan);
    }
}

/* A work-item keeps its products in a core's cache, which a GPU's do not have: neither by choice, nor when it is asked
 * for, nor by a table. */
static void it_is_for_cpus_alone(void **state)
{
    const layer l = {PX_OP_CONV, 1, 64, 128, 128, 128, 4, 2, 1};
    const px_conv_problem problem = {.op = PX_OP_CONV,
                                     .kernel = 4,
                                     .stride = 2,
                                     .pad = 1,
                                     .block = 16,
                                     .x = {1, 64, 128, 128},
                                     .y = {1, 128, 64, 64}};
    (void)state;
    px_tuning *tuning = px_tuning_create(NULL);
    assert_int_equal(px_tuning_set(tuning, &problem, &(px_cut){.algorithm = PX_ALGORITHM_WINOGRAD2}, NULL), PIXCL_OK);
    for (int i = 0; i < 3; i++) {
        px_target target = cpu();
        target.device_class = PX_DEVICE_GPU_INTEGRATED;
        px_target_traits(&target);
        target.conv = i == 1 ? PX_ALGORITHM_WINOGRAD2 : PX_ALGORITHM_NONE;
        target.tuning = i == 2 ? tuning : NULL;
        px_plan *plan = plan_of(graph_of(&l), &target);
        assert_int_equal(count(plan, "winograd2_products"), 0);
        px_plan_destroy(&plan);
    }
    px_tuning_destroy(&tuning);
}

static size_t largest_scratch(const px_plan *plan)
{
    size_t largest = 0;
    for (size_t i = 0; i < plan->buffer_count; i++)
        if (plan->buffers[i].node == PX_NONE && plan->buffers[i].elements > largest)
            largest = plan->buffers[i].elements;
    return largest;
}

static void transformed_maps_are_made_some_rows_at_a_time(void **state)
{
    const layer l = {PX_OP_CONV, 2, 64, 128, 128, 64, 4, 2, 1};
    (void)state;
    px_target target = cpu();
    target.map_slice = 0;
    px_plan *plan = plan_of(trained_graph(&l), &target);
    const size_t whole = largest_scratch(plan);
    assert_int_equal(count(plan, "winograd2_products"), 2);
    assert_int_equal(count(plan, "winograd2_wgrad"), 1);
    px_plan_destroy(&plan);
    target.map_slice = whole / 5;
    plan = plan_of(trained_graph(&l), &target);
    assert_true(count(plan, "winograd2_products") >= 5 + 2); /* towards the input there are no phases: a quarter */
    assert_true(count(plan, "winograd2_wgrad") >= 5);
    assert_int_equal(count(plan, "winograd2_wgrad"), count(plan, "winograd2_gradient"));
    assert_true(largest_scratch(plan) <= whole / 4); /* the last group of tiles may be half empty */
    px_plan_destroy(&plan);
}

/* The backward pass repacks a large weight some input channels at a time, each of which is multiplied and added. */
static void large_weights_are_repacked_in_slices(void **state)
{
    const layer l = {PX_OP_CONV, 1, 64, 64, 64, 128, 4, 2, 1};
    (void)state;
    px_target target = cpu();
    px_plan *plan = plan_of(trained_graph(&l), &target);
    assert_int_equal(count(plan, "repack"), 1);
    px_plan_destroy(&plan);
    target.weight_slice = 64 * 64 * 16;
    plan = plan_of(trained_graph(&l), &target);
    assert_int_equal(count(plan, "repack"), 2);
    assert_int_equal(count(plan, "winograd2_products"), 3);
    px_plan_destroy(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_follow_the_map),
        cmocka_unit_test(work_is_that_of_the_points_which_have_products),
        cmocka_unit_test(it_is_for_cpus_alone),
        cmocka_unit_test(transformed_maps_are_made_some_rows_at_a_time),
        cmocka_unit_test(large_weights_are_repacked_in_slices),
    };
    return cmocka_run_group_tests_name("plan_winograd2", tests, NULL, NULL);
}
