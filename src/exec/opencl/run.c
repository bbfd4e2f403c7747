/* The OpenCL engine: memory, programs and bound kernels at creation; then a step is a loop over the plan's launches. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/context.h"
#include "base/env.h"
#include "base/log.h"
#include "base/math.h"
#include "base/memory.h"
#include "base/thread.h"
#include "exec/opencl/exec.h"
#include "exec/opencl/gemm.h"
#include "exec/opencl/plan_mark.h"
#include "exec/opencl/program.h"
#include "exec/opencl/sources.h"
#include "exec/opencl/transfer.h"

#define COMPILING "while kernels were compiled"

typedef struct engine {
    px_exec base; /* first: px_exec_calls find the engine through it */
    px_cl_device *device;
    const px_plan *plan;
    cl_mem *chunks;
    cl_mem gemm_scratch, step;
    size_t allocated;        /* bytes of the above, as the driver has them */
    cl_kernel *kernels;      /* one a launch, arguments set; NULL for GEMMs */
    px_cl_operand *operands; /* three a launch; NULL buffers but for GEMMs */
    px_staging *staging;     /* one a node; used by inputs */
    px_staging step_staging;
    unsigned long runs;    /* so far */
    cl_event *events;      /* one a launch, when profiling */
    px_launch_time *times; /* the same, of the last run */
} engine;

static void destroy(px_exec *exec)
{
    engine *e = (engine *)exec;
    if (px_cl_check_process(e->device, NULL) != PIXCL_OK)
        return; /* all that it has belongs to the other process, too */
    clFinish(e->device->queue);
    if (e->runs == 1)
        px_plan_has_run(e->device, e->plan);
    for (size_t i = 0; e->kernels && i < e->plan->launch_count; i++)
        if (e->kernels[i])
            clReleaseKernel(e->kernels[i]);
    for (size_t i = 0; e->operands && i < 3 * e->plan->launch_count; i++)
        if (e->operands[i].buffer)
            clReleaseMemObject(e->operands[i].buffer);
    for (size_t i = 0; e->chunks && i < e->plan->chunk_count; i++)
        if (e->chunks[i])
            clReleaseMemObject(e->chunks[i]);
    if (e->gemm_scratch)
        clReleaseMemObject(e->gemm_scratch);
    if (e->step)
        clReleaseMemObject(e->step);
    for (px_node i = 0; e->staging && i < e->plan->node_count; i++)
        px_staging_free(&e->staging[i]);
    px_staging_free(&e->step_staging);
    px_free(e->chunks);
    px_free(e->kernels);
    px_free(e->operands);
    px_free(e->staging);
    px_free(e->events);
    px_free(e->times);
    px_free(e);
}

static cl_mem create_buffer(engine *e, size_t bytes, pixcl_error *err)
{
    cl_int code;
    cl_mem buffer = clCreateBuffer(e->device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (code != CL_SUCCESS) {
        px_cl_fail(err, code, "clCreateBuffer", "%zu bytes of the plan's %zu on %s", bytes, e->plan->bytes,
                   e->device->name);
        return NULL;
    }
    size_t size = 0;
    clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof size, &size, NULL);
    e->allocated += size;
    return buffer;
}

static pixcl_status fill_buffer(engine *e, cl_mem buffer, float value, size_t place, size_t elements, pixcl_error *err)
{
    cl_int code =
        clEnqueueFillBuffer(e->device->queue, buffer, &value, sizeof value, place * 4, elements * 4, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueFillBuffer", "%zu elements", elements);
}

/* With PIXCL_POISON all memory starts as NaN, so that whatever reads before it writes shows. */
static pixcl_status create_memory(engine *e, pixcl_error *err)
{
    const px_plan *plan = e->plan;
    pixcl_status status = PIXCL_OK;
    for (size_t i = 0; status == PIXCL_OK && i < plan->chunk_count; i++) {
        e->chunks[i] = create_buffer(e, plan->chunks[i] * 4, err);
        status = !e->chunks[i]                 ? PIXCL_ERROR_MEMORY
                 : px_env_flag("PIXCL_POISON") ? fill_buffer(e, e->chunks[i], NAN, 0, plan->chunks[i], err)
                                               : PIXCL_OK;
    }
    for (px_node i = 0; status == PIXCL_OK && i < plan->node_count; i++)
        for (int k = 0; status == PIXCL_OK && k < PX_UPLOADS_AHEAD && px_uploads_ahead(plan, i); k++)
            status = (e->staging[i].ahead[k] = create_buffer(e, px_shape_count(plan->nodes[i].shape) * 4, err))
                         ? PIXCL_OK
                         : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK && plan->gemm_scratch > 0)
        status = (e->gemm_scratch = create_buffer(e, plan->gemm_scratch, err)) ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        status = (e->step = create_buffer(e, PX_STEP_WORDS * 4, err)) ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    return status;
}

/* The matrices of the GEMMs. */
static pixcl_status create_operands(engine *e, pixcl_error *err)
{
    const px_plan *plan = e->plan;
    pixcl_status status = PIXCL_OK;
    for (size_t i = 0; status == PIXCL_OK && i < plan->launch_count; i++) {
        const px_launch *launch = &plan->launches[i];
        if (launch->type != PX_LAUNCH_GEMM)
            continue;
        for (int k = 0; status == PIXCL_OK && k < 3; k++) {
            const px_arg *arg = &px_args_of(plan, launch)[k];
            const px_buffer *buffer = &plan->buffers[arg->buffer];
            status = px_cl_gemm_operand(e->device, &launch->gemm, e->chunks[buffer->chunk], buffer->place + arg->offset,
                                        buffer->place + buffer->elements, &e->operands[3 * i + (size_t)k], err);
        }
    }
    return status;
}

/* Variables start as zeros, constants as themselves. The device does it while programs are built: of 600 MB the first
 * touch alone takes half a second. */
static pixcl_status initialise_memory(engine *e, pixcl_error *err)
{
    const px_plan *plan = e->plan;
    pixcl_status status = PIXCL_OK;
    for (size_t b = 0; status == PIXCL_OK && b < plan->buffer_count; b++) {
        const px_buffer *buffer = &plan->buffers[b];
        if (!buffer->persistent)
            continue;
        const px_node_info *node = buffer->node == PX_NONE ? NULL : &plan->nodes[buffer->node];
        float value = node && node->op == PX_OP_CONSTANT ? node->attrs.value : 0;
        status = fill_buffer(e, e->chunks[buffer->chunk], value, buffer->place, buffer->elements, err);
    }
    if (status != PIXCL_OK)
        return status;
    cl_int code = clFlush(e->device->queue);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clFlush", "%s", "");
}

static pixcl_status build(engine *e, const px_kernel_program *wanted, cl_program *program, pixcl_error *err)
{
    char *source;
    pixcl_status status = px_program_source(wanted, &source, err);
    if (status == PIXCL_OK)
        status = px_program_build_source(e->device, wanted->kernel, source, NULL, program, err);
    px_free(source);
    return status;
}

static pixcl_status set_arg(cl_kernel kernel, cl_uint index, size_t size, const void *value, const px_launch *launch,
                            pixcl_error *err)
{
    cl_int code = clSetKernelArg(kernel, index, size, value);
    return code == CL_SUCCESS
               ? PIXCL_OK
               : px_cl_fail(err, code, "clSetKernelArg", "argument %u of %s", (unsigned)index, launch->label);
}

static pixcl_status bind_arguments(engine *e, const px_launch *launch, cl_kernel kernel, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    cl_uint index = 0;
    for (int a = 0; status == PIXCL_OK && a < launch->arg_count; a++) {
        const px_arg *arg = &px_args_of(e->plan, launch)[a];
        if (arg->type == PX_ARG_INT) {
            cl_int value = arg->i;
            status = set_arg(kernel, index++, sizeof value, &value, launch, err);
        } else if (arg->type == PX_ARG_FLOAT) {
            cl_float value = arg->f;
            status = set_arg(kernel, index++, sizeof value, &value, launch, err);
        } else if (arg->type == PX_ARG_STEP) {
            status = set_arg(kernel, index++, sizeof e->step, &e->step, launch, err);
        } else if (arg->type == PX_ARG_LOCAL) {
            status = set_arg(kernel, index++, 4 * (size_t)arg->i, NULL, launch, err);
        } else {
            const px_buffer *buffer = &e->plan->buffers[arg->buffer];
            cl_uint offset = (cl_uint)(buffer->place + arg->offset);
            status = set_arg(kernel, index++, sizeof(cl_mem), &e->chunks[buffer->chunk], launch, err);
            if (status == PIXCL_OK)
                status = set_arg(kernel, index++, sizeof offset, &offset, launch, err);
        }
    }
    return status;
}

/* Says once what takes so long, when at this rate it will take long. */
static void announce(const engine *e, size_t done, double begin, bool *said)
{
    enum { LONG_SECONDS = 2 };
    double whole = (px_now() - begin) / (double)done * (double)e->plan->program_count;
    if (*said || whole < LONG_SECONDS)
        return;
    *said = true;
    px_log(PIXCL_LOG_INFO, "compiling %zu kernel programs for %s; the driver keeps them for the next time",
           e->plan->program_count, e->device->name);
}

static pixcl_status create_kernels(engine *e, pixcl_error *err)
{
    const px_plan *plan = e->plan;
    cl_program *programs = px_calloc(plan->program_count, sizeof *programs, err);
    if (!programs)
        return PIXCL_ERROR_MEMORY;
    double begin = px_now();
    bool said = px_plan_ran_before(e->device, plan);
    pixcl_status status = PIXCL_OK;
    for (size_t i = 0; status == PIXCL_OK && i < plan->program_count; i++) {
        status = px_stopped(COMPILING, err) ? PIXCL_ERROR_INTERRUPTED : build(e, &plan->programs[i], &programs[i], err);
        announce(e, i + 1, begin, &said);
    }
    for (size_t i = 0; status == PIXCL_OK && i < plan->launch_count; i++) {
        const px_launch *launch = &plan->launches[i];
        if (launch->type != PX_LAUNCH_KERNEL)
            continue;
        cl_int code;
        e->kernels[i] = clCreateKernel(programs[launch->program], plan->programs[launch->program].kernel, &code);
        status = code == CL_SUCCESS ? bind_arguments(e, launch, e->kernels[i], err)
                                    : px_cl_fail(err, code, "clCreateKernel", "%s", launch->label);
    }
    px_memory_trim(); /* compilers leave a hundred megabytes behind */
    px_log(PIXCL_LOG_DEBUG, "%zu programs ready after %.2f s", plan->program_count, px_now() - begin);
    px_free(programs);
    return status;
}

static px_place place_of(const engine *e, const px_value *value)
{
    const px_buffer *buffer = &e->plan->buffers[value->buffer];
    return (px_place){.queue = e->device->queue,
                      .buffer = e->chunks[buffer->chunk],
                      .offset = (buffer->place + value->offset) * 4,
                      .mapped = e->device->maps_memory};
}

static pixcl_status write(px_exec *exec, px_node node, const float *values, pixcl_error *err)
{
    engine *e = (engine *)exec;
    const px_value *value = &e->plan->values[node];
    if (px_cl_check_process(e->device, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (value->buffer < 0) /* nothing in the plan reads it */
        return PIXCL_OK;
    px_place to = place_of(e, value);
    if (e->plan->nodes[node].op == PX_OP_VARIABLE) /* set once, and may be large */
        return px_write_value(e->plan, node, values, &to, err);
    size_t count = px_shape_count(e->plan->nodes[node].shape);
    px_staging *staging = &e->staging[node]; /* an input comes every step, which does not wait for the one before */
    float *slot = px_staging_acquire(staging, count, err);
    if (!slot)
        return err ? err->status : PIXCL_ERROR_MEMORY;
    if (px_to_device_order(e->plan, node, values, slot, err) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_staging_upload(staging, e->device->uploads, &to, count * 4, err);
}

static pixcl_status write_rows(px_exec *exec, px_node input, px_exec_rows rows, void *context, pixcl_error *err)
{
    engine *e = (engine *)exec;
    const px_value *value = &e->plan->values[input];
    if (px_cl_check_process(e->device, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (value->buffer < 0)
        return PIXCL_OK;
    const size_t count = px_shape_count(e->plan->nodes[input].shape);
    const px_place to = place_of(e, value);
    px_staging *staging = &e->staging[input];
    float *slot = px_staging_acquire(staging, count, err);
    if (!slot)
        return err ? err->status : PIXCL_ERROR_MEMORY;
    px_rows_to_device_order(e->plan, input, rows, context, slot);
    return px_staging_upload(staging, e->device->uploads, &to, count * 4, err);
}

static pixcl_status read(px_exec *exec, px_node node, float *values, pixcl_error *err)
{
    engine *e = (engine *)exec;
    const px_value *value = &e->plan->values[node];
    if (px_cl_check_process(e->device, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (value->buffer < 0)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "node %d is not in memory: mark it with px_graph_output()", node);
    px_place from = place_of(e, value);
    return px_read_value(e->plan, node, &from, values, err);
}

static pixcl_status upload_step(engine *e, const px_step *step, pixcl_error *err)
{
    float *slot = px_staging_acquire(&e->step_staging, PX_STEP_WORDS, err);
    if (!slot)
        return PIXCL_ERROR_MEMORY;
    const uint64_t numbers[] = {step->seed, step->step, step->pictures};
    enum { WORDS = 2 * sizeof numbers / sizeof *numbers };
    for (size_t i = 0; i < WORDS; i++) {
        const uint32_t word = (uint32_t)(numbers[i / 2] >> (i % 2 ? 32 : 0));
        memcpy(slot + i, &word, sizeof word);
    }
    for (int i = 0; i < PX_MAX_OPTIMISERS; i++) {
        const px_optimiser *o = &e->plan->optimisers[i];
        slot[WORDS + 2 * i] = (float)((double)step->lr[i] / (1 - px_power(o->beta1, step->step)));
        slot[WORDS + 1 + 2 * i] = (float)(1 / sqrt(1 - px_power(o->beta2, step->step)));
    }
    const px_place to = {.queue = e->device->queue, .buffer = e->step};
    return px_staging_upload(&e->step_staging, NULL, &to, PX_STEP_WORDS * 4, err);
}

static pixcl_status enqueue(engine *e, size_t index, cl_event *event, pixcl_error *err)
{
    const px_launch *launch = &e->plan->launches[index];
    if (launch->type == PX_LAUNCH_GEMM)
        return px_cl_gemm(e->device, &launch->gemm, &e->operands[3 * index], e->gemm_scratch, event, err);
    cl_int code = clEnqueueNDRangeKernel(e->device->queue, e->kernels[index], 3, launch->first, launch->global,
                                         launch->local[0] > 0 ? launch->local : NULL, 0, NULL, event);
    return code == CL_SUCCESS
               ? PIXCL_OK
               : px_cl_fail(err, code, "clEnqueueNDRangeKernel",
                            "%s, global %zu x %zu x %zu, groups of %zu x %zu x %zu", launch->label, launch->global[0],
                            launch->global[1], launch->global[2], launch->local[0], launch->local[1], launch->local[2]);
}

/* When a command began (CL_PROFILING_COMMAND_START) or ended, in seconds. */
static cl_int time_of(cl_event event, cl_profiling_info what, double *seconds)
{
    cl_ulong nanoseconds = 0;
    cl_int code = clGetEventProfilingInfo(event, what, sizeof nanoseconds, &nanoseconds, NULL);
    *seconds = 1e-9 * (double)nanoseconds;
    return code;
}

/* A GEMM is several kernels (pad, multiply, copy back), and CLBlast gives the event of the last one alone. Its time
 * begins where the command before it ends, the first of its kernels cannot begin sooner in an in-order queue; what
 * CLBlast takes on the host while the device waits is in it. No marker in front says so as surely: drivers have refused
 * to give a marker's times, or given 0. */
static pixcl_status collect_times(engine *e, pixcl_error *err)
{
    double before = 0;
    cl_int code = clFinish(e->device->queue);
    if (code == CL_SUCCESS)
        code = time_of(px_staging_last(&e->step_staging), CL_PROFILING_COMMAND_END, &before);
    for (size_t i = 0; code == CL_SUCCESS && i < e->plan->launch_count; i++) {
        px_launch_time *time = &e->times[i];
        if (e->plan->launches[i].type == PX_LAUNCH_GEMM)
            time->begin = before;
        else
            code = time_of(e->events[i], CL_PROFILING_COMMAND_START, &time->begin);
        if (code == CL_SUCCESS)
            code = time_of(e->events[i], CL_PROFILING_COMMAND_END, &time->end);
        before = time->end;
    }
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clGetEventProfilingInfo", "%s", "");
}

static void release_events(engine *e)
{
    for (size_t i = 0; e->events && i < e->plan->launch_count; i++)
        if (e->events[i]) {
            clReleaseEvent(e->events[i]);
            e->events[i] = NULL;
        }
}

static pixcl_status run(px_exec *exec, const px_step *step, pixcl_error *err)
{
    engine *e = (engine *)exec;
    if (px_cl_check_process(e->device, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (e->runs++ == 1) /* the first one is behind it, or about to be */
        px_plan_has_run(e->device, e->plan);
    const bool compiles = e->runs == 1; /* some drivers do most of it as a kernel is launched for the first time */
    pixcl_status status = upload_step(e, step, err);
    for (size_t i = 0; status == PIXCL_OK && i < e->plan->launch_count; i++)
        status = compiles && px_stopped(COMPILING, err) ? PIXCL_ERROR_INTERRUPTED
                                                        : enqueue(e, i, e->events ? &e->events[i] : NULL, err);
    if (status == PIXCL_OK && e->events)
        status = collect_times(e, err);
    release_events(e);
    if (status != PIXCL_OK || e->events)
        return status;
    cl_int code = clFlush(e->device->queue);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clFlush", "%s", "");
}

static pixcl_status finish(px_exec *exec, pixcl_error *err)
{
    engine *e = (engine *)exec;
    if (px_cl_check_process(e->device, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    cl_int code = clFinish(e->device->queue);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clFinish", "%s", "");
}

/* Values written by a thread of their own. */
typedef struct filling {
    px_exec *exec;
    px_exec_fill fill;
    void *context;
    pixcl_status status;
    pixcl_error err;
} filling;

static void *fill_values(void *argument)
{
    filling *f = argument;
    f->status = f->fill(f->context, f->exec, &f->err);
    return NULL;
}

/* Drivers compile under one lock, which keeps one core busy; reading values and putting them in order another. */
static pixcl_status create_kernels_and_fill(engine *e, px_exec_fill fill, void *context, pixcl_error *err)
{
    if (!fill)
        return create_kernels(e, err);
    filling f = {.exec = &e->base, .fill = fill, .context = context};
    pthread_t thread;
    const bool beside = px_thread_start(&thread, fill_values, &f) == 0;
    pixcl_status status = create_kernels(e, err);
    if (beside)
        pthread_join(thread, NULL);
    else if (status == PIXCL_OK)
        fill_values(&f);
    if (status == PIXCL_OK && f.status != PIXCL_OK) {
        status = f.status;
        if (err)
            *err = f.err;
    }
    return status;
}

px_exec *px_exec_create_opencl(px_cl_device *device, const px_plan *plan, px_exec_fill fill, void *context,
                               pixcl_error *err)
{
    static const px_exec_calls calls = {destroy, write, write_rows, read, run, finish};
    engine *e = px_calloc(1, sizeof *e, err);
    if (!e)
        return NULL;
    e->base.calls = &calls;
    e->device = device;
    e->plan = plan;
    e->chunks = px_calloc(plan->chunk_count, sizeof *e->chunks, err);
    e->kernels = px_calloc(plan->launch_count, sizeof *e->kernels, err);
    e->operands = px_calloc(3 * plan->launch_count, sizeof *e->operands, err);
    e->staging = px_calloc((size_t)plan->node_count, sizeof *e->staging, err);
    bool ready = e->chunks && e->kernels && e->operands && e->staging;
    if (ready && device->profiling) {
        e->events = px_calloc(plan->launch_count, sizeof *e->events, err);
        e->times = px_calloc(plan->launch_count, sizeof *e->times, err);
        ready = e->events && e->times;
    }
    if (!ready || create_memory(e, err) != PIXCL_OK || create_operands(e, err) != PIXCL_OK ||
        initialise_memory(e, err) != PIXCL_OK || create_kernels_and_fill(e, fill, context, err) != PIXCL_OK) {
        destroy(&e->base);
        return NULL;
    }
    return &e->base;
}

/* Of another layout, it goes through the host. */
static pixcl_status copy_by_host(px_exec *from, px_node variable, px_exec *to, px_node same, size_t count,
                                 pixcl_error *err)
{
    float *values = px_calloc(count, sizeof *values, err);
    pixcl_status status = values ? px_exec_read(from, variable, values, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        status = px_exec_write(to, same, values, err);
    px_free(values);
    return status;
}

pixcl_status px_exec_opencl_copy(px_exec *from, px_node variable, px_exec *to, px_node same, pixcl_error *err)
{
    const engine *a = (const engine *)from, *b = (const engine *)to;
    const px_value *source = &a->plan->values[variable], *target = &b->plan->values[same];
    const size_t count = px_shape_count(b->plan->nodes[same].shape);
    if (px_cl_check_process(b->device, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (target->buffer < 0)
        return PIXCL_OK;
    if (a->device != b->device || source->layout != target->layout || source->block != target->block ||
        a->plan->target.block != b->plan->target.block)
        return copy_by_host(from, variable, to, same, count, err);
    const px_place begin = place_of(a, source), end = place_of(b, target);
    cl_int code = clEnqueueCopyBuffer(b->device->queue, begin.buffer, end.buffer, begin.offset, end.offset, count * 4,
                                      0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueCopyBuffer", "%zu bytes", count * 4);
}

const px_launch_time *px_exec_opencl_times(const px_exec *exec)
{
    return ((const engine *)exec)->times;
}

size_t px_exec_opencl_bytes(const px_exec *exec)
{
    return ((const engine *)exec)->allocated;
}

cl_mem px_exec_opencl_memory(const px_exec *exec, px_node node, size_t *offset)
{
    const engine *e = (const engine *)exec;
    const px_value *value = &e->plan->values[node];
    if (value->buffer < 0)
        return NULL;
    const px_buffer *buffer = &e->plan->buffers[value->buffer];
    *offset = (buffer->place + value->offset) * 4;
    return e->chunks[buffer->chunk];
}
