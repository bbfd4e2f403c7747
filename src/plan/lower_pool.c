/* The pool of old pictures, by cl/pool.cl. */
#include "plan/lower.h"

static pixcl_status lower_pool(px_planner *p, px_node node, bool picks)
{
    const px_node_info *info = px_at(p, node);
    const px_node pool = info->inputs[0], x = info->inputs[1];
    const px_shape shape = px_at(p, x)->shape;
    const int block = px_value_of(p, x)->block, length = p->target->run_length;
    char *preamble = px_format(p->err, "#define B %d\n#define VW %d\n", block, px_vector_width(p, block));
    size_t runs = px_count_runs((size_t)shape.h * (size_t)shape.w, length);
    size_t global[3] = {px_run_items(p, runs, block), (size_t)(shape.c / block), (size_t)shape.n};
    px_launch *launch = preamble
                            ? px_emit_kernel(p, node, picks ? "pool_pick" : "pool_store",
                                             (const char *[]){"vector", "step", "random", "pool"}, preamble, global)
                            : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    px_arg_value(p, picks ? PX_ARG_READ : PX_ARG_WRITE, pool);
    px_arg_value(p, PX_ARG_READ, x);
    if (picks)
        px_arg_value(p, PX_ARG_WRITE, node);
    px_arg_step(p);
    const int64_t sizes[] = {px_at(p, pool)->shape.n, info->attrs.id, (int64_t)shape.h * shape.w, length};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    px_arg_int(p, (int64_t)px_value_of(p, pool)->stride_n);
    px_arg_int(p, (int64_t)px_value_of(p, x)->stride_n);
    px_arg_int(p, picks ? (int64_t)px_value_of(p, node)->stride_n : shape.n);
    launch->bytes = 8.0 * (double)px_shape_count(shape);
    return PIXCL_OK;
}

pixcl_status px_lower_pool_pick(px_planner *p, px_node node)
{
    return lower_pool(p, node, true);
}

pixcl_status px_lower_pool_store(px_planner *p, px_node node)
{
    return lower_pool(p, node, false);
}
