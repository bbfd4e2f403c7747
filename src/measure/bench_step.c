/* A step on made-up pictures: opened, run, summed up. */
#include "measure/bench_step.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "weights/weights.h"

px_training *px_bench_training(const pixcl_options *options, pixcl_bench_part part, pixcl_error *err)
{
    if (pixcl_options_check(options, PIXCL_FOR_BENCH, err) != PIXCL_OK)
        return NULL;
    px_model_options model = px_model_options_of(options, options->batch_size, options->crop_size, options->crop_size);
    switch (part) {
    case PIXCL_BENCH_STEP:
        return px_training_create(&model, err);
    case PIXCL_BENCH_GENERATOR:
        return px_training_generator_gradients(&model, err);
    case PIXCL_BENCH_FORWARD:
        return px_training_generator(&model, "G", (px_test_mode){0}, err);
    }
    px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no part %d of a step to measure", (int)part);
    return NULL;
}

/* Made-up values for an input; the generator alone has no second one. */
static pixcl_status feed(const px_session *session, px_node input, pixcl_error *err)
{
    if (input == PX_NONE)
        return PIXCL_OK;
    size_t count = px_shape_count(px_graph_node(session->training->graph, input)->shape);
    float *values = px_calloc(count, sizeof *values, err);
    if (!values)
        return PIXCL_ERROR_MEMORY;
    px_rng rng = {1, (uint64_t)input, 0};
    for (size_t i = 0; i < count; i++)
        values[i] = 2 * px_rng_float(&rng) - 1;
    pixcl_status status = px_exec_write(session->exec, input, values, err);
    px_free(values);
    return status;
}

static pixcl_status fill(const px_session *session, void *context, pixcl_error *err)
{
    return px_weights_initialise(session, context, err);
}

pixcl_status px_bench_open(px_session *session, px_training *training, const pixcl_options *options,
                           px_cl_device *device, pixcl_error *err)
{
    pixcl_options copy = *options;
    pixcl_status status = px_session_open(session, training, device, fill, &copy, err);
    if (status == PIXCL_OK)
        status = feed(session, session->training->real_A, err);
    if (status == PIXCL_OK)
        status = feed(session, session->training->real_B, err);
    if (status != PIXCL_OK)
        px_session_close(session);
    return status;
}

pixcl_status px_bench_run_step(const px_session *session, const pixcl_options *options, int step, double *seconds,
                               pixcl_error *err)
{
    px_step s = {.seed = (uint64_t)options->seed,
                 .step = (uint64_t)step,
                 .pictures = (uint64_t)(step - 1) * (uint64_t)options->batch_size};
    for (int i = 0; i < PX_MAX_OPTIMISERS; i++)
        s.lr[i] = (float)options->lr;
    double begin = px_now();
    pixcl_status status = px_exec_run(session->exec, &s, err);
    if (status == PIXCL_OK)
        status = px_exec_finish(session->exec, err);
    *seconds = px_now() - begin;
    return status;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double px_bench_median(double *seconds, int count)
{
    qsort(seconds, (size_t)count, sizeof *seconds, compare_doubles);
    return (seconds[(count - 1) / 2] + seconds[count / 2]) / 2;
}

double px_bench_gflop(const px_plan *plan)
{
    double gflop = 0;
    for (size_t l = 0; l < plan->launch_count; l++)
        gflop += 1e-9 * plan->launches[l].flops;
    return gflop;
}
