/* Tuning on the default device: every cut computes right, wrong results do not win, and plans by a table of cuts agree
 * with the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exec/opencl/tune.h"
#include "exec/opencl/tune_trial.h"
#include "plan/conv_method.h"
#include "train/check_run.h"

static px_cl_device *device;

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
        count = px_conv_lane.cuts(&target, problem, NULL, cuts); /* a GPU's, on any device */
        for (int c = 1; c < count; c += 3)
            expect_right(problem, &cuts[c]);
    }
}

/* Whose result is spoiled, and how often that was. */
typedef struct culprit {
    px_cut cut;
    bool all; /* every cut but the planner's own */
    int times;
} culprit;

static void spoil(void *user, const px_cut *cut, float *found, int count)
{
    culprit *c = user;
    bool hit = c->all ? cut->algorithm != PX_ALGORITHM_NONE : memcmp(cut, &c->cut, sizeof *cut) == 0;
    c->times += hit;
    if (hit)
        found[count / 2] += 1; /* one wrong element of those looked at */
}

static void a_wrong_result_never_wins(void **state)
{
    (void)state;
    const px_conv_problem *problem = &PROBLEMS[0];
    pixcl_error err = {0};
    px_tune_result result;
    px_cut cuts[PX_MOST_CUTS];
    const px_target target = px_cl_target(device);
    int count = px_conv_direct.cuts(&target, problem, NULL, cuts);
    assert_true(count > 2);
    px_tuner *tuner = px_tuner_create(device, &err);
    assert_non_null(tuner);

    culprit one = {.cut = cuts[1]};
    px_tuner_spoil(tuner, spoil, &one);
    assert_int_equal(px_tuner_run(tuner, problem, &result, &err), PIXCL_OK);
    assert_int_equal(one.times, 1);
    assert_int_equal(result.rejected, 1);
    assert_true(result.tried > 2);
    assert_memory_not_equal(&result.cut, &cuts[1], sizeof result.cut);

    culprit every = {.all = true};
    px_tuner_spoil(tuner, spoil, &every);
    assert_int_equal(px_tuner_run(tuner, problem, &result, &err), PIXCL_OK);
    assert_int_equal(result.cut.algorithm, PX_ALGORITHM_NONE);
    assert_true(every.times > 2);
    assert_int_equal(result.rejected, every.times);
    assert_int_equal(result.tried, 1); /* the planner's own */
    assert_true(result.best == result.usual);

    culprit own = {.cut = {.algorithm = PX_ALGORITHM_NONE}};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_computes_right),
        cmocka_unit_test(a_wrong_result_never_wins),
        cmocka_unit_test(what_wins_is_right_and_not_slower),
        cmocka_unit_test(plans_by_a_table_agree_with_the_reference),
    };
    pixcl_error err = {0};
    setenv("PIXCL_TUNE", "off", 1);
    setenv("PIXCL_DEVICE_CLASS", "cpu", 0); /* on a GPU too */
    setenv("PIXCL_BLOCK", "16", 0);
    device = px_cl_device_open(NULL, true, &err);
    if (!device) {
        print_error("%s\n", err.message);
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    px_cl_device_close(&device);
    return failed;
}
