/* exec/reference: what PyTorch's fixtures do not show. Dropout's numbers, effects in their order, and the interface. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "exec/exec.h"
#include "graph/build.h"

static px_exec *open(const px_graph *graph)
{
    pixcl_error err = {0};
    px_exec *exec = px_exec_create_reference(graph, &err);
    if (!exec)
        fail_msg("%s", err.message);
    return exec;
}

static void run(px_exec *exec, px_step step)
{
    assert_int_equal(px_exec_run(exec, &step, NULL), PIXCL_OK);
    assert_int_equal(px_exec_finish(exec, NULL), PIXCL_OK);
}

enum { N = 2, C = 5, H = 9, W = 11, COUNT = N * C * H * W };

/* Two dropouts of the same ones in one graph. */
typedef struct dropouts {
    px_graph *graph;
    px_node first, second;
    px_exec *exec;
} dropouts;

static dropouts open_dropouts(float probability)
{
    dropouts d = {.graph = px_graph_create(NULL)};
    px_node x = px_input(d.graph, (px_shape){N, C, H, W}, "x");
    float ones[COUNT];
    d.first = px_dropout(d.graph, x, probability);
    d.second = px_dropout(d.graph, x, probability);
    d.exec = open(d.graph);
    for (int e = 0; e < COUNT; e++)
        ones[e] = 1;
    assert_int_equal(px_exec_write(d.exec, x, ones, NULL), PIXCL_OK);
    return d;
}

static void close_dropouts(dropouts *d)
{
    px_exec_destroy(&d->exec);
    px_graph_destroy(&d->graph);
}

static void dropout_is_philox_of_seed_step_id_and_element(void **state)
{
    dropouts d = open_dropouts(0.25f);
    const px_step step = {.seed = 0x123456789abcdef0u, .step = 0x300000007u};
    float y[COUNT];

    (void)state;
    run(d.exec, step);
    px_exec_read(d.exec, d.second, y, NULL);
    for (int n = 0; n < N; n++)
        for (int c = 0; c < C; c++)
            for (int h = 0; h < H; h++)
                for (int w = 0; w < W; w++) {
                    const uint32_t element = (uint32_t)(((n * H + h) * W + w) * C + c),
                                   key[] = {0x9abcdef0u, 0x12345678u};
                    const uint32_t counter[] = {element / 4, (uint32_t)d.graph->nodes[d.second].attrs.id, 7, 3};
                    uint32_t words[4];
                    px_philox(key, counter, words);
                    const double u = (words[element % 4] >> 8) * 0x1p-24;
                    assert_true(y[((n * C + c) * H + h) * W + w] == (u >= 0.25 ? (float)(1 / 0.75) : 0));
                }
    close_dropouts(&d);
}

static void dropout_changes_with_seed_step_and_place_only(void **state)
{
    dropouts d = open_dropouts(0.5f);
    float first[COUNT], y[COUNT];
    int kept = 0;

    (void)state;
    run(d.exec, (px_step){.seed = 1, .step = 1});
    px_exec_read(d.exec, d.first, first, NULL);
    px_exec_read(d.exec, d.second, y, NULL);
    assert_memory_not_equal(first, y, sizeof y);
    run(d.exec, (px_step){.seed = 1, .step = 2});
    px_exec_read(d.exec, d.first, y, NULL);
    assert_memory_not_equal(first, y, sizeof y);
    run(d.exec, (px_step){.seed = 2, .step = 1});
    px_exec_read(d.exec, d.first, y, NULL);
    assert_memory_not_equal(first, y, sizeof y);
    run(d.exec, (px_step){.seed = 1, .step = 1});
    px_exec_read(d.exec, d.first, y, NULL);
    assert_memory_equal(first, y, sizeof y);
    for (int e = 0; e < COUNT; e++)
        kept += y[e] != 0;
    assert_true(fabs(kept - 0.5 * COUNT) < 4 * 0.5 * sqrt(COUNT)); /* four standard deviations */
    close_dropouts(&d);
}

/* A variable's readers before Adam see what it was, those after it what it is. */
static void effects_happen_between_their_neighbours(void **state)
{
    px_graph *g = px_graph_create(NULL);
    const px_shape one = {1, 1, 1, 1};
    px_node p = px_variable(g, PX_PLAIN, one, "p", false), gradient = px_constant(g, 2);
    px_node m = px_variable(g, PX_PLAIN, one, "m", true), v = px_variable(g, PX_PLAIN, one, "v", true);
    px_node before = px_scale(g, p, 1);
    px_node adam = px_adam(g, p, gradient, m, v, px_adam_optimiser(g, 0.5, 0.999, 1e-8));
    px_node after = px_scale(g, p, 1);
    px_exec *exec = open(g);
    float value = 3, old, changed, effect;

    (void)state;
    px_exec_write(exec, p, &value, NULL);
    run(exec, (px_step){.step = 1, .lr = {0.25f}});
    px_exec_read(exec, before, &old, NULL);
    px_exec_read(exec, after, &changed, NULL);
    px_exec_read(exec, adam, &effect, NULL);
    assert_true(old == 3);
    assert_true(fabs(changed - 2.75) < 1e-6); /* the first step is lr against the gradient's sign */
    assert_true(effect == changed);
    run(exec, (px_step){.step = 2, .lr = {0}});
    px_exec_read(exec, p, &value, NULL);
    assert_true(value == changed);
    px_exec_destroy(&exec);
    px_graph_destroy(&g);
}

/* PyTorch refuses one value per channel; here the variance, which is 0, stays biased instead of becoming 0/0. */
static void running_statistics_of_one_element_are_finite(void **state)
{
    px_graph *g = px_graph_create(NULL);
    px_node x = px_input(g, (px_shape){1, 1, 1, 1}, "x");
    px_node mean = px_variable(g, PX_PLAIN, (px_shape){1, 1, 1, 1}, "mean", true);
    px_node var = px_variable(g, PX_PLAIN, (px_shape){1, 1, 1, 1}, "var", true);
    px_node stats = px_norm_stats(g, x, false);
    px_norm_update(g, mean, var, stats, 0.5f, 1);
    px_exec *exec = open(g);
    float value = 4;

    (void)state;
    px_exec_write(exec, x, &value, NULL);
    px_exec_write(exec, var, &value, NULL);
    run(exec, (px_step){.step = 1});
    px_exec_read(exec, mean, &value, NULL);
    assert_true(value == 2);
    px_exec_read(exec, var, &value, NULL);
    assert_true(value == 2);
    px_exec_destroy(&exec);
    px_graph_destroy(&g);
}

static void channels_are_joined_and_cut_picture_by_picture(void **state)
{
    px_graph *g = px_graph_create(NULL);
    px_node a = px_input(g, (px_shape){2, 1, 1, 2}, "a"), b = px_input(g, (px_shape){2, 2, 1, 2}, "b");
    px_node both = px_concat(g, a, b), middle = px_slice(g, both, 1, 1);
    px_exec *exec = open(g);
    const float a_values[] = {1, 2, 7, 8}, b_values[] = {3, 4, 5, 6, 9, 10, 11, 12};
    float y[12];

    (void)state;
    px_exec_write(exec, a, a_values, NULL);
    px_exec_write(exec, b, b_values, NULL);
    run(exec, (px_step){.step = 1});
    px_exec_read(exec, both, y, NULL);
    for (int e = 0; e < 12; e++)
        assert_true(y[e] == (float)(e + 1));
    px_exec_read(exec, middle, y, NULL);
    assert_true(y[0] == 3 && y[1] == 4 && y[2] == 9 && y[3] == 10);
    px_exec_destroy(&exec);
    px_graph_destroy(&g);
}

static void only_inputs_and_variables_are_written(void **state)
{
    px_graph *g = px_graph_create(NULL);
    px_node x = px_input(g, (px_shape){1, 1, 1, 1}, "x"), y = px_relu(g, x);
    px_exec *exec = open(g);
    pixcl_error err = {0};
    float value = 1;

    (void)state;
    assert_int_equal(px_exec_write(exec, y, &value, &err), PIXCL_ERROR_INTERNAL);
    assert_non_null(strstr(err.message, "leaky"));
    assert_int_equal(px_exec_write(exec, 9, &value, &err), PIXCL_ERROR_INTERNAL);
    assert_int_equal(px_exec_read(exec, 9, &value, &err), PIXCL_ERROR_INTERNAL);
    px_exec_destroy(&exec);
    assert_null(exec);
    px_exec_destroy(&exec);
    px_graph_destroy(&g);
}

static void a_broken_graph_and_a_lack_of_memory_are_refused(void **state)
{
    px_graph *g = px_graph_create(NULL);
    px_node x = px_input(g, (px_shape){1, 1, 4, 4}, "x");
    pixcl_error err = {0};
    px_exec *exec = NULL;

    (void)state;
    px_tanh(g, x);
    for (long n = 1; !exec; n++) {
        px_fail_allocation(n);
        exec = px_exec_create_reference(g, &err);
        px_fail_allocation(0);
        assert_true(exec || err.status == PIXCL_ERROR_MEMORY);
    }
    px_exec_destroy(&exec);
    px_add(g, x, PX_NONE);
    assert_null(px_exec_create_reference(g, &err));
    assert_non_null(strstr(err.message, "add: input 1 is missing"));
    px_graph_destroy(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropout_is_philox_of_seed_step_id_and_element),
        cmocka_unit_test(dropout_changes_with_seed_step_and_place_only),
        cmocka_unit_test(effects_happen_between_their_neighbours),
        cmocka_unit_test(running_statistics_of_one_element_are_finite),
        cmocka_unit_test(channels_are_joined_and_cut_picture_by_picture),
        cmocka_unit_test(only_inputs_and_variables_are_written),
        cmocka_unit_test(a_broken_graph_and_a_lack_of_memory_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
