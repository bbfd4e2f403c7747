/* The planner's memory without a device: random graphs whose values never meet in memory, chunks, limits, failing
 * allocations, what is never there twice, and that the plan's own check finds what it is there for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "plan/planner.h"
#include "random_graph.h"

enum { GRAPHS = 120, SIZE = 20 };

static px_target cpu(void)
{
    px_target target = {
        .device_class = PX_DEVICE_CPU, .block = 16, .max_allocation = (size_t)1 << 30, .memory = (size_t)1 << 32};
    px_target_traits(&target);
    return target;
}

/* A device whose GEMM copies what it does not get as it wants it. */
typedef struct gemm_model {
    px_gemm_kernel kernel;
    size_t asked;
} gemm_model;

static bool some_scratch(void *user, const px_gemm *gemm, const size_t offsets[3], size_t *bytes)
{
    gemm_model *model = user;
    model->asked++;
    return px_gemm_kernel_scratch(&model->kernel, gemm, offsets, bytes);
}

/* Lives of a buffer, from the launches' arguments alone. */
typedef struct life {
    bool used, persistent, kept;
    size_t first, last;
} life;

static life life_of(const px_plan *plan, size_t buffer)
{
    life l = {.persistent = plan->buffers[buffer].persistent, .kept = plan->buffers[buffer].kept};
    for (size_t i = 0; i < plan->launch_count; i++)
        for (int a = 0; a < plan->launches[i].arg_count; a++) {
            const px_arg *arg = &px_args_of(plan, &plan->launches[i])[a];
            if ((arg->type != PX_ARG_READ && arg->type != PX_ARG_WRITE) || arg->buffer != (int)buffer)
                continue;
            l.first = l.used ? l.first : i;
            l.last = i;
            l.used = true;
            assert_true(arg->offset < plan->buffers[buffer].elements);
        }
    if (l.persistent || l.kept)
        l.last = plan->launch_count;
    if (l.persistent)
        l.first = 0;
    return l;
}

/* Written apart from plan/check.c, so that one mistake is not made twice. */
static void expect_sound_memory(const px_plan *plan)
{
    life *lives = px_calloc(plan->buffer_count, sizeof *lives, NULL);
    size_t bytes = PX_STEP_WORDS * 4 + plan->gemm_scratch;
    for (size_t b = 0; b < plan->buffer_count; b++) {
        const px_buffer *x = &plan->buffers[b];
        lives[b] = life_of(plan, b);
        if (!lives[b].used)
            continue;
        assert_in_range(x->chunk, 0, plan->chunk_count - 1);
        assert_true(x->place + x->elements <= plan->chunks[x->chunk]);
        for (size_t a = 0; a < b; a++) {
            const px_buffer *y = &plan->buffers[a];
            bool at_once = lives[a].used && lives[a].first <= lives[b].last && lives[b].first <= lives[a].last;
            bool meet = x->chunk == y->chunk && x->place < y->place + y->elements && y->place < x->place + x->elements;
            if (at_once && meet)
                fail_msg("buffers %zu and %zu meet", a, b);
        }
    }
    for (size_t c = 0; c < plan->chunk_count; c++) {
        assert_true(plan->chunks[c] * 4 <= plan->target.max_allocation);
        bytes += plan->chunks[c] * 4;
    }
    for (px_node i = 0; i < plan->node_count; i++)
        if (px_uploads_ahead(plan, i))
            bytes += PX_UPLOADS_AHEAD * 4 * px_shape_count(plan->nodes[i].shape);
    assert_int_equal(plan->bytes, bytes);
    px_free(lives);
}

/* Every value that is in memory fits into its buffer, to its last element. */
static void expect_values_inside(const px_plan *plan)
{
    for (px_node i = 0; i < plan->node_count; i++) {
        const px_value *value = &plan->values[i];
        px_shape s = plan->nodes[i].shape;
        if (value->buffer < 0)
            continue;
        size_t end = plan->nodes[i].kind == PX_ACTIVATION
                         ? px_activation_index(s, value, s.n - 1, s.c - 1, s.h - 1, s.w - 1) + 1
                         : px_shape_count(s);
        assert_true(value->offset + end <= plan->buffers[value->buffer].elements);
    }
}

static px_target random_target(uint64_t seed, gemm_model *model)
{
    static const int blocks[] = {1, 2, 4, 8, 16};
    px_rng rng = {.seed = seed, .stream = 78};
    px_target target = cpu();
    target.device_class = (px_device_class)px_rng_below(&rng, 4);
    target.block = blocks[px_rng_below(&rng, 5)];
    target.conv = (px_conv_algorithm)px_rng_below(&rng, PX_ALGORITHM_COUNT);
    px_target_traits(&target);
    target.no_fuse = px_rng_below(&rng, 4) == 0;
    target.no_alias = px_rng_below(&rng, 4) == 0;
    target.no_reuse = px_rng_below(&rng, 4) == 0;
    target.max_launch_flops = px_rng_below(&rng, 2) ? 0 : 5000;
    target.column_slice = px_rng_below(&rng, 2) ? 0 : 500;
    target.alignment = px_rng_below(&rng, 3) ? 256 : 0;
    target.gemm_scratch = some_scratch;
    target.user = model;
    model->kernel = (px_gemm_kernel){.row_major = px_rng_below(&rng, 2), .tile = 1 + (size_t)px_rng_below(&rng, 4)};
    return target;
}

static size_t largest_buffer(const px_plan *plan)
{
    size_t largest = 0;
    for (size_t i = 0; i < plan->buffer_count; i++)
        largest = plan->buffers[i].elements > largest ? plan->buffers[i].elements : largest;
    const size_t bytes = (largest + 63) / 64 * 64 * sizeof(float);
    return bytes > plan->gemm_scratch ? bytes : plan->gemm_scratch;
}

static void values_never_meet(void **state)
{
    gemm_model model = {0};

    (void)state;
    for (uint64_t seed = 0; seed < GRAPHS; seed++) {
        random_graph r = random_graph_create(seed, SIZE);
        px_target target = random_target(seed, &model);
        pixcl_error err = {0};
        px_plan *plan = px_plan_create(r.graph, &target, &err);
        if (!plan)
            fail_msg("graph %d: %s", (int)seed, err.message);
        expect_sound_memory(plan);
        expect_values_inside(plan);
        target.max_allocation = largest_buffer(plan);
        size_t chunks = plan->chunk_count;
        px_plan_destroy(&plan);
        plan = px_plan_create(r.graph, &target, &err);
        if (!plan)
            fail_msg("graph %d in chunks: %s", (int)seed, err.message);
        assert_int_equal(chunks, 1);
        assert_true(plan->chunk_count > 1);
        expect_sound_memory(plan);
        px_plan_destroy(&plan);
        px_graph_destroy(&r.graph);
    }
    assert_true(model.asked > 0);
}

/* The same plan, whenever and wherever it is made: checkpoints of a run must go on with the same bits. */
static void plans_are_repeatable(void **state)
{
    const px_target target = cpu();

    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        random_graph r = random_graph_create(seed, SIZE);
        px_plan *a = px_plan_create(r.graph, &target, NULL), *b = px_plan_create(r.graph, &target, NULL);
        char *first = px_plan_dump(a, PX_DUMP_JSON, NULL, NULL), *second = px_plan_dump(b, PX_DUMP_JSON, NULL, NULL);
        assert_string_equal(first, second);
        px_free(first);
        px_free(second);
        px_plan_destroy(&a);
        px_plan_destroy(&b);
        px_graph_destroy(&r.graph);
    }
}

static void expect_refused(const px_graph *graph, const px_target *target, const char *part)
{
    pixcl_error err = {0};
    assert_null(px_plan_create(graph, target, &err));
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
    assert_non_null(strstr(err.message, "--crop_size")); /* a cure */
}

static void too_little_memory_is_said(void **state)
{
    random_graph r = random_graph_create(3, SIZE);
    px_target target = cpu();
    px_plan *plan = px_plan_create(r.graph, &target, NULL);
    size_t bytes = plan->bytes, largest = largest_buffer(plan);

    (void)state;
    px_plan_destroy(&plan);
    target.memory = bytes - 1;
    expect_refused(r.graph, &target, "of device memory");
    target.memory = bytes;
    plan = px_plan_create(r.graph, &target, NULL);
    assert_non_null(plan);
    px_plan_destroy(&plan);
    target.max_allocation = largest - 4;
    expect_refused(r.graph, &target, "largest allocation");
    target.max_allocation = 0;
    expect_refused(r.graph, &target, "largest allocation");
    px_graph_destroy(&r.graph);
}

static void a_failing_allocation_is_an_error_and_leaks_nothing(void **state)
{
    random_graph r = random_graph_create(8, 8);
    px_target target = cpu();
    px_plan *plan = NULL;
    long n = 0;

    (void)state;
    target.conv = PX_ALGORITHM_GEMM;
    while (!plan) {
        pixcl_error err = {0};
        px_fail_allocation(++n);
        plan = px_plan_create(r.graph, &target, &err);
        px_fail_allocation(0);
        if (!plan && err.status != PIXCL_ERROR_MEMORY)
            fail_msg("allocation %ld: status %d, \"%s\"", n, (int)err.status, err.message);
        if (!plan)
            assert_true(*err.message);
    }
    assert_true(n > 50);
    px_plan_destroy(&plan);
    px_graph_destroy(&r.graph);
}

/* Two convolutions trained by Adam, the second with 128 x 128 x 4 x 4 weights and used `times` times. */
enum { WEIGHTS = 128 * 128 * 4 * 4 };

static px_graph *two_convolutions(int times)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node weights[2] = {px_variable(graph, PX_WEIGHT, (px_shape){128, 16, 4, 4}, "first", false),
                          px_variable(graph, PX_WEIGHT, (px_shape){128, 128, 4, 4}, "second", false)};
    px_node loss = PX_NONE, gradients[2];
    for (int i = 0; i < times; i++) {
        px_node x = px_input(graph, (px_shape){1, 16, 16, 16}, i ? "b" : "a");
        px_node y = px_conv(graph, px_conv(graph, x, weights[0], 2, 1), weights[1], 2, 1);
        px_node part = px_mse(graph, y, 0.5f);
        loss = i ? px_add(graph, loss, part) : part;
    }
    px_graph_gradients(graph, loss, weights, 2, gradients);
    px_adam_optimiser(graph, 0.5, 0.999, 1e-8);
    for (int i = 0; i < 2; i++) {
        px_shape shape = graph->nodes[weights[i]].shape;
        px_node m = px_variable(graph, PX_WEIGHT, shape, i ? "second.m" : "first.m", true);
        px_adam(graph, weights[i], gradients[i], m,
                px_variable(graph, PX_WEIGHT, shape, i ? "second.v" : "first.v", true), 0);
    }
    assert_int_equal(px_graph_check(graph, NULL), PIXCL_OK);
    return graph;
}

static int count_launches(const px_plan *plan, const char *label)
{
    int count = 0;
    for (size_t i = 0; i < plan->launch_count; i++)
        count += strncmp(plan->launches[i].label, label, strlen(label)) == 0;
    return count;
}

static void large_weights_are_never_doubled_as_a_whole(void **state)
{
    px_graph *graph = two_convolutions(1);
    px_target target = cpu();
    px_plan *whole = px_plan_create(graph, &target, NULL);
    target.weight_slice = WEIGHTS / 2;
    px_plan *sliced = px_plan_create(graph, &target, NULL);

    (void)state;
    assert_true(whole && sliced);
    assert_int_equal(count_launches(whole, "repack"), 1);
    assert_int_equal(count_launches(whole, "adam second"), 1);
    assert_int_equal(count_launches(sliced, "repack"), 2);
    assert_int_equal(count_launches(sliced, "adam second"), 2);
    assert_int_equal(count_launches(sliced, "adam first"), 1);
    assert_true(sliced->bytes + 4 * WEIGHTS / 2 <= whole->bytes);
    assert_true(sliced->bytes < 4 * (3 * WEIGHTS + WEIGHTS));
    px_plan_destroy(&whole);
    px_plan_destroy(&sliced);
    px_graph_destroy(&graph);
}

static void a_second_gradient_is_added_to_the_first_where_that_lies(void **state)
{
    px_graph *graph = two_convolutions(2);
    px_target target = cpu();
    px_plan *plan = px_plan_create(graph, &target, NULL);

    (void)state;
    assert_non_null(plan);
    assert_int_equal(count_launches(plan, "conv_wgrad"), 4);
    assert_int_equal(count_launches(plan, "add"), 0);
    target.no_fuse = true;
    px_plan *apart = px_plan_create(graph, &target, NULL);
    assert_non_null(apart);
    assert_int_equal(count_launches(apart, "add"), 2);
    assert_true(plan->bytes + 4 * WEIGHTS / 2 <= apart->bytes);
    px_plan_destroy(&plan);
    px_plan_destroy(&apart);
    px_graph_destroy(&graph);
}

/* A ResNet's last convolution with its gradients towards weights and picture, by matrix products: columns of 51 MB. */
enum { COLUMNS = 64 * 7 * 7 * 64 * 64 };

static px_graph *wide_convolution(void)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    px_node sources[2] = {px_variable(graph, PX_ACTIVATION, (px_shape){1, 64, 64, 64}, "x", false),
                          px_variable(graph, PX_WEIGHT, (px_shape){3, 64, 7, 7}, "w", false)};
    px_node gradients[2];
    px_node loss = px_mse(graph, px_conv(graph, sources[0], sources[1], 1, 3), 0.5f);
    px_graph_gradients(graph, loss, sources, 2, gradients);
    px_graph_output(graph, gradients[0], "x.grad");
    px_graph_output(graph, gradients[1], "w.grad");
    assert_int_equal(px_graph_check(graph, NULL), PIXCL_OK);
    return graph;
}

static px_target gemm(void)
{
    px_target target = cpu();
    target.conv = PX_ALGORITHM_GEMM;
    target.block = 1;
    return target;
}

static void large_columns_are_never_there_as_a_whole(void **state)
{
    px_graph *graph = wide_convolution();
    px_target target = gemm();
    px_plan *whole = px_plan_create(graph, &target, NULL);
    target.column_slice = COLUMNS / 5;
    px_plan *sliced = px_plan_create(graph, &target, NULL);

    (void)state;
    assert_true(whole && sliced);
    assert_int_equal(count_launches(whole, "im2col"), 2);
    assert_int_equal(count_launches(whole, "col2im"), 1);
    assert_int_equal(count_launches(sliced, "im2col"), 2 * 6); /* of 704 pixels, where 819 would fit */
    assert_int_equal(count_launches(sliced, "col2im"), 6);     /* of 11 channels, where 12 would fit */
    assert_int_equal(count_launches(sliced, "gemm"), 3 * 6);
    assert_true(largest_buffer(sliced) <= 4 * (COLUMNS / 5));
    assert_true(sliced->bytes + 4 * (COLUMNS - COLUMNS / 5) <= whole->bytes);
    expect_sound_memory(sliced);
    px_plan_destroy(&whole);
    px_plan_destroy(&sliced);
    px_graph_destroy(&graph);
}

static void columns_that_fit_are_left_whole(void **state)
{
    px_graph *graph = wide_convolution();
    px_target target = gemm();
    px_plan *whole = px_plan_create(graph, &target, NULL);
    target.column_slice = COLUMNS;
    px_plan *fitting = px_plan_create(graph, &target, NULL);
    target.column_slice = COLUMNS - 1;
    px_plan *sliced = px_plan_create(graph, &target, NULL);

    (void)state;
    char *first = px_plan_dump(whole, PX_DUMP_TEXT, NULL, NULL),
         *second = px_plan_dump(fitting, PX_DUMP_TEXT, NULL, NULL);
    assert_true(first && second && sliced);
    assert_string_equal(first, second);
    assert_int_equal(count_launches(sliced, "gemm"), 3 * 2);
    px_free(first);
    px_free(second);
    px_plan_destroy(&whole);
    px_plan_destroy(&fitting);
    px_plan_destroy(&sliced);
    px_graph_destroy(&graph);
}

/* A product is as many multiply-adds as its columns have elements, times the channels of the small map: three. */
static void long_products_are_cut_like_large_columns(void **state)
{
    px_graph *graph = wide_convolution();
    px_target target = gemm();
    target.column_slice = COLUMNS / 5;
    px_plan *by_size = px_plan_create(graph, &target, NULL);
    target.max_gemm_flops = 2.0 * 3 * COLUMNS;
    px_plan *neither = px_plan_create(graph, &target, NULL);
    target.column_slice = COLUMNS;
    target.max_gemm_flops /= 5;
    px_plan *by_time = px_plan_create(graph, &target, NULL);

    (void)state;
    assert_true(by_size && neither && by_time);
    char *texts[] = {px_plan_dump(by_size, PX_DUMP_TEXT, NULL, NULL), px_plan_dump(neither, PX_DUMP_TEXT, NULL, NULL),
                     px_plan_dump(by_time, PX_DUMP_TEXT, NULL, NULL)};
    assert_string_equal(texts[0], texts[1]);
    assert_string_equal(texts[0], texts[2]);
    for (size_t l = 0; l < by_time->launch_count; l++)
        assert_true(by_time->launches[l].type != PX_LAUNCH_GEMM || by_time->launches[l].flops <= target.max_gemm_flops);
    for (int i = 0; i < 3; i++)
        px_free(texts[i]);
    px_plan_destroy(&by_size);
    px_plan_destroy(&neither);
    px_plan_destroy(&by_time);
    px_graph_destroy(&graph);
}

static bool scratch_of_user(void *user, const px_gemm *gemm, const size_t offsets[3], size_t *bytes)
{
    (void)gemm;
    (void)offsets;
    *bytes = *(const size_t *)user;
    return *bytes != SIZE_MAX;
}

/* CLBlast's scratch memory is one allocation, too, and counted in int. */
static void too_much_scratch_is_said(void **state)
{
    static const size_t limits[] = {(size_t)1 << 21, (size_t)1 << 40};
    px_graph *graph = wide_convolution();
    size_t scratch;

    (void)state;
    for (int i = 0; i < 2; i++) {
        px_target target = gemm();
        target.gemm_scratch = scratch_of_user;
        target.user = &scratch;
        target.column_slice = 10000;
        target.max_allocation = limits[i];
        target.memory = (size_t)1 << 40;
        scratch = i ? 4 * (size_t)INT32_MAX : target.max_allocation;
        px_plan *plan = px_plan_create(graph, &target, NULL);
        assert_non_null(plan);
        assert_int_equal(plan->gemm_scratch, scratch);
        px_plan_destroy(&plan);
        scratch++;
        expect_refused(graph, &target, "scratch memory");
        scratch = SIZE_MAX;
        pixcl_error err = {0};
        assert_null(px_plan_create(graph, &target, &err));
        assert_int_equal(err.status, PIXCL_ERROR_DEVICE);
        assert_non_null(strstr(err.message, "CLBlast does not tell how much memory it needs"));
    }
    px_graph_destroy(&graph);
}

/* A planner with a plan of two buffers and two launches, for the check pass. */
typedef struct staged {
    px_plan plan;
    px_target target;
    px_buffer buffers[2];
    px_launch launches[2];
    px_arg args[3];
    size_t chunks[1];
    pixcl_error err;
} staged;

static px_planner stage(staged *s)
{
    memset(s, 0, sizeof *s);
    s->target = cpu();
    s->chunks[0] = 192;
    s->buffers[0] = (px_buffer){.elements = 64, .first = 0, .last = 1};
    s->buffers[1] = (px_buffer){.elements = 64, .first = 1, .last = 2, .place = 64};
    s->args[0] = (px_arg){.type = PX_ARG_WRITE, .buffer = 0};
    s->args[1] = (px_arg){.type = PX_ARG_READ, .buffer = 0};
    s->args[2] = (px_arg){.type = PX_ARG_WRITE, .buffer = 1};
    s->launches[0] = (px_launch){.first_arg = 0, .arg_count = 1};
    s->launches[1] = (px_launch){.first_arg = 1, .arg_count = 2};
    s->plan = (px_plan){.target = s->target,
                        .buffers = s->buffers,
                        .buffer_count = 2,
                        .launches = s->launches,
                        .launch_count = 2,
                        .args = s->args,
                        .arg_count = 3,
                        .chunks = s->chunks,
                        .chunk_count = 1};
    return (px_planner){.plan = &s->plan, .target = &s->target, .err = &s->err};
}

static void expect_found(staged *s, const px_planner *p, const char *part)
{
    px_planner planner = *p;
    assert_int_equal(px_pass_check(&planner), PIXCL_ERROR_INTERNAL);
    if (!strstr(s->err.message, part))
        fail_msg("\"%s\" does not say \"%s\"", s->err.message, part);
}

static void the_check_finds_defects(void **state)
{
    staged s;
    px_planner p = stage(&s);

    (void)state;
    assert_int_equal(px_pass_check(&p), PIXCL_OK);
    s.buffers[1].place = 60;
    expect_found(&s, &p, "share memory");
    s.buffers[1].first = 2; /* no more at the same time */
    assert_int_equal(px_pass_check(&p), PIXCL_OK);
    p = stage(&s);
    s.buffers[1].place = 150;
    expect_found(&s, &p, "ends outside its chunk");
    p = stage(&s);
    s.args[1].buffer = 1;
    expect_found(&s, &p, "before it is written");
}

/* Three values of 2^30 elements, on a device that has room for them in one piece: CLBlast counts elements in int. */
static void chunks_stay_below_what_an_int_counts(void **state)
{
    px_target target = cpu();
    pixcl_error err = {0};

    (void)state;
    target.max_allocation = (size_t)1 << 36;
    target.memory = (size_t)1 << 40;
    px_graph *graph = px_graph_create(NULL);
    px_node x = px_input(graph, (px_shape){1, 16, 8192, 8192}, "x");
    px_graph_output(graph, px_scale(graph, x, 2), "y");
    px_graph_output(graph, px_scale(graph, x, 3), "z");
    px_plan *plan = px_plan_create(graph, &target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    assert_true(plan->chunk_count > 1);
    for (size_t i = 0; i < plan->chunk_count; i++)
        assert_true(plan->chunks[i] <= INT32_MAX);
    px_plan_destroy(&plan);
    px_graph_destroy(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_never_meet),
        cmocka_unit_test(plans_are_repeatable),
        cmocka_unit_test(chunks_stay_below_what_an_int_counts),
        cmocka_unit_test(too_little_memory_is_said),
        cmocka_unit_test(a_failing_allocation_is_an_error_and_leaks_nothing),
        cmocka_unit_test(large_weights_are_never_doubled_as_a_whole),
        cmocka_unit_test(a_second_gradient_is_added_to_the_first_where_that_lies),
        cmocka_unit_test(large_columns_are_never_there_as_a_whole),
        cmocka_unit_test(columns_that_fit_are_left_whole),
        cmocka_unit_test(long_products_are_cut_like_large_columns),
        cmocka_unit_test(too_much_scratch_is_said),
        cmocka_unit_test(the_check_finds_defects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
