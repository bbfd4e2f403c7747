/* Tuning on the default device: every cut computes right, wrong results do not win, and plans by a table of cuts agree
 * with the reference. Then on the same device as if it were an integrated GPU, where CLBlast's products compete.
 *
 * This program's own versions of two calls stand before the ICD loader's, and can make kernels seem slow. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "exec/opencl/tune.h"
#include "exec/opencl/tune_trial.h"
#include "exec/opencl/tuning_file.h"
#include "measure/check_run.h"
#include "plan/conv_method.h"

static px_cl_device *device;

/* The last kernels that are no CLBlast's and none around its products; slow: they seem to take a second longer. */
enum { MOST_OTHERS = 64 };
static bool slow;
static cl_event others[MOST_OTHERS];
static size_t other_count;

CL_API_ENTRY cl_int CL_API_CALL clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                                       const size_t *first, const size_t *global, const size_t *local,
                                                       cl_uint waits, const cl_event *wait, cl_event *event)
{
    static const char *const names[] = {"im2col", "col2im", "copy", "Xgemm", "CopyPad", "Transpose"};
    static bool other;
    cl_int (*next)(cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *, const size_t *, cl_uint,
                   const cl_event *, cl_event *);
    char name[64] = "";
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueNDRangeKernel");
    clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
    cl_int code = next(queue, kernel, dimensions, first, global, local, waits, wait, event);
    for (size_t i = 0; event && i < MOST_OTHERS; i++) /* a new event may be where an old one was */
        others[i] = others[i] == *event ? NULL : others[i];
    if (strcmp(name, "repack") != 0) /* that belongs to what comes before it */
        other = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        other &= strncmp(name, names[i], strlen(names[i])) != 0;
    if (event && other)
        others[other_count++ % MOST_OTHERS] = *event;
    return code;
}

CL_API_ENTRY cl_int CL_API_CALL clGetEventProfilingInfo(cl_event event, cl_profiling_info what, size_t size,
                                                        void *value, size_t *needed)
{
    cl_int (*next)(cl_event, cl_profiling_info, size_t, void *, size_t *);
    *(void **)&next = dlsym(RTLD_NEXT, "clGetEventProfilingInfo");
    cl_int code = next(event, what, size, value, needed);
    for (size_t i = 0; slow && what == CL_PROFILING_COMMAND_END && i < MOST_OTHERS; i++)
        *(cl_ulong *)value += others[i] == event ? 1000000000 : 0;
    return code;
}

/* Shapes whose rows end within a tile, with channels of several blocks. */
static const px_conv_problem PROBLEMS[] = {
    {.op = PX_OP_CONV, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {2, 32, 10, 26}, .y = {2, 64, 5, 13}},
    {.op = PX_OP_CONV_T, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {1, 32, 5, 9}, .y = {1, 32, 10, 18}},
    {.op = PX_OP_CONV_T, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {1, 32, 3, 9}, .y = {1, 3, 6, 18}},
    {.op = PX_OP_CONV, .kernel = 3, .stride = 1, .pad = 1, .block = 16, .x = {1, 32, 9, 9}, .y = {1, 32, 9, 9}},
    {.op = PX_OP_CONV_WGRAD, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {2, 32, 6, 10}, .y = {2, 32, 3, 5}},
    {.op = PX_OP_CONV_WGRAD,
     .kernel = 4,
     .stride = 2,
     .pad = 1,
     .block = 16,
     .vector_large = true,
     .x = {1, 32, 6, 10},
     .y = {1, 48, 3, 5}},
    {.op = PX_OP_CONV_WGRAD, .kernel = 3, .stride = 1, .pad = 1, .block = 16, .x = {1, 32, 9, 9}, .y = {1, 32, 9, 9}},
};
enum { PROBLEM_COUNT = sizeof PROBLEMS / sizeof PROBLEMS[0] };

static void expect_right(const px_conv_problem *problem, const px_cut *cut)
{
    px_trial_stand stand = {.device = device};
    px_trial trial;
    px_samples samples;
    float found[PX_SAMPLES];
    pixcl_error err = {0};
    if (px_trial_plan(&trial, &stand, problem, cut, &err) != PIXCL_OK || px_trial_load(&trial, &err) != PIXCL_OK ||
        px_trial_expect(&trial, &samples, &err) != PIXCL_OK || px_trial_read(&trial, &samples, found, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    if (cut)
        assert_int_equal(trial.algorithm, cut->algorithm);
    if (!px_samples_agree(&samples, found, problem->op, trial.algorithm))
        fail_msg("%s %d: %s %dx%d rows %d blocks %d splits %d is wrong", px_op_describe(problem->op)->name,
                 problem->x.h, px_conv_algorithm_name(trial.algorithm), cut ? cut->width + cut->scalars : 0,
                 cut ? cut->channels + cut->vectors : 0, cut ? cut->rows : 0, cut ? cut->blocks : 0,
                 cut ? cut->splits : 0);
    /* The comparison itself can tell: one element that is a little off. */
    found[PX_SAMPLES - 1] += (float)(1e-3 * samples.largest);
    assert_false(px_samples_agree(&samples, found, problem->op, trial.algorithm));
    px_trial_close(&trial);
    px_trial_stand_free(&stand);
}

static px_conv_algorithm usual_algorithm(const px_conv_problem *problem)
{
    px_trial_stand stand = {.device = device};
    px_trial trial;
    pixcl_error err = {0};
    if (px_trial_plan(&trial, &stand, problem, NULL, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    px_conv_algorithm algorithm = trial.algorithm;
    px_trial_close(&trial);
    return algorithm;
}

static void every_cut_computes_right(void **state)
{
    (void)state;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const px_conv_problem *problem = &PROBLEMS[i];
        px_cut cuts[PX_MOST_CUTS];
        px_conv_algorithm algorithm = usual_algorithm(problem);
        expect_right(problem, NULL);
        const px_conv_method *method = px_conv_method_of(algorithm);
        const px_target target = px_cl_target(device);
        int count = method->cuts(&target, problem, NULL, cuts);
        assert_true(count > 1);
        for (int c = 0; c < count; c += 2) /* half of them: compiling takes long */
            expect_right(problem, &cuts[c]);
        px_cut tile = cuts[0];
        count = method->cuts(&target, problem, &tile, cuts);
        for (int c = 0; c < count; c++)
            expect_right(problem, &cuts[c]);
        if (algorithm == PX_ALGORITHM_WINOGRAD)
            expect_right(problem, &(px_cut){.algorithm = PX_ALGORITHM_DIRECT});
        if (!px_conv_lane.applies(problem) || problem->vector_large) /* of no use before layouts are chosen */
            continue;
        px_target gpu = target; /* its cuts are right on any device */
        gpu.device_class = PX_DEVICE_GPU_INTEGRATED;
        px_target_traits(&gpu);
        count = px_conv_lane.cuts(&gpu, problem, NULL, cuts);
        assert_true(count > 0);
        for (int c = 1; c < count; c += 3)
            expect_right(problem, &cuts[c]);
    }
}

/* Whose result is spoiled: the planner's own; every cut but that; or all of other algorithms than the
 * planner's and the first tile of that, so that which has its tiles tried is not left to which was fastest. */
typedef struct culprit {
    bool own, all;
    px_conv_algorithm usual;
    px_cut tile;
    int times;
} culprit;

static void spoil(void *user, const px_cut *cut, float *found, int count)
{
    culprit *c = user;
    const bool usual = cut->algorithm == c->usual, first = c->tile.algorithm == PX_ALGORITHM_NONE;
    if (usual && first && cut->width > 0)
        c->tile = *cut;
    if (c->own != (cut->algorithm == PX_ALGORITHM_NONE) ||
        (!c->own && !c->all && usual && memcmp(cut, &c->tile, sizeof *cut) != 0))
        return;
    c->times++;
    found[count / 2] += 1; /* one wrong element of those looked at */
}

static void a_wrong_result_never_wins(void **state)
{
    (void)state;
    const px_conv_problem *problem = &PROBLEMS[0];
    pixcl_error err = {0};
    px_tune_result result;
    px_tuner *tuner = px_tuner_create(device, &err);
    assert_non_null(tuner);

    culprit one = {.usual = usual_algorithm(problem)};
    px_tuner_spoil(tuner, spoil, &one);
    assert_int_equal(px_tuner_run(tuner, problem, &result, &err), PIXCL_OK);
    assert_int_equal(one.tile.algorithm, one.usual);
    assert_int_equal(result.rejected, one.times);
    assert_true(result.tried > 2);
    assert_memory_not_equal(&result.cut, &one.tile, sizeof result.cut);

    culprit every = {.all = true};
    px_tuner_spoil(tuner, spoil, &every);
    assert_int_equal(px_tuner_run(tuner, problem, &result, &err), PIXCL_OK);
    assert_int_equal(result.cut.algorithm, PX_ALGORITHM_NONE);
    assert_true(every.times > 2);
    assert_int_equal(result.rejected, every.times);
    assert_int_equal(result.tried, 1); /* the planner's own */
    assert_true(result.best == result.usual);

    culprit own = {.own = true};
    px_tuner_spoil(tuner, spoil, &own);
    double seconds;
    assert_int_equal(px_tuner_usual(tuner, problem, &seconds, &err), PIXCL_ERROR_NUMERIC);
    assert_int_equal(px_tuner_run(tuner, problem, &result, &err), PIXCL_ERROR_NUMERIC);
    px_tuner_destroy(&tuner);
}

static void what_wins_is_right_and_not_slower(void **state)
{
    (void)state;
    pixcl_error err = {0};
    px_tuner *tuner = px_tuner_create(device, &err);
    assert_non_null(tuner);
    for (int i = 0; i < 2; i++) {
        px_tune_result result;
        if (px_tuner_run(tuner, &PROBLEMS[i], &result, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        assert_int_equal(result.rejected, 0);
        assert_true(result.best > 0 && result.best <= result.usual);
        if (result.cut.algorithm != PX_ALGORITHM_NONE)
            assert_int_equal(px_cut_check(&PROBLEMS[i], &result.cut, NULL), PIXCL_OK);
    }
    /* When time is up, nothing is tried beside the planner's own. */
    px_tune_result result;
    px_tuner_until(tuner, 1e-9);
    assert_int_equal(px_tuner_run(tuner, &PROBLEMS[0], &result, &err), PIXCL_OK);
    assert_int_equal(result.tried, 1);
    assert_int_equal(result.cut.algorithm, PX_ALGORITHM_NONE);
    px_tuner_destroy(&tuner);
}

/* Some cut for every convolution of the cases, a different one for each. Returns how many. */
static int fill_table(px_tuning *table, const px_check_graph *cases, const px_target *target)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(cases->graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    for (size_t l = 0; l < plan->launch_count; l++) {
        px_node node = plan->launches[l].node;
        if (px_op_describe(plan->nodes[node].op)->op_class != PX_CONV)
            continue;
        const px_conv_problem problem = px_conv_problem_of(plan, node);
        const bool dot = plan->algorithms[node] == PX_ALGORITHM_DOT;
        const bool winograd = px_conv_winograd.applies(&problem) && l % 3 > 0;
        const px_conv_method *method = winograd ? &px_conv_winograd : dot ? &px_conv_dot : &px_conv_direct;
        px_cut cuts[PX_MOST_CUTS], tile = {.algorithm = PX_ALGORITHM_NONE};
        int count = method->cuts(target, &problem, NULL, cuts);
        if (count > 0)
            tile = cuts[(l * 7 + 3) % (size_t)count];
        int depths = count > 0 ? method->cuts(target, &problem, &tile, cuts) : 0;
        if (depths > 0)
            tile = cuts[l % (size_t)depths];
        if (count > 0)
            assert_int_equal(px_tuning_set(table, &problem, &tile, NULL), PIXCL_OK);
    }
    px_plan_destroy(&plan);
    return (int)table->count;
}

static void count_failure(void *user, const pixcl_check_row *row)
{
    if (row->passed)
        return;
    print_error("%s, %s: %s\n", row->name, row->lowering, row->message);
    ++*(int *)user;
}

static void plans_by_a_table_agree_with_the_reference(void **state)
{
    (void)state;
    int failed = 0;
    const px_check_listener listener = {&failed, count_failure};
    pixcl_error err = {0};
    px_tuning *table = px_tuning_create(NULL);
    px_target target = px_cl_target(device);
    target.conv = PX_ALGORITHM_NONE; /* the table decides */
    target.block = 16;
    px_check_graph *cases = px_check_graph_create(PX_CHECK_CONV, NULL, 0, SIZE_MAX, &err);
    assert_non_null(cases);
    assert_true(fill_table(table, cases, &target) > 20);
    px_check_graph_destroy(&cases);
    target.tuning = table;
    if (px_check_group_run(device, &target, PX_CHECK_CONV, NULL, &listener, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    assert_int_equal(failed, 0);
    px_tuning_destroy(&table);
}

/* What the tuner tries beside the planner's own, and that CLBlast's products are among it, or are that. */
typedef struct tried {
    bool gemm;
} tried;

static void note(void *user, const px_cut *cut, float *found, int count)
{
    (void)found;
    (void)count;
    ((tried *)user)->gemm |= cut->algorithm == PX_ALGORITHM_GEMM;
}

static void products_are_tried_for_every_convolution_and_can_win(void **state)
{
    (void)state;
    pixcl_error err = {0};
    slow = true;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const px_cut gemm = {.algorithm = PX_ALGORITHM_GEMM};
        const px_conv_algorithm usual = usual_algorithm(&PROBLEMS[i]);
        tried t = {.gemm = usual == PX_ALGORITHM_GEMM};
        px_tune_result result;
        if (PROBLEMS[i].vector_large) /* only where the forward pass wants its weights so, which products do not */
            continue;
        px_tuner *tuner = px_tuner_create(device, &err); /* its own: none remembers what was slow */
        assert_non_null(tuner);
        expect_right(&PROBLEMS[i], &gemm);
        px_tuner_spoil(tuner, note, &t);
        if (px_tuner_run(tuner, &PROBLEMS[i], &result, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        assert_true(t.gemm);
        assert_int_equal(result.rejected, 0);
        assert_true(result.tried > 1);
        const px_conv_algorithm best = result.cut.algorithm == PX_ALGORITHM_NONE ? usual : result.cut.algorithm;
        assert_int_equal(best, PX_ALGORITHM_GEMM);
        px_tuner_destroy(&tuner);
    }
    slow = false;
}

/* Every second convolution of the cases as a product, the others without. */
static void fill_with_products(px_tuning *table, const px_check_graph *cases, const px_target *target)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(cases->graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    for (px_node node = 0; node < plan->node_count; node++) {
        if (plan->algorithms[node] == PX_ALGORITHM_NONE)
            continue;
        const px_conv_problem problem = px_conv_problem_of(plan, node);
        const px_cut cut = {.algorithm = table->count % 2 == 0                ? PX_ALGORITHM_GEMM
                                         : px_conv_winograd.applies(&problem) ? PX_ALGORITHM_WINOGRAD
                                                                              : PX_ALGORITHM_DIRECT};
        if (!px_tuning_find(table, &problem))
            assert_int_equal(px_tuning_set(table, &problem, &cut, NULL), PIXCL_OK);
    }
    px_plan_destroy(&plan);
}

static void products_of_a_tuning_file_mix_with_other_algorithms(void **state)
{
    (void)state;
    int failed = 0;
    char path[] = "/tmp/pixcl-tune-XXXXXX";
    const px_check_listener listener = {&failed, count_failure};
    pixcl_error err = {0};
    px_target target = px_cl_target(device);
    px_tuning *made = px_tuning_create(NULL);
    target.block = 16;
    px_check_graph *cases = px_check_graph_create(PX_CHECK_TRAINING, NULL, 0, SIZE_MAX, &err);
    assert_non_null(cases);
    fill_with_products(made, cases, &target);
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(px_tuning_write(device, made, path, &err), PIXCL_OK);
    px_tuning *table = px_tuning_read(device, path, &err);
    unlink(path);
    assert_non_null(table);
    assert_int_equal(table->count, made->count);
    target.tuning = table;
    px_plan *plan = px_plan_create(cases->graph, &target, &err);
    assert_non_null(plan);
    int count[PX_ALGORITHM_COUNT] = {0};
    for (px_node i = 0; i < plan->node_count; i++)
        count[plan->algorithms[i]]++;
    assert_true(count[PX_ALGORITHM_GEMM] > 4 && count[PX_ALGORITHM_DIRECT] > 4);
    px_plan_destroy(&plan);
    px_check_graph_destroy(&cases);
    if (px_check_group_run(device, &target, PX_CHECK_TRAINING, NULL, &listener, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    assert_int_equal(failed, 0);
    px_tuning_destroy(&table);
    px_tuning_destroy(&made);
}

static int open_device(void **state)
{
    (void)state;
    pixcl_error err = {0};
    device = px_cl_device_open(NULL, true, &err);
    if (!device)
        print_error("%s\n", err.message);
    return device ? 0 : -1;
}

static int close_device(void **state)
{
    (void)state;
    px_cl_device_close(&device);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_computes_right),
        cmocka_unit_test(a_wrong_result_never_wins),
        cmocka_unit_test(what_wins_is_right_and_not_slower),
        cmocka_unit_test(plans_by_a_table_agree_with_the_reference),
    };
    const struct CMUnitTest tests_as_gpu[] = {
        cmocka_unit_test(products_are_tried_for_every_convolution_and_can_win),
        cmocka_unit_test(products_of_a_tuning_file_mix_with_other_algorithms),
    };
    setenv("PIXCL_TUNE", "off", 1);
    setenv("PIXCL_DEVICE_CLASS", "cpu", 0); /* on a GPU too */
    setenv("PIXCL_BLOCK", "16", 0);
    int failed = cmocka_run_group_tests_name("tune", tests, open_device, close_device);
    setenv("PIXCL_DEVICE_CLASS", "integrated", 1);
    return failed + cmocka_run_group_tests_name("tune as a gpu", tests_as_gpu, open_device, close_device);
}
