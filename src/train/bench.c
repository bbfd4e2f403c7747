/* Timing of training steps, and plans to look at: a session on made-up pictures. */
#include "pixcl/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "pixcl/plan.h"
#include "exec/opencl/probe.h"
#include "train/profile.h"
#include "train/weights.h"

static px_training *training_of(const pixcl_options *options, pixcl_bench_part part, pixcl_error *err)
{
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

char *pixcl_plan_describe(const pixcl_options *options, pixcl_plan_format format, pixcl_error *err)
{
    static const px_dump_format formats[] = {PX_DUMP_TEXT, PX_DUMP_DOT, PX_DUMP_JSON};
    px_training *training = training_of(options, PIXCL_BENCH_STEP, err);
    px_cl_device *device = training ? px_session_device_of(options, false, err) : NULL;
    px_plan *plan = NULL;
    if (device) {
        px_target target = px_cl_target(device);
        plan = px_plan_create(training->graph, &target, err);
    }
    char *text = plan ? px_plan_dump(plan, formats[format], err) : NULL;
    char *result = text ? strdup(text) : NULL; /* the public API's strings are malloc's */
    if (text && !result)
        px_fail(err, PIXCL_ERROR_MEMORY, "no memory for the plan's text");
    px_free(text);
    px_plan_destroy(&plan);
    px_cl_device_close(&device);
    px_training_destroy(&training);
    return result;
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

static pixcl_status run_step(const px_session *session, const pixcl_options *options, int step, double *seconds,
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

/* `profile` NULL: kernels are not timed. */
static pixcl_status measure(const px_session *session, const pixcl_options *options, int steps, double begin,
                            px_profile *profile, pixcl_bench_result *result, pixcl_error *err)
{
    double *seconds = px_calloc((size_t)steps, sizeof *seconds, err), warm;
    pixcl_status status = seconds ? run_step(session, options, 1, &warm, err) : PIXCL_ERROR_MEMORY;
    result->prepare_seconds = px_now() - begin;
    if (status == PIXCL_OK)
        status = run_step(session, options, 2, &warm, err);
    for (int i = 0; status == PIXCL_OK && i < steps; i++) {
        status = run_step(session, options, 3 + i, &seconds[i], err);
        if (status == PIXCL_OK && profile)
            px_profile_add(profile, session->exec);
    }
    if (status == PIXCL_OK) {
        qsort(seconds, (size_t)steps, sizeof *seconds, compare_doubles);
        result->seconds_per_step = (seconds[(steps - 1) / 2] + seconds[steps / 2]) / 2;
        result->seconds_lowest = seconds[0];
        result->seconds_highest = seconds[steps - 1];
        for (size_t l = 0; l < session->plan->launch_count; l++)
            result->gflop_per_step += 1e-9 * session->plan->launches[l].flops;
        result->gflops = result->gflop_per_step / result->seconds_per_step;
        result->peak_bytes = px_exec_opencl_bytes(session->exec);
    }
    px_free(seconds);
    return status;
}

/* What the device can do: the best of all times that this is asked. */
static pixcl_status measure_device(px_cl_device *device, pixcl_bench_result *result, pixcl_error *err)
{
    px_cl_speed speed;
    pixcl_status status = px_cl_measure(device, &speed, err);
    if (status == PIXCL_OK) {
        result->peak_gflops = fmax(result->peak_gflops, speed.gflops);
        result->peak_gbps = fmax(result->peak_gbps, speed.gbps);
    }
    return status;
}

pixcl_status pixcl_bench(const pixcl_options *options, const pixcl_bench_options *bench, pixcl_bench_result *result,
                         pixcl_error *err)
{
    pixcl_error local;
    err = err ? err : &local;
    *result = (pixcl_bench_result){0};
    const bool profiling = bench->profile || bench->trace;
    px_profile profile = {0};
    px_session session = {0};
    px_training *training = training_of(options, bench->part, err);
    px_cl_device *device = training ? px_session_device_of(options, profiling, err) : NULL;
    if (!device) {
        px_training_destroy(&training);
        return err->status;
    }
    snprintf(result->device, sizeof result->device, "%s", device->name);
    pixcl_status status = bench->profile ? measure_device(device, result, err) : PIXCL_OK;
    double begin = px_now();
    if (status == PIXCL_OK)
        status = px_session_open(&session, training, device, err);
    else
        px_training_destroy(&training);
    if (status == PIXCL_OK && profiling)
        status = px_profile_start(&profile, session.plan, err);
    if (status == PIXCL_OK)
        status = px_weights_initialise(&session, options, err);
    if (status == PIXCL_OK)
        status = feed(&session, session.training->real_A, err);
    if (status == PIXCL_OK)
        status = feed(&session, session.training->real_B, err);
    if (status == PIXCL_OK)
        status = measure(&session, options, bench->steps > 0 ? bench->steps : 10, begin, profiling ? &profile : NULL,
                         result, err);
    if (status == PIXCL_OK && bench->profile)
        status = measure_device(device, result, err);
    if (status == PIXCL_OK && bench->profile)
        status = px_profile_sum(&profile, result, err);
    if (status == PIXCL_OK && bench->trace)
        status = px_trace_write(session.exec, session.plan, bench->trace, err);
    px_profile_free(&profile);
    px_session_close(&session);
    px_cl_device_close(&device);
    if (status != PIXCL_OK)
        pixcl_bench_result_free(result);
    return status;
}

void pixcl_bench_result_free(pixcl_bench_result *result)
{
    free(result->kernels);
    *result = (pixcl_bench_result){0};
}
