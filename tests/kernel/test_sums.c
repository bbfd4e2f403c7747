/* Long sums on a device: what the parts of a sum round away when they are added up is not lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "device_fixture.h"
#include "exec/opencl/exec.h"
#include "graph/build.h"

enum { PARTS = 8, LENGTH = 4096 /* pixels of a part on a CPU, whose geometry any device can take */ };

/* A part with 2^26, some with 1, which 2^26 in float does not take up, and one with -2^26. */
static void small_parts_count_beside_large_ones(void **state)
{
    pixcl_error err = {0};
    px_target target = px_cl_target(device);
    px_graph *graph = px_graph_create(&err);
    px_node x = px_input(graph, (px_shape){1, 1, PARTS, LENGTH}, "x");
    px_node sum = px_graph_output(graph, px_channel_sum(graph, x), "sum");
    px_node mean = px_graph_output(graph, px_mean(graph, x), "mean");
    float *values = calloc(PARTS * LENGTH, sizeof *values), found = 0;
    const px_step step = {.step = 1};

    (void)state;
    target.device_class = PX_DEVICE_CPU;
    px_target_traits(&target);
    values[0] = 0x1p26f;
    for (int part = 1; part < PARTS - 1; part++)
        values[part * LENGTH] = 1;
    values[(PARTS - 1) * LENGTH] = -0x1p26f;
    px_plan *plan = px_plan_create(graph, &target, &err);
    px_exec *exec = plan ? px_exec_create_opencl(device, plan, NULL, NULL, &err) : NULL;
    if (!exec || px_exec_write(exec, x, values, &err) != PIXCL_OK || px_exec_run(exec, &step, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    assert_int_equal(px_exec_read(exec, sum, &found, &err), PIXCL_OK);
    assert_true(found == PARTS - 2);
    assert_int_equal(px_exec_read(exec, mean, &found, &err), PIXCL_OK);
    assert_true(found == (float)(PARTS - 2) / (PARTS * LENGTH));
    px_exec_destroy(&exec);
    px_plan_destroy(&plan);
    px_graph_destroy(&graph);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_parts_count_beside_large_ones)};
    return cmocka_run_group_tests(tests, open_device, close_device);
}
