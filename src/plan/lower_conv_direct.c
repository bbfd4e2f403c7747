/* The algorithm "direct": convolutions by conv_direct.cl, with output channels in the vector lanes and explicit tiles
 * in registers. It does every convolution on every device. Its launches serve "dot" (conv_dot.cl) and Winograd's
 * products as well. */
#include "plan/conv_method.h"

void px_arg_bias(px_planner *p, const px_epilogue *e)
{
    /* Without a bias the kernel still has the argument, and does not read it. */
    if (e->bias != PX_NONE)
        px_arg_value(p, PX_ARG_READ, e->bias);
    else
        px_arg_buffer(p, PX_ARG_READ, p->zeros, 0);
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

/* How a direct convolution is cut; see the geometry in cl/conv_direct.cl. Measured on CPUs with 1 MB of cache per core
 * (DECISIONS.md). `row`: pixels of a row that share their taps; `groups`: channel blocks of the output (dot:
 * channels). */
static px_cut cut_direct(const px_planner *p, px_node node, const px_direct *d, int row, int groups)
{
    const int cache = (int)p->target->weight_cache;
    px_cut c = px_forward_tile(p->target->tile_sums, row, groups, d->dot);
    const px_cut tuned = px_cut_for(p, node);
    c.rows = 1;
    if (tuned.width > 0) {
        c.width = tuned.width;
        c.channels = tuned.channels;
    }
    int bx = px_gcd(d->x.c, p->target->block), by = px_gcd(d->y.c, p->target->block);
    int taps = d->kernel * d->kernel / (d->transposed ? d->stride : 1);
    int of_block = c.channels * by * bx * taps; /* weights that one block of input channels takes */
    c.blocks = d->x.c / bx;
    if (!d->dot && d->y.h > 1 && (double)of_block * c.blocks > cache) {
        c.rows = d->y.h;
        c.blocks = of_block < cache ? cache / of_block : 1;
    }
    if (tuned.rows > 0) {
        c.rows = tuned.rows;
        c.blocks = tuned.blocks;
    }
    return c;
}

pixcl_status px_emit_direct(px_planner *p, px_node node, const px_direct *d)
{
    static const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE};
    enum { RESULTS = 8 }; /* that conv_dot finishes at once */
    const char *kernel = d->dot ? "conv_dot" : "conv_direct";
    const px_epilogue *e = d->epilogue ? d->epilogue : &none;
    int phases = d->transposed ? d->stride : 1, row = (d->y.w + phases - 1) / phases;
    int groups = d->dot ? d->y.c : d->y.c / d->to.block;
    px_cut c = cut_direct(p, node, d, row, groups);
    bool own_weights = d->weights_stride_n > 0;
    int tiles = (row + c.width - 1) / c.width, runs = (d->y.h + c.rows - 1) / c.rows;
    char *tail = px_epilogue_defines(p, e, d->dot ? RESULTS : d->to.block);
    char *preamble = tail ? px_format(p->err,
                                      "#define BX %d\n#define BY %d\n#define K %d\n#define S %d\n#define PAD %d\n"
                                      "#define TRANSPOSED %d\n#define OWN_WEIGHTS %d\n#define TW %d\n#define NV %d\n%s",
                                      d->from.block, d->to.block, d->kernel, d->stride, d->pad, d->transposed,
                                      own_weights, c.width, c.channels, tail)
                          : NULL;
    size_t rows = (size_t)d->y.n * (size_t)runs, channels = (size_t)(groups / c.channels);
    size_t global[3] = {(size_t)tiles * (size_t)phases, own_weights ? channels : rows, own_weights ? rows : channels};
    px_launch *launch = preamble ? px_emit_kernel(p, node, kernel, (const char *[]){"vector", "epilogue", kernel, NULL},
                                                  preamble, global)
                                 : NULL;
    px_free(tail);
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, d->from.buffer, d->from.offset);
    px_arg_buffer(p, PX_ARG_READ, d->weights, d->weights_offset);
    px_arg_buffer(p, PX_ARG_WRITE, d->to.buffer, d->to.offset);
    px_arg_bias(p, e);
    px_arg_buffer(p, PX_ARG_READ, p->zeros, 0);
    const int64_t sizes[] = {d->x.c,
                             d->x.h,
                             d->x.w,
                             d->y.c,
                             d->y.h,
                             d->y.w,
                             (int64_t)d->from.stride_n,
                             (int64_t)d->to.stride_n,
                             tiles,
                             c.rows,
                             c.blocks,
                             (int64_t)d->weights_stride_n,
                             d->add};
    for (int i = 0; i < (d->dot ? 9 : 13); i++)
        px_arg_int(p, sizes[i]);
    px_label(launch, "%s %dx%d", kernel, c.width, c.channels);
    return PIXCL_OK;
}

pixcl_status px_emit_conv_labelled(px_planner *p, px_node node, const px_direct *d, px_emit_conv *emit, int slices)
{
    const size_t first = p->plan->launch_count;
    pixcl_status status = emit(p, node, d);
    if (status != PIXCL_OK)
        return status;
    px_launch *launch = &p->plan->launches[first];
    launch->flops = px_conv_flops(p, node) / slices;
    launch->bytes = px_conv_bytes(p, node) / slices;
    char cut_label[sizeof launch->label];
    snprintf(cut_label, sizeof cut_label, "%s", launch->label);
    px_label(launch, "%s %s %s", cut_label, px_op_describe(px_at(p, node)->op)->name, weight_name(p, node));
    return PIXCL_OK;
}

/* Input channels that make one short sum in cl/conv_direct.cl: its FOLD blocks. */
static int channels_of_sum(const px_conv_problem *problem)
{
    int phases = problem->op == PX_OP_CONV_T ? problem->stride : 1, block = px_gcd(problem->x.c, problem->block);
    int products = problem->kernel * problem->kernel / (phases * phases) * block;
    return products >= 256 || products == 0 ? block : 256 / products * block;
}

/* Weights in another layout than theirs: a slice of input channels after the other is repacked, multiplied and added to
 * y, with the same sums as at once. The slices are one after the other in the weight as it is, where these channels are
 * in the lanes. */
static pixcl_status lower_by_slices(px_planner *p, px_node node, const px_direct *whole, px_weight_layout layout,
                                    int least, px_emit_conv *emit)
{
    const px_node_info *info = px_at(p, node);
    const px_value *value = px_value_of(p, info->inputs[1]);
    px_shape weight = px_at(p, info->inputs[1])->shape;
    bool by_input = value->layout == PX_WEIGHT_AXIS0 || value->layout == PX_WEIGHT_AXIS1;
    int slices = by_input ? px_weight_slices(p, weight, whole->x.c, least) : 1;
    px_direct d = *whole;
    d.x.c = whole->x.c / slices;
    weight.n /= layout == PX_WEIGHT_AXIS1 ? slices : 1;
    weight.c /= layout == PX_WEIGHT_AXIS0 ? slices : 1;
    size_t count = px_shape_count(weight);
    for (int s = 0; s < slices; s++) {
        d.weights = px_new_buffer(p, count, PX_NONE);
        if (d.weights < 0 || px_emit_repack(p, node, weight, value->layout, value->buffer,
                                            value->offset + (size_t)s * count, layout, d.weights, 0, false) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
        d.from.offset = whole->from.offset + (size_t)s * (size_t)d.x.c * (size_t)d.x.h * (size_t)d.x.w;
        d.add = s > 0;
        if (emit(p, node, &d) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
    }
    return PIXCL_OK;
}

pixcl_status px_lower_with_weights(px_planner *p, px_node node, px_weight_layout layout, int least, px_emit_conv *emit)
{
    px_direct d = px_direct_of(p, node);
    const px_node weight = px_at(p, node)->inputs[1];
    if (d.epilogue->result == node && !px_same_weight_layout(p, px_value_of(p, weight)->layout, layout))
        return lower_by_slices(p, node, &d, layout, least, emit);
    if (px_weight_in(p, node, weight, layout, &d.weights, &d.weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return emit(p, node, &d);
}

px_direct px_direct_of(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_epilogue *e = &p->epilogue[node];
    const px_padded x = px_padded_input(p, node);
    return (px_direct){.transposed = info->op == PX_OP_CONV_T,
                       .reflect = x.reflect,
                       .kernel = info->attrs.kernel,
                       .stride = info->attrs.stride,
                       .pad = x.pad,
                       .x = px_at(p, x.source)->shape,
                       .y = info->shape,
                       .from = *px_value_of(p, x.source),
                       .to = *px_value_of(p, e->result),
                       .epilogue = e};
}

/* On a GPU neighbouring work-items read far apart, which it was not made for. */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.85 : 0.25;
}

static bool applies(const px_conv_problem *problem)
{
    (void)problem;
    return true;
}

static bool suits(const px_target *target, const px_conv_problem *problem)
{
    (void)target;
    (void)problem;
    return true;
}

/* The convolution, or a slice of its input channels. */
static pixcl_status emit(px_planner *p, px_node node, const px_direct *d)
{
    return px_emit_conv_labelled(p, node, d, px_emit_direct, px_direct_of(p, node).x.c / d->x.c);
}

static pixcl_status lower(px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    if (problem.op == PX_OP_CONV_WGRAD)
        return px_lower_conv_wgrad(p, node);
    return px_lower_with_weights(p, node, px_weights_output_lanes(p->target, &problem), channels_of_sum(&problem),
                                 emit);
}

static pixcl_status check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    return problem->op == PX_OP_CONV_WGRAD ? px_check_gradient_tile(problem, cut, err)
                                           : px_check_forward_tile(problem, cut, err);
}

/* How many rows of a work-item and how many input channels at a time, or splits of the rows. */
static int depths(const px_conv_problem *p, const px_cut *tile, px_cut cuts[PX_MOST_CUTS])
{
    static const int splits[] = {1, 2, 4, 8, 16};
    int count = 0;
    px_cut cut = *tile;
    for (size_t i = 0; i < sizeof splits / sizeof splits[0] && p->op == PX_OP_CONV_WGRAD; i++) {
        cut.splits = splits[i];
        px_add_cut(p, cut, cuts, &count);
    }
    if (p->op == PX_OP_CONV_WGRAD || tile->width == 0)
        return count;
    int bx = px_gcd(p->x.c, p->block), by = px_gcd(p->y.c, p->block), all = p->x.c / bx;
    double of_block = 4.0 * tile->channels * by * bx * p->kernel * p->kernel; /* bytes */
    cut.rows = 1;
    cut.blocks = all;
    px_add_cut(p, cut, cuts, &count);
    for (double bytes = 131072; bytes <= 524288 && p->y.h > 1; bytes *= 2) {
        int blocks = (int)(bytes / of_block);
        cut.rows = p->y.h;
        cut.blocks = blocks < 1 ? 1 : blocks > all ? all : blocks;
        px_add_cut(p, cut, cuts, &count);
    }
    return count;
}

static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    if (tile)
        return depths(problem, tile, cuts);
    return problem->op == PX_OP_CONV_WGRAD ? px_gradient_tiles(target, problem, PX_ALGORITHM_DIRECT, cuts)
                                           : px_forward_tiles(target, problem, PX_ALGORITHM_DIRECT, cuts);
}

const px_conv_method px_conv_direct = {.name = "direct",
                                       .noise = 1,
                                       .density = density,
                                       .epilogue = true,
                                       .applies = applies,
                                       .suits = suits,
                                       .weights = px_weights_output_lanes,
                                       .lower = lower,
                                       .check = check,
                                       .cuts = cuts_to_try};
