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

void px_arg_bias(const px_planner *p, px_launch *launch, const px_epilogue *e)
{
    /* Without a bias the kernel still has the argument, and does not read it. */
    if (e->bias != PX_NONE)
        px_arg_value(p, launch, PX_ARG_READ, e->bias);
    else
        px_arg_buffer(launch, PX_ARG_READ, p->zeros, 0);
}

char *px_epilogue_defines(const px_planner *p, const px_epilogue *e, int lanes)
{
    const px_node_info *activation = e->activation == PX_NONE ? NULL : px_at(p, e->activation);
    int act = !activation ? 0 : activation->op == PX_OP_TANH ? 2 : 1;
    return px_format(p->err, "#define LANES %d\n#define HAS_BIAS %d\n#define ACT %d\n#define SLOPE %af\n", lanes,
                     e->bias != PX_NONE, act, act == 1 ? (double)activation->attrs.value : 0.0);
}

double px_conv_flops(const px_planner *p, px_node node)
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

double px_conv_bytes(const px_planner *p, px_node node)
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

/* Measured on a CPU with 32 vector registers and 1 MB of cache per core (DECISIONS.md). `row`: pixels of a row that
 * share their taps; `groups`: channel blocks of the output (dot: channels). */
static cut cut_direct(const px_planner *p, px_node node, const px_direct *d, int row, int groups)
{
    enum { CACHE = 65536 }; /* elements of weights that stay in a core's cache beside the pictures */
    cut c = {.width = row >= 6 ? 8 : row >= 3 ? 4 : row, .rows = 1};
    c.channels = d->dot         ? largest_divisor(groups, (int[]){2, 3}, 2)
                 : c.width == 8 ? largest_divisor(groups, (int[]){2}, 1)
                                : largest_divisor(groups, (int[]){2, 4}, 2);
    const px_cut tuned = px_cut_for(p, node);
    if (tuned.width > 0) {
        c.width = tuned.width;
        c.channels = tuned.channels;
    }
    int bx = px_gcd(d->x.c, p->target->block), by = px_gcd(d->y.c, p->target->block);
    int taps = d->kernel * d->kernel / (d->transposed ? d->stride : 1);
    int of_block = c.channels * by * bx * taps; /* weights that one block of input channels takes */
    c.blocks = d->x.c / bx;
    if (!d->dot && d->y.h > 1 && (double)of_block * c.blocks > CACHE) {
        c.rows = d->y.h;
        c.blocks = of_block < CACHE ? CACHE / of_block : 1;
    }
    if (tuned.rows > 0) {
        c.rows = tuned.rows;
        c.blocks = tuned.blocks;
    }
    return c;
}

px_launch *px_emit_direct(px_planner *p, px_node node, const px_direct *d)
{
    static const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE};
    const char *kernel = d->dot ? "conv_dot" : "conv_direct";
    const px_epilogue *e = d->epilogue ? d->epilogue : &none;
    int phases = d->transposed ? d->stride : 1, row = (d->y.w + phases - 1) / phases;
    int groups = d->dot ? d->y.c : d->y.c / d->to.block;
    cut c = cut_direct(p, node, d, row, groups);
    int tiles = (row + c.width - 1) / c.width, runs = (d->y.h + c.rows - 1) / c.rows;
    char *tail = px_epilogue_defines(p, e, d->dot ? 1 : d->to.block);
    char *preamble = tail ? px_format(p->err,
                                      "#define BX %d\n#define BY %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                                      "#define TRANSPOSED %d\n#define TW %d\n#define NV %d\n%s",
                                      d->from.block, d->to.block, d->kernel, d->stride, d->pad, d->transposed, c.width,
                                      c.channels, tail)
                          : NULL;
    size_t global[3] = {(size_t)tiles * (size_t)phases, (size_t)d->y.n * (size_t)runs, (size_t)(groups / c.channels)};
    px_launch *launch = preamble ? px_emit_kernel(p, node, kernel, (const char *[]){"vector", "epilogue", kernel, NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return NULL;
    px_arg_buffer(launch, PX_ARG_READ, d->from.buffer, d->from.offset);
    px_arg_buffer(launch, PX_ARG_READ, d->weights, d->weights_offset);
    px_arg_buffer(launch, PX_ARG_WRITE, d->to.buffer, d->to.offset);
    px_arg_bias(p, launch, e);
    px_arg_buffer(launch, PX_ARG_READ, p->zeros, 0);
    const long sizes[] = {d->x.c,
                          d->x.h,
                          d->x.w,
                          d->y.c,
                          d->y.h,
                          d->y.w,
                          (long)d->from.stride_n,
                          (long)d->to.stride_n,
                          tiles,
                          c.rows,
                          c.blocks,
                          (long)d->weights_stride_n};
    for (int i = 0; i < (d->dot ? 9 : 12); i++)
        px_arg_int(launch, sizes[i]);
    px_label(launch, "%s %dx%d", kernel, c.width, c.channels);
    return launch;
}

/* conv and conv_t by conv_direct.cl or conv_dot.cl. */
static pixcl_status lower_direct(px_planner *p, px_node node, bool dot)
{
    const px_node_info *info = px_at(p, node);
    bool transposed = info->op == PX_OP_CONV_T;
    px_direct d = {.dot = dot,
                   .transposed = transposed,
                   .kernel = info->attrs.kernel,
                   .stride = info->attrs.stride,
                   .pad = info->attrs.pad,
                   .x = px_at(p, info->inputs[0])->shape,
                   .y = info->shape,
                   .from = *px_value_of(p, info->inputs[0]),
                   .to = *px_value_of(p, p->epilogue[node].result),
                   .epilogue = &p->epilogue[node]};
    px_weight_layout layout = dot == transposed ? PX_WEIGHT_AXIS0 : PX_WEIGHT_AXIS1;
    if (px_weight_in(p, node, info->inputs[1], layout, &d.weights, &d.weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    px_launch *launch = px_emit_direct(p, node, &d);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    launch->flops = px_conv_flops(p, node);
    launch->bytes = px_conv_bytes(p, node);
    char cut_label[sizeof launch->label];
    snprintf(cut_label, sizeof cut_label, "%s", launch->label);
    px_label(launch, "%s %s %s", cut_label, px_op_describe(info->op)->name, weight_name(p, node));
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

pixcl_status px_emit_wgrad(px_planner *p, px_node node, const px_wgrad *g)
{
    int vector_channels = g->vector_large ? g->large.c : g->small.c;
    int scalar_channels = g->vector_large ? g->small.c : g->large.c;
    int bv = px_gcd(vector_channels, p->target->block), bs = px_gcd(scalar_channels, p->target->block);
    int vectors = largest_divisor(vector_channels / bv, (int[]){2, 4}, scalar_channels % 8 == 0 ? 1 : 2);
    int scalars = scalar_tile(scalar_channels, bs);
    const px_cut tuned = px_cut_for(p, node);
    if (tuned.scalars > 0) {
        vectors = tuned.vectors;
        scalars = tuned.scalars;
    }
    int taps = g->kernel * g->kernel, sets = g->large.n / g->pictures;
    size_t items =
        (size_t)(scalar_channels / scalars) * (size_t)(vector_channels / bv / vectors) * (size_t)(taps * sets);
    int splits = sets > 1 ? 1 : tuned.splits > 0 ? tuned.splits : count_splits(p, items, g->small.h);
    size_t count = (size_t)vector_channels * (size_t)scalar_channels * (size_t)taps;
    int partial = splits > 1 ? px_new_buffer(p, count * (size_t)splits, PX_NONE) : g->result;
    char *preamble = partial >= 0
                         ? px_format(p->err,
                                     "#define BV %d\n#define BS %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                                     "#define VECTOR_LARGE %d\n#define NV %d\n#define TS %d\n",
                                     bv, bs, g->kernel, g->stride, g->pad, g->vector_large, vectors, scalars)
                         : NULL;
    size_t global[3] = {(size_t)(scalar_channels / scalars), (size_t)(vector_channels / bv / vectors),
                        (size_t)taps * (size_t)splits * (size_t)sets};
    px_launch *launch = preamble ? px_emit_kernel(p, node, "conv_wgrad", (const char *[]){"vector", "conv_wgrad", NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(launch, PX_ARG_READ, g->large_at.buffer, g->large_at.offset);
    px_arg_buffer(launch, PX_ARG_READ, g->small_at.buffer, g->small_at.offset);
    px_arg_buffer(launch, PX_ARG_WRITE, partial, splits > 1 ? 0 : g->offset);
    const long sizes[] = {g->pictures,
                          g->large.h,
                          g->large.w,
                          g->small.h,
                          g->small.w,
                          (long)g->large_at.stride_n,
                          (long)g->small_at.stride_n,
                          scalar_channels,
                          splits,
                          (long)count};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(launch, sizes[i]);
    launch->flops = 2.0 * taps * g->large.c * (double)px_shape_count(g->small);
    launch->bytes = 4.0 * ((double)px_shape_count(g->large) + (double)px_shape_count(g->small) + (double)count * sets);
    px_label(launch, "conv_wgrad %dx%d (%d,%d,%d,%d)", scalars, vectors, g->small.c, g->large.c, g->kernel, g->kernel);
    return splits > 1 ? sum_splits(p, node, splits, count, partial, g->result, g->offset) : PIXCL_OK;
}

/* conv_wgrad by conv_wgrad.cl, in the weight's own layout where that has a vector axis. */
static pixcl_status lower_wgrad_direct(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_value *value = px_value_of(p, node);
    px_weight_layout layout = value->layout == PX_WEIGHT_AXIS1 ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
    bool in_place = px_same_weight_layout(p, layout, value->layout);
    px_wgrad g = {.kernel = info->attrs.kernel,
                  .stride = info->attrs.stride,
                  .pad = info->attrs.pad,
                  .large = px_at(p, info->inputs[0])->shape,
                  .small = px_at(p, info->inputs[1])->shape,
                  .large_at = *px_value_of(p, info->inputs[0]),
                  .small_at = *px_value_of(p, info->inputs[1]),
                  .vector_large = layout == PX_WEIGHT_AXIS1, /* axis 0 of the weight is the small map's channels */
                  .result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE),
                  .offset = in_place ? value->offset : 0};
    g.pictures = g.large.n;
    if (g.result < 0 || px_emit_wgrad(p, node, &g) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    if (in_place)
        return PIXCL_OK;
    return px_emit_repack(p, node, info->shape, layout, g.result, g.offset, value->layout, value->buffer,
                          value->offset);
}

pixcl_status px_lower_conv(px_planner *p, px_node node)
{
    if (p->algorithm[node] == PX_ALGORITHM_GEMM)
        return px_lower_conv_gemm(p, node);
    if (p->algorithm[node] == PX_ALGORITHM_WINOGRAD)
        return px_lower_conv_winograd(p, node);
    if (px_at(p, node)->op == PX_OP_CONV_WGRAD)
        return lower_wgrad_direct(p, node);
    return lower_direct(p, node, p->algorithm[node] == PX_ALGORITHM_DOT);
}
