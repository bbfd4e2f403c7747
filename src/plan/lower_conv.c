/* The convolution family: direct kernels (cl/conv_direct.cl, conv_dot.cl, conv_wgrad.cl), or im2col / col2im (cl/conv_gemm.cl) around
 * CLBlast's GEMM. Both read and write the blocked layout and any weight layout; where a GEMM needs plain order, a copy is emitted. */
#include "plan/planner.h"

/* The largest of the candidates that divides n. */
static int largest_divisor(int n, const int *candidates, int count)
{
    int best = 1;
    for (int i = 0; i < count; i++)
        if (n % candidates[i] == 0 && candidates[i] > best)
            best = candidates[i];
    return best;
}

static void add_epilogue(const px_planner *p, px_launch *launch, const px_epilogue *e, int weights)
{
    /* Without a bias the kernel still has the argument; it then gets the weights and does not read them. */
    if (e->bias != PX_NONE)
        px_arg_value(p, launch, PX_ARG_READ, e->bias);
    else
        px_arg_buffer(launch, PX_ARG_READ, weights, 0);
}

static char *epilogue_defines(const px_planner *p, const px_epilogue *e)
{
    const px_node_info *activation = e->activation == PX_NONE ? NULL : px_at(p, e->activation);
    int act = !activation ? 0 : activation->op == PX_OP_TANH ? 2 : 1;
    return px_format(p->err, "#define HAS_BIAS %d\n#define ACT %d\n#define SLOPE %af\n", e->bias != PX_NONE, act,
                     act == 1 ? (double)activation->attrs.value : 0.0);
}

static double conv_flops(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape;
    double taps = (double)info->attrs.kernel * info->attrs.kernel;
    if (info->op == PX_OP_CONV)
        return 2 * taps * x.c * (double)px_shape_count(y);
    if (info->op == PX_OP_CONV_T)
        return 2 * taps * y.c * (double)px_shape_count(x);
    return 2 * taps * x.c * (double)px_shape_count(px_at(p, info->inputs[1])->shape);
}

static double conv_bytes(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    return 4.0 * ((double)px_shape_count(px_at(p, info->inputs[0])->shape) +
                  (double)px_shape_count(px_at(p, info->inputs[1])->shape) + (double)px_shape_count(info->shape));
}

static const char *weight_name(const px_planner *p, px_node node)
{
    for (int k = 0; k < px_at(p, node)->input_count; k++)
        if (px_at(p, px_at(p, node)->inputs[k])->kind == PX_WEIGHT)
            return px_at(p, px_at(p, node)->inputs[k])->name;
    return "";
}

/* conv and conv_t by conv_direct.cl or conv_dot.cl. */
static pixcl_status lower_direct(px_planner *p, px_node node, bool dot)
{
    const px_node_info *info = px_at(p, node);
    const px_epilogue *e = &p->epilogue[node];
    bool transposed = info->op == PX_OP_CONV_T;
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape;
    const px_value *xv = px_value_of(p, info->inputs[0]), *yv = px_value_of(p, e->result);
    int stride_out = transposed ? info->attrs.stride : 1;
    int row = (y.w + stride_out - 1) / stride_out; /* pixels of a row that share their taps */
    /* Tiles measured on a CPU with 32 vector registers (DECISIONS.md): 16 accumulators, and more channels for short rows. */
    int groups = dot ? y.c : y.c / yv->block;
    int tile = row >= 6 ? 8 : row >= 3 ? 4 : row;
    int channels = dot ? largest_divisor(groups, (int[]){2, 3}, 2)
                       : largest_divisor(groups, tile == 8 ? (int[]){2, 2} : (int[]){2, 4}, 2);
    int tiles = (row + tile - 1) / tile;
    px_weight_layout layout = dot == transposed ? PX_WEIGHT_AXIS0 : PX_WEIGHT_AXIS1;

    int weights;
    size_t weights_offset;
    if (px_weight_in(p, node, info->inputs[1], layout, &weights, &weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    char *tail = epilogue_defines(p, e);
    char *preamble = tail ? px_format(p->err,
                                      "#define BX %d\n#define BY %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                                      "#define TRANSPOSED %d\n#define TW %d\n#define NV %d\n%s",
                                      xv->block, yv->block, info->attrs.kernel, info->attrs.stride, info->attrs.pad,
                                      transposed, tile, channels, tail)
                          : NULL;
    size_t global[3] = {(size_t)tiles * (size_t)stride_out, (size_t)y.n * (size_t)y.h, (size_t)(groups / channels)};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, dot ? "conv_dot" : "conv_direct",
                                  (const char *[]){"vector", dot ? "conv_dot" : "conv_direct", NULL}, preamble, global)
                 : NULL;
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_value(p, launch, PX_ARG_READ, info->inputs[0]);
    px_arg_buffer(launch, PX_ARG_READ, weights, weights_offset);
    px_arg_value(p, launch, PX_ARG_WRITE, e->result);
    add_epilogue(p, launch, e, weights);
    const long sizes[] = {x.c, x.h, x.w, y.c, y.h, y.w, (long)xv->stride_n, (long)yv->stride_n, tiles};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(launch, sizes[i]);
    launch->flops = conv_flops(p, node);
    launch->bytes = conv_bytes(p, node);
    px_label(launch, "%s %dx%d %s %s", dot ? "conv_dot" : "conv_direct", tile, channels, px_op_describe(info->op)->name,
             weight_name(p, node));
    return PIXCL_OK;
}

/* Scalar channels of a weight gradient's tile. Tiles keep to blocks: several in a block, or whole blocks in a tile. */
static int scalar_tile(int channels, int block)
{
    static const int candidates[] = {8, 6, 4, 3, 2};
    for (int i = 0; i < 5; i++)
        if (channels % candidates[i] == 0 && (candidates[i] % block == 0 || block % candidates[i] == 0))
            return candidates[i];
    return 1;
}

/* Splits of the pixel loop of a weight gradient: enough work-items for the device, each with whole rows. */
static int count_splits(const px_planner *p, size_t items, int rows)
{
    size_t wanted = p->target->device_class == PX_DEVICE_CPU ? 16 : 4096;
    size_t splits = items >= wanted ? 1 : (wanted + items - 1) / items;
    return splits > (size_t)rows ? rows : (int)splits;
}

static pixcl_status sum_splits(px_planner *p, px_node node, int splits, size_t count, int from, int to,
                               size_t to_offset)
{
    int length = px_run_length(p);
    size_t global[3] = {px_count_runs(count, length), 1, 1};
    px_launch *launch =
        px_emit_kernel(p, node, "sum_splits", (const char *[]){"vector", "conv_wgrad_sum", NULL}, "", global);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(launch, PX_ARG_READ, from, 0);
    px_arg_buffer(launch, PX_ARG_WRITE, to, to_offset);
    px_arg_int(launch, splits);
    px_arg_int(launch, (long)count);
    px_arg_int(launch, length);
    launch->flops = (double)splits * (double)count;
    launch->bytes = 4.0 * (splits + 1) * (double)count;
    return PIXCL_OK;
}

/* conv_wgrad by conv_wgrad.cl, in the weight's own layout where that has a vector axis. */
static pixcl_status lower_wgrad_direct(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_node large = info->inputs[0], small = info->inputs[1];
    px_shape lx = px_at(p, large)->shape, sx = px_at(p, small)->shape;
    const px_value *value = px_value_of(p, node);
    px_weight_layout layout = value->layout == PX_WEIGHT_AXIS1 ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
    bool vector_large = layout == PX_WEIGHT_AXIS1; /* axis 0 of the weight is the small map's channels */
    int vector_channels = vector_large ? lx.c : sx.c, scalar_channels = vector_large ? sx.c : lx.c;
    int bv = px_gcd(vector_channels, p->target->block), bs = px_gcd(scalar_channels, p->target->block);
    int vectors = largest_divisor(vector_channels / bv, (int[]){2, 4}, scalar_channels % 8 == 0 ? 1 : 2);
    int scalars = scalar_tile(scalar_channels, bs);
    int taps = info->attrs.kernel * info->attrs.kernel;
    size_t items = (size_t)(scalar_channels / scalars) * (size_t)(vector_channels / bv / vectors) * (size_t)taps;
    int splits = count_splits(p, items, sx.h);
    size_t count = px_shape_count(info->shape);

    bool in_place = px_same_weight_layout(p, layout, value->layout);
    int result = in_place ? value->buffer : px_new_buffer(p, count, PX_NONE);
    size_t result_offset = in_place ? value->offset : 0;
    int partial = splits > 1 ? px_new_buffer(p, count * (size_t)splits, PX_NONE) : result;
    char *preamble =
        result >= 0 && partial >= 0
            ? px_format(p->err,
                        "#define BV %d\n#define BS %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                        "#define VECTOR_LARGE %d\n#define NV %d\n#define TS %d\n",
                        bv, bs, info->attrs.kernel, info->attrs.stride, info->attrs.pad, vector_large, vectors, scalars)
            : NULL;
    size_t global[3] = {(size_t)(scalar_channels / scalars), (size_t)(vector_channels / bv / vectors),
                        (size_t)taps * (size_t)splits};
    px_launch *launch = preamble ? px_emit_kernel(p, node, "conv_wgrad", (const char *[]){"vector", "conv_wgrad", NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_value(p, launch, PX_ARG_READ, large);
    px_arg_value(p, launch, PX_ARG_READ, small);
    px_arg_buffer(launch, PX_ARG_WRITE, partial, splits > 1 ? 0 : result_offset);
    const long sizes[] = {lx.n,
                          lx.h,
                          lx.w,
                          sx.h,
                          sx.w,
                          (long)px_value_of(p, large)->stride_n,
                          (long)px_value_of(p, small)->stride_n,
                          scalar_channels,
                          splits,
                          (long)count};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(launch, sizes[i]);
    launch->flops = conv_flops(p, node);
    launch->bytes = conv_bytes(p, node);
    px_label(launch, "conv_wgrad %dx%d (%d,%d,%d,%d)", scalars, vectors, info->shape.n, info->shape.c, info->shape.h,
             info->shape.w);
    if (splits > 1 && sum_splits(p, node, splits, count, partial, result, result_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    if (in_place)
        return PIXCL_OK;
    return px_emit_repack(p, node, info->shape, layout, result, result_offset, value->layout, value->buffer,
                          value->offset);
}

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

/* im2col or col2im of one picture: `map` is the large activation, `small` gives the output positions. */
static pixcl_status emit_columns(px_planner *p, px_node node, bool to_columns, px_shape map, const px_value *value,
                                 int n, px_shape small, int columns)
{
    const px_attrs *a = &px_at(p, node)->attrs;
    char *preamble = px_format(p->err, "#define B %d\n#define K %d\n#define S %d\n#define PAD %d\n", value->block,
                               a->kernel, a->stride, a->pad);
    size_t rows = (size_t)map.c * (size_t)(to_columns ? a->kernel * a->kernel : 1);
    size_t positions = (size_t)(to_columns ? small.h * small.w : map.h * map.w);
    int length = px_run_length(p);
    size_t global[3] = {px_count_runs(positions, length), rows, 1};
    px_launch *launch = preamble ? px_emit_kernel(p, node, to_columns ? "im2col" : "col2im",
                                                  (const char *[]){"vector", "conv_gemm", NULL}, preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    size_t offset = value->offset + (size_t)n * value->stride_n;
    px_arg_buffer(launch, to_columns ? PX_ARG_READ : PX_ARG_WRITE, value->buffer, offset);
    px_arg_buffer(launch, to_columns ? PX_ARG_WRITE : PX_ARG_READ, columns, 0);
    const long sizes[] = {map.h, map.w, small.h, small.w, length};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(launch, sizes[i]);
    launch->bytes = 4.0 * ((double)px_shape_count(map) / map.n + (double)rows * (double)positions);
    return PIXCL_OK;
}

static pixcl_status emit_gemm(px_planner *p, px_node node, px_gemm gemm, int a, size_t a_offset, int b, size_t b_offset,
                              int c, size_t c_offset)
{
    px_launch *launch = px_emit_gemm(p, node, &gemm);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(launch, PX_ARG_READ, a, a_offset);
    px_arg_buffer(launch, PX_ARG_READ, b, b_offset);
    px_arg_buffer(launch, PX_ARG_WRITE, c, c_offset);
    return PIXCL_OK;
}

/* y[o][pixels] = w[o][i*k*k] * columns(x)[i*k*k][pixels], picture by picture. */
static pixcl_status lower_gemm_conv(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape, one = y;
    one.n = 1;
    const px_value *yv = px_value_of(p, node);
    size_t depth = (size_t)x.c * (size_t)(info->attrs.kernel * info->attrs.kernel), pixels = (size_t)y.h * (size_t)y.w;
    px_gemm gemm = {.m = (size_t)y.c, .n = pixels, .k = depth, .lda = depth, .ldb = pixels, .ldc = pixels};
    int weights, columns = px_new_buffer(p, depth * pixels, PX_NONE);
    size_t weights_offset;
    pixcl_status status = columns < 0
                              ? PIXCL_ERROR_MEMORY
                              : px_weight_in(p, node, info->inputs[1], PX_WEIGHT_PLAIN, &weights, &weights_offset);
    for (int n = 0; status == PIXCL_OK && n < y.n; n++) {
        px_value to = *yv, plain = {.buffer = yv->buffer, .stride_n = px_shape_count(one), .block = 1};
        to.offset += (size_t)n * yv->stride_n;
        plain.offset = to.offset;
        if (yv->block > 1) {
            plain.offset = 0;
            plain.buffer = px_new_buffer(p, plain.stride_n, PX_NONE);
        }
        status = plain.buffer < 0 ? PIXCL_ERROR_MEMORY
                                  : emit_columns(p, node, true, x, px_value_of(p, info->inputs[0]), n, y, columns);
        if (status == PIXCL_OK)
            status = emit_gemm(p, node, gemm, weights, weights_offset, columns, 0, plain.buffer, plain.offset);
        if (status == PIXCL_OK && yv->block > 1)
            status = px_emit_copy(p, node, one, &plain, &to);
    }
    return status;
}

/* columns[o*k*k][pixels of x] = w[i][o*k*k]^T * x[i][pixels], then every output pixel gathers its taps. */
static pixcl_status lower_gemm_conv_t(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape;
    size_t depth = (size_t)y.c * (size_t)(info->attrs.kernel * info->attrs.kernel), pixels = (size_t)x.h * (size_t)x.w;
    px_gemm gemm = {
        .transpose_a = true, .m = depth, .n = pixels, .k = (size_t)x.c, .lda = depth, .ldb = pixels, .ldc = pixels};
    int weights, plain, columns = px_new_buffer(p, depth * pixels, PX_NONE);
    size_t weights_offset, plain_offset;
    pixcl_status status = columns < 0
                              ? PIXCL_ERROR_MEMORY
                              : px_weight_in(p, node, info->inputs[1], PX_WEIGHT_PLAIN, &weights, &weights_offset);
    for (int n = 0; status == PIXCL_OK && n < y.n; n++) {
        status = plain_picture(p, node, info->inputs[0], n, &plain, &plain_offset);
        if (status == PIXCL_OK)
            status = emit_gemm(p, node, gemm, weights, weights_offset, plain, plain_offset, columns, 0);
        if (status == PIXCL_OK)
            status = emit_columns(p, node, false, y, px_value_of(p, node), n, x, columns);
    }
    return status;
}

/* dw[o][i*k*k] = sum over pictures of dy[o][pixels] * columns(x)[i*k*k][pixels]^T, added in order. */
static pixcl_status lower_gemm_wgrad(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, dy = px_at(p, info->inputs[1])->shape;
    const px_value *value = px_value_of(p, node);
    size_t depth = (size_t)x.c * (size_t)(info->attrs.kernel * info->attrs.kernel),
           pixels = (size_t)dy.h * (size_t)dy.w;
    bool in_place = px_same_weight_layout(p, value->layout, PX_WEIGHT_PLAIN);
    int result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE);
    size_t result_offset = in_place ? value->offset : 0;
    int plain, columns = px_new_buffer(p, depth * pixels, PX_NONE);
    size_t plain_offset;
    pixcl_status status = result < 0 || columns < 0 ? PIXCL_ERROR_MEMORY : PIXCL_OK;
    for (int n = 0; status == PIXCL_OK && n < x.n; n++) {
        px_gemm gemm = {.transpose_b = true,
                        .m = (size_t)dy.c,
                        .n = depth,
                        .k = pixels,
                        .lda = pixels,
                        .ldb = pixels,
                        .ldc = depth,
                        .beta = n > 0 ? 1.0f : 0.0f};
        status = emit_columns(p, node, true, x, px_value_of(p, info->inputs[0]), n, dy, columns);
        if (status == PIXCL_OK)
            status = plain_picture(p, node, info->inputs[1], n, &plain, &plain_offset);
        if (status == PIXCL_OK)
            status = emit_gemm(p, node, gemm, plain, plain_offset, columns, 0, result, result_offset);
    }
    if (status == PIXCL_OK && !in_place)
        status = px_emit_repack(p, node, info->shape, PX_WEIGHT_PLAIN, result, result_offset, value->layout,
                                value->buffer, value->offset);
    return status;
}

pixcl_status px_lower_conv(px_planner *p, px_node node)
{
    px_op op = px_at(p, node)->op;
    switch (p->algorithm[node]) {
    case PX_ALGORITHM_DIRECT:
        return op == PX_OP_CONV_WGRAD ? lower_wgrad_direct(p, node) : lower_direct(p, node, false);
    case PX_ALGORITHM_DOT:
        return lower_direct(p, node, true);
    default:
        return op == PX_OP_CONV     ? lower_gemm_conv(p, node)
               : op == PX_OP_CONV_T ? lower_gemm_conv_t(p, node)
                                    : lower_gemm_wgrad(p, node);
    }
}
