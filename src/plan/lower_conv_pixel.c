/* The algorithm "pixel" for GPUs: convolutions to few channels by conv_pixel.cl, with input channels across the lanes
 * of a wave. */
#include "plan/conv_method.h"

enum {
    BLOCK = 16,
    MOST_PIXELS = 8,
    MOST_CHANNELS = 8,
    MOST_PRODUCTS = 1024 /* of one accumulator: DECISIONS.md, "Sums in two levels" */
};

/* Sums that a lane keeps, and these with what it keeps of x: what the compilers for such waves have registers for
 * (DECISIONS.md). */
static const struct family {
    int lanes, sums, values;
    int values_of_one; /* where a tile has one channel, and x is used up as it comes */
} families[] = {
    {16, 24, 40, 52}, /* Intel */
    {32, 42, 80, 80}, /* NVIDIA and RDNA */
    {64, 24, 68, 68}, /* GCN, Vega */
};

typedef struct wave_tile {
    int lanes, width; /* of a wave; input channels of a lane */
    int pixels, channels;
    int splits; /* of the input channels */
} wave_tile;

static int divide_up(int a, int b)
{
    return (a + b - 1) / b;
}

static int phases_of(const px_direct *d)
{
    return d->transposed ? d->stride : 1;
}

/* Taps of a row, in the phase that has most. */
static int taps_of(const px_direct *d)
{
    return divide_up(d->kernel, phases_of(d));
}

/* Channels of a tile: whole blocks, or an equal part of one. */
static int channels_of_tile(int channels)
{
    const int block = px_gcd(channels, BLOCK);
    int most = channels < MOST_CHANNELS ? channels : MOST_CHANNELS;
    while (channels % most != 0 || (most % block != 0 && block % most != 0))
        most--;
    return most;
}

static int window_of(const px_direct *d, int pixels)
{
    return (pixels - 1) * (d->transposed ? 1 : d->stride) + taps_of(d);
}

/* The most pixels that registers have room for, in as few equal tiles as a row then takes; no more than the smallest
 * phase has. */
static int pixels_of_tile(const px_direct *d, const wave_tile *t, const struct family *f)
{
    const int values = t->channels == 1 ? f->values_of_one : f->values;
    const int phases = phases_of(d), smallest = d->y.w < phases ? 1 : d->y.w / phases;
    int most = MOST_PIXELS;
    while (most > 1 && (most * t->channels > f->sums || window_of(d, most) * t->width + most * t->channels > values))
        most--;
    const int row = divide_up(d->y.w, phases), pixels = divide_up(row, divide_up(row, most));
    return pixels < smallest ? pixels : smallest;
}

static int rows_of_wave(const wave_tile *t)
{
    return t->lanes * t->width / BLOCK;
}

/* Of dimensions 0 and 1, and of the channels. */
static void count_groups(const px_direct *d, const wave_tile *t, size_t groups[3])
{
    const int phases = phases_of(d);
    groups[0] = (size_t)divide_up(divide_up(d->y.w, phases), t->pixels) * (size_t)phases;
    groups[1] = (size_t)divide_up(divide_up(d->y.h, phases), rows_of_wave(t)) * (size_t)phases * (size_t)d->y.n;
    groups[2] = (size_t)(d->y.c / t->channels);
}

/* Enough groups for the device, and short sums. */
static int count_splits(const px_planner *p, const px_direct *d, const wave_tile *t)
{
    const int blocks = d->x.c / BLOCK, products = taps_of(d) * taps_of(d) * t->width; /* of a lane and a block */
    size_t groups[3];
    count_groups(d, t, groups);
    const size_t all = groups[0] * groups[1] * groups[2], waves = (size_t)p->target->waves;
    const int wanted = all < waves ? (int)((waves + all - 1) / all) : 1;
    int share = divide_up(blocks, wanted);
    if (share * products > MOST_PRODUCTS)
        share = MOST_PRODUCTS / products;
    return divide_up(blocks, share < 1 ? 1 : share);
}

static wave_tile cut(const px_planner *p, const px_direct *d)
{
    const struct family *f = families;
    while (f->lanes < p->target->lanes && f->lanes < 64)
        f++;
    wave_tile t = {.lanes = f->lanes, .width = 4, .channels = channels_of_tile(d->y.c)};
    if (t.lanes == 16 && (taps_of(d) > 4 || (!d->transposed && d->stride > 1)))
        t.width = 2; /* windows of so many columns leave no room for sums */
    t.pixels = pixels_of_tile(d, &t, f);
    t.splits = count_splits(p, d, &t);
    return t;
}

static char *defines_of(const px_planner *p, const px_direct *d, const wave_tile *t, const px_epilogue *e)
{
    char *tail = px_epilogue_defines(p, e, 1);
    char *defines =
        tail ? px_format(p->err,
                         "#define L %d\n#define V %d\n#define P %d\n#define NQ %d\n#define BY %d\n#define K %d\n"
                         "#define S %d\n#define PAD %d\n#define TRANSPOSED %d\n#define REFLECT %d\n%s",
                         t->lanes, t->width, t->pixels, t->channels, d->to.block, d->kernel, d->stride, d->pad,
                         d->transposed, d->reflect, tail)
             : NULL;
    px_free(tail);
    return defines;
}

pixcl_status px_emit_pixel(px_planner *p, px_node node, const px_direct *d)
{
    static const px_epilogue none = {PX_NONE, PX_NONE, PX_NONE};
    const wave_tile t = cut(p, d);
    const int phases = phases_of(d), blocks = divide_up(d->x.c / BLOCK, t.splits);
    const bool split = t.splits > 1;
    const size_t count = px_shape_count(d->y);
    const px_epilogue *e = split ? &none : d->epilogue;
    const int to = split ? px_new_buffer(p, (size_t)t.splits * count, PX_NONE) : d->to.buffer;
    size_t global[3];
    count_groups(d, &t, global);
    global[0] *= (size_t)t.lanes;
    global[2] *= (size_t)t.splits;
    char *preamble = to >= 0 ? defines_of(p, d, &t, e) : NULL;
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, "conv_pixel", (const char *[]){"vector", "epilogue", "conv_pixel", NULL},
                                  preamble, global)
                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local(launch, (size_t)t.lanes, 1, 1);
    px_label(launch, "conv_pixel %dx%d", t.pixels, t.channels);
    px_arg_buffer(p, PX_ARG_READ, d->from.buffer, d->from.offset);
    px_arg_buffer(p, PX_ARG_READ, d->weights, d->weights_offset);
    px_arg_buffer(p, PX_ARG_WRITE, to, split ? 0 : d->to.offset);
    px_arg_bias(p, e);
    const int64_t sizes[] = {d->x.c,
                             d->x.h,
                             d->x.w,
                             d->y.c,
                             d->y.h,
                             d->y.w,
                             (int64_t)d->from.stride_n,
                             split ? (int64_t)(count / (size_t)d->y.n) : (int64_t)d->to.stride_n,
                             divide_up(divide_up(d->y.w, phases), t.pixels),
                             divide_up(divide_up(d->y.h, phases), rows_of_wave(&t)),
                             blocks,
                             (int64_t)count};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
    return split ? px_emit_conv_sum(p, node, d, to, t.splits) : PIXCL_OK;
}

/* As counted in what compilers make, in the middle of what sizes give (DECISIONS.md). */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.25 : target->lanes == 16 ? 0.73 : target->lanes == 32 ? 0.79 : 0.84;
}

static bool applies(const px_conv_problem *problem)
{
    return problem->op != PX_OP_CONV_WGRAD && problem->block == BLOCK && problem->x.c % BLOCK == 0 &&
           problem->y.c % BLOCK != 0 && problem->pad < problem->kernel;
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

/* As "dot". */
static pixcl_status lower(px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    px_direct d = px_direct_of(p, node);
    if (px_weight_in(p, node, px_at(p, node)->inputs[1], px_weights_input_lanes(p->target, &problem), &d.weights,
                     &d.weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_emit_conv_labelled(p, node, &d, px_emit_pixel, 1);
}

const px_conv_method px_conv_pixel = {.name = "pixel",
                                      .noise = 1,
                                      .density = density,
                                      .epilogue = true,
                                      .reflects = reflects,
                                      .applies = applies,
                                      .suits = suits,
                                      .weights = px_weights_input_lanes,
                                      .lower = lower,
                                      .check = px_check_no_tile,
                                      .cuts = px_no_cuts};
