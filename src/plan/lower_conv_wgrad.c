/* Weight gradients by conv_wgrad.cl, in the weight's own layout where that has a vector axis. Where Adam takes a large
 * one at once, a slice of the gradient after the other, so that it is never in memory as a whole. */
#include "plan/conv_method.h"

/* Splits of the pixel loop of a weight gradient: enough work-items for the device, each with whole rows. */
static int count_splits(const px_planner *p, size_t items, int rows)
{
    size_t wanted = (size_t)p->target->waves * (size_t)p->target->lanes;
    size_t splits = items >= wanted ? 1 : (wanted + items - 1) / items;
    return splits > (size_t)rows ? rows : (int)splits;
}

/* Tiles of so many sums in registers, with their splits. These are counted with the largest tiles on all devices: they
 * decide how sums round, which registers must not. */
static px_cut cut_gradient(const px_planner *p, const px_wgrad *g, int scalar_channels, int block, int vector_blocks)
{
    enum { SMALL_MAP = 64 };
    const bool small_map = g->pictures * g->small.h * g->small.w <= SMALL_MAP;
    const px_cut largest = px_gradient_tile(px_tile_sums[0], scalar_channels, block, vector_blocks, small_map);
    const int sets = g->large.n / g->pictures,
              tiles = scalar_channels / largest.scalars * (vector_blocks / largest.vectors);
    px_cut c = px_gradient_tile(p->target->tile_sums, scalar_channels, block, vector_blocks, small_map);
    c.splits = sets > 1 ? 1 : count_splits(p, (size_t)tiles * (size_t)(g->kernel * g->kernel), g->small.h);
    return c;
}

pixcl_status px_emit_sum_splits(px_planner *p, px_node node, const px_wgrad *g, int splits, size_t count, int from)
{
    int length = p->target->run_length;
    size_t global[3] = {px_count_runs(count, length), 1, 1};
    px_launch *launch =
        px_emit_kernel(p, node, "sum_splits", (const char *[]){"vector", "conv_wgrad_sum", NULL}, "", global);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    px_arg_buffer(p, PX_ARG_READ, from, 0);
    px_arg_buffer(p, PX_ARG_WRITE, g->result, g->offset);
    px_arg_int(p, splits);
    px_arg_int(p, (int64_t)count);
    px_arg_int(p, length);
    px_arg_int(p, g->add);
    launch->flops = (double)splits * (double)count;
    launch->bytes = 4.0 * (splits + 1) * (double)count;
    return PIXCL_OK;
}

pixcl_status px_emit_wgrad(px_planner *p, px_node node, const px_wgrad *g)
{
    int vector_channels = g->vector_large ? g->large.c : g->small.c;
    int scalar_channels = g->vector_large ? g->small.c : g->large.c;
    int bv = px_gcd(vector_channels, p->target->block), bs = px_gcd(scalar_channels, p->target->block);
    int taps = g->kernel * g->kernel, sets = g->large.n / g->pictures, vector_blocks = vector_channels / bv;
    const px_cut tuned = px_cut_for(p, node);
    px_cut c = cut_gradient(p, g, scalar_channels, bs, vector_blocks);
    if (tuned.scalars > 0) {
        c.scalars = tuned.scalars;
        c.vectors = tuned.vectors;
    }
    int splits = tuned.splits > 0 && sets == 1 ? tuned.splits : c.splits;
    size_t count = (size_t)vector_channels * (size_t)scalar_channels * (size_t)taps;
    int partial = splits > 1 ? px_new_buffer(p, count * (size_t)splits, PX_NONE) : g->result;
    char *preamble = partial >= 0
                         ? px_format(p->err,
                                     "#define BV %d\n#define BS %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                                     "#define VECTOR_LARGE %d\n#define NV %d\n#define TS %d\n",
                                     bv, bs, g->kernel, g->stride, g->pad, g->vector_large, c.vectors, c.scalars)
                         : NULL;
    size_t global[3] = {(size_t)(scalar_channels / c.scalars), (size_t)(vector_blocks / c.vectors),
                        (size_t)taps * (size_t)splits * (size_t)sets};
    px_launch *launch = preamble ? px_emit_kernel(p, node, "conv_wgrad", (const char *[]){"vector", "conv_wgrad", NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, g->large_at.buffer, g->large_at.offset);
    px_arg_buffer(p, PX_ARG_READ, g->small_at.buffer, g->small_at.offset);
    px_arg_buffer(p, PX_ARG_WRITE, partial, splits > 1 ? 0 : g->offset);
    const int64_t sizes[] = {g->pictures,
                             g->large.h,
                             g->large.w,
                             g->small.h,
                             g->small.w,
                             (int64_t)g->large_at.stride_n,
                             (int64_t)g->small_at.stride_n,
                             scalar_channels,
                             splits,
                             (int64_t)count,
                             g->add && splits == 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    launch->flops = 2.0 * taps * g->large.c * (double)px_shape_count(g->small);
    launch->bytes = 4.0 * ((double)px_shape_count(g->large) + (double)px_shape_count(g->small) + (double)count * sets);
    px_label(launch, "conv_wgrad %dx%d (%d,%d,%d,%d)", c.scalars, c.vectors, g->small.c, g->large.c, g->kernel,
             g->kernel);
    return splits > 1 ? px_emit_sum_splits(p, node, g, splits, count, partial) : PIXCL_OK;
}

/* A slice of the gradient's vector channels after the other, each followed by Adam on the same part of the weights. */
static pixcl_status lower_gradient_by_slices(px_planner *p, px_node node, const px_wgrad *whole, px_node adam,
                                             int slices)
{
    px_wgrad g = *whole;
    px_shape *vectors = g.vector_large ? &g.large : &g.small;
    px_value *at = g.vector_large ? &g.large_at : &g.small_at;
    vectors->c /= slices;
    for (int s = 0; s < slices; s++) {
        g.result = px_new_buffer(p, px_shape_count(px_at(p, node)->shape) / (size_t)slices, PX_NONE);
        if (g.result < 0 || px_emit_wgrad(p, node, &g) != PIXCL_OK ||
            px_emit_adam(p, adam, g.result, 0, s, slices, 1) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
        at->offset += (size_t)vectors->c * (size_t)vectors->h * (size_t)vectors->w;
    }
    p->absorbed[adam] = true;
    px_value_of(p, node)->buffer = -1;
    return PIXCL_OK;
}

pixcl_status px_lower_conv_wgrad(px_planner *p, px_node node)
{
    enum { LARGEST_TILE = 4 }; /* blocks of vector channels */
    const px_node_info *info = px_at(p, node);
    const px_value *value = px_value_of(p, node);
    px_weight_layout layout = value->layout == PX_WEIGHT_AXIS1 ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
    bool in_place = px_same_weight_layout(p, layout, value->layout), add = p->added_to[node] != PX_NONE;
    px_wgrad g = {.kernel = info->attrs.kernel,
                  .stride = info->attrs.stride,
                  .pad = info->attrs.pad,
                  .large = px_at(p, info->inputs[0])->shape,
                  .small = px_at(p, info->inputs[1])->shape,
                  .large_at = *px_value_of(p, info->inputs[0]),
                  .small_at = *px_value_of(p, info->inputs[1]),
                  .vector_large = layout == PX_WEIGHT_AXIS1}; /* axis 0 of the weight is the small map's channels */
    g.pictures = g.large.n;
    px_node adam = in_place ? px_adam_behind(p, node) : PX_NONE;
    int channels = g.vector_large ? g.large.c : g.small.c;
    int slices = adam == PX_NONE
                     ? 1
                     : px_weight_slices(p, info->shape, channels, LARGEST_TILE * px_gcd(channels, p->target->block));
    if (slices > 1)
        return lower_gradient_by_slices(p, node, &g, adam, slices);
    g.result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE);
    g.offset = in_place ? value->offset : 0;
    g.add = in_place && add;
    if (g.result < 0 || px_emit_wgrad(p, node, &g) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    if (in_place)
        return PIXCL_OK;
    return px_emit_repack(p, node, info->shape, layout, g.result, g.offset, value->layout, value->buffer, value->offset,
                          add);
}
