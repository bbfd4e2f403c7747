/* Planning, running and timing one convolution. */
#include "exec/opencl/tune_trial.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "exec/opencl/program_cache.h"
#include "graph/build.h"

/* More than the last cache of most processors. A larger one keeps what a step leaves there too. */
enum { SWEEP_BYTES = 40 << 20 };

void px_trial_stand_free(px_trial_stand *stand)
{
    if (stand->sweep)
        clReleaseMemObject(stand->sweep);
    px_free(stand->numbers);
    *stand = (px_trial_stand){.device = stand->device};
}

static pixcl_status need_numbers(px_trial_stand *stand, size_t count, pixcl_error *err)
{
    if (count <= stand->number_count)
        return PIXCL_OK;
    float *numbers = px_calloc(count, sizeof *numbers, err);
    if (!numbers)
        return PIXCL_ERROR_MEMORY;
    px_rng rng = {.seed = 1};
    for (size_t i = 0; i < count; i++)
        numbers[i] = 2 * px_rng_float(&rng) - 1;
    px_free(stand->numbers);
    stand->numbers = numbers;
    stand->number_count = count;
    return PIXCL_OK;
}

static pixcl_status need_sweep(px_trial_stand *stand, pixcl_error *err)
{
    cl_int code = CL_SUCCESS;
    if (!stand->sweep)
        stand->sweep = clCreateBuffer(stand->device->context, CL_MEM_READ_WRITE, SWEEP_BYTES, NULL, &code);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clCreateBuffer", "%d bytes", (int)SWEEP_BYTES);
}

/* What conv_t adds to a side beyond (x-1)*stride - 2*pad + kernel. */
static int output_pad(int x, int y, const px_conv_problem *p)
{
    return y - ((x - 1) * p->stride - 2 * p->pad + p->kernel);
}

/* A weight gradient lies as the weight, and that as its forward pass wants it: the graph has one, of which nothing is
 * kept but this. `transposed`: it is a transposed convolution. */
static void build_gradient(px_trial *t, bool transposed)
{
    const px_conv_problem *p = &t->problem;
    px_shape shape = {p->y.c, p->x.c, p->kernel, p->kernel};
    t->a = px_input(t->graph, p->x, "x");
    t->b = px_input(t->graph, p->y, "dy");
    px_node w = px_variable(t->graph, PX_WEIGHT, shape, "w", false);
    px_node forward = transposed ? px_conv_t(t->graph, t->b, w, p->stride, p->pad, output_pad(p->y.h, p->x.h, p))
                                 : px_conv(t->graph, t->a, w, p->stride, p->pad);
    px_graph_output(t->graph, forward, "forward");
    t->result = px_graph_output(t->graph, px_conv_wgrad(t->graph, t->a, t->b, p->kernel, p->stride, p->pad), "result");
}

static void build_forward(px_trial *t)
{
    const px_conv_problem *p = &t->problem;
    bool transposed = p->op == PX_OP_CONV_T;
    px_shape shape = {transposed ? p->x.c : p->y.c, transposed ? p->y.c : p->x.c, p->kernel, p->kernel};
    t->a = px_input(t->graph, p->x, "x");
    t->b = px_variable(t->graph, PX_WEIGHT, shape, "w", false);
    px_node y = transposed ? px_conv_t(t->graph, t->a, t->b, p->stride, p->pad, output_pad(p->x.h, p->y.h, p))
                           : px_conv(t->graph, t->a, t->b, p->stride, p->pad);
    t->result = px_graph_output(t->graph, y, "result");
}

static pixcl_status build_and_plan(px_trial *t, bool transposed_forward, pixcl_error *err)
{
    t->graph = px_graph_create(err);
    if (!t->graph)
        return PIXCL_ERROR_MEMORY;
    if (t->problem.op == PX_OP_CONV_WGRAD)
        build_gradient(t, transposed_forward);
    else
        build_forward(t);
    px_target target = px_cl_target(t->stand->device);
    target.block = t->problem.block;
    target.tuning = &t->table;
    pixcl_status status = px_graph_check(t->graph, err);
    if (status == PIXCL_OK)
        t->plan = px_plan_create(t->graph, &target, err);
    return status == PIXCL_OK && !t->plan ? PIXCL_ERROR_MEMORY : status;
}

pixcl_status px_trial_plan(px_trial *t, px_trial_stand *stand, const px_conv_problem *problem, const px_cut *cut,
                           pixcl_error *err)
{
    *t = (px_trial){.stand = stand, .problem = *problem};
    if (cut) {
        t->entry = (px_tuned){*problem, *cut};
        t->table = (px_tuning){.entries = &t->entry, .count = 1, .capacity = 1};
    }
    pixcl_status status = build_and_plan(t, false, err);
    const bool gradient = problem->op == PX_OP_CONV_WGRAD;
    if (status == PIXCL_OK && gradient &&
        px_conv_problem_of(t->plan, t->result).vector_large != problem->vector_large) {
        px_plan_destroy(&t->plan);
        px_graph_destroy(&t->graph);
        status = build_and_plan(t, true, err);
    }
    if (status != PIXCL_OK)
        return status;
    px_plan_keep_only(t->plan, t->result);
    t->algorithm = t->plan->algorithms[t->result];
    return PIXCL_OK;
}

uint64_t px_trial_hash(const px_trial *t)
{
    uint64_t hash = PX_HASH_START;
    for (size_t l = 0; l < t->plan->launch_count; l++) {
        const px_launch *launch = &t->plan->launches[l];
        hash = px_hash(hash, launch->global, sizeof launch->global);
        if (launch->type == PX_LAUNCH_KERNEL) {
            const px_kernel_program *program = &t->plan->programs[launch->program];
            hash = px_hash(hash, program->kernel, strlen(program->kernel));
            hash = px_hash(hash, program->preamble, strlen(program->preamble));
        }
        for (int a = 0; a < launch->arg_count; a++)
            hash = px_hash(hash, &px_args_of(t->plan, launch)[a].i, sizeof(int));
    }
    return hash;
}

static pixcl_status upload(px_trial *t, px_node node, const float *values, pixcl_error *err)
{
    size_t offset, bytes = px_shape_count(px_graph_node(t->graph, node)->shape) * sizeof *values;
    cl_mem memory = px_exec_opencl_memory(t->exec, node, &offset);
    cl_int code = clEnqueueWriteBuffer(t->stand->device->queue, memory, CL_TRUE, offset, bytes, values, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueWriteBuffer", "%zu bytes", bytes);
}

static pixcl_status run(px_trial *t, pixcl_error *err)
{
    const px_step step = {.step = 1};
    pixcl_status status = px_exec_run(t->exec, &step, err);
    return status == PIXCL_OK ? px_exec_finish(t->exec, err) : status;
}

pixcl_status px_trial_load(px_trial *t, pixcl_error *err)
{
    size_t of_a = px_shape_count(px_graph_node(t->graph, t->a)->shape);
    size_t of_b = px_shape_count(px_graph_node(t->graph, t->b)->shape);
    pixcl_status status = need_numbers(t->stand, of_a + of_b, err);
    if (status == PIXCL_OK)
        status = need_sweep(t->stand, err);
    if (status == PIXCL_OK && !(t->exec = px_exec_create_opencl(t->stand->device, t->plan, NULL, NULL, err)))
        status = err ? err->status : PIXCL_ERROR_DEVICE;
    if (status == PIXCL_OK)
        status = upload(t, t->a, t->stand->numbers, err);
    if (status == PIXCL_OK)
        status = upload(t, t->b, t->stand->numbers + of_a, err);
    return status == PIXCL_OK ? run(t, err) : status;
}

pixcl_status px_trial_run(px_trial *t, double *seconds, pixcl_error *err)
{
    const float zero = 0;
    cl_int code = clEnqueueFillBuffer(t->stand->device->queue, t->stand->sweep, &zero, sizeof zero, 0, SWEEP_BYTES, 0,
                                      NULL, NULL);
    if (code != CL_SUCCESS)
        return px_cl_fail(err, code, "clEnqueueFillBuffer", "%d bytes", (int)SWEEP_BYTES);
    pixcl_status status = run(t, err);
    const px_launch_time *times = px_exec_opencl_times(t->exec);
    if (status == PIXCL_OK)
        *seconds = times[t->plan->launch_count - 1].end - times[0].begin;
    return status;
}

void px_trial_close(px_trial *t)
{
    px_exec_destroy(&t->exec);
    px_plan_destroy(&t->plan);
    px_graph_destroy(&t->graph);
}
