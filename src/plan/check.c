/* The plan, looked at again by other eyes: every value that is read was written before, and no two buffers that live at
 * the same time share memory. A failure is a defect of the planner, found before it becomes a wrong picture. */
#include "plan/planner.h"

static pixcl_status check_places(const px_planner *p)
{
    const px_plan *plan = p->plan;
    for (size_t a = 0; a < plan->buffer_count; a++) {
        const px_buffer *x = &plan->buffers[a];
        if (x->first < 0)
            continue;
        if (x->place + x->elements > plan->chunks[x->chunk] || plan->chunks[x->chunk] * 4 > p->target->max_allocation)
            return px_fail(p->err, PIXCL_ERROR_INTERNAL, "plan: buffer %zu ends outside its chunk", a);
        for (size_t b = 0; b < a; b++) {
            const px_buffer *y = &plan->buffers[b];
            bool together = y->first >= 0 && x->first <= y->last && y->first <= x->last;
            if (together && x->chunk == y->chunk && x->place < y->place + y->elements &&
                y->place < x->place + x->elements)
                return px_fail(p->err, PIXCL_ERROR_INTERNAL, "plan: buffers %zu and %zu share memory", b, a);
        }
    }
    return PIXCL_OK;
}

static pixcl_status check_reads(const px_planner *p, bool *written)
{
    const px_plan *plan = p->plan;
    for (size_t b = 0; b < plan->buffer_count; b++)
        written[b] = plan->buffers[b].persistent;
    for (size_t l = 0; l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        const px_arg *args = px_args_of(plan, launch);
        for (int a = 0; a < launch->arg_count; a++)
            if (args[a].type == PX_ARG_READ && !written[args[a].buffer])
                return px_fail(p->err, PIXCL_ERROR_INTERNAL,
                               "plan: launch %zu (%s) reads buffer %d before it is written", l, launch->label,
                               args[a].buffer);
        for (int a = 0; a < launch->arg_count; a++)
            if (args[a].type == PX_ARG_WRITE)
                written[args[a].buffer] = true;
    }
    return PIXCL_OK;
}

pixcl_status px_pass_check(px_planner *p)
{
    bool *written = px_calloc(p->plan->buffer_count, sizeof *written, p->err);
    if (!written)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = check_reads(p, written);
    px_free(written);
    return status == PIXCL_OK ? check_places(p) : status;
}
