/* Convolutions by the direct kernels: conv_direct.cl, conv_dot.cl, conv_wgrad.cl. */
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

/* How a direct convolution is cut; see the geometry in cl/conv_direct.cl. */
typedef struct cut {
    int width, channels; /* tile: pixels by channel blocks (dot: by channels) */
    int rows, blocks;    /* of a work-item; input channel blocks at a time */
} cut;

/* Measured on a CPU with 32 vector registers and 1 MB of cache per core (DECISIONS.md). `row`: pixels of a row that share their
 * taps; `groups`: channel blocks of the output (dot: channels). */
static cut cut_direct(const px_planner *p, const px_node_info *info, bool dot, int row, int groups)
{
    enum { CACHE = 65536 }; /* elements of weights that stay in a core's cache beside the pictures */
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape;
    cut c = {.width = row >= 6 ? 8 : row >= 3 ? 4 : row, .rows = 1};
    c.channels = dot            ? largest_divisor(groups, (int[]){2, 3}, 2)
                 : c.width == 8 ? largest_divisor(groups, (int[]){2}, 1)
                                : largest_divisor(groups, (int[]){2, 4}, 2);
    int bx = px_gcd(x.c, p->target->block), by = px_gcd(y.c, p->target->block);
    int taps = info->attrs.kernel * info->attrs.kernel / (info->op == PX_OP_CONV_T ? info->attrs.stride : 1);
    int of_block = c.channels * by * bx * taps; /* weights that one block of input channels takes */
    c.blocks = x.c / bx;
    if (!dot && y.h > 1 && (double)of_block * c.blocks > CACHE) {
        c.rows = y.h;
        c.blocks = of_block < CACHE ? CACHE / of_block : 1;
    }
    return c;
}

/* conv and conv_t by conv_direct.cl or conv_dot.cl. */
static pixcl_status lower_direct(px_planner *p, px_node node, bool dot)
{
    const px_node_info *info = px_at(p, node);
    const px_epilogue *e = &p->epilogue[node];
    const char *kernel = dot ? "conv_dot" : "conv_direct";
    bool transposed = info->op == PX_OP_CONV_T;
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape;
    const px_value *xv = px_value_of(p, info->inputs[0]), *yv = px_value_of(p, e->result);
    int phases = transposed ? info->attrs.stride : 1, row = (y.w + phases - 1) / phases;
    int groups = dot ? y.c : y.c / yv->block;
    cut c = cut_direct(p, info, dot, row, groups);
    int tiles = (row + c.width - 1) / c.width, runs = (y.h + c.rows - 1) / c.rows;
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
                                      transposed, c.width, c.channels, tail)
                          : NULL;
    size_t global[3] = {(size_t)tiles * (size_t)phases, (size_t)y.n * (size_t)runs, (size_t)(groups / c.channels)};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, kernel, (const char *[]){"vector", kernel, NULL}, preamble, global) : NULL;
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_value(p, launch, PX_ARG_READ, info->inputs[0]);
    px_arg_buffer(launch, PX_ARG_READ, weights, weights_offset);
    px_arg_value(p, launch, PX_ARG_WRITE, e->result);
    add_epilogue(p, launch, e, weights);
    px_arg_buffer(launch, PX_ARG_READ, p->zeros, 0);
    const long sizes[] = {x.c,   x.h,    x.w,     y.c, y.h, y.w, (long)xv->stride_n, (long)yv->stride_n,
                          tiles, c.rows, c.blocks};
    for (int i = 0; i < (dot ? 9 : 11); i++)
        px_arg_int(launch, sizes[i]);
    launch->flops = conv_flops(p, node);
    launch->bytes = conv_bytes(p, node);
    px_label(launch, "%s %dx%d %s %s", kernel, c.width, c.channels, px_op_describe(info->op)->name,
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

pixcl_status px_lower_conv(px_planner *p, px_node node)
{
    if (p->algorithm[node] == PX_ALGORITHM_GEMM)
        return px_lower_conv_gemm(p, node);
    if (px_at(p, node)->op == PX_OP_CONV_WGRAD)
        return lower_wgrad_direct(p, node);
    return lower_direct(p, node, p->algorithm[node] == PX_ALGORITHM_DOT);
}
