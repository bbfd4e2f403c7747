/* Copies between layouts and channel ranges, padding, doubling of sides, repacked weights, running statistics. */
#include "plan/lower.h"

pixcl_status px_emit_copy(px_planner *p, px_node node, px_shape shape, const px_value *from, const px_value *to)
{
    /* A block may be all channels (gemm_form.c), and its pixel need not stay in one group. */
    const int width = p->target->single_groups ? to->block : px_gcd(to->block, p->target->vector_width);
    char *preamble = px_format(p->err, "#define BX %d\n#define BY %d\n#define VW %d\n", from->block, to->block, width);
    int length = p->target->run_length;
    size_t runs = px_count_runs((size_t)shape.h * (size_t)shape.w, length);
    size_t global[3] = {runs * (size_t)(to->block / width), (size_t)(shape.c / to->block), (size_t)shape.n};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, "copy", (const char *[]){"vector", "layout", NULL}, preamble, global) : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    px_arg_buffer(p, PX_ARG_READ, from->buffer, from->offset);
    px_arg_buffer(p, PX_ARG_WRITE, to->buffer, to->offset);
    px_arg_int(p, shape.h * shape.w);
    px_arg_int(p, (int64_t)from->stride_n);
    px_arg_int(p, (int64_t)to->stride_n);
    px_arg_int(p, length);
    launch->bytes = 8.0 * (double)px_shape_count(shape);
    return PIXCL_OK;
}

pixcl_status px_emit_repack(px_planner *p, px_node node, px_shape shape, px_weight_layout from, int from_buffer,
                            size_t from_offset, px_weight_layout to, int to_buffer, size_t to_offset, bool add)
{
    enum { GROUP = 64 }; /* work-items that transpose a block through local memory */
    int block = p->target->block;
    int b0 = px_gcd(shape.n, block), b1 = px_gcd(shape.c, block);
    bool swaps =
        (from == PX_WEIGHT_AXIS0 && to == PX_WEIGHT_AXIS1) || (from == PX_WEIGHT_AXIS1 && to == PX_WEIGHT_AXIS0);
    bool transposes = swaps && b0 == 16 && b1 == 16;
    bool by_groups = transposes && !p->target->single_groups && p->target->group >= GROUP;
    char *preamble =
        px_format(p->err, "#define FROM %d\n#define TO %d\n#define B0 %d\n#define B1 %d\n#define BY_GROUPS %d\n",
                  (int)from, (int)to, b0, b1, by_groups);
    size_t group = by_groups ? GROUP : 1;
    size_t global[3] = {(size_t)(shape.h * shape.w) * group, (size_t)(shape.c / b1), (size_t)(shape.n / b0)};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, "repack", (const char *[]){"vector", "repack", NULL}, preamble, global)
                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    if (by_groups)
        px_local(launch, group, 1, 1);
    px_arg_buffer(p, PX_ARG_READ, from_buffer, from_offset);
    px_arg_buffer(p, PX_ARG_WRITE, to_buffer, to_offset);
    px_arg_int(p, shape.n);
    px_arg_int(p, shape.c);
    px_arg_int(p, shape.h * shape.w);
    px_arg_int(p, add);
    launch->bytes = 8.0 * (double)px_shape_count(shape);
    return PIXCL_OK;
}

int px_weight_slices(const px_planner *p, px_shape weight, int channels, int least)
{
    int slices = 1;
    while (p->target->weight_slice > 0 && px_shape_count(weight) / (size_t)slices > p->target->weight_slice &&
           channels % (2 * slices * least) == 0)
        slices *= 2;
    return slices;
}

pixcl_status px_weight_in(px_planner *p, px_node reader, px_node weight, px_weight_layout layout, int *buffer,
                          size_t *offset)
{
    const px_value *value = px_value_of(p, weight);
    *buffer = value->buffer;
    *offset = value->offset;
    if (px_same_weight_layout(p, value->layout, layout))
        return PIXCL_OK;
    px_shape shape = px_at(p, weight)->shape;
    *offset = 0;
    *buffer = px_new_buffer(p, px_shape_count(shape), PX_NONE);
    if (*buffer < 0)
        return PIXCL_ERROR_MEMORY;
    return px_emit_repack(p, reader, shape, value->layout, value->buffer, value->offset, layout, *buffer, 0, false);
}

/* Copies channels [from, from + shape.c) of `a` to [to, ..) of `b`. The bounds may lie inside a block, where an offset
 * alone cannot point, so the kernel gets them. */
static pixcl_status copy_channels(px_planner *p, px_node node, px_shape shape, const px_value *a, int from,
                                  const px_value *b, int to)
{
    char *preamble = px_format(p->err, "#define BX %d\n#define BY %d\n#define VW 1\n", a->block, b->block);
    int length = p->target->run_length;
    size_t runs = px_count_runs((size_t)shape.h * (size_t)shape.w, length);
    size_t global[3] = {runs, (size_t)shape.c, (size_t)shape.n};
    px_launch *launch = preamble ? px_emit_kernel(p, node, "copy_channels", (const char *[]){"vector", "layout", NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    px_arg_buffer(p, PX_ARG_READ, a->buffer, a->offset);
    px_arg_buffer(p, PX_ARG_WRITE, b->buffer, b->offset);
    const int64_t sizes[] = {(int64_t)shape.h * shape.w, (int64_t)a->stride_n, (int64_t)b->stride_n, from, to, length};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    launch->bytes = 8.0 * (double)px_shape_count(shape);
    return PIXCL_OK;
}

pixcl_status px_lower_concat(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_value *to = px_value_of(p, node);
    int first = 0;
    pixcl_status status = PIXCL_OK;
    for (int k = 0; status == PIXCL_OK && k < 2; k++) {
        const px_node_info *input = px_at(p, info->inputs[k]);
        const px_value *from = px_value_of(p, info->inputs[k]);
        size_t there = to->offset + (size_t)first * (size_t)info->shape.h * (size_t)info->shape.w;
        bool already = from->buffer == to->buffer && from->offset == there; /* the layout pass made it a view */
        if (!already)
            status = copy_channels(p, node, input->shape, from, 0, to, first);
        first += input->shape.c;
    }
    return status;
}

/* Rows of vectors to a vector: row[c] = sum over s of from[s*stride + first + c]. */
static pixcl_status emit_row(px_planner *p, px_node node, px_node from, size_t first, int count, int samples, size_t to)
{
    size_t global[3] = {(size_t)count, 1, 1};
    px_launch *launch = px_emit_kernel(p, node, "sum_rows", (const char *[]){"vector", "norm", NULL}, "", global);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, px_value_of(p, from)->buffer, px_value_of(p, from)->offset + first);
    px_arg_buffer(p, PX_ARG_WRITE, px_value_of(p, node)->buffer, px_value_of(p, node)->offset + to);
    px_arg_int(p, samples);
    px_arg_int(p, 2 * (int64_t)count);
    launch->bytes = 4.0 * count * (samples + 1);
    return PIXCL_OK;
}

pixcl_status px_lower_norm_grad_gamma(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    int samples = px_at(p, info->inputs[0])->shape.n;
    size_t global[3] = {(size_t)info->shape.c, 1, 1};
    px_launch *launch =
        px_emit_kernel(p, node, "norm_grad_gamma", (const char *[]){"vector", "norm", NULL}, "", global);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_value(p, PX_ARG_READ, info->inputs[0]);
    px_arg_value(p, PX_ARG_READ, info->inputs[1]);
    px_arg_value(p, PX_ARG_WRITE, node);
    px_arg_int(p, info->shape.c);
    px_arg_int(p, samples);
    px_arg_float(p, info->attrs.value);
    launch->bytes = 4.0 * info->shape.c * (2 * samples + 1);
    return PIXCL_OK;
}

/* What makes maps larger, or its gradient: `x` is the smaller of the two maps. */
static pixcl_status lower_enlarge(px_planner *p, px_node node, const char *kernel, const char *source, px_node x_node)
{
    const px_node_info *info = px_at(p, node);
    const px_value *from = px_value_of(p, info->inputs[0]), *to = px_value_of(p, node);
    px_shape x = px_at(p, x_node)->shape;
    char *preamble = px_format(p->err, "#define B %d\n#define VW %d\n#define PAD %d\n", to->block,
                               px_vector_width(p, to->block), info->attrs.pad);
    int length = p->target->run_length;
    size_t runs = px_count_runs((size_t)info->shape.h * (size_t)info->shape.w, length);
    size_t global[3] = {px_run_items(p, runs, to->block), (size_t)(x.c / to->block), (size_t)x.n};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, kernel, (const char *[]){"vector", source, NULL}, preamble, global) : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    px_arg_value(p, PX_ARG_READ, info->inputs[0]);
    px_arg_value(p, PX_ARG_WRITE, node);
    const int64_t sizes[] = {x.h, x.w, (int64_t)from->stride_n, (int64_t)to->stride_n, length};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    launch->bytes =
        4.0 * ((double)px_shape_count(px_at(p, info->inputs[0])->shape) + (double)px_shape_count(info->shape));
    return PIXCL_OK;
}

pixcl_status px_lower_slice(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_value *from = px_value_of(p, info->inputs[0]), *to = px_value_of(p, node);
    if (to->buffer == from->buffer) /* a view */
        return PIXCL_OK;
    return copy_channels(p, node, info->shape, from, info->attrs.from, to, 0);
}

pixcl_status px_lower_reflect_pad(px_planner *p, px_node node)
{
    return lower_enlarge(p, node, "reflect_pad", "pad", px_at(p, node)->inputs[0]);
}

pixcl_status px_lower_reflect_pad_grad(px_planner *p, px_node node)
{
    return lower_enlarge(p, node, "reflect_pad_grad", "pad", node);
}

pixcl_status px_lower_upsample(px_planner *p, px_node node)
{
    return lower_enlarge(p, node, "upsample_nearest", "upsample", px_at(p, node)->inputs[0]);
}

pixcl_status px_lower_upsample_grad(px_planner *p, px_node node)
{
    return lower_enlarge(p, node, "upsample_nearest_grad", "upsample", node);
}

pixcl_status px_lower_norm_row(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_node sums = info->inputs[0];
    const px_shape shape = px_at(p, sums)->shape;
    if (px_value_of(p, node)->buffer == px_value_of(p, sums)->buffer) /* a view */
        return PIXCL_OK;
    return emit_row(p, node, sums, (size_t)info->attrs.from * (size_t)shape.w, shape.w, shape.n, 0);
}

pixcl_status px_lower_norm_running(px_planner *p, px_node node)
{
    const px_node *inputs = px_at(p, node)->inputs;
    const int channels = px_at(p, inputs[0])->shape.c;
    pixcl_status status = emit_row(p, node, inputs[0], 0, channels, 1, 0);
    return status == PIXCL_OK ? emit_row(p, node, inputs[1], 0, channels, 1, (size_t)channels) : status;
}

pixcl_status px_lower_norm_update(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    size_t global[3] = {(size_t)info->shape.c, 1, 1};
    px_launch *launch = px_emit_kernel(p, node, "norm_update", (const char *[]){"vector", "norm", NULL}, "", global);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    int m = info->attrs.count;
    px_arg_value(p, PX_ARG_WRITE, info->inputs[0]);
    px_arg_value(p, PX_ARG_WRITE, info->inputs[1]);
    px_arg_value(p, PX_ARG_READ, info->inputs[2]);
    px_arg_int(p, info->shape.c);
    px_arg_float(p, info->attrs.value);
    px_arg_float(p, m > 1 ? (float)((double)m / (m - 1)) : 1.0f); /* running_var takes the unbiased variance */
    launch->bytes = 24.0 * info->shape.c;
    return PIXCL_OK;
}
