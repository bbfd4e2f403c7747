/* The generator with the gradients of its weights as outputs, on the device: they are the reference's, and lie as the
 * weights do, so that no copy stands between them and what is measured.
 *
 * Tolerance: a gradient passes some thirty operations in float, with sums of up to 256 terms; relative to its largest
 * element 2.2e-5 was seen at most, 2e-4 is allowed. The biases before an instance norm have a gradient of zero, of
 * which rounding leaves up to 1e-6 of the largest gradient of all: that much is allowed beside. */
#include <math.h>
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
#include "model/model.h"
#include "plan/plan.h"

static px_training *build(const char *netG, px_norm_type norm)
{
    pixcl_error err = {0};
    const px_model_options options = {.netG = netG,
                                      .norm = norm,
                                      .dropout = true,
                                      .input_nc = 3,
                                      .output_nc = 3,
                                      .ngf = 8,
                                      .batch = 2,
                                      .height = 16,
                                      .width = 16};
    px_training *t = px_training_generator_gradients(&options, &err);
    if (!t)
        fail_msg("%s", err.message);
    return t;
}

static void start(px_exec *exec, const px_graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        const px_node_info *node = &graph->nodes[i];
        if (node->op != PX_OP_VARIABLE && node->op != PX_OP_INPUT)
            continue;
        const size_t count = px_shape_count(node->shape);
        float *values = px_calloc(count, sizeof *values, NULL);
        px_rng rng = {.seed = 3, .stream = i};
        if (node->op == PX_OP_VARIABLE)
            assert_int_equal(px_model_initial(graph, (px_node)i, PX_INIT_XAVIER, 1, 3, values, NULL), PIXCL_OK);
        for (size_t e = 0; e < count && node->op == PX_OP_INPUT; e++)
            values[e] = 2 * px_rng_float(&rng) - 1;
        assert_int_equal(px_exec_write(exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
    assert_int_equal(px_exec_run(exec, &(px_step){.seed = 5, .step = 1}, NULL), PIXCL_OK);
}

static float *values_of(px_exec *exec, const px_graph *graph, px_node node, double *largest)
{
    const size_t count = px_shape_count(graph->nodes[node].shape);
    float *values = px_calloc(count, sizeof *values, NULL);
    assert_int_equal(px_exec_read(exec, node, values, NULL), PIXCL_OK);
    *largest = 0;
    for (size_t e = 0; e < count; e++)
        *largest = fmax(*largest, fabs(values[e]));
    return values;
}

static double largest_of_all(px_exec *exec, const px_graph *graph)
{
    double all = 0, one;
    for (size_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].output && graph->nodes[i].kind == PX_WEIGHT) {
            px_free(values_of(exec, graph, (px_node)i, &one));
            all = fmax(all, one);
        }
    return all;
}

static double compare(px_exec *got, px_exec *want, const px_graph *graph)
{
    const double noise = 1e-6 * largest_of_all(want, graph);
    double worst = 0;
    for (size_t i = 0; i < graph->count; i++) {
        double scale, unused;
        if (!graph->nodes[i].output)
            continue;
        float *expected = values_of(want, graph, (px_node)i, &scale),
              *values = values_of(got, graph, (px_node)i, &unused);
        for (size_t e = 0; e < px_shape_count(graph->nodes[i].shape); e++) {
            const double off = fabs((double)values[e] - expected[e]);
            if (!(off <= 2e-4 * scale + noise))
                fail_msg("%s[%zu] is %g, the reference has %g (largest %g)", graph->nodes[i].name, e, (double)values[e],
                         (double)expected[e], scale);
            worst = off > noise ? fmax(worst, (off - noise) / scale) : worst;
        }
        px_free(expected);
        px_free(values);
    }
    return worst;
}

static void check(const char *netG, px_norm_type norm, const px_target *target)
{
    px_training *t = build(netG, norm);
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(t->graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    for (size_t l = 0; l < plan->launch_count && target->conv == PX_ALGORITHM_DIRECT; l++) {
        const px_launch *launch = &plan->launches[l];
        if (strcmp(plan->programs[launch->program].kernel, "repack") == 0 &&
            plan->nodes[launch->node].op == PX_OP_CONV_WGRAD)
            fail_msg("%s: a gradient is brought into another layout", netG);
    }
    px_exec *exec = px_exec_create_opencl(device, plan, NULL, NULL, &err),
            *reference = px_exec_create_reference(t->graph, &err);
    if (!exec || !reference)
        fail_msg("%s", err.message);
    start(exec, t->graph);
    start(reference, t->graph);
    print_message("%s, block %d: %.1e\n", netG, target->block, compare(exec, reference, t->graph));
    px_exec_destroy(&exec);
    px_exec_destroy(&reference);
    px_plan_destroy(&plan);
    px_training_destroy(&t);
}

static void gradients_are_those_of_the_reference(void **state)
{
    px_target target = px_cl_target(device);

    (void)state;
    target.conv = PX_ALGORITHM_DIRECT;
    for (target.block = 1; target.block <= 16; target.block *= 4) {
        check("resnet_1blocks", PX_NORM_INSTANCE, &target);
        check("unet_16", PX_NORM_BATCH, &target);
    }
    target.conv = PX_ALGORITHM_GEMM;
    target.block = 1;
    check("resnet_1blocks", PX_NORM_BATCH, &target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradients_are_those_of_the_reference)};
    return cmocka_run_group_tests(tests, open_device, close_device);
}
