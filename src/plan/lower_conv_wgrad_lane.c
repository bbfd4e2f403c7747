/* Weight gradients on GPUs: "lane" by wgrad_lane.cl, "planes" by wgrad_planes.cl where one map has few channels.
 *
 * The lanes of a wave are channels of one map, which has blocks of 16: of the weight's own vector axis where that will
 * do, so that the gradient is stored as the weight is. A gradient comes in parts where one accumulator would take too
 * many products or the device had too little to do. Whoever takes it adds them up in order: Adam, which then needs no
 * gradient in memory; Winograd's transform; else sum_splits. A gradient in one piece moves its weights itself. */
#include "plan/conv_method.h"

enum {
    BLOCK = 16,
    PIXELS = 4,            /* of a row that are loaded together */
    FLAT_ROW = 256,        /* ROW in wgrad_lane.cl */
    MOST_PRODUCTS = 1024,  /* of one accumulator: DECISIONS.md, "Sums in two levels" */
    FEWEST_PRODUCTS = 32,  /* that are worth a part */
    MOST_SUMS_OF_ROW = 24, /* taps of a row times channels */
    MOST_PLANES = 8        /* channels that share a row of taps; more are enough for one tap */
};

/* Channels of a lane, at most: with more, registers spill (DECISIONS.md). */
typedef struct family {
    int lanes, width;
    int row_width, row_sums; /* of wgrad_planes, for so many sums; with more, one */
} family;
static const family families[] = {{16, 2, 2, 21}, {32, 4, 2, MOST_SUMS_OF_ROW}, {64, 2, 1, MOST_SUMS_OF_ROW}};

typedef struct wave_tile {
    int lanes, width; /* of a wave; channels of a lane */
    int scalars;      /* channels of the other map */
} wave_tile;

/* The rows that are summed: of all pictures of a set, and how many products one has. */
typedef struct depth {
    int rows, products;
} depth;

static int vectors_of(const px_wgrad *g)
{
    return g->vector_large ? g->large.c : g->small.c;
}

static int scalars_of(const px_wgrad *g)
{
    return g->vector_large ? g->small.c : g->large.c;
}

/* Tiles keep to blocks: several in a block, or whole blocks in a tile. */
static bool keeps_to_blocks(int scalars, int channels)
{
    int block = px_gcd(channels, BLOCK);
    return scalars > 0 && channels % scalars == 0 && (scalars % block == 0 || block % scalars == 0);
}

/* Channels of the largest tile of rows of taps, 0 when none is right. */
static int scalars_of_row(int channels, int kernel)
{
    int block = px_gcd(channels, BLOCK);
    for (int scalars = MOST_SUMS_OF_ROW / kernel; scalars >= block; scalars--)
        if (channels % scalars == 0 && scalars % block == 0)
            return scalars;
    return 0;
}

static bool is_row_of_taps(const px_planner *p, px_node node)
{
    return p->algorithm[node] == PX_ALGORITHM_PLANES;
}

static wave_tile tile_of(const px_planner *p, px_node node, const px_wgrad *g)
{
    static const int candidates[] = {16, 12, 8, 6, 4, 3, 2, 1};
    const family *f = families;
    while (f->lanes < p->target->lanes && f->lanes < 64)
        f++;
    wave_tile t = {.lanes = f->lanes, .width = f->width};
    const px_cut tuned = px_cut_for(p, node);
    if (is_row_of_taps(p, node)) {
        t.scalars = scalars_of_row(scalars_of(g), g->kernel);
        t.width = g->kernel * t.scalars <= f->row_sums ? f->row_width : 1;
    } else if (p->algorithm[node] == PX_ALGORITHM_LANE && tuned.scalars > 0) {
        t.scalars = tuned.scalars;
        t.width = tuned.vectors;
    } else {
        for (int i = 0; t.scalars == 0; i++)
            t.scalars = keeps_to_blocks(candidates[i], scalars_of(g)) ? candidates[i] : 0;
    }
    while (t.width > 1 && vectors_of(g) % (t.lanes * t.width) != 0)
        t.width /= 2;
    return t;
}

static depth depth_of(const px_planner *p, px_node node, const px_wgrad *g)
{
    const int pixels = g->small.h * g->small.w;
    depth d = {g->small.h, g->small.w};
    if (is_row_of_taps(p, node) && g->vector_large)
        d = (depth){g->large.h + (g->reflect ? 2 * g->pad : 0), g->large.w + (g->reflect ? 2 * g->pad : 0)};
    else if (!is_row_of_taps(p, node) && g->kernel == 1 && g->stride == 1 && g->pad == 0)
        d = (depth){(pixels + FLAT_ROW - 1) / FLAT_ROW, pixels < FLAT_ROW ? pixels : FLAT_ROW};
    d.rows *= g->pictures;
    return d;
}

static int divide_up(int a, int b)
{
    return (a + b - 1) / b;
}

/* Groups along each dimension for one split. */
static void count_groups(const px_planner *p, px_node node, const px_wgrad *g, wave_tile t, size_t groups[3])
{
    int taps = is_row_of_taps(p, node) ? g->kernel : g->kernel * g->kernel;
    groups[0] = (size_t)(scalars_of(g) / t.scalars) * (size_t)taps;
    groups[1] = (size_t)divide_up(vectors_of(g), t.lanes * t.width);
    groups[2] = (size_t)(g->large.n / g->pictures);
}

int px_wgrad_lane_splits(const px_planner *p, px_node node, const px_wgrad *g)
{
    const depth d = depth_of(p, node, g);
    size_t groups[3];
    count_groups(p, node, g, tile_of(p, node, g), groups);
    const size_t all = groups[0] * groups[1] * groups[2], waves = (size_t)p->target->waves;
    const int wanted = all < waves ? (int)((waves + all - 1) / all) : 1;
    int most = MOST_PRODUCTS / d.products, least = divide_up(FEWEST_PRODUCTS, d.products); /* rows of a part */
    int share = divide_up(d.rows, wanted);
    share = share < least ? least : share;
    share = most < 1 ? 1 : share > most ? most : share;
    return divide_up(d.rows, share);
}

/* The gradient to parts[result], or into the weights of `adam`. */
static px_launch *emit(px_planner *p, px_node node, const px_wgrad *g, int splits, px_node adam)
{
    const bool row = is_row_of_taps(p, node);
    const wave_tile t = tile_of(p, node, g);
    const int sets = g->large.n / g->pictures, taps = g->kernel * g->kernel, vectors = vectors_of(g);
    const int64_t count = (int64_t)vectors * scalars_of(g) * taps;
    const char *kernel = row ? "wgrad_planes" : "wgrad_lane";
    char *tail = adam != PX_NONE ? px_adam_defines(p, adam, t.width)
                 : row           ? px_format(p->err, "#define REFLECT %d\n", g->reflect)
                                 : px_strdup("", p->err);
    char *preamble =
        tail ? px_format(p->err,
                         "#define L %d\n#define VL %d\n#define TS %d\n#define BS %d\n#define U %d\n#define K %d\n"
                         "#define S %d\n#define PAD %d\n#define VECTOR_LARGE %d\n#define SETS %d\n#define PARTIAL %d\n"
                         "#define ADAM %d\n%s",
                         t.lanes, t.width, t.scalars, px_gcd(scalars_of(g), BLOCK), PIXELS, g->kernel, g->stride,
                         g->pad, g->vector_large, sets, vectors % (t.lanes * t.width) != 0, adam != PX_NONE, tail)
             : NULL;
    size_t global[3];
    count_groups(p, node, g, t, global);
    global[0] *= (size_t)t.lanes;
    global[2] *= (size_t)splits;
    const char *plain[] = {"vector", kernel, NULL}, *fused[] = {"vector", "step", "adam_update", kernel};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, kernel, adam == PX_NONE ? plain : fused, preamble, global) : NULL;
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return NULL;
    px_local(launch, (size_t)t.lanes, 1, 1);
    px_arg_buffer(p, PX_ARG_READ, g->large_at.buffer, g->large_at.offset);
    px_arg_buffer(p, PX_ARG_READ, g->small_at.buffer, g->small_at.offset);
    if (adam == PX_NONE)
        px_arg_buffer(p, PX_ARG_WRITE, g->result, g->offset);
    else
        px_arg_adam(p, adam);
    const int64_t sizes[] = {g->pictures,
                             g->large.h,
                             g->large.w,
                             g->small.h,
                             g->small.w,
                             (int64_t)g->large_at.stride_n,
                             (int64_t)g->small_at.stride_n,
                             scalars_of(g),
                             vectors,
                             splits,
                             divide_up(depth_of(p, node, g).rows, splits),
                             count,
                             g->add};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    const double moved = adam == PX_NONE ? (double)sets * splits : 6;
    launch->flops = 2.0 * taps * g->large.c * (double)px_shape_count(g->small);
    launch->bytes = 4.0 * ((double)px_shape_count(g->large) + (double)px_shape_count(g->small) + moved * (double)count);
    px_label(launch, "%s%s %dx%d (%d,%d,%d,%d)", kernel, adam == PX_NONE ? "" : "+adam", t.scalars, t.lanes * t.width,
             g->small.c, g->large.c, g->kernel, g->kernel);
    return launch;
}

pixcl_status px_emit_wgrad_lane(px_planner *p, px_node node, const px_wgrad *g, int splits)
{
    return emit(p, node, g, splits, PX_NONE) ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

/* Parts that Adam adds up. Those of a large weight come a slice of its vector channels after the other, so that they
 * are never in memory as a whole. */
static pixcl_status lower_parts_for_adam(px_planner *p, px_node node, const px_wgrad *whole, int splits, px_node adam)
{
    const wave_tile t = tile_of(p, node, whole);
    const px_shape weight = px_at(p, node)->shape;
    const int slices = px_weight_slices(p, weight, vectors_of(whole), t.lanes * t.width);
    px_wgrad g = *whole;
    px_shape *vectors = g.vector_large ? &g.large : &g.small;
    px_value *at = g.vector_large ? &g.large_at : &g.small_at;
    vectors->c /= slices;
    for (int s = 0; s < slices; s++) {
        g.result = px_new_buffer(p, px_shape_count(weight) / (size_t)slices * (size_t)splits, PX_NONE);
        if (g.result < 0 || !emit(p, node, &g, splits, PX_NONE) ||
            px_emit_adam(p, adam, g.result, 0, s, slices, splits) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
        at->offset += (size_t)vectors->c * (size_t)vectors->h * (size_t)vectors->w;
    }
    return PIXCL_OK;
}

static pixcl_status lower_for_adam(px_planner *p, px_node node, const px_wgrad *g, int splits, px_node adam)
{
    pixcl_status status;
    if (splits == 1 && !is_row_of_taps(p, node))
        status = emit(p, node, g, 1, adam) ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    else
        status = lower_parts_for_adam(p, node, g, splits, adam);
    p->absorbed[adam] = true;
    px_value_of(p, node)->buffer = -1;
    return status;
}

static pixcl_status lower_to_memory(px_planner *p, px_node node, const px_wgrad *g, int splits)
{
    if (splits == 1)
        return px_emit_wgrad_lane(p, node, g, 1);
    px_wgrad parts = *g;
    parts.offset = 0;
    parts.add = false;
    parts.result = px_new_buffer(p, px_shape_count(px_at(p, node)->shape) * (size_t)splits, PX_NONE);
    if (parts.result < 0 || px_emit_wgrad_lane(p, node, &parts, splits) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_emit_sum_splits(p, node, g, splits, px_shape_count(px_at(p, node)->shape), parts.result);
}

/* Whether the large map may be the vector map, or the small one. */
static bool may_be_vector(bool row, bool large, int kernel, int stride, int large_channels, int small_channels)
{
    int vectors = large ? large_channels : small_channels, scalars = large ? small_channels : large_channels;
    if (vectors % BLOCK != 0)
        return false;
    return !row || (scalars <= MOST_PLANES && scalars_of_row(scalars, kernel) > 0 && (stride == 1 || !large));
}

/* Whether the large map becomes the vector map; `wanted` where both may. */
static bool choose_vector(bool row, bool wanted, int kernel, int stride, int large_channels, int small_channels)
{
    return may_be_vector(row, wanted, kernel, stride, large_channels, small_channels) ? wanted : !wanted;
}

pixcl_status px_lower_wgrad_lane(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_value *value = px_value_of(p, node);
    const px_padded x = px_padded_input(p, node);
    const px_shape large = px_at(p, x.source)->shape, small = px_at(p, info->inputs[1])->shape;
    const bool add = p->added_to[node] != PX_NONE;
    const bool vector_large = choose_vector(is_row_of_taps(p, node), value->layout == PX_WEIGHT_AXIS1,
                                            info->attrs.kernel, info->attrs.stride, large.c, small.c);
    const px_weight_layout layout = vector_large ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
    const bool in_place = px_same_weight_layout(p, layout, value->layout);
    px_wgrad g = {.kernel = info->attrs.kernel,
                  .stride = info->attrs.stride,
                  .pad = x.pad,
                  .reflect = x.reflect,
                  .large = large,
                  .small = small,
                  .large_at = *px_value_of(p, x.source),
                  .small_at = *px_value_of(p, info->inputs[1]),
                  .vector_large = vector_large,
                  .pictures = large.n};
    const int splits = px_wgrad_lane_splits(p, node, &g);
    px_node adam = in_place && !p->target->no_fuse ? px_adam_behind(p, node) : PX_NONE;
    if (adam != PX_NONE)
        return lower_for_adam(p, node, &g, splits, adam);
    g.result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE);
    g.offset = in_place ? value->offset : 0;
    g.add = in_place && add;
    if (g.result < 0 || lower_to_memory(p, node, &g, splits) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    if (in_place)
        return PIXCL_OK;
    return px_emit_repack(p, node, info->shape, layout, g.result, g.offset, value->layout, value->buffer, value->offset,
                          add);
}

static bool applies(const px_conv_problem *problem, bool row)
{
    return problem->block == BLOCK &&
           (may_be_vector(row, false, problem->kernel, problem->stride, problem->x.c, problem->y.c) ||
            may_be_vector(row, true, problem->kernel, problem->stride, problem->x.c, problem->y.c));
}

bool px_wgrad_lane_applies(const px_conv_problem *problem)
{
    return applies(problem, false);
}

bool px_wgrad_planes_applies(const px_conv_problem *problem)
{
    return applies(problem, true);
}

pixcl_status px_check_wgrad_lane(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    const bool row = cut->algorithm == PX_ALGORITHM_PLANES, tiled = cut->scalars != 0 || cut->vectors != 0;
    const bool vector_large =
        choose_vector(row, problem->vector_large, problem->kernel, problem->stride, problem->x.c, problem->y.c);
    const int channels = vector_large ? problem->y.c : problem->x.c;
    const bool right = !row && cut->scalars <= BLOCK && keeps_to_blocks(cut->scalars, channels) &&
                       (cut->vectors == 1 || cut->vectors == 2 || cut->vectors == 4);
    if (tiled && !right)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile of %d of %d channels by %d of a lane", cut->scalars, channels,
                       cut->vectors);
    if (cut->width != 0 || cut->channels != 0 || cut->rows != 0 || cut->blocks != 0 || cut->splits != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "another algorithm's tile or splits for this weight gradient");
    return PIXCL_OK;
}

int px_wgrad_lane_cuts(const px_conv_problem *problem, const px_cut *tile, px_cut cuts[PX_MOST_CUTS])
{
    static const int scalars[] = {16, 8, 4}, vectors[] = {1, 2, 4};
    int count = 0;
    for (int i = 0; !tile && i < 9; i++)
        px_add_cut(problem,
                   (px_cut){.algorithm = PX_ALGORITHM_LANE, .scalars = scalars[i / 3], .vectors = vectors[i % 3]}, cuts,
                   &count);
    return count;
}
