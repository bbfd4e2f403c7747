/* Weight gradients of the algorithm "winograd2": both maps are transformed, then their products added up over tiles and
 * transformed back in one kernel (cl/winograd2_wgrad.cl), straight into the weight's layout. */
#include "plan/conv_method.h"
#include "plan/winograd2.h"

enum { LANES = 16 };

/* A gradient being lowered: two transformed maps, of which one has the channels that are the lanes of the result. */
typedef struct gradient {
    px_winograd2 tiles;
    px_node node;
    bool vector_large;
    int phases;                       /* of the large map */
    int scalars, vectors;             /* channel blocks of either map */
    int scalar_buffer, vector_buffer; /* of the rows of tiles that are being done */
} gradient;

/* Into groups of one run each, in which products of two channels are added up. */
static void group_tiles(px_winograd2 *t, int tiles)
{
    enum { TILES = 64 };
    const int groups = (tiles + TILES - 1) / TILES;
    t->group_tiles = t->run_tiles = (tiles + groups - 1) / groups;
    t->padded_run = t->run_tiles | 1; /* an odd number of lines: blocks would meet in one set of the cache */
}

static pixcl_status transform_maps(px_planner *p, gradient *g, int first_row, int rows)
{
    const px_node_info *info = px_at(p, g->node);
    const px_winograd2 *t = &g->tiles;
    const int large = px_winograd2_buffer(p, t, rows, (g->vector_large ? g->vectors : g->scalars) * g->phases);
    const int small = px_winograd2_buffer(p, t, rows, g->vector_large ? g->scalars : g->vectors);
    g->vector_buffer = g->vector_large ? large : small;
    g->scalar_buffer = g->vector_large ? small : large;
    if (large < 0 || small < 0 ||
        px_winograd2_input(p, g->node, t, px_value_of(p, info->inputs[0]), px_at(p, info->inputs[0])->shape,
                           t->stride == 2, info->attrs.pad, first_row, rows, large) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_winograd2_gradient(p, g->node, t, px_value_of(p, info->inputs[1]), px_at(p, info->inputs[1])->shape,
                                 first_row, rows, small);
}

/* Of `vectors` blocks from `first` on, into a buffer. */
static pixcl_status emit_products(px_planner *p, const gradient *g, int first, int vectors, int rows, px_operand result,
                                  bool add)
{
    static const int candidates[] = {4, 2};
    const px_winograd2 *t = &g->tiles;
    const int tiles = rows * t->tile_columns;
    const int scalar_blocks = px_largest_divisor(g->scalars, candidates, 2);
    const int vector_blocks = px_largest_divisor(vectors, candidates, 2);
    const px_cut tuned = px_cut_for(p, g->node);
    px_cut c = tuned.scalars > 0 ? tuned : px_gradient_tile(p->target->tile_sums, LANES, LANES, vector_blocks, false);
    while (vector_blocks % c.vectors != 0) /* a slice for Adam may have fewer than the whole */
        c.vectors--;
    char *form = px_winograd2_defines(p, t);
    char *preamble = form ? px_format(p->err,
                                      "%s#define VECTOR_LARGE %d\n#define SCALAR_BLOCKS %d\n#define VECTOR_BLOCKS %d\n"
                                      "#define TS %d\n#define NV %d\n",
                                      form, g->vector_large, scalar_blocks, vector_blocks, c.scalars, c.vectors)
                          : NULL;
    const size_t global[3] = {(size_t)(g->scalars / scalar_blocks * (g->vector_large ? 1 : g->phases)),
                              (size_t)(vectors / vector_blocks * (g->vector_large ? g->phases : 1)), 1};
    px_launch *launch = preamble ? px_emit_kernel(p, g->node, "winograd2_wgrad",
                                                  (const char *[]){"vector", "winograd2_rows", "winograd2_wgrad", NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(form);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, g->scalar_buffer, 0);
    px_arg_buffer(p, PX_ARG_READ, g->vector_buffer, 0);
    px_arg_buffer(p, PX_ARG_WRITE, result.buffer, result.offset);
    const int64_t sizes[] = {g->scalars, g->vectors, first, vectors, tiles, add};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    const double products = px_winograd2_products(t), channels = (double)LANES * LANES * g->scalars * vectors;
    launch->flops = 2.0 * products * channels * tiles;
    launch->bytes = 4.0 * (products * LANES * ((double)g->scalars + vectors) / 2 * tiles +
                           (double)px_shape_count(px_at(p, g->node)->shape) * vectors / g->vectors);
    px_shape w = px_at(p, g->node)->shape;
    px_label(launch, "winograd2_wgrad %dx%d (%d,%d,%d,%d)", c.scalars, c.vectors, w.n, w.c, w.h, w.w);
    return PIXCL_OK;
}

/* Slices of the gradient's vector channels, each followed by Adam on the same part of the weights. */
static pixcl_status lower_for_adam(px_planner *p, gradient *g, px_node adam, int slices)
{
    const int vectors = g->vectors / slices;
    group_tiles(&g->tiles, g->tiles.rows * g->tiles.tile_columns);
    if (transform_maps(p, g, 0, g->tiles.rows) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    for (int s = 0; s < slices; s++) {
        px_operand result = {px_new_buffer(p, px_shape_count(px_at(p, g->node)->shape) / (size_t)slices, PX_NONE), 0};
        if (result.buffer < 0 || emit_products(p, g, s * vectors, vectors, g->tiles.rows, result, false) != PIXCL_OK ||
            px_emit_adam(p, adam, result.buffer, 0, s, slices, 1) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
    }
    p->absorbed[adam] = true;
    px_value_of(p, g->node)->buffer = -1;
    return PIXCL_OK;
}

/* Rows of tiles some at a time, each adding to the result. */
static pixcl_status lower_by_rows(px_planner *p, gradient *g, px_operand result, bool add)
{
    const int at_once = px_winograd2_rows_at_once(
        p, &g->tiles, g->vector_large ? g->scalars + g->vectors * g->phases : g->scalars * g->phases + g->vectors);
    group_tiles(&g->tiles, at_once * g->tiles.tile_columns);
    for (int row = 0; row < g->tiles.rows; row += at_once) {
        const int rows = at_once < g->tiles.rows - row ? at_once : g->tiles.rows - row;
        if (transform_maps(p, g, row, rows) != PIXCL_OK ||
            emit_products(p, g, 0, g->vectors, rows, result, add || row > 0) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
    }
    return PIXCL_OK;
}

pixcl_status px_lower_winograd2_wgrad(px_planner *p, px_node node)
{
    enum { LARGEST_TILE = 4 /* vector blocks */ };
    const px_node_info *info = px_at(p, node);
    const px_value *value = px_value_of(p, node);
    const px_shape large = px_at(p, info->inputs[0])->shape, small = px_at(p, info->inputs[1])->shape;
    const px_weight_layout layout = value->layout == PX_WEIGHT_AXIS1 ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
    const bool in_place = px_same_weight_layout(p, layout, value->layout), add = p->added_to[node] != PX_NONE;
    gradient g = {.tiles = px_winograd2_tiles(info->attrs.kernel, info->attrs.stride,
                                              px_winograd2_inner(info->attrs.stride, small), small.n, small.h, small.w),
                  .node = node,
                  .vector_large = layout == PX_WEIGHT_AXIS1};
    g.phases = info->attrs.stride == 2 ? 4 : 1;
    g.vectors = (g.vector_large ? large.c : small.c) / LANES;
    g.scalars = (g.vector_large ? small.c : large.c) / LANES;
    px_node adam = in_place ? px_adam_behind(p, node) : PX_NONE;
    const int slices = adam == PX_NONE
                           ? 1
                           : px_weight_slices(p, info->shape, g.vector_large ? large.c : small.c, LARGEST_TILE * LANES);
    if (slices > 1)
        return lower_for_adam(p, &g, adam, slices);
    const px_operand result = {in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE),
                               in_place ? value->offset : 0};
    if (result.buffer < 0 || lower_by_rows(p, &g, result, in_place && add) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    if (in_place)
        return PIXCL_OK;
    return px_emit_repack(p, node, info->shape, layout, result.buffer, result.offset, value->layout, value->buffer,
                          value->offset, add);
}

pixcl_status px_check_winograd2_wgrad(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    enum { MOST_SUMS = 32 };
    const int blocks = (problem->vector_large ? problem->x.c : problem->y.c) / LANES;
    const bool tile = cut->scalars >= 1 && LANES % cut->scalars == 0 && cut->vectors >= 1 &&
                      blocks % cut->vectors == 0 && cut->scalars * cut->vectors <= MOST_SUMS;
    if (!tile && (cut->scalars != 0 || cut->vectors != 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile of %d of %d channels by %d of %d channel blocks",
                       cut->scalars, LANES, cut->vectors, blocks);
    if (cut->splits != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%d splits, where rows of tiles are not split", cut->splits);
    if (cut->width != 0 || cut->channels != 0 || cut->rows != 0 || cut->blocks != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "another convolution's tile for a weight gradient");
    return PIXCL_OK;
}

int px_winograd2_wgrad_cuts(const px_target *target, const px_conv_problem *problem, px_cut cuts[PX_MOST_CUTS])
{
    int count = 0;
    for (int scalars = 16; scalars >= 1; scalars /= 2)
        for (int vectors = 4; vectors >= 1; vectors /= 2)
            if (px_fits_registers(target, scalars * vectors))
                px_add_cut(problem,
                           (px_cut){.algorithm = PX_ALGORITHM_WINOGRAD2, .scalars = scalars, .vectors = vectors}, cuts,
                           &count);
    return count;
}
