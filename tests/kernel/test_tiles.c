/* Tiles for other registers (px_target.tile_sums) compute the same bits: which of them a device gets is measured, and a
 * measurement must not decide a result. Memory starts as the plan leaves it; inputs and weights are random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "device_fixture.h"

#include "base/memory.h"
#include "base/rng.h"
#include "exec/opencl/exec.h"
#include "graph/build.h"
#include "plan/plan.h"

enum { OUTPUTS = 10, MOST_ELEMENTS = 64 * 32 * 16 };

typedef struct results {
    px_node nodes[OUTPUTS];
    int count;
} results;

static void add_output(px_graph *graph, results *r, px_node node, const char *name)
{
    px_graph_output(graph, node, name);
    r->nodes[r->count++] = node;
}

static px_node weight(px_graph *graph, px_shape shape, const char *name)
{
    return px_variable(graph, PX_WEIGHT, shape, name, false);
}

/* Convolutions and weight gradients by each algorithm of CPUs: winograd2, winograd, dot, and direct with rows of 14 and
 * of 7 pixels. */
static px_graph *convolutions(results *r)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    *r = (results){.count = 0};
    px_node x = px_input(graph, (px_shape){1, 16, 28, 28}, "x");
    px_node half = px_conv(graph, x, weight(graph, (px_shape){32, 16, 4, 4}, "half"), 2, 1);
    px_node same = px_conv(graph, half, weight(graph, (px_shape){32, 32, 3, 3}, "same"), 1, 1);
    px_node point = px_conv(graph, half, weight(graph, (px_shape){48, 32, 1, 1}, "point"), 1, 0);
    px_node quarter = px_conv(graph, half, weight(graph, (px_shape){64, 32, 4, 4}, "quarter"), 2, 1);
    px_node rgb = px_conv_t(graph, half, weight(graph, (px_shape){32, 3, 4, 4}, "rgb"), 2, 1, 0);
    add_output(graph, r, half, "y half");
    add_output(graph, r, same, "y same");
    add_output(graph, r, point, "y point");
    add_output(graph, r, quarter, "y quarter");
    add_output(graph, r, rgb, "y rgb");
    add_output(graph, r, px_conv_wgrad(graph, x, half, 4, 2, 1), "dw half");
    add_output(graph, r, px_conv_wgrad(graph, half, same, 3, 1, 1), "dw same");
    add_output(graph, r, px_conv_wgrad(graph, half, point, 1, 1, 0), "dw point");
    add_output(graph, r, px_conv_wgrad(graph, half, quarter, 4, 2, 1), "dw quarter");
    add_output(graph, r, px_conv_wgrad(graph, rgb, half, 4, 2, 1), "dw rgb");
    return graph;
}

static void fill(px_exec *exec, const px_graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        const px_node_info *node = &graph->nodes[i];
        if (node->op != PX_OP_VARIABLE && node->op != PX_OP_INPUT)
            continue;
        const size_t count = px_shape_count(node->shape);
        float *values = px_calloc(count, sizeof *values, NULL);
        px_rng rng = {.seed = 9, .stream = i};
        assert_non_null(values);
        for (size_t e = 0; e < count; e++)
            values[e] = 2 * px_rng_float(&rng) - 1;
        assert_int_equal(px_exec_write(exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
}

/* Runs the graph with tiles of so many sums, and gives all outputs, one after the other (px_free). */
static float *run(int sums, size_t *total)
{
    pixcl_error err = {0};
    results r;
    px_graph *graph = convolutions(&r);
    px_target target = px_cl_target(device);
    target.tile_sums = sums;
    target.tuning = NULL; /* tuned tiles would come before these */
    px_plan *plan = px_plan_create(graph, &target, &err);
    px_exec *exec = plan ? px_exec_create_opencl(device, plan, NULL, NULL, &err) : NULL;
    if (!exec)
        fail_msg("%s", err.message);
    fill(exec, graph);
    assert_int_equal(px_exec_run(exec, &(px_step){.seed = 5, .step = 1}, NULL), PIXCL_OK);
    float *values = px_calloc((size_t)OUTPUTS * MOST_ELEMENTS, sizeof *values, NULL);
    assert_non_null(values);
    *total = 0;
    for (int i = 0; i < r.count; i++) {
        const size_t count = px_shape_count(graph->nodes[r.nodes[i]].shape);
        assert_true(count <= MOST_ELEMENTS);
        assert_int_equal(px_exec_read(exec, r.nodes[i], values + *total, NULL), PIXCL_OK);
        *total += count;
    }
    px_exec_destroy(&exec);
    px_plan_destroy(&plan);
    px_graph_destroy(&graph);
    return values;
}

static void tiles_for_other_registers_give_the_same_bits(void **state)
{
    size_t total, other;
    (void)state;
    float *first = run(px_tile_sums[0], &total);
    for (int i = 1; i < PX_TILE_KINDS; i++) {
        float *values = run(px_tile_sums[i], &other);
        assert_int_equal(other, total);
        for (size_t e = 0; e < total; e++)
            if (memcmp(&first[e], &values[e], sizeof first[e]) != 0)
                fail_msg("tiles of %d sums: element %zu is %.9g, with %d sums %.9g", px_tile_sums[i], e,
                         (double)values[e], px_tile_sums[0], (double)first[e]);
        px_free(values);
    }
    px_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_for_other_registers_give_the_same_bits)};
    return cmocka_run_group_tests(tests, open_device, close_device);
}
