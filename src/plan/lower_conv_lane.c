/* The algorithm "lane": convolutions on GPUs by conv_lane.cl, with output channels across the lanes of a wave. Its
 * weight gradients are in lower_conv_wgrad_lane.c. Winograd's products are made by the same launches. */
#include "plan/conv_method.h"

/* What a lane keeps in registers: channels next to each other (1, 2, 4) times pixels, and how many input channels of a
 * pixel it loads at a time. */
typedef struct tile_shape {
    int width, pixels, depth;
} tile_shape;

/* By the lanes of a wave: what the compilers of such GPUs make densest without spilling (tools/isa, DECISIONS.md). The
 * first whose channels divide the output's, or the last.
 *
 * Intel's has 128 registers of 8 floats, and copies sums for reasons of its own: 12 to 15 pixels spill, 16 do not. So a
 * tile has up to `fewer`, or all. */
typedef struct family {
    int lanes, fewer;
    tile_shape convolution[3], one_tap[3]; /* kernels of 1x1 and Winograd's products */
    tile_shape few[3];                     /* for maps of two pixels or less, where weights are all that takes time */
} family;

enum { FEW_PIXELS = 2 };

static const family families[] = {
    {16, 11, {{2, 16, 8}, {1, 16, 8}}, {{4, 7, 8}, {2, 8, 8}, {1, 16, 8}}, {{4, 2, 8}, {2, 2, 8}, {1, 2, 8}}},
    {32, 16, {{4, 16, 4}, {2, 16, 4}, {1, 16, 4}}, {{4, 16, 4}, {2, 16, 4}, {1, 16, 4}}, {{4, 2, 16}, {1, 2, 16}}},
    {64, 16, {{4, 8, 8}, {2, 16, 4}, {1, 16, 4}}, {{4, 8, 8}, {2, 16, 4}, {1, 16, 4}}, {{4, 2, 16}, {1, 2, 16}}},
};

/* How a convolution is cut. */
typedef struct wave_tile {
    int lanes, width, repeats; /* channels: of a wave, of each lane, how many times */
    int rows, columns, depth;  /* pixels; input channels of a load */
    int splits;                /* of the input channels */
} wave_tile;

enum { BLOCK = 16 };

static const family *family_of(const px_target *target)
{
    const family *f = families;
    while (f->lanes < target->lanes && f->lanes < 64)
        f++;
    return f;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int groups_of(const px_direct *d, const wave_tile *t)
{
    const int channels = t->lanes * t->width * t->repeats;
    return (d->y.c + channels - 1) / channels;
}

static int count_tiles(int pixels, int of_tile)
{
    return (pixels + of_tile - 1) / of_tile;
}

/* Rows, or columns, of the largest phase; a tile's must fit into the smallest that has any. */
static int of_phase(int size, int phases)
{
    return (size + phases - 1) / phases;
}

static int fits_phases(int size, int phases)
{
    return size >= phases ? size / phases : 1;
}

static size_t count_waves(const px_direct *d, const wave_tile *t)
{
    const int phases = d->transposed ? d->stride : 1;
    return (size_t)count_tiles(of_phase(d->y.h, phases), t->rows) *
           (size_t)count_tiles(of_phase(d->y.w, phases), t->columns) * (size_t)(phases * phases) * (size_t)d->y.n *
           (size_t)groups_of(d, t);
}

/* Enough groups for the device, as long as the parts take less time to write and read than the weights. */
static int count_splits(const px_planner *p, const px_direct *d, const wave_tile *t)
{
    const size_t waves = count_waves(d, t), wanted = (size_t)p->target->waves, results = px_shape_count(d->y);
    const size_t weights = (size_t)d->x.c * (size_t)d->y.c * (size_t)d->kernel * (size_t)d->kernel;
    size_t splits = (wanted + waves - 1) / waves;
    splits = splits < weights / (8 * results) ? splits : weights / (8 * results);
    const int blocks = d->x.c / BLOCK, some = splits < (size_t)blocks ? (int)splits : blocks;
    return some < 2 ? 1 : count_tiles(blocks, count_tiles(blocks, some)); /* as many as have a block */
}

static const tile_shape *shape_of(const tile_shape shapes[3], int lanes, int channels)
{
    int i = 0;
    while (i < 2 && shapes[i + 1].width > 0 && channels % (lanes * shapes[i].width) != 0)
        i++;
    return &shapes[i];
}

static bool goes_well(const family *f, const tile_shape *shape, int pixels)
{
    return pixels <= f->fewer || pixels == shape->pixels;
}

/* Loads of weights, and what a tile needs to begin and end, count as so many pixels more. */
enum { TILE_OVERHEAD = 3 };

/* The tile that makes the least work of the map: with whole rows and columns, and not small. */
static void place_pixels(const family *f, const px_direct *d, const tile_shape *shape, wave_tile *t)
{
    const int phases = d->transposed ? d->stride : 1;
    const int height = of_phase(d->y.h, phases), width = of_phase(d->y.w, phases);
    const int most_rows = fits_phases(d->y.h, phases), most_columns = fits_phases(d->y.w, phases);
    int64_t least = 0;
    for (int columns = smaller(most_columns, shape->pixels); columns >= 1; columns--)
        for (int rows = 1; rows <= smaller(most_rows, shape->pixels / columns); rows++) {
            const int64_t work =
                (int64_t)count_tiles(width, columns) * count_tiles(height, rows) * (rows * columns + TILE_OVERHEAD);
            if (goes_well(f, shape, rows * columns) && (least == 0 || work < least)) {
                least = work;
                t->rows = rows;
                t->columns = columns;
            }
        }
}

static wave_tile cut(const px_planner *p, px_node node, const px_direct *d)
{
    const family *f = family_of(p->target);
    const int phases = d->transposed ? d->stride : 1;
    const bool few = fits_phases(d->y.h, phases) * fits_phases(d->y.w, phases) <= FEW_PIXELS;
    const tile_shape *shapes = d->kernel == 1 ? f->one_tap : few ? f->few : f->convolution;
    const tile_shape *shape = shape_of(shapes, f->lanes, d->y.c);
    wave_tile t = {.lanes = f->lanes, .width = shape->width, .repeats = 1, .depth = shape->depth};
    place_pixels(f, d, shape, &t);
    const px_cut tuned = p->algorithm[node] == PX_ALGORITHM_LANE ? px_cut_for(p, node) : (px_cut){0};
    if (tuned.width > 0) {
        t.width = tuned.channels;
        t.repeats = tuned.vectors;
        t.rows = tuned.rows;
        t.columns = tuned.width;
    }
    t.splits = d->weights_stride_n > 0 ? 1 : tuned.splits > 0 ? tuned.splits : count_splits(p, d, &t);
    return t;
}

pixcl_status px_emit_conv_sum(px_planner *p, px_node node, const px_direct *d, int from, int splits)
{
    const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE}, *e = d->epilogue ? d->epilogue : &none;
    const int width = px_vector_width(p, d->to.block);
    const size_t pixels = (size_t)d->y.h * (size_t)d->y.w, count = px_shape_count(d->y);
    const size_t global[3] = {px_run_items(p, pixels, d->to.block), (size_t)(d->y.c / d->to.block), (size_t)d->y.n};
    char *tail = px_epilogue_defines(p, e, width);
    char *preamble = tail ? px_format(p->err, "#define B %d\n#define VW %d\n%s", d->to.block, width, tail) : NULL;
    px_launch *launch = preamble
                            ? px_emit_kernel(p, node, "conv_sum",
                                             (const char *[]){"vector", "epilogue", "conv_sum", NULL}, preamble, global)
                            : NULL;
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    px_arg_buffer(p, PX_ARG_READ, from, 0);
    px_arg_buffer(p, PX_ARG_WRITE, d->to.buffer, d->to.offset);
    px_arg_bias(p, e);
    const int64_t sizes[] = {(int64_t)pixels, splits, (int64_t)count, (int64_t)(count / (size_t)d->y.n),
                             (int64_t)d->to.stride_n};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    launch->flops = (double)splits * (double)count;
    launch->bytes = 4.0 * (splits + 1) * (double)count;
    return PIXCL_OK;
}

static char *defines_of(const px_planner *p, const px_direct *d, const wave_tile *t, const px_epilogue *e)
{
    const int shrunk = d->kernel - d->stride - 2 * d->pad; /* what a side has beside its strides, in a conv_t */
    const int pad_h = d->y.h - d->x.h * d->stride - shrunk, pad_w = d->y.w - d->x.w * d->stride - shrunk;
    const int output_pad = !d->transposed ? 0 : pad_h > pad_w ? pad_h : pad_w;
    const bool partial = d->y.c % (t->lanes * t->width * t->repeats) != 0;
    char *tail = px_epilogue_defines(p, e, t->width);
    char *defines = tail ? px_format(p->err,
                                     "#define L %d\n#define VL %d\n#define NV %d\n#define PH %d\n#define PW %d\n"
                                     "#define CH %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                                     "#define OUTPUT_PAD %d\n#define TRANSPOSED %d\n#define REFLECT %d\n"
                                     "#define PARTIAL %d\n%s",
                                     t->lanes, t->width, t->repeats, t->rows, t->columns, t->depth, d->kernel,
                                     d->stride, d->pad, output_pad, d->transposed, d->reflect, partial, tail)
                         : NULL;
    px_free(tail);
    return defines;
}

pixcl_status px_emit_lane(px_planner *p, px_node node, const px_direct *d)
{
    static const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE};
    const wave_tile t = cut(p, node, d);
    const int phases = d->transposed ? d->stride : 1, blocks = (d->x.c / BLOCK + t.splits - 1) / t.splits;
    const px_epilogue *e = d->epilogue && t.splits == 1 ? d->epilogue : &none;
    const size_t count = px_shape_count(d->y);
    const int tiles_h = count_tiles(of_phase(d->y.h, phases), t.rows);
    const int tiles_w = count_tiles(of_phase(d->y.w, phases), t.columns);
    const size_t global[3] = {(size_t)tiles_w * (size_t)tiles_h * (size_t)(phases * phases * d->y.n * t.lanes),
                              (size_t)groups_of(d, &t), (size_t)t.splits};
    const int partial = t.splits > 1 ? px_new_buffer(p, (size_t)t.splits * count, PX_NONE) : d->to.buffer;
    char *preamble = partial >= 0 ? defines_of(p, d, &t, e) : NULL;
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, "conv_lane", (const char *[]){"vector", "epilogue", "conv_lane", NULL},
                                  preamble, global)
                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local(launch, (size_t)t.lanes, 1, 1);
    px_label(launch, "conv_lane %dx%d", t.rows * t.columns, t.lanes * t.width * t.repeats);
    px_arg_buffer(p, PX_ARG_READ, d->from.buffer, d->from.offset);
    px_arg_buffer(p, PX_ARG_READ, d->weights, d->weights_offset);
    px_arg_buffer(p, PX_ARG_WRITE, partial, t.splits > 1 ? 0 : d->to.offset);
    px_arg_bias(p, e);
    const int64_t sizes[] = {d->x.c,
                             d->x.h,
                             d->x.w,
                             d->y.c,
                             d->y.h,
                             d->y.w,
                             (int64_t)d->from.stride_n,
                             t.splits > 1 ? (int64_t)(count / (size_t)d->y.n) : (int64_t)d->to.stride_n,
                             (int64_t)d->weights_stride_n,
                             tiles_w,
                             tiles_h,
                             blocks,
                             (int64_t)count,
                             0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    return t.splits > 1 ? px_emit_conv_sum(p, node, d, partial, t.splits) : PIXCL_OK;
}

/* As counted in what compilers make (DECISIONS.md). */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.25 : target->lanes == 16 ? 0.82 : target->lanes == 32 ? 0.89 : 0.96;
}

static bool applies(const px_conv_problem *problem)
{
    if (problem->op == PX_OP_CONV_WGRAD)
        return px_wgrad_lane_applies(problem);
    return problem->block == BLOCK && problem->x.c % BLOCK == 0 && problem->y.c % BLOCK == 0;
}

static bool suits(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->lanes >= BLOCK;
}

static bool reflects(const px_conv_problem *problem, int pad)
{
    (void)pad;
    return problem->op == PX_OP_CONV;
}

static pixcl_status lower(px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    if (problem.op == PX_OP_CONV_WGRAD)
        return px_lower_wgrad_lane(p, node);
    px_direct d = px_direct_of(p, node);
    if (px_weight_in(p, node, px_at(p, node)->inputs[1], px_weights_output_lanes(p->target, &problem), &d.weights,
                     &d.weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_emit_conv_labelled(p, node, &d, px_emit_lane, 1);
}

/* Tiles: `width` by `rows` pixels, `channels` of a lane, `vectors` times the wave's. */
static pixcl_status check(const px_conv_problem *p, const px_cut *c, pixcl_error *err)
{
    enum { MOST_SUMS = 64 };
    if (p->op == PX_OP_CONV_WGRAD)
        return px_check_wgrad_lane(p, c, err);
    const int phases = p->op == PX_OP_CONV_T ? p->stride : 1;
    const bool none = c->width == 0 && c->rows == 0 && c->channels == 0 && c->vectors == 0;
    const bool tile = c->width >= 1 && c->width <= fits_phases(p->y.w, phases) && c->rows >= 1 &&
                      c->rows <= fits_phases(p->y.h, phases) &&
                      (c->channels == 1 || c->channels == 2 || c->channels == 4) && c->vectors >= 1 &&
                      c->vectors <= 4 && c->rows <= MOST_SUMS / c->channels / c->vectors / c->width;
    if (!none && !tile)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "a tile of %d x %d pixels by %d channels, %d times, of %d x %d pixels", c->rows, c->width,
                       c->channels, c->vectors, p->y.h, p->y.w);
    if (c->splits < 0 || c->splits > p->x.c / BLOCK)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%d splits of %d input blocks", c->splits, p->x.c / BLOCK);
    if (c->blocks != 0 || c->scalars != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "another algorithm's tile for waves of lanes");
    return PIXCL_OK;
}

static int tiles_to_try(const px_target *target, const px_conv_problem *p, px_cut cuts[PX_MOST_CUTS])
{
    static const struct {
        int channels, vectors;
    } sums[] = {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {4, 1}};
    static const int pixels[] = {4, 8, 12, 16};
    const int phases = p->op == PX_OP_CONV_T ? p->stride : 1;
    const int columns = fits_phases(p->y.w, phases), rows = fits_phases(p->y.h, phases);
    int count = 0;
    for (size_t s = 0; s < sizeof sums / sizeof sums[0]; s++)
        for (size_t i = 0; i < sizeof pixels / sizeof pixels[0]; i++) {
            px_cut c = {.algorithm = PX_ALGORITHM_LANE, .channels = sums[s].channels, .vectors = sums[s].vectors};
            c.width = smaller(columns, pixels[i]);
            c.rows = smaller(rows, pixels[i] / c.width);
            if (target->lanes * c.channels * c.vectors <= p->y.c || c.channels * c.vectors == 1)
                px_add_cut(p, c, cuts, &count);
        }
    return count;
}

static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    static const int splits[] = {1, 2, 4, 8, 16};
    int count = 0;
    if (target->single_groups) /* no CPU has waves */
        return 0;
    if (problem->op == PX_OP_CONV_WGRAD)
        return px_wgrad_lane_cuts(problem, tile, cuts);
    if (!tile)
        return tiles_to_try(target, problem, cuts);
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        px_cut c = *tile;
        c.splits = splits[i];
        px_add_cut(problem, c, cuts, &count);
    }
    return count;
}

const px_conv_method px_conv_lane = {.name = "lane",
                                     .noise = 1,
                                     .density = density,
                                     .epilogue = true,
                                     .reflects = reflects,
                                     .applies = applies,
                                     .suits = suits,
                                     .weights = px_weights_output_lanes,
                                     .lower = lower,
                                     .check = check,
                                     .cuts = cuts_to_try};
