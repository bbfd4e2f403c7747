/* Timing of training steps: a session on made-up pictures. */
#include "pixcl/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/context.h"
#include "base/memory.h"
#include "exec/opencl/probe.h"
#include "measure/bench_step.h"
#include "measure/profile.h"

/* `profile` NULL: kernels are not timed. */
static pixcl_status measure(const px_session *session, const pixcl_options *options, int steps, double begin,
                            px_profile *profile, pixcl_bench_result *result, pixcl_error *err)
{
    double *seconds = px_calloc((size_t)steps, sizeof *seconds, err), warm;
    pixcl_status status = seconds ? px_bench_run_step(session, options, 1, &warm, err) : PIXCL_ERROR_MEMORY;
    result->prepare_seconds = px_now() - begin;
    if (status == PIXCL_OK)
        status = px_bench_run_step(session, options, 2, &warm, err);
    for (int i = 0; status == PIXCL_OK && i < steps; i++) {
        status = px_bench_run_step(session, options, 3 + i, &seconds[i], err);
        if (status == PIXCL_OK && profile)
            px_profile_add(profile, session->exec);
    }
    if (status == PIXCL_OK) {
        result->seconds_per_step = px_bench_median(seconds, steps);
        result->seconds_lowest = seconds[0];
        result->seconds_highest = seconds[steps - 1];
        result->gflop_per_step = px_bench_gflop(session->plan);
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

pixcl_status pixcl_bench(pixcl_context *context, const pixcl_options *options, const pixcl_bench_options *bench,
                         pixcl_bench_result *result, pixcl_error *err)
{
    PX_ENTER(context);
    pixcl_error local;
    err = err ? err : &local;
    if (!options || !bench || !result)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "pixcl_bench needs options, what to measure, and room for the result");
    *result = (pixcl_bench_result){0};
    const bool profiling = bench->profile || bench->trace;
    px_profile profile = {0};
    px_session session = {0};
    px_training *training = px_bench_training(options, bench->part, err);
    px_cl_device *device = training ? px_session_device_of(options, profiling, err) : NULL;
    if (!device) {
        px_training_destroy(&training);
        return err->status;
    }
    snprintf(result->device, sizeof result->device, "%s", device->name);
    pixcl_status status = bench->profile ? measure_device(device, result, err) : PIXCL_OK;
    double begin = px_now();
    if (status == PIXCL_OK)
        status = px_bench_open(&session, training, options, device, err);
    else
        px_training_destroy(&training);
    if (status == PIXCL_OK && profiling)
        status = px_profile_start(&profile, session.plan, err);
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
    px_free(result->kernels);
    *result = (pixcl_bench_result){0};
}
