/* The algorithm "gemm": convolutions as matrix products, im2col / col2im (cl/conv_gemm.cl) around CLBlast's GEMM,
 * picture by picture, always in plain order; where a value is stored otherwise, a copy is emitted. Right everywhere.
 *
 * Columns are k * k times as large as the large map, so they are made in slices (px_target.column_slice, and
 * max_gemm_flops), one after the other in the same buffer: of the small map's pixels, which are columns of the result
 * (conv) or terms of its sums (wgrad), or of the large map's channels (conv_t). */
#include <stdint.h>
#include <string.h>

#include "plan/conv_method.h"

/* A plain copy of picture n of a value, or the value itself when it is plain. */
static pixcl_status plain_picture(px_planner *p, px_node node, px_node of, int n, int *buffer, size_t *offset)
{
    const px_value *value = px_value_of(p, of);
    px_shape shape = px_at(p, of)->shape;
    *buffer = value->buffer;
    *offset = value->offset + (size_t)n * value->stride_n;
    if (value->block == 1)
        return PIXCL_OK;
    shape.n = 1;
    px_value from = *value, to = {.stride_n = px_shape_count(shape), .block = 1};
    from.offset = *offset;
    *offset = 0;
    *buffer = to.buffer = px_new_buffer(p, to.stride_n, PX_NONE);
    return to.buffer < 0 ? PIXCL_ERROR_MEMORY : px_emit_copy(p, node, shape, &from, &to);
}

/* The columns of a convolution, (channels of the large map * k * k, pixels of the small map), and how they are cut. */
typedef struct columns {
    px_node map, small; /* the large map, the small one */
    size_t depth, pixels;
    bool by_channels;    /* cut along the large map's channels, else along the small map's pixels */
    size_t total, slice; /* channels or pixels: all, and those of a slice; the last one may have fewer */
    size_t of_one;       /* elements of one of them */
    int buffer;
} columns;

/* Elements of columns that a slice may have: for their memory, and for the time of a product, in which each of them
 * meets each channel of the small map. */
static size_t most_elements(const px_target *target, int channels)
{
    size_t most = target->column_slice ? target->column_slice : SIZE_MAX;
    double at_once = target->max_gemm_flops / (2.0 * channels);
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

static pixcl_status new_columns(px_planner *p, px_node node, px_node map, px_node small, columns *c)
{
    enum { UNIT = 64 }; /* pixels: whole cache lines, and tiles of CLBlast */
    const px_node_info *info = px_at(p, node);
    const px_shape of_map = px_at(p, map)->shape, of_small = px_at(p, small)->shape;
    size_t taps = (size_t)info->attrs.kernel * (size_t)info->attrs.kernel;
    *c = (columns){.map = map, .small = small, .by_channels = info->op == PX_OP_CONV_T};
    c->depth = (size_t)of_map.c * taps;
    c->pixels = (size_t)of_small.h * (size_t)of_small.w;
    c->total = c->by_channels ? (size_t)of_map.c : c->pixels;
    c->of_one = c->by_channels ? taps * c->pixels : c->depth;
    c->slice = slice_length(most_elements(p->target, of_small.c), c->total, c->of_one, c->by_channels ? 1 : UNIT);
    c->buffer = px_new_buffer(p, c->slice * c->of_one, PX_NONE);
    return c->buffer < 0 ? PIXCL_ERROR_MEMORY : PIXCL_OK;
}

/* How many channels or pixels are in the slice that begins at `first`. */
static size_t count_in_slice(const columns *c, size_t first)
{
    return c->total - first < c->slice ? c->total - first : c->slice;
}

/* A slice of picture n: im2col of its pixels, or col2im of its channels. */
static pixcl_status emit_columns(px_planner *p, px_node node, const columns *c, int n, size_t first)
{
    const px_attrs *a = &px_at(p, node)->attrs;
    const px_shape map = px_at(p, c->map)->shape, small = px_at(p, c->small)->shape;
    const px_value *value = px_value_of(p, c->map);
    char *preamble = px_format(p->err, "#define B %d\n#define K %d\n#define S %d\n#define PAD %d\n", value->block,
                               a->kernel, a->stride, a->pad);
    int length = p->target->run_length;
    size_t count = count_in_slice(c, first), picture = px_shape_count(map) / (size_t)map.n;
    size_t rows = c->by_channels ? count : c->depth;
    size_t pixels = c->by_channels ? (size_t)map.h * (size_t)map.w : count;
    size_t global[3] = {px_count_runs(pixels, length), rows, 1};
    px_launch *launch = preamble ? px_emit_kernel(p, node, c->by_channels ? "col2im" : "im2col",
                                                  (const char *[]){"vector", "conv_gemm", NULL}, preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, c->by_channels ? PX_ARG_WRITE : PX_ARG_READ, value->buffer,
                  value->offset + (size_t)n * value->stride_n);
    px_arg_buffer(p, c->by_channels ? PX_ARG_READ : PX_ARG_WRITE, c->buffer, 0);
    const long sizes[] = {map.h, map.w, small.h, small.w, length, (long)first, (long)count};
    for (int i = 0; i < (c->by_channels ? 6 : 7); i++)
        px_arg_int(p, sizes[i]);
    launch->bytes = 4.0 * (double)count * ((double)picture / (double)c->total + (double)c->of_one);
    return PIXCL_OK;
}

static pixcl_status emit_gemm(px_planner *p, px_node node, px_gemm gemm, int a, size_t a_offset, int b, size_t b_offset,
                              int c, size_t c_offset)
{
    px_launch *launch = px_emit_gemm(p, node, &gemm);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, a, a_offset);
    px_arg_buffer(p, PX_ARG_READ, b, b_offset);
    px_arg_buffer(p, PX_ARG_WRITE, c, c_offset);
    return PIXCL_OK;
}

/* y[o][pixels] = w[o][i*k*k] * columns(x)[i*k*k][pixels], picture by picture. */
static pixcl_status lower_gemm_conv(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape one = info->shape;
    one.n = 1;
    const px_value *yv = px_value_of(p, node);
    columns c;
    int weights;
    size_t weights_offset;
    pixcl_status status = px_weight_in(p, node, info->inputs[1], PX_WEIGHT_PLAIN, &weights, &weights_offset);
    if (status == PIXCL_OK)
        status = new_columns(p, node, info->inputs[0], node, &c);
    for (int n = 0; status == PIXCL_OK && n < info->shape.n; n++) {
        px_value to = *yv, plain = {.buffer = yv->buffer, .stride_n = px_shape_count(one), .block = 1};
        to.offset += (size_t)n * yv->stride_n;
        plain.offset = to.offset;
        if (yv->block > 1) {
            plain.offset = 0;
            plain.buffer = px_new_buffer(p, plain.stride_n, PX_NONE);
            status = plain.buffer < 0 ? PIXCL_ERROR_MEMORY : PIXCL_OK;
        }
        for (size_t first = 0; status == PIXCL_OK && first < c.total; first += c.slice) {
            size_t count = count_in_slice(&c, first);
            px_gemm gemm = {
                .m = (size_t)one.c, .n = count, .k = c.depth, .lda = c.depth, .ldb = count, .ldc = c.pixels};
            status = emit_columns(p, node, &c, n, first);
            if (status == PIXCL_OK)
                status =
                    emit_gemm(p, node, gemm, weights, weights_offset, c.buffer, 0, plain.buffer, plain.offset + first);
        }
        if (status == PIXCL_OK && yv->block > 1)
            status = px_emit_copy(p, node, one, &plain, &to);
    }
    return status;
}

/* columns[o*k*k][pixels of x] = w[i][o*k*k]^T * x[i][pixels], then every output pixel gathers its taps. */
static pixcl_status lower_gemm_conv_t(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape;
    size_t taps = (size_t)info->attrs.kernel * (size_t)info->attrs.kernel;
    columns c;
    int plain, weights;
    size_t plain_offset, weights_offset;
    pixcl_status status = px_weight_in(p, node, info->inputs[1], PX_WEIGHT_PLAIN, &weights, &weights_offset);
    if (status == PIXCL_OK)
        status = new_columns(p, node, node, info->inputs[0], &c);
    for (int n = 0; status == PIXCL_OK && n < x.n; n++) {
        status = plain_picture(p, node, info->inputs[0], n, &plain, &plain_offset);
        for (size_t first = 0; status == PIXCL_OK && first < c.total; first += c.slice) {
            px_gemm gemm = {.transpose_a = true,
                            .m = count_in_slice(&c, first) * taps,
                            .n = c.pixels,
                            .k = (size_t)x.c,
                            .lda = c.depth,
                            .ldb = c.pixels,
                            .ldc = c.pixels};
            status = emit_gemm(p, node, gemm, weights, weights_offset + first * taps, plain, plain_offset, c.buffer, 0);
            if (status == PIXCL_OK)
                status = emit_columns(p, node, &c, n, first);
        }
    }
    return status;
}

/* dw[o][i*k*k] = sum over pictures of dy[o][pixels] * columns(x)[i*k*k][pixels]^T, added in order. */
static pixcl_status lower_gemm_wgrad(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape dy = px_at(p, info->inputs[1])->shape;
    const px_value *value = px_value_of(p, node);
    const bool in_place = px_same_weight_layout(p, value->layout, PX_WEIGHT_PLAIN), add = p->added_to[node] != PX_NONE;
    const int result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE);
    const size_t result_offset = in_place ? value->offset : 0;
    bool sum = in_place && add; /* with what is there */
    columns c;
    int plain;
    size_t plain_offset;
    pixcl_status status = result < 0 ? PIXCL_ERROR_MEMORY : new_columns(p, node, info->inputs[0], info->inputs[1], &c);
    for (int n = 0; status == PIXCL_OK && n < dy.n; n++) {
        status = plain_picture(p, node, info->inputs[1], n, &plain, &plain_offset);
        for (size_t first = 0; status == PIXCL_OK && first < c.total; first += c.slice) {
            size_t count = count_in_slice(&c, first);
            px_gemm gemm = {.transpose_b = true,
                            .m = (size_t)dy.c,
                            .n = c.depth,
                            .k = count,
                            .lda = c.pixels,
                            .ldb = count,
                            .ldc = c.depth,
                            .beta = sum ? 1.0f : 0.0f};
            status = emit_columns(p, node, &c, n, first);
            if (status == PIXCL_OK)
                status = emit_gemm(p, node, gemm, plain, plain_offset + first, c.buffer, 0, result, result_offset);
            sum = true;
        }
    }
    if (status != PIXCL_OK || in_place)
        return status;
    return px_emit_repack(p, node, info->shape, PX_WEIGHT_PLAIN, result, 0, value->layout, value->buffer, value->offset,
                          add);
}

static pixcl_status lower(px_planner *p, px_node node)
{
    const px_op op = px_at(p, node)->op;
    if (op == PX_OP_CONV_WGRAD)
        return lower_gemm_wgrad(p, node);
    return op == PX_OP_CONV ? lower_gemm_conv(p, node) : lower_gemm_conv_t(p, node);
}

/* CLBlast's kernels; on a CPU they come to a tenth of what it can do. */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.1 : target->lanes == 16 ? 0.67 : 0.8;
}

static bool applies(const px_conv_problem *problem)
{
    (void)problem;
    return true;
}

/* With channels in blocks of lanes there are kernels that need no columns. */
static bool suits(const px_target *target, const px_conv_problem *problem)
{
    return !target->single_groups && problem->block == 1;
}

static px_weight_layout weights(const px_conv_problem *problem)
{
    (void)problem;
    return PX_WEIGHT_PLAIN;
}

static pixcl_status check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    const px_cut none = {.algorithm = PX_ALGORITHM_GEMM};
    (void)problem;
    if (memcmp(cut, &none, sizeof none) != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile for a matrix product, which CLBlast cuts itself");
    return PIXCL_OK;
}

/* On a CPU it never comes near (DECISIONS.md). */
static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    int count = 0;
    if (!tile && !target->single_groups)
        px_add_cut(problem, (px_cut){.algorithm = PX_ALGORITHM_GEMM}, cuts, &count);
    return count;
}

const px_conv_method px_conv_gemm = {.name = "gemm",
                                     .noise = 1,
                                     .density = density,
                                     .applies = applies,
                                     .suits = suits,
                                     .weights = weights,
                                     .lower = lower,
                                     .check = check,
                                     .cuts = cuts_to_try};
