/* How fast a training step, or a part of it, is on a device. */
#ifndef PIXCL_BENCH_H
#define PIXCL_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "pixcl/context.h"
#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is run in a step. */
typedef enum pixcl_bench_part {
    PIXCL_BENCH_STEP,      /* a training step of options->model */
    PIXCL_BENCH_GENERATOR, /* the generator forward, and backward from the mean |output - picture| to all its weights */
    PIXCL_BENCH_FORWARD    /* the generator forward, as it translates without --eval */
} pixcl_bench_part;

/* Zero-initialise for the defaults. */
typedef struct pixcl_bench_options {
    int steps;             /* timed, after two that are not; 0: 10 */
    bool profile;          /* time every kernel as well; steps then wait for one another, which costs a little */
    const char *trace;     /* write the last step to this file as Chrome trace events; NULL: not */
    pixcl_bench_part part; /* PIXCL_BENCH_STEP */
} pixcl_bench_options;

/* One kind of launch: all launches of a step with the same label. */
typedef struct pixcl_bench_kernel {
    char label[96];
    int calls;           /* a step */
    double milliseconds; /* a step */
    double gflops, gbps; /* reached; 0 where the planner counts none. Bytes are those that must move at least */
    double roofline; /* the least time by the device's measured peaks, of operations or of bytes, divided by the time
                          * taken. Above 1 where caches are faster than the memory that was measured */
} pixcl_bench_kernel;

typedef struct pixcl_bench_result {
    char device[128];
    double seconds_per_step; /* median */
    double seconds_lowest, seconds_highest;
    double gflop_per_step;  /* counted by the planner */
    double gflops;          /* gflop_per_step / seconds_per_step */
    size_t peak_bytes;      /* device memory: all buffers, as the driver reports them */
    double prepare_seconds; /* planning, building kernels, loading weights, first step */
    /* With `profile`, else 0. */
    double peak_gflops, peak_gbps;    /* measured before and after: multiply-adds, copying */
    double conv_seconds, conv_gflops; /* a step's convolutions: their kernels' time, and operations over it */
    double other_seconds;             /* the rest of a step, from the first kernel to the last */
    size_t kernel_count;
    pixcl_bench_kernel *kernels; /* with `profile`, slowest first; else NULL */
} pixcl_bench_result;

/* Runs steps with the networks of options on made-up pictures of crop_size x crop_size and measures them. *result is
 * filled on success and freed with pixcl_bench_result_free(). */
PIXCL_API pixcl_status pixcl_bench(pixcl_context *context, const pixcl_options *options,
                                   const pixcl_bench_options *bench, pixcl_bench_result *result, pixcl_error *err);
PIXCL_API void pixcl_bench_result_free(pixcl_bench_result *result);

/* What timing a step on one device gave. */
typedef struct pixcl_bench_device {
    int index; /* what --device takes */
    char name[128];
    double seconds;    /* a step, the median of some; 0 when it could not be run */
    char failure[256]; /* why, "" when it was run: what the device lacks, which call failed, how its driver ended */
} pixcl_bench_device;

/* Times a training step of options->model on every usable device, whatever options->device says, each in a child
 * process: a driver that crashes, or takes longer than timeout_seconds (0: 600, compiling included), harms its own line
 * only. Fills devices[capacity], in the order of pixcl/device.h, and *count. The times are kept in pixcl's cache
 * folder, where the choice of the default device finds them. Call it before the process uses OpenCL in any other way:
 * PIXCL_ERROR_ARGUMENT otherwise, as pixcl_device_list_create(). */
PIXCL_API pixcl_status pixcl_bench_devices(pixcl_context *context, const pixcl_options *options, double timeout_seconds,
                                           pixcl_bench_device *devices, size_t capacity, size_t *count,
                                           pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
