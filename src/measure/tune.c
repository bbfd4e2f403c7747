/* Tuning a model: the different convolutions of its training plan, one after the other. */
#include "pixcl/tune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/context.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/tune.h"
#include "exec/opencl/tuning_file.h"
#include "weights/session.h"

static const double USUAL_SECONDS = 100;

/* A convolution that takes less of the step than this is left alone: compiling kernels for it takes longer than it will
 * ever save. */
static const double LEAST_SHARE = 0.001;

/* A convolution of the plan, and how often it comes. */
typedef struct task {
    px_conv_problem problem;
    int calls;
    double seconds; /* of one call by default */
} task;

typedef struct task_list {
    task *tasks;
    size_t count, capacity;
} task_list;

typedef struct tuning_run {
    const pixcl_tune_options *options;
    pixcl_tune_result *result;
    px_cl_device *device;
    px_tuner *tuner;
    px_tuning *table;
    task_list list;
    double until; /* of px_now(): when to end */
} tuning_run;

static bool same_problem(const px_conv_problem *a, const px_conv_problem *b)
{
    px_tuned entry = {.problem = *b};
    const px_tuning one = {.entries = &entry, .count = 1, .capacity = 1};
    return px_tuning_find(&one, a) != NULL;
}

static pixcl_status add_call(task_list *list, const px_conv_problem *problem, pixcl_error *err)
{
    size_t i = 0;
    while (i < list->count && !same_problem(&list->tasks[i].problem, problem))
        i++;
    if (i == list->count) {
        pixcl_status status = px_grow(&list->tasks, &list->capacity, i + 1, sizeof *list->tasks, err);
        if (status != PIXCL_OK)
            return status;
        list->tasks[list->count++] = (task){.problem = *problem};
    }
    list->tasks[i].calls++;
    return PIXCL_OK;
}

static double seconds_of(const task *t)
{
    return t->calls * t->seconds;
}

static int longest_first(const void *a, const void *b)
{
    double x = seconds_of(a), y = seconds_of(b);
    return (x < y) - (x > y);
}

/* The convolutions that the plan of a training step launches. */
static pixcl_status list_tasks(tuning_run *run, const pixcl_options *options, pixcl_error *err)
{
    px_model_options model = px_model_options_of(options, options->batch_size, options->crop_size, options->crop_size);
    px_training *training = px_training_create(&model, err);
    px_target target = px_cl_target(run->device);
    px_plan *plan = training ? px_plan_create(training->graph, &target, err) : NULL;
    pixcl_status status = plan ? PIXCL_OK : err->status;
    px_node last = PX_NONE;
    for (size_t l = 0; status == PIXCL_OK && l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        if (launch->node == last || px_op_describe(plan->nodes[launch->node].op)->op_class != PX_CONV)
            continue;
        const px_conv_problem problem = px_conv_problem_of(plan, launch->node);
        status = add_call(&run->list, &problem, err);
        last = launch->node;
    }
    if (status == PIXCL_OK && target.conv == PX_ALGORITHM_GEMM)
        status = px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "there is nothing to tune on %s: PIXCL_CONV asks for CLBlast's matrix products alone, which CLBlast "
            "tunes itself (clblast_tuner_xgemm). Without PIXCL_CONV they compete with pixcl's own kernels",
            run->device->name);
    px_plan_destroy(&plan);
    px_training_destroy(&training);
    return status;
}

static bool should_end(const tuning_run *run)
{
    return px_now() > run->until || px_stopped("tuning", NULL);
}

/* Times them by default, puts the longest first, and gives how many are worth the while. */
static pixcl_status rank_tasks(tuning_run *run, size_t *worthwhile, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    task_list *list = &run->list;
    size_t timed = 0;
    double total = 0;
    for (; status == PIXCL_OK && timed < list->count && !should_end(run); timed++) {
        status = px_tuner_usual(run->tuner, &list->tasks[timed].problem, &list->tasks[timed].seconds, err);
        total += seconds_of(&list->tasks[timed]);
    }
    run->result->problems = (int)list->count;
    run->result->untried = (int)(list->count - timed);
    *worthwhile = 0;
    if (status != PIXCL_OK || timed == 0)
        return status;
    qsort(list->tasks, timed, sizeof *list->tasks, longest_first);
    while (*worthwhile < timed && seconds_of(&list->tasks[*worthwhile]) >= LEAST_SHARE * total)
        ++*worthwhile;
    run->result->usual_seconds = run->result->tuned_seconds = total;
    return PIXCL_OK;
}

static void describe_problem(const px_conv_problem *p, char *text, size_t size)
{
    snprintf(text, size, "%s %dx%d/%d (%d,%d,%d,%d) -> (%d,%d,%d,%d)", px_op_describe(p->op)->name, p->kernel,
             p->kernel, p->stride, p->x.n, p->x.c, p->x.h, p->x.w, p->op == PX_OP_CONV_WGRAD ? p->y.c : p->y.n,
             p->op == PX_OP_CONV_WGRAD ? p->x.c : p->y.c, p->op == PX_OP_CONV_WGRAD ? p->kernel : p->y.h,
             p->op == PX_OP_CONV_WGRAD ? p->kernel : p->y.w);
}

static void describe_cut(const px_cut *c, char *text, size_t size)
{
    if (c->algorithm == PX_ALGORITHM_NONE) {
        snprintf(text, size, "as it was");
        return;
    }
    size_t length = (size_t)snprintf(text, size, "%s", px_conv_algorithm_name(c->algorithm));
    if (c->width > 0 || c->scalars > 0)
        length +=
            (size_t)snprintf(text + length, size - length, " %dx%d", c->width + c->scalars, c->channels + c->vectors);
    if (c->rows > 0)
        length += (size_t)snprintf(text + length, size - length, ", %d rows by %d blocks", c->rows, c->blocks);
    if (c->splits > 0)
        snprintf(text + length, size - length, ", %d splits", c->splits);
}

static void tell(const tuning_run *run, size_t index, size_t count, const px_tune_result *found)
{
    const task *t = &run->list.tasks[index];
    char problem[128], cut[96];
    describe_problem(&t->problem, problem, sizeof problem);
    describe_cut(&found->cut, cut, sizeof cut);
    const pixcl_tune_row row = {.problem = problem,
                                .cut = cut,
                                .calls = t->calls,
                                .usual_seconds = found->usual,
                                .tuned_seconds = found->best,
                                .tried = found->tried,
                                .rejected = found->rejected,
                                .index = (int)index,
                                .count = (int)count};
    if (run->options->row)
        run->options->row(run->options->user, &row);
}

static pixcl_status tune_task(tuning_run *run, size_t index, size_t count, pixcl_error *err)
{
    const task *t = &run->list.tasks[index];
    pixcl_tune_result *result = run->result;
    px_tune_result found;
    pixcl_status status = px_tuner_run(run->tuner, &t->problem, &found, err);
    if (status != PIXCL_OK)
        return status;
    result->rejected += found.rejected;
    result->usual_seconds += t->calls * (found.usual - t->seconds);
    result->tuned_seconds += t->calls * (found.best - t->seconds);
    if (found.cut.algorithm == PX_ALGORITHM_NONE) {
        px_tuning_remove(run->table, &t->problem);
    } else {
        status = px_tuning_set(run->table, &t->problem, &found.cut, err);
        result->improved++;
    }
    tell(run, index, count, &found);
    return status;
}

/* What the file already holds, when it is of this device and version. */
static px_tuning *old_table(const px_cl_device *device, const char *path, pixcl_error *err)
{
    pixcl_error why = {0};
    px_tuning *table = px_path_is_file(path) ? px_tuning_read(device, path, &why) : NULL;
    if (why.status != PIXCL_OK)
        px_log(PIXCL_LOG_INFO, "the tuning file %s is made anew: %s", path, why.message);
    return table ? table : px_tuning_create(err);
}

static pixcl_status tune_tasks(tuning_run *run, pixcl_error *err)
{
    size_t count, i = 0;
    px_tuner_until(run->tuner, run->until);
    pixcl_status status = rank_tasks(run, &count, err);
    while (status == PIXCL_OK && i < count && !should_end(run))
        status = tune_task(run, i++, count, err);
    run->result->untried += (int)(count - i);
    return status;
}

static pixcl_status tune_model(tuning_run *run, const pixcl_options *options, pixcl_error *err)
{
    pixcl_status status = list_tasks(run, options, err);
    char *path = status == PIXCL_OK ? px_tuning_path(run->device, err) : NULL;
    run->table = path ? old_table(run->device, path, err) : NULL;
    run->tuner = run->table ? px_tuner_create(run->device, err) : NULL;
    if (status == PIXCL_OK && !run->tuner)
        status = err->status;
    if (status == PIXCL_OK)
        status = tune_tasks(run, err);
    if (status == PIXCL_OK) {
        snprintf(run->result->path, sizeof run->result->path, "%s", path);
        status = px_tuning_write(run->device, run->table, path, err);
    }
    px_tuner_destroy(&run->tuner);
    px_tuning_destroy(&run->table);
    px_free(run->list.tasks);
    px_free(path);
    return status;
}

pixcl_status pixcl_tune(pixcl_context *context, const pixcl_options *options, const pixcl_tune_options *tune,
                        pixcl_tune_result *result, pixcl_error *err)
{
    PX_ENTER(context);
    static const pixcl_tune_options usual = {0};
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    *result = (pixcl_tune_result){0};
    double begin = px_now();
    pixcl_status status = pixcl_options_check(options, PIXCL_FOR_TUNE, err);
    if (status != PIXCL_OK)
        return status;
    tuning_run run = {.options = tune ? tune : &usual, .result = result};
    run.until = begin + (run.options->seconds > 0 ? run.options->seconds : USUAL_SECONDS);
    run.device = px_session_device(options->device, true, true, err);
    if (!run.device)
        return err->status;
    snprintf(result->device, sizeof result->device, "%s", run.device->name);
    status = tune_model(&run, options, err);
    px_cl_device_close(&run.device);
    result->seconds = px_now() - begin;
    return status;
}
