/* Self-test and speed of a device, with cl/probe.cl. */
#include "exec/opencl/probe.h"

#include <clblast_c.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "exec/opencl/program.h"

/* A run should be long beside its launch, and short beside the time slices that others on the machine may take: the
 * fastest of many such runs met with nobody. */
#define RUN_SECONDS   0.003
#define PROBE_SECONDS 0.05 /* of runs of one kernel */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static pixcl_status build_kernel(px_cl_device *device, const char *options, const char *name, cl_kernel *kernel,
                                 pixcl_error *err)
{
    cl_program program;
    cl_int code;
    pixcl_status status = px_program_build(device, (const char *const[]){"probe"}, 1, options, &program, err);

    if (status != PIXCL_OK)
        return status;
    *kernel = clCreateKernel(program, name, &code);
    if (code == CL_SUCCESS)
        return PIXCL_OK;
    *kernel = NULL;
    return px_cl_fail(err, code, "clCreateKernel", "kernel %s", name);
}

static pixcl_status create_buffer(px_cl_device *device, size_t bytes, cl_mem *buffer, pixcl_error *err)
{
    cl_int code;

    *buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (code == CL_SUCCESS)
        return PIXCL_OK;
    *buffer = NULL;
    return px_cl_fail(err, code, "clCreateBuffer", "%zu bytes", bytes);
}

static void release(cl_kernel kernel, cl_mem a, cl_mem b, cl_mem c)
{
    if (kernel)
        clReleaseKernel(kernel);
    if (a)
        clReleaseMemObject(a);
    if (b)
        clReleaseMemObject(b);
    if (c)
        clReleaseMemObject(c);
}

/* The largest power of two that a group of this kernel may have, at most `most`. */
static pixcl_status group_size(const px_cl_device *device, cl_kernel kernel, size_t most, size_t *group,
                               pixcl_error *err)
{
    size_t limit = 0;
    cl_int code = clGetKernelWorkGroupInfo(kernel, device->id, CL_KERNEL_WORK_GROUP_SIZE, sizeof limit, &limit, NULL);

    if (code != CL_SUCCESS)
        return px_cl_fail(err, code, "clGetKernelWorkGroupInfo", "CL_KERNEL_WORK_GROUP_SIZE");
    limit = smaller(smaller(limit, most), device->limits.max_item_sizes[0]);
    limit = smaller(limit, device->limits.max_work_group);
    for (*group = 1; *group * 2 <= limit;)
        *group *= 2;
    return PIXCL_OK;
}

typedef struct probe_run {
    cl_kernel kernel;
    const char *name;
    size_t global, local; /* a local size of 0 leaves the choice to the driver */
} probe_run;

/* Seconds of so many launches, and waiting for them. */
static pixcl_status time_runs(px_cl_device *device, const probe_run *run, int count, double *seconds, pixcl_error *err)
{
    double start = px_now();
    cl_int code = CL_SUCCESS;

    for (int i = 0; code == CL_SUCCESS && i < count; i++)
        code = clEnqueueNDRangeKernel(device->queue, run->kernel, 1, NULL, &run->global,
                                      run->local ? &run->local : NULL, 0, NULL, NULL);
    if (code != CL_SUCCESS)
        return px_cl_fail(err, code, "clEnqueueNDRangeKernel", "kernel %s, global %zu, local %zu", run->name,
                          run->global, run->local);
    code = clFinish(device->queue);
    if (code != CL_SUCCESS)
        return px_cl_fail(err, code, "clFinish", "kernel %s, global %zu, local %zu", run->name, run->global,
                          run->local);
    *seconds = px_now() - start;
    return PIXCL_OK;
}

/* Seconds of the fastest run in `budget` seconds. The first one compiles on some drivers and touches memory for the
 * first time, so it does not count; but a checker's speed interests nobody, and its first run will do. */
static pixcl_status fastest_run(px_cl_device *device, const probe_run *run, double budget, double *seconds,
                                pixcl_error *err)
{
    enum { BUSY = 4, TIMED = 4 };
    pixcl_status status = time_runs(device, run, 1, seconds, err);
    double end = px_now() + budget, one = 0;

    if (status != PIXCL_OK || device->quirks & PX_QUIRK_SLOW_CHECKER)
        return status;
    status = time_runs(device, run, 1, seconds, err);
    while (status == PIXCL_OK && px_now() < end) {
        /* Where all cores are busy, a CPU driver's threads wake on one of them; only while they run are they spread. */
        status = time_runs(device, run, BUSY, &one, err);
        for (int i = 0; status == PIXCL_OK && i < TIMED; i++) {
            status = time_runs(device, run, 1, &one, err);
            if (status == PIXCL_OK && one < *seconds)
                *seconds = one;
        }
    }
    return status;
}

/* A kernel that multiplies and adds. Its arguments: what it writes, what it reads, and how often. */
typedef struct arithmetic {
    const char *kernel;
    char options[64];
    size_t most_items; /* of a group */
    int floats;        /* that an item writes */
    double flops;      /* of a work-item's round */
} arithmetic;

/* Wide vectors of one item are a CPU's shape, many items of narrow vectors a GPU's: all are tried. */
static arithmetic peak_of(int width, int chains, size_t most_items)
{
    arithmetic a = {"probe_peak", "", most_items, width, 2.0 * chains * width};

    snprintf(a.options, sizeof a.options, "-DWIDTH=%d -DCHAINS=%d", width, chains);
    return a;
}

/* So many sums as pixels by channel blocks, as the planner chooses them. */
static arithmetic tile_of(int sums)
{
    enum { LANES = 16 };
    const int vectors = px_tile_vectors(sums);
    arithmetic a = {"probe_tile", "", 1, LANES, 2.0 * LANES * LANES * sums};

    snprintf(a.options, sizeof a.options, "-DTILE_WIDTH=%d -DTILE_VECTORS=%d", sums / vectors, vectors);
    return a;
}

static cl_int set_arguments(cl_kernel kernel, cl_mem out, cl_mem in, cl_int rounds)
{
    cl_int code = clSetKernelArg(kernel, 0, sizeof out, &out);

    code = code ? code : clSetKernelArg(kernel, 1, sizeof in, &in);
    return code ? code : clSetKernelArg(kernel, 2, sizeof rounds, &rounds);
}

static pixcl_status fill_buffer(px_cl_device *device, cl_mem buffer, float value, size_t bytes, pixcl_error *err)
{
    cl_int code = clEnqueueFillBuffer(device->queue, buffer, &value, sizeof value, 0, bytes, 0, NULL, NULL);

    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueFillBuffer", "%zu bytes", bytes);
}

static pixcl_status measure_arithmetic(px_cl_device *device, const arithmetic *a, double *gflops, pixcl_error *err)
{
    enum { INPUTS = 1024 };
    const double wanted = device->quirks & PX_QUIRK_SLOW_CHECKER ? 0.0 : RUN_SECONDS;
    cl_kernel kernel = NULL;
    cl_mem out = NULL, in = NULL;
    size_t group = 1, global;
    double seconds = 0;
    int rounds = 16;
    pixcl_status status = build_kernel(device, a->options, a->kernel, &kernel, err);

    if (status == PIXCL_OK)
        status = group_size(device, kernel, a->most_items, &group, err);
    /* Enough groups to fill a GPU's schedulers, or to keep a CPU's threads evenly busy. */
    global = group * device->limits.compute_units * 64;
    if (device->quirks & PX_QUIRK_SLOW_CHECKER)
        global = group;
    if (status == PIXCL_OK)
        status = create_buffer(device, global * (size_t)a->floats * sizeof(float), &out, err);
    if (status == PIXCL_OK)
        status = create_buffer(device, INPUTS * sizeof(float), &in, err);
    if (status == PIXCL_OK)
        status = fill_buffer(device, in, 0.5f, INPUTS * sizeof(float), err);
    const probe_run run = {kernel, a->kernel, global, group};
    for (bool long_enough = false; status == PIXCL_OK && !long_enough;) {
        cl_int code = set_arguments(kernel, out, in, rounds);

        status = code == CL_SUCCESS ? fastest_run(device, &run, wanted, &seconds, err)
                                    : px_cl_fail(err, code, "clSetKernelArg", "kernel %s", a->kernel);
        long_enough = seconds >= wanted || rounds >= 1 << 24;
        if (!long_enough)
            rounds *= seconds < wanted / 8 ? 8 : 2;
    }
    if (status == PIXCL_OK)
        status = fastest_run(device, &run, PROBE_SECONDS, &seconds, err);
    *gflops = status == PIXCL_OK ? a->flops * rounds * (double)global / seconds * 1e-9 : 0;
    release(kernel, out, in, NULL);
    return status;
}

static pixcl_status set_copy_arguments(cl_kernel kernel, cl_mem from, cl_mem to, pixcl_error *err)
{
    cl_int code = clSetKernelArg(kernel, 0, sizeof from, &from);

    code = code ? code : clSetKernelArg(kernel, 1, sizeof to, &to);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clSetKernelArg", "kernel probe_copy");
}

/* GB/s of probe_copy with one vector width, reading and writing both counted. */
static pixcl_status time_copy(px_cl_device *device, int width, cl_mem from, cl_mem to, size_t bytes, double *gbps,
                              pixcl_error *err)
{
    cl_kernel kernel = NULL;
    double seconds = 0;
    pixcl_status status = build_kernel(device, width == 16 ? "-DWIDTH=16" : "-DWIDTH=4", "probe_copy", &kernel, err);

    if (status == PIXCL_OK)
        status = set_copy_arguments(kernel, from, to, err);
    const probe_run run = {kernel, "probe_copy", bytes / ((size_t)width * sizeof(float)), 0};
    if (status == PIXCL_OK)
        status = fastest_run(device, &run, PROBE_SECONDS, &seconds, err);
    if (status == PIXCL_OK) {
        double rate = 2.0 * (double)bytes / seconds * 1e-9;

        *gbps = rate > *gbps ? rate : *gbps;
    }
    release(kernel, NULL, NULL, NULL);
    return status;
}

static pixcl_status measure_copy(px_cl_device *device, double *gbps, pixcl_error *err)
{
    /* Far beyond the caches of any CPU core, yet a small part of a small device. */
    size_t most = smaller((size_t)64 << 20, (size_t)(device->limits.max_allocation / 4));
    size_t bytes = (size_t)64 << 10;
    cl_mem from = NULL, to = NULL;
    pixcl_status status;

    most = smaller(most, (size_t)(device->limits.global_memory / 16));
    while (bytes * 2 <= most && !(device->quirks & PX_QUIRK_SLOW_CHECKER))
        bytes *= 2;
    status = create_buffer(device, bytes, &from, err);
    if (status == PIXCL_OK)
        status = create_buffer(device, bytes, &to, err);
    if (status == PIXCL_OK)
        status = fill_buffer(device, from, 1.0f, bytes, err);
    if (status == PIXCL_OK)
        status = time_copy(device, 16, from, to, bytes, gbps, err);
    if (status == PIXCL_OK)
        status = time_copy(device, 4, from, to, bytes, gbps, err);
    release(NULL, from, to, NULL);
    return status;
}

/* Seconds of a launch among others of a queue that have next to nothing to do. */
static pixcl_status measure_launch(px_cl_device *device, double *launch, pixcl_error *err)
{
    enum { ITEMS = 64, WIDTH = 4 };
    const int count = device->quirks & PX_QUIRK_SLOW_CHECKER ? 1 : 64;
    cl_kernel kernel = NULL;
    cl_mem from = NULL, to = NULL;
    double seconds = 0;
    pixcl_status status = build_kernel(device, "-DWIDTH=4", "probe_copy", &kernel, err);

    if (status == PIXCL_OK)
        status = create_buffer(device, ITEMS * WIDTH * sizeof(float), &from, err);
    if (status == PIXCL_OK)
        status = create_buffer(device, ITEMS * WIDTH * sizeof(float), &to, err);
    if (status == PIXCL_OK)
        status = set_copy_arguments(kernel, from, to, err);
    const probe_run run = {kernel, "probe_copy", ITEMS, 0};
    if (status == PIXCL_OK)
        status = time_runs(device, &run, 1, &seconds, err);
    for (double end = px_now() + PROBE_SECONDS / 4; status == PIXCL_OK;) {
        status = time_runs(device, &run, count, &seconds, err);
        if (status == PIXCL_OK && (*launch <= 0 || seconds / count < *launch))
            *launch = seconds / count;
        if (px_now() >= end)
            break;
    }
    release(kernel, from, to, NULL);
    return status;
}

bool px_cl_has_tiles(const px_cl_device *device)
{
    return device->device_class == PX_DEVICE_CPU && !(device->quirks & PX_QUIRK_SOFTWARE_GPU);
}

pixcl_status px_cl_measure(px_cl_device *device, px_cl_speed *speed, pixcl_error *err)
{
    const arithmetic peaks[] = {peak_of(16, 16, 1), peak_of(16, 6, 1), peak_of(4, 16, 64), peak_of(1, 16, 64)};
    pixcl_status status = PIXCL_OK;

    *speed = (px_cl_speed){0};
    for (size_t i = 0; status == PIXCL_OK && i < sizeof peaks / sizeof peaks[0]; i++) {
        double gflops = 0;

        status = measure_arithmetic(device, &peaks[i], &gflops, err);
        speed->gflops = fmax(speed->gflops, gflops);
    }
    for (int i = 0; status == PIXCL_OK && px_cl_has_tiles(device) && i < PX_TILE_KINDS; i++) {
        const arithmetic tile = tile_of(px_tile_sums[i]);

        status = measure_arithmetic(device, &tile, &speed->tile_gflops[i], err);
    }
    if (status == PIXCL_OK)
        status = measure_copy(device, &speed->gbps, err);
    return status == PIXCL_OK ? measure_launch(device, &speed->launch_seconds, err) : status;
}

/* Small whole numbers, different at every place: products and sums of them are exact in float in any order. */
static float sample(size_t i)
{
    return (float)((i * 7 + i / 5) % 17) - 8.0f;
}

static pixcl_status upload_samples(px_cl_device *device, size_t count, float *host, cl_mem *buffer, pixcl_error *err)
{
    cl_int code;
    pixcl_status status = create_buffer(device, count * sizeof *host, buffer, err);

    if (status != PIXCL_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        host[i] = sample(i);
    code = clEnqueueWriteBuffer(device->queue, *buffer, CL_TRUE, 0, count * sizeof *host, host, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueWriteBuffer", "%zu floats", count);
}

enum { GROUPS = 5, LARGEST_GROUP = 64 };

static pixcl_status test_own_kernel(px_cl_device *device, pixcl_error *err)
{
    float values[GROUPS * LARGEST_GROUP], sums[GROUPS];
    const cl_float scale = 3.0f;
    cl_kernel kernel = NULL;
    cl_mem in = NULL, out = NULL;
    size_t group = 1, global;
    double seconds;
    cl_int code;
    pixcl_status status = build_kernel(device, NULL, "probe_sum", &kernel, err);

    memset(sums, 0xff, sizeof sums); /* NaN: an output that was never written cannot pass */
    if (status == PIXCL_OK)
        status = group_size(device, kernel, LARGEST_GROUP, &group, err);
    if (status == PIXCL_OK)
        status = upload_samples(device, GROUPS * group, values, &in, err);
    if (status == PIXCL_OK)
        status = create_buffer(device, sizeof sums, &out, err);
    if (status != PIXCL_OK)
        goto cleanup;
    code = clEnqueueWriteBuffer(device->queue, out, CL_TRUE, 0, sizeof sums, sums, 0, NULL, NULL);
    code = code ? code : clSetKernelArg(kernel, 0, sizeof in, &in);
    code = code ? code : clSetKernelArg(kernel, 1, sizeof scale, &scale);
    code = code ? code : clSetKernelArg(kernel, 2, group * sizeof(float), NULL);
    code = code ? code : clSetKernelArg(kernel, 3, sizeof out, &out);
    if (code != CL_SUCCESS) {
        status = px_cl_fail(err, code, "clSetKernelArg", "kernel probe_sum");
        goto cleanup;
    }
    global = GROUPS * group;
    status = time_runs(device, &(probe_run){kernel, "probe_sum", global, group}, 1, &seconds, err);
    if (status != PIXCL_OK)
        goto cleanup;
    code = clEnqueueReadBuffer(device->queue, out, CL_TRUE, 0, sizeof sums, sums, 0, NULL, NULL);
    if (code != CL_SUCCESS) {
        status = px_cl_fail(err, code, "clEnqueueReadBuffer", "kernel probe_sum");
        goto cleanup;
    }
    for (size_t g = 0; g < GROUPS && status == PIXCL_OK; g++) {
        float expected = 0;

        for (size_t l = 0; l < group; l++)
            expected += scale * values[g * group + l] + (float)l;
        if (!(sums[g] == expected))
            status = px_fail(err, PIXCL_ERROR_NUMERIC, "the sum of a work-group of %zu is %g instead of %g (group %zu)",
                             group, (double)sums[g], (double)expected, g);
    }
cleanup:
    release(kernel, in, out, NULL);
    return status;
}

enum { M = 37, N = 29, K = 41 };

/* C = 2 A B + C, row-major; odd sizes, so that every edge case of a tiled GEMM is met. */
static pixcl_status test_clblast(px_cl_device *device, pixcl_error *err)
{
    float a[M * K], b[K * N], before[M * N], c[M * N];
    cl_mem a_buffer = NULL, b_buffer = NULL, c_buffer = NULL;
    CLBlastStatusCode result;
    cl_int code;
    pixcl_status status = upload_samples(device, M * K, a, &a_buffer, err);

    if (status == PIXCL_OK)
        status = upload_samples(device, K * N, b, &b_buffer, err);
    if (status == PIXCL_OK)
        status = upload_samples(device, M * N, before, &c_buffer, err);
    if (status != PIXCL_OK)
        goto cleanup;
    result = CLBlastSgemm(CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeNo, M, N, K, 2.0f, a_buffer, 0, K,
                          b_buffer, 0, N, 1.0f, c_buffer, 0, N, &device->queue, NULL);
    if (result != CLBlastSuccess) {
        status = px_cl_fail(err, (cl_int)result, "CLBlastSgemm", "%d x %d x %d", M, N, K);
        goto cleanup;
    }
    code = clEnqueueReadBuffer(device->queue, c_buffer, CL_TRUE, 0, sizeof c, c, 0, NULL, NULL);
    if (code != CL_SUCCESS) {
        status = px_cl_fail(err, code, "clEnqueueReadBuffer", "result of CLBlastSgemm");
        goto cleanup;
    }
    for (size_t i = 0; i < M * N && status == PIXCL_OK; i++) {
        float expected = before[i];

        for (size_t k = 0; k < K; k++)
            expected += 2.0f * a[i / N * K + k] * b[k * N + i % N];
        if (!(c[i] == expected))
            status = px_fail(err, PIXCL_ERROR_NUMERIC,
                             "CLBlastSgemm %d x %d x %d gives %g instead of %g in row %zu, column %zu", M, N, K,
                             (double)c[i], (double)expected, i / N, i % N);
    }
cleanup:
    release(NULL, a_buffer, b_buffer, c_buffer);
    return status;
}

pixcl_status px_cl_selftest(px_cl_device *device, pixcl_error *err)
{
    pixcl_status status = test_own_kernel(device, err);

    return status == PIXCL_OK ? test_clblast(device, err) : status;
}
