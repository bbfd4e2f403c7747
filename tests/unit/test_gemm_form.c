/* The form of a convolution's products: on a device that copies what it does not get as it wants it, each large product
 * of even sizes is one kernel, unless what it reads would have to be copied first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "graph/build.h"
#include "plan/planner.h"

enum { LARGE = 32, SMALL = 64, SIDE = 16, ALIGNMENT = 512 };

static int pictures;
static px_gemm_kernel kernel = {.tile = 64};
static size_t asked_offsets; /* that were not 0 in the last plan */

static bool scratch(void *user, const px_gemm *gemm, const size_t offsets[3], size_t *bytes)
{
    asked_offsets += (offsets[0] > 1) + (offsets[1] > 1) + (offsets[2] > 1);
    return px_gemm_kernel_scratch(user, gemm, offsets, bytes);
}

static px_target target_of(int block)
{
    px_target target = {.device_class = PX_DEVICE_GPU_DISCRETE,
                        .conv = PX_ALGORITHM_GEMM,
                        .block = block,
                        .alignment = ALIGNMENT,
                        .max_allocation = (size_t)1 << 30,
                        .memory = (size_t)1 << 32,
                        .gemm_scratch = scratch,
                        .user = &kernel};
    px_target_traits(&target);
    return target;
}

/* A convolution from the large map to the small one (or back), and the gradient of its weights; of pictures of
 * (side, side) and (side/2, side/2). */
static px_graph *graph_of(px_op op, int side, bool gradient)
{
    const int half = side / 2;
    px_graph *graph = px_graph_create(NULL);
    px_node large = px_input(graph, (px_shape){pictures, LARGE, side, side}, "large");
    px_node small = px_input(graph, (px_shape){pictures, SMALL, half, half}, "small");
    px_node w = px_variable(graph, PX_WEIGHT, (px_shape){SMALL, LARGE, 4, 4}, "w", false);
    px_node y = op == PX_OP_CONV ? px_conv(graph, large, w, 2, 1) : px_conv_t(graph, small, w, 2, 1, 0);
    px_graph_output(graph, y, "y");
    if (gradient)
        px_graph_output(graph, px_conv_wgrad(graph, large, small, 4, 2, 1), "dw");
    assert_int_equal(px_graph_check(graph, NULL), PIXCL_OK);
    return graph;
}

static px_plan *plan_of(px_op op, int side, bool gradient, const px_target *target)
{
    pixcl_error err = {0};
    px_graph *graph = graph_of(op, side, gradient);
    asked_offsets = 0;
    px_plan *plan = px_plan_create(graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    px_graph_destroy(&graph);
    return plan;
}

/* Launches as "kernel kernel ..", GEMMs as "gemm", with '*' where CLBlast copies and '?' where it gets offsets instead
 * of buffers that begin with its matrices. */
static void expect(const px_plan *plan, const char *launches)
{
    px_text text = {0};
    for (size_t l = 0; l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        const bool gemm = launch->type == PX_LAUNCH_GEMM;
        size_t bytes = 0;
        if (gemm)
            px_gemm_kernel_scratch(&kernel, &launch->gemm, (const size_t[3]){0, 0, 0}, &bytes);
        px_text_add(&text, "%s%.*s%s%s", l ? " " : "", (int)strcspn(launch->label, " "), launch->label,
                    bytes ? "*" : "", gemm && !launch->gemm.sub_buffers ? "?" : "");
        if (gemm)
            assert_true(launch->bytes == 2.0 * (double)bytes + 4.0 * ((double)launch->gemm.m * launch->gemm.k +
                                                                      (double)launch->gemm.k * launch->gemm.n +
                                                                      (double)launch->gemm.m * launch->gemm.n));
    }
    char *all = px_text_take(&text, NULL);
    assert_string_equal(all, launches);
    px_free(all);
}

static px_node weight_of(const px_plan *plan)
{
    px_node w = 0;
    while (plan->nodes[w].op != PX_OP_VARIABLE)
        w++;
    return w;
}

/* Plans a convolution, with block 1 and with block 16, for so many pictures on a device of that GEMMK. */
static void expect_forward(int k, int n, px_op op, px_weight_layout layout, const char *plain, const char *blocks)
{
    kernel.row_major = k == 1;
    pictures = n;
    for (int i = 0; i < 2; i++) {
        const px_target target = target_of(i ? 16 : 1);
        px_plan *plan = plan_of(op, SIDE, false, &target);
        assert_int_equal(plan->values[weight_of(plan)].layout, layout);
        expect(plan, i ? blocks : plain);
        assert_int_equal(plan->gemm_scratch, 0);
        assert_int_equal(asked_offsets, 0);
        px_plan_destroy(&plan);
    }
}

static void a_convolution_is_a_product_without_copies(void **state)
{
    (void)state;
    expect_forward(0, 1, PX_OP_CONV, PX_WEIGHT_TRANSPOSED, "im2col gemm", "im2col gemm copy");
    expect_forward(1, 1, PX_OP_CONV, PX_WEIGHT_PLAIN, "im2col gemm", "im2col gemm copy");
    expect_forward(0, 1, PX_OP_CONV_T, PX_WEIGHT_PLAIN, "gemm col2im", "copy gemm col2im");
    expect_forward(1, 1, PX_OP_CONV_T, PX_WEIGHT_TRANSPOSED, "gemm col2im", "copy gemm col2im");
}

static void all_pictures_are_one_product_where_weights_are_larger(void **state)
{
    (void)state;
    expect_forward(0, 2, PX_OP_CONV, PX_WEIGHT_TRANSPOSED, "im2col gemm copy", "im2col gemm copy");
    expect_forward(1, 2, PX_OP_CONV, PX_WEIGHT_TRANSPOSED, "im2col_transposed gemm copy",
                   "im2col_transposed gemm copy");
    expect_forward(0, 2, PX_OP_CONV_T, PX_WEIGHT_PLAIN, "gemm col2im gemm col2im", "copy gemm col2im copy gemm col2im");
}

/* Of the weights of a conv or of a conv_t, whose forward pass decides how they are stored. */
static void expect_gradient(int k, int n, px_op op, const char *plain, const char *blocks)
{
    kernel.row_major = k == 1;
    pictures = n;
    for (int i = 0; i < 2; i++) {
        const px_target target = target_of(i ? 16 : 1);
        px_plan *plan = plan_of(op, SIDE, true, &target);
        px_node dw = 0;
        while (plan->nodes[dw].op != PX_OP_CONV_WGRAD)
            dw++;
        px_plan_keep_only(plan, dw);
        expect(plan, i ? blocks : plain);
        px_plan_destroy(&plan);
    }
}

static void a_gradient_is_one_too_but_for_a_transposition(void **state)
{
    (void)state;
    /* The small map with its channels last would be a copy in one launch, and CLBlast's is one, too. */
    expect_gradient(0, 1, PX_OP_CONV, "im2col_transposed gemm*", "copy im2col_transposed gemm");
    expect_gradient(0, 1, PX_OP_CONV_T, "im2col_transposed gemm*", "copy im2col_transposed gemm");
    expect_gradient(0, 2, PX_OP_CONV, "copy im2col_transposed gemm", "copy im2col_transposed gemm");
    expect_gradient(1, 1, PX_OP_CONV, "im2col_transposed gemm", "copy im2col_transposed gemm");
    expect_gradient(1, 1, PX_OP_CONV_T, "im2col gemm*", "copy im2col gemm");
    expect_gradient(1, 2, PX_OP_CONV, "copy im2col gemm", "copy im2col gemm");
}

static const px_launch *product_of(const px_plan *plan)
{
    const px_launch *found = NULL;
    for (size_t l = 0; l < plan->launch_count; l++)
        found = plan->launches[l].type == PX_LAUNCH_GEMM ? &plan->launches[l] : found;
    assert_non_null(found);
    return found;
}

/* Without sub-buffers each matrix is somewhere in a large buffer, and CLBlast copies all three. */
static void without_sub_buffers_everything_is_copied(void **state)
{
    (void)state;
    kernel.row_major = false;
    pictures = 1;
    px_target target = target_of(1);
    target.alignment = 0;
    px_plan *plan = plan_of(PX_OP_CONV_T, SIDE, false, &target);
    const px_gemm *gemm = &product_of(plan)->gemm;
    assert_false(gemm->sub_buffers);
    assert_int_equal(gemm->copies, 3);
    assert_int_equal(gemm->scratch, 4 * (gemm->m * gemm->k + gemm->k * gemm->n + gemm->m * gemm->n));
    assert_int_equal(plan->gemm_scratch, gemm->scratch);
    px_plan_destroy(&plan);
}

/* A part of a value may begin where no sub-buffer can; values themselves never do. */
static void what_begins_between_sub_buffers_is_copied_alone(void **state)
{
    pixcl_error err = {0};
    const px_target target = target_of(1);

    (void)state;
    kernel.row_major = false;
    px_graph *graph = px_graph_create(NULL);
    px_node x = px_input(graph, (px_shape){1, SMALL + 1, SIDE / 2, SIDE / 2}, "x");
    px_node w = px_variable(graph, PX_WEIGHT, (px_shape){SMALL, LARGE, 4, 4}, "w", false);
    px_graph_output(graph, px_conv_t(graph, px_slice(graph, x, 1, SMALL), w, 2, 1, 0), "y");
    asked_offsets = 0;
    px_plan *plan = px_plan_create(graph, &target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    const px_gemm *gemm = &product_of(plan)->gemm;
    assert_true(gemm->sub_buffers);
    assert_true(asked_offsets > 0); /* 64 elements from the last multiple of the alignment */
    assert_int_equal(gemm->copies, 1);
    assert_int_equal(gemm->scratch, 4 * gemm->k * gemm->n);
    for (size_t b = 0; b < plan->buffer_count; b++)
        assert_int_equal(plan->buffers[b].place % (ALIGNMENT / sizeof(float)), 0);
    px_plan_destroy(&plan);
    px_graph_destroy(&graph);
}

/* The kernel for small products copies nothing, so that they are as they are written. */
static void small_products_are_as_written(void **state)
{
    (void)state;
    kernel.smallest = 4096;
    pictures = 1;
    const px_target target = target_of(1);
    px_plan *plan = plan_of(PX_OP_CONV, SIDE, false, &target);
    expect(plan, "im2col gemm?");
    assert_int_equal(plan->values[weight_of(plan)].layout, PX_WEIGHT_PLAIN);
    assert_false(product_of(plan)->gemm.column_major);
    assert_int_equal(product_of(plan)->gemm.copies, 0);
    px_plan_destroy(&plan);
    kernel.smallest = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolution_is_a_product_without_copies),
        cmocka_unit_test(all_pictures_are_one_product_where_weights_are_larger),
        cmocka_unit_test(a_gradient_is_one_too_but_for_a_transposition),
        cmocka_unit_test(without_sub_buffers_everything_is_copied),
        cmocka_unit_test(what_begins_between_sub_buffers_is_copied_alone),
        cmocka_unit_test(small_products_are_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
