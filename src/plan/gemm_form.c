/* Which form of a product moves least, and how columns are cut into slices. */
#include "plan/gemm_form.h"

#include <math.h>
#include <stdint.h>

/* Scratch memory with each operand so many elements from the start of its buffer. */
static bool scratch_at(const px_target *target, const px_gemm *gemm, size_t offset, size_t *bytes)
{
    *bytes = 0;
    return !target->gemm_scratch ||
           target->gemm_scratch(target->user, gemm, (const size_t[3]){offset, offset, offset}, bytes);
}

bool px_gemm_settle(const px_target *target, px_gemm *gemm)
{
    const bool has_sub_buffers = target->alignment > 0;
    const size_t offset = has_sub_buffers ? 0 : 1;
    px_gemm other = *gemm;
    size_t by_rows = 0, by_columns = 0, anywhere = 0;
    gemm->column_major = gemm->sub_buffers = false;
    other.column_major = true;
    if (!scratch_at(target, gemm, offset, &by_rows) || !scratch_at(target, &other, offset, &by_columns))
        return false;
    gemm->column_major = by_columns < by_rows;
    gemm->scratch = gemm->column_major ? by_columns : by_rows;
    /* The kernel for small matrices copies nothing wherever they are. */
    if (!scratch_at(target, gemm, 1, &anywhere))
        return false;
    gemm->sub_buffers = has_sub_buffers && anywhere > gemm->scratch;
    return true;
}

bool px_gemm_settle_at(const px_target *target, px_gemm *gemm, const px_operand operands[3])
{
    size_t offsets[3];
    if (!px_gemm_settle(target, gemm))
        return false;
    for (int i = 0; i < 3; i++) /* those that are not 0 ask for at least as much as any other */
        offsets[i] = gemm->sub_buffers ? operands[i].offset % (target->alignment / sizeof(float)) : 1;
    if (target->gemm_scratch && !target->gemm_scratch(target->user, gemm, offsets, &gemm->scratch))
        return false;
    gemm->copies = 0;
    for (int i = 0; gemm->scratch > 0 && i < 3; i++) {
        const size_t offset = offsets[i];
        size_t moved = 0;
        offsets[i] = 1;
        if (!target->gemm_scratch(target->user, gemm, offsets, &moved))
            return false;
        offsets[i] = offset;
        if (moved == gemm->scratch) /* so it is copied where it is; the result also into scratch memory, to add to it */
            gemm->copies += i == 2 && gemm->beta != 0 ? 2 : 1;
    }
    return true;
}

static size_t padded(size_t size, size_t tile)
{
    return (size + tile - 1) / tile * tile;
}

bool px_gemm_kernel_scratch(void *user, const px_gemm *gemm, const size_t offsets[3], size_t *bytes)
{
    const px_gemm_kernel *kernel = user;
    const size_t m = padded(gemm->m, kernel->tile), n = padded(gemm->n, kernel->tile),
                 k = padded(gemm->k, kernel->tile);
    /* Column by column, with operands exchanged, each is as it was: GEMMK 0 wants A transposed and B not either way. */
    const bool a = kernel->row_major && !gemm->column_major ? !gemm->transpose_a : gemm->transpose_a;
    const bool b = kernel->row_major && gemm->column_major ? gemm->transpose_b : !gemm->transpose_b;
    const bool even = m == gemm->m && n == gemm->n && k == gemm->k;
    const double side = (double)kernel->smallest;
    *bytes = 0;
    if ((double)gemm->m * (double)gemm->n * (double)gemm->k < side * side * side)
        return true;
    if (!a || !even || offsets[0] > 0 || gemm->lda != (gemm->transpose_a ? m : k))
        *bytes += 4 * m * k;
    if (!b || !even || offsets[1] > 0 || gemm->ldb != (gemm->transpose_b ? k : n))
        *bytes += 4 * k * n;
    if (kernel->row_major == gemm->column_major || !even || offsets[2] > 0 || gemm->ldc != n)
        *bytes += 4 * m * n;
    return true;
}

px_weight_layout px_gemm_weights(px_gemm_form form)
{
    return form.weights ? PX_WEIGHT_TRANSPOSED : PX_WEIGHT_PLAIN;
}

/* Channels last is a block of all channels; one pixel is in both orders. */
static bool small_is(const px_gemm_conv *c, int block)
{
    return block == (c->form.small ? c->small.c : 1) || c->small.h * c->small.w == 1;
}

bool px_gemm_small_fits(const px_gemm_conv *c, const px_value *value)
{
    return small_is(c, value->block) && (c->pictures == 1 || value->stride_n == c->channels * c->pixels / c->pictures);
}

/* Elements of columns that a slice may have: for their memory, and for the time of a product, in which each of them
 * meets each channel of the small map. */
static size_t most_elements(const px_target *target, size_t channels)
{
    size_t most = target->column_slice ? target->column_slice : SIZE_MAX;
    double at_once = target->max_gemm_flops / (2.0 * (double)channels);
    return target->max_gemm_flops > 0 && at_once < (double)most ? (size_t)at_once : most;
}

/* How many of `total` make a slice, so that slices are about equal and none has more than `elements`; one at least, and
 * a multiple of `unit` where so many fit. */
static size_t slice_length(size_t elements, size_t total, size_t of_one, size_t unit)
{
    size_t most = elements / of_one;
    if (most >= total)
        return total;
    unit = most < unit ? 1 : unit;
    most = most < 1 ? 1 : most / unit * unit;
    size_t slices = (total + most - 1) / most, length = (total + slices - 1) / slices;
    return (length + unit - 1) / unit * unit;
}

static px_gemm_conv in_form(const px_target *target, const px_conv_problem *problem, px_gemm_form form)
{
    enum { UNIT = 64 }; /* pixels: whole cache lines, and tiles of CLBlast */
    const bool by_channels = problem->op == PX_OP_CONV_T;
    px_gemm_conv c = {.op = problem->op,
                      .large = by_channels ? problem->y : problem->x,
                      .small = by_channels ? problem->x : problem->y,
                      .form = form,
                      .taps = (size_t)problem->kernel * (size_t)problem->kernel,
                      .by_channels = by_channels};
    c.depth = (size_t)c.large.c * c.taps;
    c.channels = (size_t)c.small.c;
    c.pictures = form.small ? (size_t)c.small.n : 1;
    c.pixels = c.pictures * (size_t)c.small.h * (size_t)c.small.w;
    c.total = by_channels ? (size_t)c.large.c : c.pixels;
    c.of_one = by_channels ? c.taps * c.pixels : c.depth;
    c.slice = slice_length(most_elements(target, c.channels), c.total, c.of_one, by_channels ? 1 : UNIT);
    return c;
}

static px_matrix flipped(px_matrix m)
{
    return (px_matrix){m.columns, m.rows, m.stride, !m.transposed, m.at};
}

static px_matrix matrix(size_t rows, size_t columns, size_t stride, bool transposed, px_operand at)
{
    return (px_matrix){rows, columns, transposed ? rows : stride, transposed, at};
}

static px_gemm multiply(px_matrix a, px_matrix b, px_matrix c, px_operand operands[3])
{
    if (c.transposed) { /* C' = B' A' is stored row by row */
        const px_matrix other = flipped(a);
        a = flipped(b);
        b = other;
        c = flipped(c);
    }
    operands[0] = a.at;
    operands[1] = b.at;
    operands[2] = c.at;
    return (px_gemm){.transpose_a = a.transposed,
                     .transpose_b = b.transposed,
                     .m = c.rows,
                     .n = c.columns,
                     .k = a.columns,
                     .lda = a.stride,
                     .ldb = b.stride,
                     .ldc = c.stride};
}

px_gemm px_gemm_of_slice(const px_gemm_conv *c, size_t first, size_t count, const px_operand places[3],
                         px_operand operands[3])
{
    const px_gemm_form f = c->form;
    const size_t depth = c->by_channels ? count * c->taps : c->depth, pixels = c->by_channels ? c->pixels : count;
    px_matrix w = matrix(c->channels, depth, c->depth, f.weights, places[0]),
              x = matrix(depth, pixels, pixels, f.columns, places[1]),
              y = matrix(c->channels, pixels, c->pixels, f.small, places[2]);
    if (c->by_channels)
        w.at.offset += first * c->taps * (f.weights ? c->channels : 1);
    else
        y.at.offset += first * (f.small ? c->channels : 1);
    if (c->op == PX_OP_CONV_WGRAD)
        return multiply(y, flipped(x), w, operands);
    return c->op == PX_OP_CONV ? multiply(w, x, y, operands) : multiply(flipped(w), y, x, operands);
}

/* Bytes that a convolution moves in a form, without those of the columns, which are the same in all. */
static double bytes_of(const px_target *target, const px_gemm_conv *c, int block, const px_weight_layout *stored)
{
    static const px_operand places[3];
    const double slices = (double)((c->total + c->slice - 1) / c->slice) * c->small.n / (double)c->pictures;
    px_operand operands[3];
    px_gemm gemm = px_gemm_of_slice(c, 0, c->slice, places, operands);
    px_gemm_settle(target, &gemm); /* what is not told is said where the product is emitted */
    double bytes = slices * (4.0 * ((double)gemm.m * gemm.k + (double)gemm.k * gemm.n + (double)gemm.m * gemm.n) +
                             2.0 * (double)gemm.scratch);
    if (!small_is(c, px_gcd(c->small.c, block)))
        bytes += 1 + 8.0 * (double)px_shape_count(c->small); /* 1: of two that move as much the one without a launch */
    if (stored && *stored != px_gemm_weights(c->form))
        bytes += 1 + 8.0 * (double)(c->channels * c->depth);
    return bytes;
}

px_gemm_conv px_gemm_conv_of(const px_target *target, const px_conv_problem *problem, const px_weight_layout *stored)
{
    px_gemm_conv best = {0};
    double least = INFINITY;
    px_weight_layout layout = stored ? *stored : PX_WEIGHT_PLAIN;
    if (layout == PX_WEIGHT_AXIS0 && problem->block == 1) /* the plain order */
        layout = PX_WEIGHT_PLAIN;
    /* col2im, which makes the result of conv_t from the columns, reads one picture's, and these row by row. */
    const int forms = problem->op == PX_OP_CONV_T ? 2 : 8;
    for (int f = 0; f < forms; f++) {
        const px_gemm_conv c =
            in_form(target, problem, (px_gemm_form){.weights = f & 1, .columns = f & 2, .small = f & 4});
        const double bytes = bytes_of(target, &c, problem->block, stored ? &layout : NULL);
        if (bytes < least) {
            least = bytes;
            best = c;
        }
    }
    return best;
}
