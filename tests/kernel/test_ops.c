/* Every op on a device against the reference executor: the cases of `pixcl check` under layouts and lowerings that
 * the device would not get by default, with memory that starts as NaN.
 *
 *     test_ops SET [PLATFORM]
 *
 * SET is what to run: "direct", "gemm" and "lanes" share the work between processors, "small" is for slow
 * implementations. Where the device is not of PLATFORM (a part of its name), all is skipped.
 *
 * Tolerance: that of ops.def, times sqrt(n) for sums of n terms, added up over the nodes that a result depends on;
 * src/measure/check_graph.c says why that is enough. Seen on PoCL: at most half of it, for tanh (1e-6, OpenCL grants
 * it 5 ulp); 0.3 for convolutions; 0.05 for whole training steps. Whole numbers must come out equal wherever float
 * holds every sum exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "measure/check_run.h"

static px_cl_device *device;

/* CLBlast's two kernels for large matrices, as if these were large. */
static px_gemm_kernel kernels[] = {{.row_major = false, .tile = 1}, {.row_major = true, .tile = 1}};

/* A target to plan for, and what to run there. */
typedef struct setup {
    px_device_class device_class;
    px_conv_algorithm conv;
    int block;
    bool no_fuse;
    int lanes;                      /* of a GPU's wave; 0: the class's usual */
    size_t column_slice, map_slice; /* px_target's; 0: the default */
    px_gemm_kernel *kernel;         /* in the forms that are best for this one; NULL: for CLBlast as it is */
    bool chunks;                    /* as small as the largest value, so that a stray access leaves its buffer */
    px_check_group group;
    const char *only; /* part of the cases' names */
    char name[96];
} setup;

static px_target target_of(const setup *s)
{
    px_target target = px_cl_target(device);
    target.device_class = s->device_class;
    target.conv = s->conv;
    target.sub_group = s->lanes;
    px_target_traits(&target);
    target.block = s->block;
    target.no_fuse = s->no_fuse;
    if (s->column_slice > 0)
        target.column_slice = s->column_slice;
    if (s->map_slice > 0)
        target.map_slice = s->map_slice;
    if (s->kernel) {
        target.gemm_scratch = px_gemm_kernel_scratch;
        target.user = s->kernel;
    }
    return target;
}

/* The smallest allocation that every value of the plan fits into. */
static size_t largest_buffer(const px_check_graph *cases, const px_target *target)
{
    size_t largest = 0;
    px_plan *plan = px_plan_create(cases->graph, target, NULL);
    assert_non_null(plan);
    for (size_t i = 0; i < plan->buffer_count; i++)
        largest = plan->buffers[i].elements > largest ? plan->buffers[i].elements : largest;
    const size_t unit = target->alignment > 256 ? target->alignment / sizeof(float) : 64;
    const size_t bytes = (largest + unit - 1) / unit * unit * sizeof(float), scratch = plan->gemm_scratch;
    px_plan_destroy(&plan);
    return bytes > scratch ? bytes : scratch;
}

/* What cases said. */
typedef struct tally {
    int rows, failed;
    char first[512];
} tally;

static void count_row(void *user, const pixcl_check_row *row)
{
    tally *t = user;
    t->rows++;
    if (row->passed)
        return;
    print_error("%s, %s: %s\n", row->name, row->lowering, row->message);
    if (t->failed++ == 0)
        snprintf(t->first, sizeof t->first, "%s, %s: %s", row->name, row->lowering, row->message);
}

static void agrees_with_the_reference(void **state)
{
    const setup *s = *state;
    px_target target = target_of(s);
    tally t = {.rows = 0};
    const px_check_listener listener = {&t, count_row};
    pixcl_error err = {0};
    if (s->chunks) {
        px_check_graph *cases = px_check_graph_create(s->group, s->only, 0, SIZE_MAX, &err);
        assert_non_null(cases);
        target.max_allocation = largest_buffer(cases, &target);
        px_check_graph_destroy(&cases);
    }
    if (px_check_group_run(device, &target, s->group, s->only, &listener, &err) != PIXCL_OK)
        fail_msg("%s: %s", s->name, err.message);
    if (t.failed)
        fail_msg("%s: %d of %d cases failed, first %s", s->name, t.failed, t.rows, t.first);
    assert_true(t.rows > 0);
}

/* All results of three steps; NULL when the plan cannot be made. */
static float *run_plan(const px_check_graph *cases, const px_target *target, size_t *chunks, pixcl_error *err)
{
    size_t count = px_check_value_count(cases);
    float *values = px_calloc(3 * count, sizeof *values, err);
    px_plan *plan = px_plan_create(cases->graph, target, err);
    if (!plan) {
        px_free(values);
        return NULL;
    }
    if (chunks)
        *chunks = plan->chunk_count;
    px_exec *exec = px_exec_create_opencl(device, plan, NULL, NULL, err);
    if (!exec)
        fail_msg("%s", err->message);
    for (int step = 1; step <= 3; step++) {
        assert_int_equal(px_check_step(cases, exec, PX_CHECK_REAL, step, err), PIXCL_OK);
        assert_int_equal(px_check_read(cases, exec, values + (size_t)(step - 1) * count, err), PIXCL_OK);
    }
    px_exec_destroy(&exec);
    px_plan_destroy(&plan);
    return values;
}

/* Another plan for the same arithmetic gives the same bits: where values lie and how launches are cut decides
 * nothing. */
static void expect_same_bits(const px_check_graph *cases, const px_target *target, const float *expected,
                             const char *what, size_t *chunks)
{
    pixcl_error err = {0};
    size_t count = px_check_value_count(cases);
    float *values = run_plan(cases, target, chunks, &err);
    if (!values)
        fail_msg("%s: %s", what, err.message);
    for (size_t i = 0; i < 3 * count; i++)
        if (memcmp(&values[i], &expected[i], sizeof *values) != 0)
            fail_msg("%s: value %zu of step %zu is %a, not %a", what, i % count, i / count + 1, (double)values[i],
                     (double)expected[i]);
    px_free(values);
}

static void plans_with_the_same_arithmetic_give_the_same_bits(void **state)
{
    const setup *s = *state;
    const px_target target = target_of(s);
    pixcl_error err = {0};
    px_check_graph *cases = px_check_graph_create(s->group, s->only, 0, SIZE_MAX, &err);
    assert_non_null(cases);
    size_t chunks = 0;
    float *expected = run_plan(cases, &target, NULL, &err);
    if (!expected)
        fail_msg("%s", err.message);
    expect_same_bits(cases, &target, expected, "the same plan again", NULL);
    px_target other = target;
    other.no_reuse = true;
    expect_same_bits(cases, &other, expected, "without reuse of memory", NULL);
    other = target;
    other.no_alias = true;
    expect_same_bits(cases, &other, expected, "without views", NULL);
    other = target;
    other.max_launch_flops = 1000;
    expect_same_bits(cases, &other, expected, "launches in pieces", NULL);
    if (s->conv != PX_ALGORITHM_WINOGRAD2) { /* its sums over a slice of channels are transformed, then added up */
        other = target;
        other.weight_slice = 1000;
        expect_same_bits(cases, &other, expected, "large weights in slices", NULL);
    }
    other = target;
    other.max_allocation = largest_buffer(cases, &target);
    expect_same_bits(cases, &other, expected, "several chunks", &chunks);
    assert_true(chunks > 1);
    px_free(expected);
    px_check_graph_destroy(&cases);
}

/* Whether the columns of a convolution, of each picture or of all, are cut into three slices or more, the last one
 * shorter. A product's work is in proportion to its slice. */
static bool is_cut_unevenly(const px_plan *plan, px_node node)
{
    double longest = 0;
    int gemms = 0, shorter = 0;
    for (size_t l = 0; l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        if (launch->node == node && launch->type == PX_LAUNCH_GEMM)
            longest = launch->flops > longest ? launch->flops : longest;
    }
    for (size_t l = 0; l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        if (launch->node != node || launch->type != PX_LAUNCH_GEMM)
            continue;
        gemms++;
        shorter += launch->flops < longest;
    }
    return shorter > 0 && gemms >= 3 * shorter;
}

/* That the cases with columns in slices are what they are for, whatever their shapes: conv, conv_t and conv_wgrad of
 * two pictures, with stride 1 and 2. */
static void columns_are_cut_unevenly(void **state)
{
    static const px_op ops[] = {PX_OP_CONV, PX_OP_CONV_T, PX_OP_CONV_WGRAD};
    const setup *s = *state;
    const px_target target = target_of(s);
    px_check_graph *cases = px_check_graph_create(s->group, NULL, 0, SIZE_MAX, NULL);
    assert_non_null(cases);
    px_plan *plan = px_plan_create(cases->graph, &target, NULL);
    assert_non_null(plan);
    for (int i = 0; i < 6; i++) {
        int found = 0, stride = 1 + i % 2;
        for (px_node n = 0; n < plan->node_count; n++) {
            const px_node_info *info = &plan->nodes[n];
            int pictures = info->op == ops[i / 2] ? plan->nodes[info->inputs[0]].shape.n : 0;
            found += pictures == 2 && info->attrs.stride == stride && is_cut_unevenly(plan, n);
        }
        if (found == 0)
            fail_msg("%s of stride %d is nowhere cut so", px_op_describe(ops[i / 2])->name, stride);
    }
    px_plan_destroy(&plan);
    px_check_graph_destroy(&cases);
}

/* That the cases with either kernel have products in every form: each matrix stored transposed and not. */
static void products_have_every_form(void **state)
{
    setup s = *(const setup *)*state;
    bool seen[2][2][2] = {{{false}}}, layouts[PX_WEIGHT_LAYOUTS] = {false}, columns_transposed = false;
    for (int k = 0; k < 2; k++) {
        s.kernel = &kernels[k];
        const px_target target = target_of(&s);
        px_check_graph *cases = px_check_graph_create(s.group, NULL, 0, SIZE_MAX, NULL);
        assert_non_null(cases);
        px_plan *plan = px_plan_create(cases->graph, &target, NULL);
        assert_non_null(plan);
        for (size_t l = 0; l < plan->launch_count; l++) {
            const px_launch *launch = &plan->launches[l];
            if (launch->type == PX_LAUNCH_GEMM)
                seen[launch->gemm.column_major][launch->gemm.transpose_a][launch->gemm.transpose_b] = true;
            else
                columns_transposed |= strcmp(launch->label, "im2col_transposed") == 0;
        }
        for (px_node i = 0; i < plan->node_count; i++)
            if (plan->nodes[i].op == PX_OP_VARIABLE && plan->nodes[i].kind == PX_WEIGHT)
                layouts[plan->values[i].layout] = true;
        px_plan_destroy(&plan);
        px_check_graph_destroy(&cases);
    }
    assert_true(seen[0][0][0] && seen[1][1][0]); /* those without copies */
    assert_true(layouts[PX_WEIGHT_PLAIN] && layouts[PX_WEIGHT_TRANSPOSED] && columns_transposed);
}

/* Of one variable: what was written comes back, in every layout that the planner gave it. */
static void expect_round_trip(px_exec *exec, px_exec *fresh, px_node node, px_shape shape)
{
    size_t count = px_shape_count(shape);
    float *written = px_calloc(count, sizeof *written, NULL), *read = px_calloc(count, sizeof *read, NULL);
    assert_true(written && read);
    assert_int_equal(px_exec_read(fresh, node, read, NULL), PIXCL_OK);
    for (size_t i = 0; i < count; i++)
        assert_true(read[i] == 0);
    px_rng rng = {.seed = 1, .stream = (uint64_t)node};
    for (size_t i = 0; i < count; i++)
        written[i] = px_rng_float(&rng);
    assert_int_equal(px_exec_write(exec, node, written, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, node, read, NULL), PIXCL_OK);
    assert_memory_equal(written, read, count * sizeof *read);
    px_free(written);
    px_free(read);
}

static void variables_start_as_zeros_and_come_back_as_written(void **state)
{
    const setup *s = *state;
    const px_target target = target_of(s);
    pixcl_error err = {0};
    px_check_graph *cases = px_check_graph_create(s->group, s->only, 0, SIZE_MAX, &err);
    assert_non_null(cases);
    px_plan *plan = px_plan_create(cases->graph, &target, &err);
    assert_non_null(plan);
    px_exec *exec = px_exec_create_opencl(device, plan, NULL, NULL, &err),
            *fresh = px_exec_create_opencl(device, plan, NULL, NULL, &err);
    assert_true(exec && fresh);
    bool layouts[PX_WEIGHT_LAYOUTS] = {false};
    for (px_node i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].op == PX_OP_VARIABLE && plan->values[i].buffer >= 0) {
            expect_round_trip(exec, fresh, i, plan->nodes[i].shape);
            layouts[plan->values[i].layout] = true;
        }
    assert_true(layouts[PX_WEIGHT_AXIS0] && layouts[PX_WEIGHT_AXIS1]);
    px_exec_destroy(&exec);
    px_exec_destroy(&fresh);
    px_plan_destroy(&plan);
    px_check_graph_destroy(&cases);
}

/* The sets. */

enum { MOST = 64 };
typedef struct set {
    setup setups[MOST];
    struct CMUnitTest tests[MOST];
    size_t count;
} set;

static void add_test(set *all, CMUnitTestFunction function, const char *what, setup s)
{
    static const char *const classes[] = {"", " as on an integrated gpu", " as on a gpu", " as on an accelerator"};
    char slices[40] = "", lanes[24] = "";
    const char *kernel = s.kernel ? s.kernel->row_major ? ", GEMMK 1" : ", GEMMK 0" : "";
    assert_true(all->count < MOST);
    if (s.column_slice > 0 || s.map_slice > 0)
        snprintf(slices, sizeof slices, ", %s by %zu", s.map_slice > 0 ? "maps" : "columns",
                 s.column_slice + s.map_slice);
    if (s.lanes > 0)
        snprintf(lanes, sizeof lanes, ", %d lanes", s.lanes);
    setup *kept = &all->setups[all->count];
    *kept = s;
    snprintf(kept->name, sizeof kept->name, "%s: %s, %s, block %d%s%s%s%s%s", what, px_check_group_name(s.group),
             px_conv_algorithm_name(s.conv), s.block, s.no_fuse ? ", not fused" : "", slices, lanes, kernel,
             s.device_class == device->device_class ? "" : classes[s.device_class]);
    all->tests[all->count++] = (struct CMUnitTest){.name = kept->name, .test_func = function, .initial_state = kept};
}

static void add_ops(set *all, px_device_class device_class, px_conv_algorithm conv, int block, bool no_fuse,
                    px_check_group first, px_check_group last)
{
    for (px_check_group group = first; group <= last; group++)
        add_test(
            all, agrees_with_the_reference, "ops",
            (setup){.device_class = device_class, .conv = conv, .block = block, .no_fuse = no_fuse, .group = group});
}

static void add_direct(set *all)
{
    static const px_check_group placed[] = {PX_CHECK_TRAINING, PX_CHECK_MOVE};
    const px_device_class here = device->device_class;
    for (int block = 16; block >= 1; block /= 4)
        add_ops(all, here, PX_ALGORITHM_DIRECT, block, false, PX_CHECK_CONV,
                block == 4 ? PX_CHECK_CONV : PX_CHECK_TRAINING);
    add_ops(all, here, PX_ALGORITHM_WINOGRAD, 16, false, PX_CHECK_CONV, PX_CHECK_TRAINING);
    add_ops(all, PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_WINOGRAD, 16, false, PX_CHECK_CONV, PX_CHECK_CONV);
    setup s = {.device_class = PX_DEVICE_CPU, .conv = PX_ALGORITHM_WINOGRAD2, .block = 16};
    for (int i = 0; i < 4; i++) { /* whole maps, and a few rows of tiles at a time */
        s.group = i % 2 == 0 ? PX_CHECK_CONV : PX_CHECK_TRAINING;
        s.map_slice = i < 2 ? 0 : 16384;
        add_test(all, agrees_with_the_reference, "ops", s);
    }
    add_test(all, plans_with_the_same_arithmetic_give_the_same_bits, "bits", s);
    for (size_t i = 0; i < sizeof placed / sizeof placed[0]; i++)
        add_test(all, plans_with_the_same_arithmetic_give_the_same_bits, "bits",
                 (setup){.device_class = here, .conv = PX_ALGORITHM_WINOGRAD, .block = 16, .group = placed[i]});
    add_test(all, variables_start_as_zeros_and_come_back_as_written, "variables",
             (setup){.device_class = here, .conv = PX_ALGORITHM_DIRECT, .block = 4, .group = PX_CHECK_TRAINING});
}

/* Slices of a few pixels, and of 64: with as many channels as most cases have, and with three. */
static void add_slices(set *all)
{
    static const size_t slices[] = {2250, 3600};
    for (int i = 0; i < 4; i++) {
        setup s = {.device_class = i < 2 ? device->device_class : PX_DEVICE_GPU_DISCRETE,
                   .conv = PX_ALGORITHM_GEMM,
                   .block = i < 2 ? 16 : 1,
                   .column_slice = slices[i % 2],
                   .kernel = &kernels[i % 2]};
        for (s.group = PX_CHECK_CONV; s.group <= PX_CHECK_TRAINING; s.group++)
            add_test(all, agrees_with_the_reference, "ops", s);
        s.group = PX_CHECK_CONV;
        if (i % 2 == 0)
            add_test(all, columns_are_cut_unevenly, "slices", s);
    }
}

/* What a GPU gets for its waves; and one tap at a time where a row of taps is usual. Waves of 16 lanes have all tests,
 * of 32 and 64 lanes those that can differ: these take a minute of compiling each. */
static void add_lanes(set *all)
{
    static const int lanes[] = {16, 32, 64};
    for (size_t i = 0; i < sizeof lanes / sizeof lanes[0]; i++) {
        setup s = {.device_class = PX_DEVICE_GPU_INTEGRATED, .block = 16, .lanes = lanes[i]};
        for (s.group = PX_CHECK_CONV; s.group <= (i < 2 ? PX_CHECK_TRAINING : PX_CHECK_CONV); s.group++)
            add_test(all, agrees_with_the_reference, "ops", s);
        s.group = PX_CHECK_TRAINING;
        if (i == 0)
            add_test(all, plans_with_the_same_arithmetic_give_the_same_bits, "bits", s);
    }
    add_ops(all, PX_DEVICE_GPU_INTEGRATED, PX_ALGORITHM_LANE, 16, true, PX_CHECK_CONV, PX_CHECK_TRAINING);
    add_ops(all, PX_DEVICE_GPU_INTEGRATED, PX_ALGORITHM_WINOGRAD, 16, false, PX_CHECK_TRAINING, PX_CHECK_TRAINING);
}

static void add_gemm(set *all)
{
    const px_device_class here = device->device_class;
    for (int block = 16; block >= 1; block /= 4)
        add_ops(all, here, PX_ALGORITHM_GEMM, block, false, PX_CHECK_CONV, PX_CHECK_GROUP_COUNT - 1);
    add_ops(all, PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_GEMM, 1, false, PX_CHECK_CONV, PX_CHECK_GROUP_COUNT - 1);
    add_ops(all, here, PX_ALGORITHM_WINOGRAD, 16, true, PX_CHECK_CONV, PX_CHECK_TRAINING);
    add_ops(all, here, PX_ALGORITHM_GEMM, 16, true, PX_CHECK_POINTWISE, PX_CHECK_EFFECT);
    add_test(all, plans_with_the_same_arithmetic_give_the_same_bits, "bits",
             (setup){.device_class = here, .conv = PX_ALGORITHM_GEMM, .block = 4, .group = PX_CHECK_TRAINING});
    setup s = {.device_class = here, .conv = PX_ALGORITHM_GEMM, .block = 16, .group = PX_CHECK_CONV};
    add_test(all, products_have_every_form, "forms", s);
    for (int i = 0; i < 4; i++) {
        s.block = i < 2 ? 16 : 1;
        s.kernel = &kernels[i % 2];
        add_test(all, agrees_with_the_reference, "ops", s);
    }
    s.block = 4;
    s.group = PX_CHECK_TRAINING;
    add_test(all, plans_with_the_same_arithmetic_give_the_same_bits, "bits", s);
    add_slices(all);
}

/* A shape or two for every kernel, small enough for an interpreter. */
static void add_small(set *all)
{
    static const struct {
        px_check_group group;
        const char *only;
    } few[] = {
        {PX_CHECK_CONV, "(2,3,7,5)"},      {PX_CHECK_CONV, "(1,16,5,4) 3"},   {PX_CHECK_CONV, "(2,5,4,3)"},
        {PX_CHECK_CONV, "(1,16,8,8)"},

        {PX_CHECK_CONV, "(1,16,8,8)"},     {PX_CHECK_TRAINING, "(2,3,7,5)"},  {PX_CHECK_TRAINING, "batch norm"},
        {PX_CHECK_POINTWISE, "(1,6,4,3)"}, {PX_CHECK_POINTWISE, "(2,3,5,7)"}, {PX_CHECK_NORM, "(1,6,4,3)"},
        {PX_CHECK_NORM, "(2,3,5,7)"},      {PX_CHECK_LOSS, "(1,1,1,1)"},      {PX_CHECK_LOSS, "(2,3,4,4)"},
        {PX_CHECK_MOVE, "(2,3,5,4)"},      {PX_CHECK_MOVE, "(1,6,4,3)"},      {PX_CHECK_EFFECT, "(1,5,1,1)"},
        {PX_CHECK_EFFECT, "(2,12,5,3)"},   {PX_CHECK_MOVE, "pool_pick (6"},   {PX_CHECK_EFFECT, "pool_store (6"},
    };
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++) {
        setup s = {.device_class = device->device_class,
                   .conv = PX_ALGORITHM_WINOGRAD,
                   .block = 16,
                   .chunks = true,
                   .group = few[i].group,
                   .only = few[i].only};
        add_test(all, agrees_with_the_reference, few[i].only, s);
        s.device_class = PX_DEVICE_GPU_DISCRETE;
        s.conv = PX_ALGORITHM_GEMM;
        s.block = 4;
        add_test(all, agrees_with_the_reference, few[i].only, s);
    }
    static const struct {
        px_check_group group;
        const char *only;
    } waves[] = {{PX_CHECK_CONV, "conv_wgrad (2,3,7,5)"},
                 {PX_CHECK_CONV, "conv_wgrad (1,24,7,7)"},
                 {PX_CHECK_TRAINING, "training a first conv (2,16"},
                 {PX_CHECK_CONV, "conv (1,6,5,70)"},
                 {PX_CHECK_CONV, "conv_t (2,1,6,8)"},
                 {PX_CHECK_CONV, "conv (1,320,5,6)"},
                 {PX_CHECK_CONV, "conv_t (1,32,4,5)"},
                 {PX_CHECK_TRAINING, "of a padded picture (2,3,5,33)"},
                 {PX_CHECK_TRAINING, "of a padded picture (2,32,7,5)"}};
    for (size_t i = 0; i < sizeof waves / sizeof waves[0]; i++)
        add_test(all, agrees_with_the_reference, waves[i].only,
                 (setup){.device_class = PX_DEVICE_GPU_DISCRETE,
                         .block = 16,
                         .lanes = 32,
                         .chunks = true,
                         .group = waves[i].group,
                         .only = waves[i].only});
    add_test(all, agrees_with_the_reference, "(2,5,4,3)",
             (setup){.device_class = PX_DEVICE_GPU_DISCRETE,
                     .conv = PX_ALGORITHM_GEMM,
                     .block = 4,
                     .column_slice = 100,
                     .chunks = true,
                     .group = PX_CHECK_CONV,
                     .only = "(2,5,4,3)"});
}

int main(int argc, char **argv)
{
    static set all;
    pixcl_error err = {0};
    const char *name = argc > 1 ? argv[1] : "small", *platform = argc > 2 ? argv[2] : "";
    setenv("PIXCL_POISON", "1", 0);
    device = px_cl_device_open(NULL, false, &err);
    if (!device ? err.status == PIXCL_ERROR_NO_DEVICE && *platform : !strstr(device->platform_name, platform)) {
        print_message("skipped: no device of %s here\n", platform);
        px_cl_device_close(&device);
        return 77;
    }
    if (!device) {
        print_error("%s\n", err.message);
        return 1;
    }
    if (strcmp(name, "direct") == 0)
        add_direct(&all);
    else if (strcmp(name, "gemm") == 0)
        add_gemm(&all);
    else if (strcmp(name, "lanes") == 0)
        add_lanes(&all);
    else
        add_small(&all);
    int failed = _cmocka_run_group_tests(name, all.tests, all.count, NULL, NULL);
    px_cl_device_close(&device);
    return failed;
}
