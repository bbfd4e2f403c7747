/* The pool of old pictures on a device: over many steps the same bits as the reference engine, in every layout, and no
 * less when the pool is carried into another engine in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "exec/opencl/exec.h"
#include "graph/build.h"
#include "model/net.h"

enum { BATCH = 3, SIZE = 5, H = 5, W = 7, MOST_CHANNELS = 48, MOST = SIZE * MOST_CHANNELS * H * W };

static px_cl_device *device;

/* The pictures pass through two pointwise ops, one on each side of the pool, and half of a concat. */
typedef struct pooled {
    px_graph *graph;
    px_node x, y, pool;
} pooled;

static pooled make_graph(int channels)
{
    pooled p = {.graph = px_graph_create(NULL)};
    p.x = px_input(p.graph, (px_shape){BATCH, channels, H, W}, "x");
    px_node fake = px_scale(p.graph, p.x, 0.5f), pick = px_net_pool(p.graph, fake, SIZE, "fake_B");
    p.y = px_graph_output(p.graph, px_scale(p.graph, px_concat(p.graph, p.x, pick), 2), "y");
    p.pool = px_graph_find(p.graph, "fake_B.pool");
    assert_int_equal(px_graph_verify(p.graph, NULL), PIXCL_OK);
    return p;
}

static void run_step(const pooled *p, px_exec *exec, uint64_t step, float *y, float *pool)
{
    static float x[BATCH * MOST_CHANNELS * H * W];
    const px_step what = {.seed = 7, .step = step, .pictures = (step - 1) * BATCH};
    px_rng rng = {.seed = 1, .stream = step};
    for (size_t e = 0; e < px_shape_count(p->graph->nodes[p->x].shape); e++)
        x[e] = px_rng_float(&rng);
    assert_int_equal(px_exec_write(exec, p->x, x, NULL), PIXCL_OK);
    assert_int_equal(px_exec_run(exec, &what, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, p->y, y, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, p->pool, pool, NULL), PIXCL_OK);
}

static void expect_same_bits(int channels, const px_target *target)
{
    static float y[2][BATCH * 2 * MOST_CHANNELS * H * W], images[2][MOST];
    pixcl_error err = {0};
    pooled p = make_graph(channels);
    const size_t y_bytes = px_shape_count(p.graph->nodes[p.y].shape) * sizeof(float);
    const size_t pool_bytes = px_shape_count(p.graph->nodes[p.pool].shape) * sizeof(float);
    px_plan *plan = px_plan_create(p.graph, target, &err);
    px_exec *reference = px_exec_create_reference(p.graph, &err), *on_device = NULL;
    if (plan)
        on_device = px_exec_create_opencl(device, plan, NULL, NULL, &err);
    if (!on_device || !reference)
        fail_msg("%s", err.message);
    for (uint64_t step = 1; step <= 40; step++) {
        run_step(&p, reference, step, y[0], images[0]);
        run_step(&p, on_device, step, y[1], images[1]);
        assert_memory_equal(y[0], y[1], y_bytes);
        assert_memory_equal(images[0], images[1], pool_bytes);
        if (step != 20)
            continue;
        px_exec_destroy(&on_device);
        on_device = px_exec_create_opencl(device, plan, NULL, NULL, &err);
        assert_non_null(on_device);
        assert_int_equal(px_exec_write(on_device, p.pool, images[1], NULL), PIXCL_OK);
    }
    px_exec_destroy(&on_device);
    px_exec_destroy(&reference);
    px_plan_destroy(&plan);
    px_graph_destroy(&p.graph);
}

static void a_device_keeps_the_same_pictures_as_the_reference(void **state)
{
    static const int channels[] = {1, 3, 12, MOST_CHANNELS};
    px_target target = px_cl_target(device);

    (void)state;
    for (target.block = 16; target.block >= 1; target.block /= 4)
        for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
            expect_same_bits(channels[i], &target);
    target.device_class = PX_DEVICE_GPU_DISCRETE;
    px_target_traits(&target);
    target.block = 4;
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
        expect_same_bits(channels[i], &target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_keeps_the_same_pictures_as_the_reference),
    };
    pixcl_error err = {0};
    setenv("PIXCL_POISON", "1", 0);
    device = px_cl_device_open(NULL, false, &err);
    if (!device) {
        print_error("%s\n", err.message);
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    px_cl_device_close(&device);
    return failed;
}
