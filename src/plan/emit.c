/* Buffers, programs, launches and their arguments. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "plan/planner.h"

int px_gcd(int a, int b)
{
    while (b != 0) {
        int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int px_largest_divisor(int n, const int *candidates, int count)
{
    int best = 1;
    for (int i = 0; i < count; i++)
        if (n % candidates[i] == 0 && candidates[i] > best)
            best = candidates[i];
    return best;
}

int px_new_buffer(px_planner *p, size_t elements, px_node node)
{
    px_plan *plan = p->plan;
    if (px_grow(&plan->buffers, &plan->buffer_capacity, plan->buffer_count + 1, sizeof *plan->buffers, p->err) !=
        PIXCL_OK)
        return -1;
    plan->buffers[plan->buffer_count] = (px_buffer){.elements = elements, .first = -1, .last = -1, .node = node};
    return (int)plan->buffer_count++;
}

/* The program with these sources and preamble, added when it is new. */
static int find_program(px_planner *p, const char *kernel, const char *const *sources, const char *preamble)
{
    px_plan *plan = p->plan;
    for (size_t i = 0; i < plan->program_count; i++)
        if (strcmp(plan->programs[i].kernel, kernel) == 0 && strcmp(plan->programs[i].preamble, preamble) == 0)
            return (int)i;
    if (px_grow(&plan->programs, &plan->program_capacity, plan->program_count + 1, sizeof *plan->programs, p->err) !=
        PIXCL_OK)
        return -1;
    px_kernel_program *program = &plan->programs[plan->program_count];
    program->kernel = kernel;
    program->preamble = px_strdup(preamble, p->err);
    if (!program->preamble)
        return -1;
    for (int i = 0; i < PX_MAX_SOURCES && sources[i]; i++)
        program->sources[i] = sources[i];
    return (int)plan->program_count++;
}

static px_launch *new_launch(px_planner *p, px_node node, px_launch_type type)
{
    px_plan *plan = p->plan;
    if (px_grow(&plan->launches, &plan->launch_capacity, plan->launch_count + 1, sizeof *plan->launches, p->err) !=
        PIXCL_OK)
        return NULL;
    px_launch *launch = &plan->launches[plan->launch_count++];
    launch->type = type;
    launch->node = node;
    launch->stage = px_at(p, node)->stage;
    return launch;
}

px_launch *px_emit_kernel(px_planner *p, px_node node, const char *kernel, const char *const *sources,
                          const char *preamble, const size_t global[3])
{
    bool single = p->target->device_class == PX_DEVICE_CPU;
    char *whole = px_format(p->err, "#define SINGLE_GROUPS %d\n%s", single, preamble);
    int program = whole ? find_program(p, kernel, sources, whole) : -1;
    px_free(whole);
    px_launch *launch = program >= 0 ? new_launch(p, node, PX_LAUNCH_KERNEL) : NULL;
    if (launch) {
        launch->program = program;
        launch->single_groups = single;
        memcpy(launch->global, global, sizeof launch->global);
        px_label(launch, "%s", kernel);
    }
    return launch;
}

px_launch *px_emit_gemm(px_planner *p, px_node node, const px_gemm *gemm)
{
    px_launch *launch = new_launch(p, node, PX_LAUNCH_GEMM);
    if (!launch)
        return NULL;
    launch->gemm = *gemm;
    launch->flops = 2.0 * (double)gemm->m * (double)gemm->n * (double)gemm->k;
    launch->bytes = 4.0 * ((double)gemm->m * gemm->k + (double)gemm->k * gemm->n + (double)gemm->m * gemm->n);
    px_label(launch, "gemm %zux%zux%zu", gemm->m, gemm->n, gemm->k);
    if (p->target->gemm_scratch) {
        size_t scratch;
        if (!p->target->gemm_scratch(p->target->user, gemm, &scratch)) {
            px_fail(
                p->err, PIXCL_ERROR_DEVICE,
                "CLBlast does not tell how much memory it needs for a product of %zu x %zu x %zu; PIXCL_CONV=direct "
                "does without it",
                gemm->m, gemm->n, gemm->k);
            return NULL;
        }
        if (scratch > p->plan->gemm_scratch)
            p->plan->gemm_scratch = scratch;
    }
    return launch;
}

static px_arg *next_arg(px_launch *launch, px_arg_type type)
{
    px_arg *arg = &launch->args[launch->arg_count++];
    *arg = (px_arg){.type = type, .buffer = -1};
    return arg;
}

void px_arg_buffer(px_launch *launch, px_arg_type type, int buffer, size_t offset)
{
    px_arg *arg = next_arg(launch, type);
    arg->buffer = buffer;
    arg->offset = offset;
}

void px_arg_value(const px_planner *p, px_launch *launch, px_arg_type type, px_node node)
{
    px_arg_buffer(launch, type, px_value_of(p, node)->buffer, px_value_of(p, node)->offset);
}

void px_arg_int(px_launch *launch, long value)
{
    next_arg(launch, PX_ARG_INT)->i = (int)value;
}

void px_arg_float(px_launch *launch, float value)
{
    next_arg(launch, PX_ARG_FLOAT)->f = value;
}

void px_arg_step(px_launch *launch)
{
    next_arg(launch, PX_ARG_STEP);
}

int px_run_length(const px_planner *p)
{
    return p->target->device_class == PX_DEVICE_CPU ? 4096 : 1;
}

size_t px_count_runs(size_t count, int length)
{
    return (count + (size_t)length - 1) / (size_t)length;
}

void px_label(px_launch *launch, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    px_vsnprintf(launch->label, sizeof launch->label, format, args);
    va_end(args);
}

bool px_same_weight_layout(const px_planner *p, px_weight_layout a, px_weight_layout b)
{
    if (p->target->block == 1) { /* AXIS0 is then the plain order */
        a = a == PX_WEIGHT_AXIS0 ? PX_WEIGHT_PLAIN : a;
        b = b == PX_WEIGHT_AXIS0 ? PX_WEIGHT_PLAIN : b;
    }
    return a == b;
}
