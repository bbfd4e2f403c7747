/* Adam: as a launch of its own (cl/adam.cl), of a gradient in one piece or in parts, and for kernels that make a
 * gradient and move the weights at once. */
#include "plan/lower.h"

px_node px_adam_behind(const px_planner *p, px_node gradient)
{
    int next = p->position[gradient] + 1;
    if (p->consumer_count[gradient] != 1 || px_at(p, gradient)->output || next >= p->order_count)
        return PX_NONE;
    const px_node_info *info = px_at(p, p->order[next]);
    return info->op == PX_OP_ADAM && info->inputs[1] == gradient ? p->order[next] : PX_NONE;
}

char *px_adam_defines(const px_planner *p, px_node adam, int width)
{
    const px_optimiser *o = &p->graph->optimisers[px_at(p, adam)->attrs.id];
    return px_format(p->err,
                     "#define B %d\n#define OPTIMISER %d\n#define BETA1 %af\n#define REST1 %af\n#define BETA2 %af\n"
                     "#define REST2 %af\n#define EPSILON %af\n",
                     width, px_at(p, adam)->attrs.id, (double)(float)o->beta1, (double)(float)(1 - o->beta1),
                     (double)(float)o->beta2, (double)(float)(1 - o->beta2), (double)(float)o->epsilon);
}

void px_arg_adam(px_planner *p, px_node adam)
{
    px_arg_value(p, PX_ARG_WRITE, px_at(p, adam)->inputs[0]);
    px_arg_value(p, PX_ARG_WRITE, px_at(p, adam)->inputs[2]);
    px_arg_value(p, PX_ARG_WRITE, px_at(p, adam)->inputs[3]);
    px_arg_step(p);
}

pixcl_status px_emit_adam(px_planner *p, px_node node, int gradient, size_t offset, int slice, int slices, int splits)
{
    const px_node_info *info = px_at(p, node);
    size_t count = px_shape_count(info->shape) / (size_t)slices, first = (size_t)slice * count;
    int width = px_gcd((int)count, p->target->vector_width), length = p->target->run_length > 1 ? 1024 : 1;
    size_t vectors = count / (size_t)width;
    char *defines = px_adam_defines(p, node, width);
    char *preamble =
        defines ? px_format(p->err, "#define LENGTH %d\n#define SPLITS %d\n%s", length, splits > 1, defines) : NULL;
    size_t global[3] = {px_count_runs(vectors, length), 1, 1};
    px_launch *launch = preamble
                            ? px_emit_kernel(p, node, "adam", (const char *[]){"vector", "step", "adam_update", "adam"},
                                             preamble, global)
                            : NULL;
    px_free(defines);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    for (int k = 0; k < 4; k++) {
        const px_value *value = px_value_of(p, info->inputs[k]);
        if (k == 1)
            px_arg_buffer(p, PX_ARG_READ, gradient, offset);
        else
            px_arg_buffer(p, PX_ARG_WRITE, value->buffer, value->offset + first);
    }
    px_arg_step(p);
    px_arg_int(p, (int64_t)vectors);
    px_arg_int(p, splits);
    px_arg_int(p, (int64_t)count);
    launch->flops = 12.0 * (double)count;
    launch->bytes = 4.0 * (6 + splits) * (double)count;
    px_label(launch, "adam %s", px_at(p, info->inputs[0])->name);
    return PIXCL_OK;
}

pixcl_status px_lower_adam(px_planner *p, px_node node)
{
    const px_value *gradient = px_value_of(p, px_at(p, node)->inputs[1]);
    return px_emit_adam(p, node, gradient->buffer, gradient->offset, 0, 1, 1);
}
