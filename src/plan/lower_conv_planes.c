/* The algorithm "planes" for GPUs: convolutions of maps with few channels by conv_planes.cl. Weight gradients between
 * such a map and one of many channels are in lower_conv_wgrad_lane.c. */
#include "plan/conv_method.h"

enum { BLOCK = 16, MOST_PRODUCTS = 1024 /* of one accumulator: DECISIONS.md, "Sums in two levels" */ };

/* What the compilers for such waves keep in registers (DECISIONS.md): sums of a lane, and values of x, which are the
 * same in all lanes. */
typedef struct sums {
    int width, pixels; /* channels of a lane; pixels of a row */
} sums;

static const struct family {
    int lanes, values;
    sums one, pair; /* where one channel of x is loaded at a time; two */
} families[] = {
    {16, 72, {1, 28}, {2, 12}}, /* Intel */
    {32, 66, {2, 24}, {2, 24}}, /* NVIDIA and RDNA */
    {64, 60, {1, 32}, {1, 32}}, /* GCN, Vega */
};

typedef struct wave_tile {
    int lanes, width; /* of a wave; channels of a lane */
    int pixels;
    int depth; /* channels of x that are loaded at a time */
} wave_tile;

static int divide_up(int a, int b)
{
    return (a + b - 1) / b;
}

static wave_tile cut(const px_planner *p, const px_direct *d)
{
    const struct family *f = families;
    while (f->lanes < p->target->lanes && f->lanes < 64)
        f++;
    wave_tile t = {.lanes = f->lanes, .depth = d->from.block > 1 ? 2 : 1};
    const sums s = t.depth > 1 ? f->pair : f->one;
    t.width = s.width;
    while (t.width > 1 && d->y.c % (t.lanes * t.width) != 0)
        t.width /= 2;
    int most = (f->values / t.depth - d->kernel) / d->stride + 1;
    most = most > s.pixels ? s.pixels : most < 1 ? 1 : most;
    t.pixels = divide_up(d->y.w, divide_up(d->y.w, most)); /* as many in each tile of a row */
    return t;
}

static char *defines_of(const px_planner *p, const px_direct *d, const wave_tile *t)
{
    char *tail = px_epilogue_defines(p, d->epilogue, t->width);
    char *defines =
        tail ? px_format(p->err,
                         "#define L %d\n#define VL %d\n#define P %d\n#define BX %d\n#define CH %d\n#define K %d\n"
                         "#define S %d\n#define PAD %d\n#define FLIP %d\n#define REFLECT %d\n#define PARTIAL %d\n%s",
                         t->lanes, t->width, t->pixels, d->from.block, t->depth, d->kernel, d->stride,
                         d->transposed ? d->kernel - 1 - d->pad : d->pad, d->transposed, d->reflect,
                         d->y.c % (t->lanes * t->width) != 0, tail)
             : NULL;
    px_free(tail);
    return defines;
}

pixcl_status px_emit_planes(px_planner *p, px_node node, const px_direct *d)
{
    const wave_tile t = cut(p, d);
    const size_t global[3] = {(size_t)divide_up(d->y.w, t.pixels) * (size_t)t.lanes, (size_t)d->y.n * (size_t)d->y.h,
                              (size_t)divide_up(d->y.c, t.lanes * t.width)};
    char *preamble = defines_of(p, d, &t);
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, "conv_planes", (const char *[]){"vector", "epilogue", "conv_planes", NULL},
                                  preamble, global)
                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local(launch, (size_t)t.lanes, 1, 1);
    px_label(launch, "conv_planes %dx%d", t.pixels, t.lanes * t.width);
    px_arg_buffer(p, PX_ARG_READ, d->from.buffer, d->from.offset);
    px_arg_buffer(p, PX_ARG_READ, d->weights, d->weights_offset);
    px_arg_buffer(p, PX_ARG_WRITE, d->to.buffer, d->to.offset);
    px_arg_bias(p, d->epilogue);
    const int64_t sizes[] = {
        d->x.c, d->x.h, d->x.w, d->y.c, d->y.h, d->y.w, (int64_t)d->from.stride_n, (int64_t)d->to.stride_n};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    return PIXCL_OK;
}

/* As counted in what compilers make, in the middle of what sizes give (DECISIONS.md). */
static double density(const px_target *target, const px_conv_problem *problem)
{
    if (target->single_groups)
        return 0.25;
    if (problem->op == PX_OP_CONV_WGRAD)
        return target->lanes == 16 ? 0.76 : target->lanes == 32 ? 0.68 : 0.8;
    return target->lanes == 16 ? 0.78 : target->lanes == 32 ? 0.77 : 0.95;
}

static bool applies(const px_conv_problem *problem)
{
    if (problem->op == PX_OP_CONV_WGRAD)
        return px_wgrad_planes_applies(problem);
    const bool plain = problem->op == PX_OP_CONV || (problem->stride == 1 && problem->pad < problem->kernel);
    return plain && problem->block == BLOCK && problem->x.c % BLOCK != 0 && problem->y.c % BLOCK == 0 &&
           problem->x.c <= MOST_PRODUCTS / problem->kernel / problem->kernel;
}

static bool reflects(const px_conv_problem *problem, int pad)
{
    (void)problem;
    (void)pad;
    return true;
}

static bool suits(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->lanes >= BLOCK;
}

static pixcl_status lower(px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    if (problem.op == PX_OP_CONV_WGRAD)
        return px_lower_wgrad_lane(p, node);
    px_direct d = px_direct_of(p, node);
    if (px_weight_in(p, node, px_at(p, node)->inputs[1], px_weights_output_lanes(p->target, &problem), &d.weights,
                     &d.weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_emit_conv_labelled(p, node, &d, px_emit_planes, 1);
}

static pixcl_status check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    if (problem->op == PX_OP_CONV_WGRAD)
        return px_check_wgrad_lane(problem, cut, err);
    return px_check_no_tile(problem, cut, err);
}

const px_conv_method px_conv_planes = {.name = "planes",
                                       .noise = 1,
                                       .density = density,
                                       .epilogue = true,
                                       .reflects = reflects,
                                       .applies = applies,
                                       .suits = suits,
                                       .weights = px_weights_output_lanes,
                                       .lower = lower,
                                       .check = check,
                                       .cuts = px_no_cuts};
