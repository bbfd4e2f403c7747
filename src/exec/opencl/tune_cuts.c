/* Which cuts are worth a try. */
#include "exec/opencl/tune.h"

/* Two multiply-add units with a latency of four cycles want eight independent sums; 32 registers hold 28 beside what is
 * being loaded. */
enum { FEWEST_SUMS = 8, MOST_SUMS = 28 };

static int common_divisor(int a, int b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

static void add(const px_conv_problem *problem, px_cut cut, px_cut cuts[PX_MOST_CUTS], int *count)
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

/* Keeps the tiles with enough sums, or those with most when none has enough. */
static int keep_busy(px_cut cuts[PX_MOST_CUTS], int count)
{
    int sums[PX_MOST_CUTS], kept = 0;
    for (int i = 0; i < count; i++)
        sums[i] = cuts[i].width * cuts[i].channels + cuts[i].scalars * cuts[i].vectors;
    int least = largest(sums, count);
    least = least > FEWEST_SUMS ? FEWEST_SUMS : least;
    for (int i = 0; i < count; i++)
        if (sums[i] >= least && sums[i] <= MOST_SUMS)
            cuts[kept++] = cuts[i];
    return kept;
}

static int forward_tiles(const px_conv_problem *p, px_conv_algorithm algorithm, px_cut cuts[PX_MOST_CUTS])
{
    static const int widths[] = {8, 6, 12, 4, 16}, channels[] = {2, 1, 4, 3, 6, 8, 12, 16};
    int phases = p->op == PX_OP_CONV_T ? p->stride : 1, row = (p->y.w + phases - 1) / phases, count = 0;
    if (algorithm == PX_ALGORITHM_WINOGRAD) /* of products: all tiles are one row */
        row = p->y.n * ((p->y.h + 3) / 4) * ((p->y.w + 3) / 4);
    for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
        if (row < 12) /* the whole row, or its halves, without a pixel to spare */
            add(p, (px_cut){.algorithm = algorithm, .width = row, .channels = channels[c]}, cuts, &count);
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
            if (widths[w] < row || (widths[w] == row && row >= 12))
                add(p, (px_cut){.algorithm = algorithm, .width = widths[w], .channels = channels[c]}, cuts, &count);
    }
    return keep_busy(cuts, count);
}

static int gradient_tiles(const px_conv_problem *p, px_conv_algorithm algorithm, px_cut cuts[PX_MOST_CUTS])
{
    static const int scalars[] = {8, 4, 6, 16, 3, 2, 12, 1}, vectors[] = {2, 1, 3, 4, 6, 8, 16};
    int count = 0;
    for (size_t s = 0; s < sizeof scalars / sizeof scalars[0]; s++)
        for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++)
            add(p, (px_cut){.algorithm = algorithm, .scalars = scalars[s], .vectors = vectors[v]}, cuts, &count);
    return keep_busy(cuts, count);
}

int px_tile_cuts(const px_conv_problem *problem, px_conv_algorithm algorithm, px_cut cuts[PX_MOST_CUTS])
{
    return problem->op == PX_OP_CONV_WGRAD ? gradient_tiles(problem, algorithm, cuts)
                                           : forward_tiles(problem, algorithm, cuts);
}

int px_depth_cuts(const px_conv_problem *p, const px_cut *tile, px_cut cuts[PX_MOST_CUTS])
{
    int count = 0;
    px_cut cut = *tile;
    if (p->op == PX_OP_CONV_WGRAD) {
        static const int splits[] = {1, 2, 4, 8, 16};
        for (size_t i = 0; i < sizeof splits / sizeof splits[0] && tile->algorithm == PX_ALGORITHM_DIRECT; i++) {
            cut.splits = splits[i];
            add(p, cut, cuts, &count);
        }
        return count;
    }
    if (tile->algorithm != PX_ALGORITHM_DIRECT || tile->width == 0)
        return 0;
    int bx = common_divisor(p->x.c, p->block), by = common_divisor(p->y.c, p->block), all = p->x.c / bx;
    double of_block = 4.0 * tile->channels * by * bx * p->kernel * p->kernel; /* bytes */
    cut.rows = 1;
    cut.blocks = all;
    add(p, cut, cuts, &count);
    for (double bytes = 131072; bytes <= 524288 && p->y.h > 1; bytes *= 2) {
        int blocks = (int)(bytes / of_block);
        cut.rows = p->y.h;
        cut.blocks = blocks < 1 ? 1 : blocks > all ? all : blocks;
        add(p, cut, cuts, &count);
    }
    return count;
}
