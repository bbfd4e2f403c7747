/* From the first to the last launch that touches a buffer: the time during which its memory is its own. */
#include "plan/planner.h"

pixcl_status px_pass_liveness(px_planner *p)
{
    px_plan *plan = p->plan;
    for (size_t l = 0; l < plan->launch_count; l++)
        for (int a = 0; a < plan->launches[l].arg_count; a++) {
            const px_arg *arg = &px_args_of(plan, &plan->launches[l])[a];
            if (arg->type != PX_ARG_READ && arg->type != PX_ARG_WRITE)
                continue;
            if (arg->buffer < 0)
                return px_fail(p->err, PIXCL_ERROR_INTERNAL, "plan: launch %zu (%s) needs a value without memory", l,
                               plan->launches[l].label);
            px_buffer *buffer = &plan->buffers[arg->buffer];
            if (buffer->first < 0)
                buffer->first = (int)l;
            buffer->last = (int)l;
        }
    for (size_t b = 0; b < plan->buffer_count; b++) {
        px_buffer *buffer = &plan->buffers[b];
        if (buffer->persistent || p->target->no_reuse)
            buffer->first = 0;
        if (buffer->persistent || buffer->kept || p->target->no_reuse)
            buffer->last = (int)plan->launch_count;
    }
    return PIXCL_OK;
}
