/* Device memory is what the plan says it will be: counted where every buffer is made, pixcl's and CLBlast's alike.
 *
 * This program's own clCreateBuffer stands before the ICD loader's: the engine and CLBlast both call it. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "device_fixture.h"

#include "base/memory.h"
#include "exec/opencl/exec.h"
#include "graph/build.h"
#include "model/model.h"
#include "plan/plan.h"

static size_t created; /* bytes, of all buffers since it was set to 0 */

CL_API_ENTRY cl_mem CL_API_CALL clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void *host,
                                               cl_int *code)
{
    cl_mem (*next)(cl_context, cl_mem_flags, size_t, void *, cl_int *);
    *(void **)&next = dlsym(RTLD_NEXT, "clCreateBuffer");
    created += size;
    return next(context, flags, size, host, code);
}

static px_training *small_pix2pix(void)
{
    pixcl_error err = {0};
    const px_model_options options = {.netG = "unet_32",
                                      .netD = "n_layers",
                                      .n_layers_D = 1,
                                      .input_nc = 3,
                                      .output_nc = 3,
                                      .ngf = 8,
                                      .ndf = 8,
                                      .norm = PX_NORM_BATCH,
                                      .dropout = true,
                                      .lambda_L1 = 100,
                                      .beta1 = 0.5f,
                                      .batch = 1,
                                      .height = 32,
                                      .width = 32};
    px_training *t = px_training_pix2pix(&options, &err);
    if (!t)
        fail_msg("%s", err.message);
    return t;
}

/* Two steps take just the plan's bytes, and the engine knows how many it took. */
static void expect_planned_bytes(const px_graph *graph, const px_target *target, bool scratch)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    assert_int_equal(plan->gemm_scratch > 0, scratch);
    created = 0;
    px_exec *exec = px_exec_create_opencl(device, plan, NULL, NULL, &err);
    if (!exec)
        fail_msg("%s", err.message);
    for (uint64_t step = 1; step <= 2; step++)
        assert_int_equal(px_exec_run(exec, &(px_step){.step = step}, &err), PIXCL_OK);
    assert_int_equal(px_exec_finish(exec, &err), PIXCL_OK);
    assert_int_equal(created, plan->bytes);
    assert_int_equal(px_exec_opencl_bytes(exec), plan->bytes);
    px_exec_destroy(&exec);
    px_plan_destroy(&plan);
}

static void training_step(void **state)
{
    (void)state;
    px_training *t = small_pix2pix();
    px_target target = px_cl_target(device);
    target.conv = PX_ALGORITHM_DIRECT;
    expect_planned_bytes(t->graph, &target, false);
    target.max_allocation = (size_t)1 << 20; /* several buffers */
    expect_planned_bytes(t->graph, &target, false);
    target.conv = PX_ALGORITHM_GEMM;
    target.block = 1;
    expect_planned_bytes(t->graph, &target, false);
    px_training_destroy(&t);
}

/* CLBlast wants scratch memory for large products, of sizes that its tiles do not divide. */
static void gemm_scratch(void **state)
{
    (void)state;
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node x = px_input(graph, (px_shape){1, 250, 48, 47}, "x");
    px_node w = px_variable(graph, PX_WEIGHT, (px_shape){250, 250, 3, 3}, "w", false);
    px_graph_output(graph, px_conv(graph, x, w, 1, 1), "y");
    px_target target = px_cl_target(device);
    target.conv = PX_ALGORITHM_GEMM;
    target.block = 1;
    expect_planned_bytes(graph, &target, true);
    px_graph_destroy(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(training_step), cmocka_unit_test(gemm_scratch)};
    return cmocka_run_group_tests(tests, open_device, close_device);
}
