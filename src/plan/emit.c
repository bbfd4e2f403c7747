/* Buffers, programs, launches and their arguments. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "plan/gemm_form.h"

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
    launch->first_arg = plan->arg_count;
    launch->type = type;
    launch->node = node;
    launch->stage = px_at(p, node)->stage;
    return launch;
}

px_launch *px_emit_kernel(px_planner *p, px_node node, const char *kernel, const char *const *sources,
                          const char *preamble, const size_t global[3])
{
    bool single = p->target->single_groups;
    char *whole = px_format(p->err, "#define SINGLE_GROUPS %d\n%s", single, preamble);
    int program = whole ? find_program(p, kernel, sources, whole) : -1;
    px_free(whole);
    px_launch *launch = program >= 0 ? new_launch(p, node, PX_LAUNCH_KERNEL) : NULL;
    if (launch) {
        launch->program = program;
        memcpy(launch->global, global, sizeof launch->global);
        if (single)
            px_local(launch, 1, 1, 1);
        px_label(launch, "%s", kernel);
    }
    return launch;
}

pixcl_status px_emit_gemm(px_planner *p, px_node node, const px_gemm *gemm, const px_operand operands[3])
{
    px_launch *launch = new_launch(p, node, PX_LAUNCH_GEMM);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    launch->gemm = *gemm;
    if (!px_gemm_settle_at(p->target, &launch->gemm, operands))
        return px_fail(p->err, PIXCL_ERROR_DEVICE,
                       "CLBlast does not tell how much memory it needs for a product of %zu x %zu x %zu; "
                       "PIXCL_CONV=direct does without it",
                       gemm->m, gemm->n, gemm->k);
    if (launch->gemm.scratch > p->plan->gemm_scratch)
        p->plan->gemm_scratch = launch->gemm.scratch;
    launch->flops = 2.0 * (double)gemm->m * (double)gemm->n * (double)gemm->k;
    launch->bytes = 4.0 * ((double)gemm->m * gemm->k + (double)gemm->k * gemm->n + (double)gemm->m * gemm->n) +
                    2.0 * (double)launch->gemm.scratch; /* what is copied is written and read once more */
    px_label(launch, "gemm %zux%zux%zu%s", gemm->m, gemm->n, gemm->k, launch->gemm.column_major ? " column-major" : "");
    for (int i = 0; i < 3; i++)
        px_arg_buffer(p, i < 2 ? PX_ARG_READ : PX_ARG_WRITE, operands[i].buffer, operands[i].offset);
    return PIXCL_OK;
}

void px_local(px_launch *launch, size_t x, size_t y, size_t z)
{
    launch->local[0] = x;
    launch->local[1] = y;
    launch->local[2] = z;
}

void px_local_usual(const px_planner *p, px_launch *launch)
{
    size_t group = (size_t)p->target->group;
    if (p->target->single_groups)
        return;
    launch->global[0] = (launch->global[0] + group - 1) / group * group;
    px_local(launch, group, 1, 1);
}

/* Adds an argument to the launch that was emitted last. Without memory the planner fails at the end of the pass, so
 * that a list of arguments reads as one. */
static void add_arg(px_planner *p, px_arg arg)
{
    px_plan *plan = p->plan;
    if (p->failed ||
        px_grow(&plan->args, &plan->arg_capacity, plan->arg_count + 1, sizeof *plan->args, p->err) != PIXCL_OK) {
        p->failed = true;
        return;
    }
    plan->args[plan->arg_count++] = arg;
    plan->launches[plan->launch_count - 1].arg_count++;
}

void px_arg_buffer(px_planner *p, px_arg_type type, int buffer, size_t offset)
{
    add_arg(p, (px_arg){.type = type, .buffer = buffer, .offset = offset});
}

void px_arg_value(px_planner *p, px_arg_type type, px_node node)
{
    px_arg_buffer(p, type, px_value_of(p, node)->buffer, px_value_of(p, node)->offset);
}

void px_arg_int(px_planner *p, int64_t value)
{
    add_arg(p, (px_arg){.type = PX_ARG_INT, .buffer = -1, .i = (int)value});
}

void px_arg_float(px_planner *p, float value)
{
    add_arg(p, (px_arg){.type = PX_ARG_FLOAT, .buffer = -1, .f = value});
}

void px_arg_step(px_planner *p)
{
    add_arg(p, (px_arg){.type = PX_ARG_STEP, .buffer = -1});
}

void px_arg_local(px_planner *p, size_t elements)
{
    add_arg(p, (px_arg){.type = PX_ARG_LOCAL, .buffer = -1, .i = (int)elements});
}

size_t px_count_runs(size_t count, int length)
{
    return (count + (size_t)length - 1) / (size_t)length;
}

int px_vector_width(const px_planner *p, int block)
{
    int width = p->target->single_groups ? block : px_gcd(block, p->target->vector_width);
    while (block / width > p->target->group && !p->target->single_groups) /* a pixel stays in one group */
        width *= 2;
    return width;
}

size_t px_run_items(const px_planner *p, size_t runs, int block)
{
    return runs * (size_t)(block / px_vector_width(p, block));
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
