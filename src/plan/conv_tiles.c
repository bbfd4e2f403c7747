/* Tiles of the direct kernels, which Winograd's products use as well: the planner's own, by what fits in registers,
 * which are right for a convolution, and which are worth a try by the tuner. */
#include "plan/conv_method.h"

/* Registers: more accumulators than this spill on every device known. */
enum { MOST_ACCUMULATORS = 32, MOST_WIDTH = 32 };

px_cut px_forward_tile(int sums, int row, int groups, bool dot)
{
    const int width = row >= 6 ? 8 : row >= 3 ? 4 : row;
    px_cut c = {.width = width < sums ? width : sums, .channels = 1};
    if (dot)
        for (int n = 2; n <= 3; n++)
            c.channels = n <= sums && groups % n == 0 ? n : c.channels;
    else
        for (int n = 2; n <= 4; n *= 2)
            c.channels = c.width * n <= sums && groups % n == 0 ? n : c.channels;
    if (c.width * c.channels > sums)
        c.width = sums / c.channels;
    return c;
}

/* Tiles keep to blocks: several in a block, or whole blocks in a tile, which are stored in one run. */
px_cut px_gradient_tile(int sums, int scalar_channels, int block, int vector_blocks, bool small_map)
{
    static const int candidates[] = {16, 8, 6, 4, 3, 2};
    px_cut c = {.scalars = 1, .vectors = 1};
    for (size_t i = small_map ? 0 : 1; i < sizeof candidates / sizeof candidates[0] && c.scalars == 1; i++)
        if (candidates[i] <= sums && scalar_channels % candidates[i] == 0 &&
            (candidates[i] % block == 0 || block % candidates[i] == 0))
            c.scalars = candidates[i];
    for (int n = 2; n <= 4; n *= 2)
        c.vectors = c.scalars * n <= sums && vector_blocks % n == 0 ? n : c.vectors;
    return c;
}

static bool divides(int part, int whole)
{
    return part > 0 && whole % part == 0;
}

pixcl_status px_check_forward_tile(const px_conv_problem *p, const px_cut *c, pixcl_error *err)
{
    int groups = c->algorithm == PX_ALGORITHM_DOT ? p->y.c : p->y.c / px_gcd(p->y.c, p->block);
    int blocks = p->x.c / px_gcd(p->x.c, p->block);
    bool tile = c->width >= 1 && c->width <= MOST_WIDTH && divides(c->channels, groups) &&
                c->channels <= MOST_ACCUMULATORS / c->width;
    if (!tile && (c->width != 0 || c->channels != 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile of %d pixels by %d of %d channel groups", c->width,
                       c->channels, groups);
    bool plain = c->rows == 0 && c->blocks == 0;
    bool split = c->algorithm == PX_ALGORITHM_DIRECT && c->rows >= 1 && c->rows <= p->y.h && c->blocks >= 1 &&
                 c->blocks <= blocks;
    if (!plain && !split)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%d of %d rows, %d of %d input blocks", c->rows, p->y.h, c->blocks,
                       blocks);
    if (c->scalars != 0 || c->vectors != 0 || c->splits != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a weight gradient's tile for another convolution");
    return PIXCL_OK;
}

pixcl_status px_check_gradient_tile(const px_conv_problem *p, const px_cut *c, pixcl_error *err)
{
    /* Winograd's products keep the layout of a plain convolution's weights. */
    bool winograd = c->algorithm == PX_ALGORITHM_WINOGRAD, vector_large = p->vector_large && !winograd;
    int vector_channels = vector_large ? p->x.c : p->y.c, scalar_channels = vector_large ? p->y.c : p->x.c;
    int groups = vector_channels / px_gcd(vector_channels, p->block), block = px_gcd(scalar_channels, p->block);
    bool tile = divides(c->scalars, scalar_channels) && divides(c->vectors, groups) &&
                (c->scalars % block == 0 || block % c->scalars == 0) && c->vectors <= MOST_ACCUMULATORS &&
                c->scalars <= MOST_ACCUMULATORS / c->vectors;
    if (!tile && (c->scalars != 0 || c->vectors != 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile of %d of %d channels by %d of %d channel blocks", c->scalars,
                       scalar_channels, c->vectors, groups);
    if (c->splits < 0 || c->splits > (winograd ? 0 : p->y.h))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%d splits of %d rows", c->splits, p->y.h);
    if (c->width != 0 || c->channels != 0 || c->rows != 0 || c->blocks != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "another convolution's tile for a weight gradient");
    return PIXCL_OK;
}

pixcl_status px_check_no_tile(const px_conv_problem *p, const px_cut *c, pixcl_error *err)
{
    (void)p;
    if (c->width != 0 || c->channels != 0 || c->rows != 0 || c->blocks != 0 || c->scalars != 0 || c->vectors != 0 ||
        c->splits != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile for \"%s\", which chooses its own",
                       px_conv_algorithm_name(c->algorithm));
    return PIXCL_OK;
}

int px_no_cuts(const px_target *target, const px_conv_problem *problem, const px_cut *tile, px_cut cuts[PX_MOST_CUTS])
{
    (void)target;
    (void)problem;
    (void)tile;
    (void)cuts;
    return 0;
}

void px_add_cut(const px_conv_problem *problem, px_cut cut, px_cut cuts[PX_MOST_CUTS], int *count)
{
    if (*count < PX_MOST_CUTS && px_cut_check(problem, &cut, NULL) == PIXCL_OK)
        cuts[(*count)++] = cut;
}

static int largest(const int *values, int count)
{
    int most = 0;
    for (int i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

bool px_fits_registers(const px_target *target, int sums)
{
    return sums >= (target->tile_sums + 2) / 3 && sums <= target->tile_sums * 7 / 6;
}

/* Keeps the tiles that fit, or those with most sums when none has enough. */
static int keep_busy(const px_target *target, px_cut cuts[PX_MOST_CUTS], int count)
{
    int sums[PX_MOST_CUTS], kept = 0;
    for (int i = 0; i < count; i++)
        sums[i] = cuts[i].width * cuts[i].channels + cuts[i].scalars * cuts[i].vectors;
    const int most = largest(sums, count);
    const bool enough = most >= target->tile_sums || px_fits_registers(target, most);
    for (int i = 0; i < count; i++)
        if (enough ? px_fits_registers(target, sums[i]) : sums[i] == most)
            cuts[kept++] = cuts[i];
    return kept;
}

int px_forward_tiles(const px_target *target, const px_conv_problem *p, px_conv_algorithm algorithm,
                     px_cut cuts[PX_MOST_CUTS])
{
    static const int widths[] = {8, 6, 12, 4, 16, 2, 3}, channels[] = {2, 1, 4, 3, 6, 8, 12, 16};
    int phases = p->op == PX_OP_CONV_T ? p->stride : 1, row = (p->y.w + phases - 1) / phases, count = 0;
    if (algorithm == PX_ALGORITHM_WINOGRAD) /* of products: all tiles are one row */
        row = p->y.n * ((p->y.h + 3) / 4) * ((p->y.w + 3) / 4);
    for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
        px_cut cut = {.algorithm = algorithm, .width = row, .channels = channels[c]};
        if (row < 12) /* the whole row, or its halves, without a pixel to spare */
            px_add_cut(p, cut, cuts, &count);
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
            cut.width = widths[w];
            const bool narrow = widths[w] < 4 && target->tile_sums == px_tile_sums[0];
            if (!narrow && (widths[w] < row || (widths[w] == row && row >= 12)))
                px_add_cut(p, cut, cuts, &count);
        }
    }
    return keep_busy(target, cuts, count);
}

int px_gradient_tiles(const px_target *target, const px_conv_problem *p, px_conv_algorithm algorithm,
                      px_cut cuts[PX_MOST_CUTS])
{
    static const int scalars[] = {8, 4, 6, 16, 3, 2, 12, 1}, vectors[] = {2, 1, 3, 4, 6, 8, 16};
    int count = 0;
    for (size_t s = 0; s < sizeof scalars / sizeof scalars[0]; s++)
        for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++)
            px_add_cut(p, (px_cut){.algorithm = algorithm, .scalars = scalars[s], .vectors = vectors[v]}, cuts, &count);
    return keep_busy(target, cuts, count);
}
