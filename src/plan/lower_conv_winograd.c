/* The algorithm "winograd": 3x3 convolutions of stride 1, their transposes and weight gradients by F(4x4,3x3):
 * transforms (cl/winograd.cl) around 36 matrix products, which the kernels of "direct" (CPUs) and "lane" (GPUs) do as
 * 1x1 convolutions of 36 pictures, each with its own weights. A GPU's gradients come in parts that a transform adds up.
 *
 * Padding by reflection is done in the load of the transform, so that the padded picture is never made. */
#include "plan/conv_method.h"

enum { LANES = 16, PRODUCTS = 36, TILE = 4 };

typedef struct tiling {
    int rows, columns, count; /* of one picture; of all */
} tiling;

static tiling tile(px_shape y)
{
    tiling t = {(y.h + TILE - 1) / TILE, (y.w + TILE - 1) / TILE, 0};
    t.count = y.n * t.rows * t.columns;
    return t;
}

/* Elements from one of the 36 matrices to the next. Sizes are powers of two as a rule, and a transform that writes to
 * all 36 would find them in one set of the cache: a line more keeps them apart. */
static size_t plane(int a, int b)
{
    return (size_t)a * (size_t)b + LANES;
}

/* A transformed map as 36 pictures of one row of tiles. */
static px_value transformed(px_planner *p, int channels, int tiles)
{
    px_value value = {.stride_n = plane(channels, tiles), .block = LANES};
    value.buffer = px_new_buffer(p, PRODUCTS * value.stride_n, PX_NONE);
    return value;
}

/* What a transform's program is made for. */
typedef struct variant {
    bool flip, reflect, splits;
    const px_epilogue *epilogue; /* NULL: none */
} variant;

/* A transform of 16 channels at a time, or of one where 36 times that fill the registers. `a` counts positions whose 16
 * channels are next to each other. */
static px_launch *emit(px_planner *p, px_node node, const char *kernel, variant v, size_t a, size_t b, size_t c)
{
    static const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE};
    const int width = p->target->single_groups ? LANES : 1;
    char *tail = px_epilogue_defines(p, v.epilogue ? v.epilogue : &none, width);
    char *preamble =
        tail ? px_format(p->err, "#define VW %d\n#define FLIP %d\n#define REFLECT %d\n#define SPLITS %d\n%s", width,
                         v.flip, v.reflect, v.splits, tail)
             : NULL;
    a *= (size_t)(LANES / width);
    px_launch *launch = preamble
                            ? px_emit_kernel(p, node, kernel, (const char *[]){"vector", "epilogue", "winograd", NULL},
                                             preamble, (const size_t[3]){a, b, c})
                            : NULL;
    px_free(tail);
    px_free(preamble);
    if (launch)
        px_local_usual(p, launch);
    return launch;
}

static void add_sizes(px_planner *p, px_launch *launch, px_shape map, tiling t, size_t stride_n)
{
    const int64_t sizes[] = {
        map.c, map.h, map.w, t.rows, t.columns, t.count, (int64_t)stride_n, (int64_t)plane(map.c, t.count)};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    launch->bytes = 4.0 * ((double)px_shape_count(map) + (double)PRODUCTS * map.c * t.count);
}

/* The transform of a convolution's input. A padded input is read from what was padded. */
static pixcl_status transform_input(px_planner *p, px_node node, tiling t, px_value *to)
{
    const px_node_info *info = px_at(p, node);
    const px_padded x = px_padded_input(p, node);
    /* A transposed one is a convolution with flipped weights. */
    const int pad = info->op == PX_OP_CONV_T ? info->attrs.kernel - 1 - x.pad : x.pad;
    px_shape shape = px_at(p, x.source)->shape;
    *to = transformed(p, shape.c, t.count);
    px_launch *launch = to->buffer < 0 ? NULL
                                       : emit(p, node, "winograd_input", (variant){.reflect = x.reflect},
                                              (size_t)t.count, (size_t)(shape.c / LANES), 1);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_value(p, PX_ARG_READ, x.source);
    px_arg_buffer(p, PX_ARG_WRITE, to->buffer, 0);
    add_sizes(p, launch, shape, t, px_value_of(p, x.source)->stride_n);
    px_arg_int(p, pad);
    return PIXCL_OK;
}

static pixcl_status transform_weights(px_planner *p, px_node node, int *buffer)
{
    const px_node_info *info = px_at(p, node);
    bool flip = info->op == PX_OP_CONV_T;
    int in = px_at(p, info->inputs[0])->shape.c, out = info->shape.c, weights;
    size_t offset;
    pixcl_status status =
        px_weight_in(p, node, info->inputs[1], flip ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0, &weights, &offset);
    *buffer = px_new_buffer(p, PRODUCTS * plane(in, out), PX_NONE);
    if (status != PIXCL_OK || *buffer < 0)
        return PIXCL_ERROR_MEMORY;
    px_launch *launch =
        emit(p, node, "winograd_weights", (variant){.flip = flip}, LANES, (size_t)(in / LANES), (size_t)(out / LANES));
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, weights, offset);
    px_arg_buffer(p, PX_ARG_WRITE, *buffer, 0);
    px_arg_int(p, in);
    px_arg_int(p, out);
    px_arg_int(p, (int64_t)plane(in, out));
    launch->bytes = 4.0 * (9 + PRODUCTS) * in * (double)out;
    return PIXCL_OK;
}

static pixcl_status transform_output(px_planner *p, px_node node, tiling t, const px_value *from)
{
    const px_epilogue *e = &p->epilogue[node];
    px_shape y = px_at(p, node)->shape;
    px_launch *launch =
        emit(p, node, "winograd_output", (variant){.epilogue = e}, (size_t)t.count, (size_t)(y.c / LANES), 1);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, from->buffer, 0);
    px_arg_value(p, PX_ARG_WRITE, e->result);
    px_arg_bias(p, e);
    add_sizes(p, launch, y, t, px_value_of(p, e->result)->stride_n);
    return PIXCL_OK;
}

static pixcl_status lower_forward(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    int in = px_at(p, info->inputs[0])->shape.c, out = info->shape.c;
    tiling t = tile(info->shape);
    px_value v, m = transformed(p, out, t.count);
    int weights;
    pixcl_status status = m.buffer < 0 ? PIXCL_ERROR_MEMORY : transform_weights(p, node, &weights);
    if (status == PIXCL_OK)
        status = transform_input(p, node, t, &v);
    if (status != PIXCL_OK)
        return status;
    px_direct d = {.kernel = 1,
                   .stride = 1,
                   .x = {PRODUCTS, in, 1, t.count},
                   .y = {PRODUCTS, out, 1, t.count},
                   .from = v,
                   .to = m,
                   .weights = weights,
                   .weights_stride_n = plane(in, out)};
    const size_t first = p->plan->launch_count;
    status = p->target->single_groups ? px_emit_direct(p, node, &d) : px_emit_lane(p, node, &d);
    if (status != PIXCL_OK)
        return status;
    px_launch *launch = &p->plan->launches[first];
    launch->flops = 2.0 * PRODUCTS * in * (double)out * t.count;
    launch->bytes = 4.0 * PRODUCTS * ((double)in * out + (double)(in + out) * t.count);
    px_label(launch, "winograd_products %s", px_at(p, info->inputs[1])->name);
    return transform_output(p, node, t, &m);
}

static pixcl_status lower_gradient(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_node dy = info->inputs[1];
    px_shape small = px_at(p, dy)->shape;
    int in = px_at(p, info->inputs[0])->shape.c, out = small.c;
    tiling t = tile(small);
    size_t count = (size_t)in * (size_t)out;
    const px_value *value = px_value_of(p, node);
    px_value v, w = transformed(p, out, t.count);
    px_wgrad g = {.kernel = 1,
                  .stride = 1,
                  .large = {PRODUCTS, in, 1, t.count},
                  .small = {PRODUCTS, out, 1, t.count},
                  .small_at = w,
                  .pictures = 1};
    const bool lanes = !p->target->single_groups;
    const int splits = lanes ? px_wgrad_lane_splits(p, node, &g) : 1;
    g.result = px_new_buffer(p, PRODUCTS * count * (size_t)splits, PX_NONE);
    if (w.buffer < 0 || g.result < 0 || transform_input(p, node, t, &v) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    g.large_at = v;
    px_launch *launch = emit(p, node, "winograd_gradient", (variant){0}, (size_t)t.count, (size_t)(out / LANES), 1);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_value(p, PX_ARG_READ, dy);
    px_arg_buffer(p, PX_ARG_WRITE, w.buffer, 0);
    add_sizes(p, launch, small, t, px_value_of(p, dy)->stride_n);
    if ((lanes ? px_emit_wgrad_lane(p, node, &g, splits) : px_emit_wgrad(p, node, &g)) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;

    bool in_place = value->layout == PX_WEIGHT_AXIS0, add = p->added_to[node] != PX_NONE;
    int result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE);
    size_t offset = in_place ? value->offset : 0;
    launch = result < 0 ? NULL
                        : emit(p, node, "winograd_weight_gradient", (variant){.splits = splits > 1}, LANES,
                               (size_t)(in / LANES), (size_t)(out / LANES));
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, g.result, 0);
    px_arg_buffer(p, PX_ARG_WRITE, result, offset);
    px_arg_int(p, in);
    px_arg_int(p, out);
    px_arg_int(p, in_place && add);
    px_arg_int(p, splits);
    launch->bytes = 4.0 * (9 + PRODUCTS * splits) * (double)count;
    if (in_place)
        return PIXCL_OK;
    return px_emit_repack(p, node, info->shape, PX_WEIGHT_AXIS0, result, offset, value->layout, value->buffer,
                          value->offset, add);
}

static pixcl_status lower(px_planner *p, px_node node)
{
    return px_at(p, node)->op == PX_OP_CONV_WGRAD ? lower_gradient(p, node) : lower_forward(p, node);
}

/* Of the products; the transforms around them have no multiply-adds that count. */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.8 : target->lanes == 16 ? 0.91 : target->lanes == 32 ? 0.9 : 0.98;
}

static bool applies(const px_conv_problem *p)
{
    return p->kernel == 3 && p->stride == 1 && p->pad <= 2 && p->block == LANES && p->x.c % LANES == 0 &&
           p->y.c % LANES == 0;
}

/* The transforms cost what they save on small maps, and on GPUs, where memory is slower beside arithmetic, with few
 * channels. */
static bool suits(const px_target *target, const px_conv_problem *problem)
{
    enum { CPU_MAP = 8, GPU_MAP = 16, GPU_CHANNELS = 64 };
    if (target->single_groups)
        return problem->y.h >= CPU_MAP && problem->y.w >= CPU_MAP;
    return target->lanes >= LANES && problem->y.h >= GPU_MAP && problem->y.w >= GPU_MAP &&
           problem->x.c >= GPU_CHANNELS && problem->y.c >= GPU_CHANNELS;
}

static bool reflects(const px_conv_problem *problem, int pad)
{
    (void)problem;
    return pad == 1;
}

static pixcl_status check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    return problem->op == PX_OP_CONV_WGRAD ? px_check_gradient_tile(problem, cut, err)
                                           : px_check_forward_tile(problem, cut, err);
}

/* Tiles of the products. */
static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    if (tile)
        return 0;
    return problem->op == PX_OP_CONV_WGRAD ? px_gradient_tiles(target, problem, PX_ALGORITHM_WINOGRAD, cuts)
                                           : px_forward_tiles(target, problem, PX_ALGORITHM_WINOGRAD, cuts);
}

/* F(4x4,3x3) rounds some ten times more than a direct sum. */
const px_conv_method px_conv_winograd = {.name = "winograd",
                                         .noise = 8,
                                         .density = density,
                                         .epilogue = true,
                                         .reflects = reflects,
                                         .applies = applies,
                                         .suits = suits,
                                         .weights = px_weights_output_lanes,
                                         .lower = lower,
                                         .check = check,
                                         .cuts = cuts_to_try};
