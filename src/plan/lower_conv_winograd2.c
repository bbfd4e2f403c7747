/* The algorithm "winograd2": 4x4 convolutions of stride 1 and 2, 3x3 ones of stride 2, and their transposes, on CPUs,
 * by minimal filtering with the points 0, 1, -1 and infinity (cl/winograd2_rows.cl). The input is transformed into
 * memory; weights are transformed in the cache as they are multiplied, and the products of a work-item stay there until
 * they are transformed back (cl/winograd2.cl). Weight gradients are in lower_conv_winograd2_wgrad.c.
 *
 * Where transformed maps would be large, rows of tiles are done some at a time, in the same memory. */
#include "plan/winograd2.h"

#include "plan/conv_method.h"

enum { LANES = 16 };

/* Phases of the input (conv) or of the output (conv_t). */
static bool phases_in(const px_direct *d)
{
    return d->stride == 2 && !d->transposed;
}

static bool phases_out(const px_direct *d)
{
    return d->stride == 2 && d->transposed;
}

static px_winograd2 tiles_of(const px_direct *d)
{
    if (phases_out(d)) /* positions of which each phase has one pixel, some outside of y */
        return px_winograd2_tiles(d->kernel, 2, 3, d->y.n, (d->y.h - 1 + d->pad) / 2 + 1,
                                  (d->y.w - 1 + d->pad) / 2 + 1);
    return px_winograd2_tiles(d->kernel, d->stride, px_winograd2_inner(d->stride, d->y), d->y.n, d->y.h, d->y.w);
}

/* What a work-item does. */
typedef struct share {
    int vectors; /* output channel blocks */
    int blocks;  /* input channel blocks whose weights are transformed at a time */
} share;

/* Tiles of a work-item: as many as share its transformed weights while their products stay in the cache, in runs that
 * keep the registers busy, without tiles to spare at the end. */
static void group_tiles(const px_planner *p, px_winograd2 *t, int tiles, int run)
{
    enum { MOST_TILES = 72, TILES_OF_WEIGHTS = 4, ENOUGH = 8 };
    const int longest = p->target->tile_sums / px_tile_vectors(p->target->tile_sums), shortest = (longest * 2 + 2) / 3;
    int64_t least = 0;
    for (int r = run > 0 ? run : shortest; r <= (run > 0 ? run : longest); r++)
        for (int g = r; g <= MOST_TILES; g += r) {
            /* The time of all groups in tiles; transforming the weights takes as long as some of them, and short runs
             * wait for their sums. */
            const int waits = r < ENOUGH ? 2 * g / r : 0;
            const int64_t groups = (tiles + g - 1) / g, cost = 64 * groups * (g + waits + TILES_OF_WEIGHTS) - r;
            if (t->group_tiles > 0 && cost >= least)
                continue;
            least = cost;
            t->group_tiles = g;
            t->run_tiles = r;
        }
    t->padded_run = t->run_tiles;
}

/* Input blocks that are transformed at a time are of one phase. */
static share share_of(const px_planner *p, const px_cut *tuned, int out_blocks, int blocks)
{
    enum { BLOCKS = 4 };
    share s = {tuned->channels > 0 ? tuned->channels : px_tile_vectors(p->target->tile_sums),
               tuned->blocks > 0 ? tuned->blocks : BLOCKS};
    while (out_blocks % s.vectors != 0)
        s.vectors--;
    while (blocks % s.blocks != 0)
        s.blocks--;
    return s;
}

static pixcl_status emit_products(px_planner *p, px_node node, const px_direct *d, const px_winograd2 *t, share s,
                                  int first_row, int rows, int transformed)
{
    static const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE};
    const px_epilogue *e = d->epilogue ? d->epilogue : &none;
    const int tiles = rows * t->tile_columns, groups = (tiles + t->group_tiles - 1) / t->group_tiles;
    const int blocks = px_winograd2_blocks(d->x.c, phases_in(d)), output_dim = groups > 2 ? 0 : 1;
    const size_t outputs = (size_t)(d->y.c / LANES / s.vectors) * (phases_out(d) ? 4 : 1);
    char *form = px_winograd2_defines(p, t), *tail = px_epilogue_defines(p, e, LANES);
    char *preamble = form && tail ? px_format(p->err,
                                              "%s#define PHASES_IN %d\n#define PHASES_OUT %d\n#define FLIP %d\n"
                                              "#define NV %d\n#define BLOCKS %d\n#define OUTPUT_DIM %d\n%s",
                                              form, phases_in(d), phases_out(d), d->transposed, s.vectors, s.blocks,
                                              output_dim, tail)
                                  : NULL;
    const size_t global[3] = {output_dim == 0 ? outputs : (size_t)groups, output_dim == 0 ? (size_t)groups : outputs,
                              1};
    px_launch *launch = preamble ? px_emit_kernel(p, node, "winograd2_products",
                                                  (const char *[]){"vector", "epilogue", "winograd2_rows", "winograd2"},
                                                  preamble, global)
                                 : NULL;
    px_free(form);
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, transformed, 0);
    px_arg_buffer(p, PX_ARG_READ, d->weights, d->weights_offset);
    px_arg_buffer(p, PX_ARG_WRITE, d->to.buffer, d->to.offset);
    px_arg_bias(p, e);
    const int64_t sizes[] = {blocks,          d->y.h,    d->y.w, t->tile_rows,
                             t->tile_columns, first_row, tiles,  (int64_t)d->to.stride_n,
                             d->pad,          d->add};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    const double taps = (double)d->kernel * d->kernel, products = px_winograd2_products(t);
    launch->flops = 2.0 * products * d->x.c * (double)d->y.c * tiles;
    launch->bytes = 4.0 * (products * d->x.c * (double)tiles / (phases_out(d) ? 4 : 1) +
                           taps * d->x.c * (double)d->y.c + (double)px_shape_count(d->y) * rows / t->rows);
    px_label(launch, "winograd2_products %dx%d %s", t->run_tiles, s.vectors, px_at(p, px_at(p, node)->inputs[1])->name);
    return PIXCL_OK;
}

static pixcl_status emit(px_planner *p, px_node node, const px_direct *d)
{
    const int blocks = px_winograd2_blocks(d->x.c, phases_in(d));
    /* Positions i of a transposed convolution read inputs i - 1 and i. */
    const int pad = phases_out(d) ? 1 : d->transposed ? d->kernel - 1 - d->pad : d->pad;
    const px_cut tuned = px_cut_for(p, node);
    px_winograd2 t = tiles_of(d);
    const int at_once = px_winograd2_rows_at_once(p, &t, blocks);
    group_tiles(p, &t, at_once * t.tile_columns, tuned.width);
    const share s = share_of(p, &tuned, d->y.c / LANES, d->x.c / LANES);
    for (int row = 0; row < t.rows; row += at_once) {
        const int rows = at_once < t.rows - row ? at_once : t.rows - row;
        const int transformed = px_winograd2_buffer(p, &t, rows, blocks);
        if (transformed < 0 ||
            px_winograd2_input(p, node, &t, &d->from, d->x, phases_in(d), pad, row, rows, transformed) != PIXCL_OK ||
            emit_products(p, node, d, &t, s, row, rows, transformed) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
    }
    return PIXCL_OK;
}

static pixcl_status lower(px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    if (problem.op == PX_OP_CONV_WGRAD)
        return px_lower_winograd2_wgrad(p, node);
    return px_lower_with_weights(p, node, px_weights_output_lanes(p->target, &problem), LANES, emit);
}

/* Of the products, measured with the transforms of weights and results that they hold. */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)target;
    (void)problem;
    return 0.78;
}

/* The map that tiles cover: the smaller one of stride 2. */
static px_shape covered(const px_conv_problem *problem)
{
    return problem->op == PX_OP_CONV_T && problem->stride == 2 ? problem->x : problem->y;
}

/* Maps smaller than a tile have the rounding of the transforms and nothing of their gain. */
static bool applies(const px_conv_problem *p)
{
    enum { SMALLEST_MAP = 4 };
    const bool form = (p->kernel == 4 && p->stride <= 2) || (p->kernel == 3 && p->stride == 2);
    return form && covered(p).h >= SMALLEST_MAP && covered(p).w >= SMALLEST_MAP && p->pad < p->kernel &&
           p->block == LANES && p->x.c % LANES == 0 && p->y.c % LANES == 0;
}

/* With fewer tiles the weights, of which a transform makes more, take the time that products save. */
static bool suits(const px_target *target, const px_conv_problem *problem)
{
    enum { FEWEST_TILES = 36 };
    const px_shape map = covered(problem);
    const int out = problem->stride == 1 ? 4 : 2;
    const double tiles = (double)map.n * ((map.h + out - 1) / out) * ((map.w + out - 1) / out);
    return target->single_groups && tiles >= FEWEST_TILES;
}

static pixcl_status check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    enum { MOST_RUN = 16, MOST_SUMS = 32 };
    if (problem->op == PX_OP_CONV_WGRAD)
        return px_check_winograd2_wgrad(problem, cut, err);
    const int blocks = problem->x.c / LANES;
    const bool tile = cut->width >= 1 && cut->width <= MOST_RUN && cut->channels >= 1 &&
                      problem->y.c / LANES % cut->channels == 0 && cut->width * cut->channels <= MOST_SUMS;
    if (!tile && (cut->width != 0 || cut->channels != 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "runs of %d tiles by %d of %d channel blocks", cut->width,
                       cut->channels, problem->y.c / LANES);
    if (cut->blocks < 0 || (cut->blocks > 0 && blocks % cut->blocks != 0) || cut->rows != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%d rows, %d of %d input blocks", cut->rows, cut->blocks, blocks);
    if (cut->scalars != 0 || cut->vectors != 0 || cut->splits != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a weight gradient's tile for another convolution");
    return PIXCL_OK;
}

/* Runs by channel blocks; for a given one, how many input blocks' weights at a time. */
static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    static const int runs[] = {8, 10, 12, 6, 5, 4, 3, 2}, channels[] = {2, 1, 3, 4}, blocks[] = {4, 8, 16, 32};
    int count = 0;
    if (!target->single_groups)
        return 0;
    if (problem->op == PX_OP_CONV_WGRAD)
        return tile ? 0 : px_winograd2_wgrad_cuts(target, problem, cuts);
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && tile; i++) {
        px_cut cut = *tile;
        cut.blocks = blocks[i];
        px_add_cut(problem, cut, cuts, &count);
    }
    for (size_t c = 0; c < sizeof channels / sizeof channels[0] && !tile; c++)
        for (size_t r = 0; r < sizeof runs / sizeof runs[0]; r++)
            if (px_fits_registers(target, runs[r] * channels[c]))
                px_add_cut(problem,
                           (px_cut){.algorithm = PX_ALGORITHM_WINOGRAD2, .width = runs[r], .channels = channels[c]},
                           cuts, &count);
    return count;
}

/* Its points round some two to three times more than a direct sum. */
const px_conv_method px_conv_winograd2 = {.name = "winograd2",
                                          .noise = 3,
                                          .needs_single_groups = true,
                                          .density = density,
                                          .epilogue = true,
                                          .applies = applies,
                                          .suits = suits,
                                          .weights = px_weights_output_lanes,
                                          .lower = lower,
                                          .check = check,
                                          .cuts = cuts_to_try};
