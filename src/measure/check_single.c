/* Every op by itself, its inputs fed from outside, so that nothing fuses and nothing is a view. */
#include "measure/check_build.h"

#define EPSILON 1e-5f

/* The convolution family. Channels 1, 3, 5 are their own remainder under every block, 6, 12 and 24 split into
 * smaller ones. */

/* The last ones of conv and conv_t: several sums of one tile, some of whose pixels another has (lane); a wave of 128
 * and of 256 channels; 1x1 with more channels than one sum takes; even and odd phases; long rows from few channels to
 * a wave of 48 and of 64, parts of a sum to one channel (planes, pixel). */
static const px_check_size conv_sizes[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, 0},     {2, 3, 7, 5, 16, 4, 2, 1, 0},     {1, 3, 9, 9, 8, 7, 1, 3, 0},
    {1, 6, 5, 8, 12, 3, 1, 1, 0},    {2, 16, 6, 9, 48, 4, 2, 1, 0},    {1, 24, 7, 7, 16, 3, 2, 1, 0},
    {1, 16, 9, 8, 1, 4, 1, 1, 0},    {1, 48, 8, 11, 3, 7, 1, 3, 0},    {3, 5, 1, 1, 8, 1, 1, 0, 0},
    {1, 16, 2, 2, 16, 4, 2, 1, 0},   {1, 12, 4, 4, 24, 4, 1, 1, 0},    {1, 16, 8, 8, 16, 3, 1, 1, 0},
    {2, 32, 11, 10, 16, 3, 1, 0, 0}, {1, 16, 8, 9, 48, 3, 1, 2, 0},    {2, 128, 4, 6, 64, 4, 2, 1, 0},
    {2, 3, 26, 30, 16, 4, 2, 1, 0},  {1, 144, 12, 19, 32, 3, 1, 1, 0}, {1, 16, 9, 9, 128, 4, 1, 1, 0},
    {1, 16, 5, 10, 256, 3, 1, 1, 0}, {1, 528, 9, 13, 16, 1, 1, 0, 0},  {2, 32, 17, 21, 32, 3, 2, 1, 0},
    {1, 16, 19, 18, 32, 3, 1, 0, 0}, {1, 6, 5, 70, 48, 4, 2, 1, 0},    {1, 3, 6, 67, 64, 7, 1, 3, 0},
    {1, 320, 5, 6, 1, 4, 1, 1, 0},   {2, 32, 9, 12, 24, 4, 2, 1, 0},   {2, 32, 34, 37, 48, 4, 2, 1, 0},
    {1, 16, 80, 70, 32, 4, 2, 1, 0}, {2, 48, 17, 19, 32, 4, 1, 1, 0},  {1, 48, 37, 40, 32, 3, 2, 1, 0},
};

static void build_conv(px_check_builder *b)
{
    px_node w = px_check_weight(b, b->size.out, b->size.c);
    px_check_output(b, px_conv(b->graph, px_check_picture(b), w, b->size.stride, b->size.pad));
}

static const px_check_size conv_t_sizes[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, 0},     {1, 16, 1, 1, 16, 4, 2, 1, 0},   {2, 48, 3, 5, 8, 4, 2, 1, 0},
    {1, 16, 5, 4, 3, 4, 2, 1, 0},    {1, 8, 3, 4, 16, 3, 2, 1, 1},    {1, 3, 6, 5, 12, 3, 1, 1, 0},
    {2, 6, 3, 9, 24, 4, 2, 1, 0},    {1, 24, 9, 9, 1, 7, 1, 3, 0},    {3, 5, 4, 4, 6, 3, 2, 1, 0},
    {1, 16, 8, 9, 16, 3, 1, 1, 0},   {2, 32, 9, 8, 16, 3, 1, 0, 0},   {1, 16, 11, 10, 16, 3, 1, 2, 0},
    {2, 144, 2, 3, 64, 4, 2, 1, 0},  {1, 144, 9, 11, 16, 4, 2, 1, 0}, {2, 16, 5, 6, 128, 3, 2, 1, 1},
    {1, 32, 5, 17, 32, 4, 1, 1, 0},  {1, 16, 1, 1, 32, 3, 2, 1, 0},   {2, 1, 6, 8, 48, 4, 1, 1, 0},
    {2, 64, 9, 11, 6, 4, 2, 1, 0},   {1, 32, 4, 5, 3, 3, 2, 1, 1},    {1, 16, 4, 9, 32, 5, 2, 1, 1},
    {2, 32, 17, 13, 48, 4, 2, 1, 0}, {1, 16, 7, 40, 32, 4, 2, 2, 1},  {2, 48, 9, 11, 32, 4, 1, 2, 0},
    {2, 32, 19, 9, 48, 3, 2, 1, 1},
};

static void build_conv_t(px_check_builder *b)
{
    px_node w = px_check_weight(b, b->size.c, b->size.out);
    px_node x = px_check_picture(b);
    px_check_output(b, px_conv_t(b->graph, x, w, b->size.stride, b->size.pad, b->size.output_pad));
}

/* The last ones: more products than one accumulator takes; a wave of 128 channels; lanes across the large map; a map
 * that is flat and cut in two; rows of taps for three blocks of two; more of Winograd's tiles than one accumulator
 * takes. */
static const px_check_size wgrad_sizes[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, 0},       {2, 3, 7, 5, 16, 4, 2, 1, 0},    {1, 12, 5, 8, 12, 3, 1, 1, 0},
    {2, 16, 6, 9, 48, 4, 2, 1, 0},     {1, 24, 7, 7, 16, 3, 2, 1, 0},   {1, 16, 9, 8, 1, 4, 1, 1, 0},
    {1, 8, 8, 11, 3, 7, 1, 3, 0},      {3, 5, 1, 1, 8, 1, 1, 0, 0},     {1, 16, 2, 2, 16, 4, 2, 1, 0},
    {1, 6, 34, 9, 6, 3, 1, 1, 0},      {1, 16, 8, 8, 16, 3, 1, 1, 0},   {2, 32, 11, 10, 16, 3, 1, 0, 0},
    {2, 3, 26, 30, 16, 4, 2, 1, 0},    {2, 16, 35, 33, 32, 3, 1, 1, 0}, {1, 16, 5, 6, 128, 3, 2, 1, 0},
    {1, 32, 7, 6, 12, 3, 2, 1, 0},     {1, 32, 20, 21, 16, 1, 1, 0, 0}, {1, 6, 9, 10, 64, 4, 2, 1, 0},
    {1, 16, 130, 132, 16, 3, 1, 1, 0}, {2, 32, 34, 37, 48, 4, 2, 1, 0}, {1, 96, 13, 12, 64, 4, 1, 1, 0},
    {2, 32, 36, 38, 48, 3, 2, 1, 0},   {1, 16, 9, 8, 64, 3, 2, 1, 0},
};

static void build_wgrad(px_check_builder *b)
{
    const px_check_size *s = &b->size;
    px_shape dy = {s->n, s->out, (s->h + 2 * s->pad - s->kernel) / s->stride + 1,
                   (s->w + 2 * s->pad - s->kernel) / s->stride + 1};
    px_node x = px_check_picture(b);
    px_check_output(b, px_conv_wgrad(b->graph, x, px_check_input(b, dy), s->kernel, s->stride, s->pad));
}

/* Pointwise ops: one, two and many lanes, a single pixel, several pictures. */

static const px_check_size pointwise_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1},
    {.n = 2, .c = 3, .h = 5, .w = 7},
    {.n = 1, .c = 6, .h = 4, .w = 3},
    {.n = 3, .c = 48, .h = 3, .w = 3},
};

static void build_bias(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_bias(b->graph, x, px_check_vector(b, b->size.c)));
}

static void build_add(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_add(b->graph, x, px_check_picture(b)));
}

static void build_scale(px_check_builder *b)
{
    px_check_output(b, px_scale(b->graph, px_check_picture(b), -0.75f));
}

static void build_leaky(px_check_builder *b)
{
    px_check_output(b, px_leaky(b->graph, px_check_picture(b), 0.25f));
}

static void build_relu(px_check_builder *b)
{
    px_check_output(b, px_relu(b->graph, px_check_picture(b)));
}

static void build_leaky_grad(px_check_builder *b)
{
    px_node y = px_check_picture(b);
    px_check_output(b, px_leaky_grad(b->graph, y, px_check_picture(b), 0.25f));
}

static void build_tanh(px_check_builder *b)
{
    px_check_output(b, px_tanh(b->graph, px_check_picture(b)));
}

static void build_tanh_grad(px_check_builder *b)
{
    px_node y = px_check_picture(b);
    px_check_output(b, px_tanh_grad(b->graph, y, px_check_picture(b)));
}

static void build_dropout(px_check_builder *b)
{
    px_check_output(b, px_dropout(b->graph, px_check_picture(b), 0.5f));
}

/* An uneven probability; the mask differs from step to step. */
static void build_dropout_rare(px_check_builder *b)
{
    px_check_output(b, px_dropout(b->graph, px_check_picture(b), 0.1f));
}

/* More samples than a block of random numbers serves. */
static const px_check_size mix_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1}, {.n = 6, .c = 3, .h = 5, .w = 7}, {.n = 5, .c = 48, .h = 3, .w = 3}};

static void build_mix(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_mix(b->graph, x, px_check_picture(b)));
}

static const px_check_size dropout_sizes[] = {{.n = 1, .c = 16, .h = 9, .w = 7}};

/* Reductions: also more pixels than a part holds (4096 / lanes; on GPUs 8 for each work-item of a pixel's lane). */

static const px_check_size reduce_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1}, {.n = 2, .c = 3, .h = 5, .w = 7},    {.n = 1, .c = 6, .h = 4, .w = 3},
    {.n = 3, .c = 8, .h = 5, .w = 1}, {.n = 2, .c = 48, .h = 17, .w = 17}, {.n = 1, .c = 1, .h = 67, .w = 70},
};

static void build_channel_sum(px_check_builder *b)
{
    px_check_output(b, px_channel_sum(b->graph, px_check_picture(b)));
}

static void build_batch_stats(px_check_builder *b)
{
    px_check_output(b, px_norm_stats(b->graph, px_check_picture(b), false));
}

static void build_image_stats(px_check_builder *b)
{
    px_check_output(b, px_norm_stats(b->graph, px_check_picture(b), true));
}

static px_node statistics(px_check_builder *b, int samples)
{
    return px_check_variable(b, PX_PLAIN, (px_shape){samples, 2, 1, b->size.c}, PX_CHECK_POSITIVE);
}

static void build_norm_plain(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_norm(b->graph, x, statistics(b, b->size.n), PX_NONE, PX_NONE, EPSILON));
}

static void build_norm_affine(px_check_builder *b)
{
    px_node x = px_check_picture(b), stats = statistics(b, 1), gamma = px_check_vector(b, b->size.c);
    px_check_output(b, px_norm(b->graph, x, stats, gamma, px_check_vector(b, b->size.c), EPSILON));
}

static void build_norm_sums(px_check_builder *b)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b);
    px_check_output(b, px_norm_sums(b->graph, x, statistics(b, 1), dy, EPSILON));
}

static void build_norm_sums_image(px_check_builder *b)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b);
    px_check_output(b, px_norm_sums(b->graph, x, statistics(b, b->size.n), dy, EPSILON));
}

static void build_norm_grad_plain(px_check_builder *b)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b), stats = statistics(b, b->size.n);
    px_check_output(b, px_norm_grad(b->graph, x, stats, dy, statistics(b, b->size.n), PX_NONE, EPSILON));
}

static void build_norm_grad_affine(px_check_builder *b)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b), stats = statistics(b, 1), sums = statistics(b, 1);
    px_check_output(b, px_norm_grad(b->graph, x, stats, dy, sums, px_check_vector(b, b->size.c), EPSILON));
}

static void build_norm_grad_dot(px_check_builder *b, int samples)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b), u = px_check_picture(b);
    px_node stats = statistics(b, samples), sums = statistics(b, samples);
    px_check_output(b, px_norm_grad_dot(b->graph, x, stats, dy, sums, u, EPSILON));
}

static void build_norm_grad_dot_batch(px_check_builder *b)
{
    build_norm_grad_dot(b, 1);
}

static void build_norm_grad_dot_image(px_check_builder *b)
{
    build_norm_grad_dot(b, b->size.n);
}

static px_node products(px_check_builder *b, int samples)
{
    return px_check_variable(b, PX_PLAIN, (px_shape){samples, 1, 1, b->size.c}, PX_CHECK_SIGNED);
}

static void build_norm_grad_x(px_check_builder *b, int samples, px_node gamma)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b), u = px_check_picture(b);
    px_node stats = statistics(b, samples), sums = statistics(b, samples), u_sums = statistics(b, samples);
    px_node dot = products(b, samples);
    px_check_output(b, px_norm_grad_x(b->graph, x, stats, dy, sums, u, u_sums, dot, gamma, EPSILON));
}

static void build_norm_grad_x_plain(px_check_builder *b)
{
    build_norm_grad_x(b, b->size.n, PX_NONE);
}

static void build_norm_grad_x_affine(px_check_builder *b)
{
    build_norm_grad_x(b, 1, px_check_vector(b, b->size.c));
}

/* Rows of statistics: sizes are samples and channels. */

static const px_check_size row_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1}, {.n = 3, .c = 5, .h = 1, .w = 1}, {.n = 2, .c = 48, .h = 1, .w = 1}};

static void build_norm_row(px_check_builder *b)
{
    px_node sums = statistics(b, b->size.n);
    px_check_output(b, px_norm_row(b->graph, sums, 0));
    px_check_output(b, px_norm_row(b->graph, sums, 1));
}

static void build_norm_grad_gamma(px_check_builder *b)
{
    px_node stats = statistics(b, b->size.n);
    px_check_output(b, px_norm_grad_gamma(b->graph, stats, products(b, b->size.n), EPSILON));
}

static void build_norm_running(px_check_builder *b)
{
    px_node mean = px_check_vector(b, b->size.c);
    px_node var = px_check_variable(b, PX_PLAIN, (px_shape){1, b->size.c, 1, 1}, PX_CHECK_POSITIVE);
    px_check_output(b, px_norm_running(b->graph, mean, var));
}

static void build_norm_update(px_check_builder *b)
{
    px_node mean = px_check_vector(b, b->size.c);
    px_node var = px_check_variable(b, PX_PLAIN, (px_shape){1, b->size.c, 1, 1}, PX_CHECK_POSITIVE);
    px_norm_update(b->graph, mean, var, statistics(b, 1), 0.1f, b->size.n); /* n elements: 1 has no unbiased form */
    px_check_output(b, mean);
    px_check_output(b, var);
}

/* Channels from two places, and from the middle. `out` is the second's channels, or the slice's; `kernel` the
 * slice's first. */

static const px_check_size concat_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1, .out = 1},   {.n = 2, .c = 3, .h = 5, .w = 4, .out = 3},
    {.n = 2, .c = 16, .h = 3, .w = 3, .out = 16}, {.n = 1, .c = 6, .h = 2, .w = 5, .out = 10},
    {.n = 3, .c = 24, .h = 2, .w = 2, .out = 8},
};

static void build_concat(px_check_builder *b)
{
    px_node first = px_check_picture(b);
    px_shape shape = px_check_shape(b);
    shape.c = b->size.out;
    px_check_output(b, px_concat(b->graph, first, px_check_input(b, shape)));
}

static const px_check_size slice_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1, .out = 1, .kernel = 0},
    {.n = 2, .c = 5, .h = 3, .w = 4, .out = 2, .kernel = 3},
    {.n = 2, .c = 48, .h = 3, .w = 3, .out = 16, .kernel = 16},
    {.n = 1, .c = 16, .h = 3, .w = 2, .out = 8, .kernel = 4},
    {.n = 3, .c = 24, .h = 2, .w = 2, .out = 3, .kernel = 7},
};

static void build_slice(px_check_builder *b)
{
    px_check_output(b, px_slice(b->graph, px_check_picture(b), b->size.kernel, b->size.out));
}

/* Padding: by one and by three, sides so small that a pixel has images beyond both edges, one pixel more than is
 * reflected, and (as 70x62 pixels) more than one run. The gradient's size is that of x. */

static const px_check_size pad_sizes[] = {
    {.n = 1, .c = 1, .h = 2, .w = 2, .pad = 1},    {.n = 2, .c = 3, .h = 5, .w = 4, .pad = 3},
    {.n = 2, .c = 48, .h = 5, .w = 3, .pad = 1},   {.n = 1, .c = 6, .h = 7, .w = 9, .pad = 3},
    {.n = 3, .c = 8, .h = 4, .w = 3, .pad = 2},    {.n = 1, .c = 1, .h = 70, .w = 62, .pad = 3},
    {.n = 1, .c = 16, .h = 66, .w = 64, .pad = 1},
};

static void build_reflect_pad(px_check_builder *b)
{
    px_check_output(b, px_reflect_pad(b->graph, px_check_picture(b), b->size.pad));
}

static void build_reflect_pad_grad(px_check_builder *b)
{
    const px_check_size *s = &b->size;
    px_shape dy = {s->n, s->c, s->h + 2 * s->pad, s->w + 2 * s->pad};
    px_check_output(b, px_reflect_pad_grad(b->graph, px_check_input(b, dy), s->pad));
}

/* Doubling: one pixel, and (as 70x124 pixels) a run that ends within a row. The gradient's size is that of x. */

static const px_check_size upsample_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1},   {.n = 2, .c = 3, .h = 5, .w = 4},    {.n = 3, .c = 48, .h = 2, .w = 3},
    {.n = 1, .c = 6, .h = 35, .w = 62}, {.n = 1, .c = 16, .h = 70, .w = 66},
};

static void build_upsample(px_check_builder *b)
{
    px_check_output(b, px_upsample(b->graph, px_check_picture(b)));
}

static void build_upsample_grad(px_check_builder *b)
{
    const px_check_size *s = &b->size;
    px_check_output(b, px_upsample_grad(b->graph, px_check_input(b, (px_shape){s->n, s->c, 2 * s->h, 2 * s->w})));
}

/* The pool: `out` is its size. In the first step it fills, in the next two old pictures come back: with so many in a
 * batch and so few in the pool also such as the batch itself has brought. */

static const px_check_size pool_sizes[] = {
    {.n = 1, .c = 3, .h = 5, .w = 4, .out = 1},
    {.n = 6, .c = 16, .h = 3, .w = 3, .out = 2},
    {.n = 5, .c = 6, .h = 4, .w = 3, .out = 4},
    {.n = 4, .c = 1, .h = 67, .w = 70, .out = 3},
};

static px_node pool_of(px_check_builder *b, px_node *pool)
{
    const px_check_size *s = &b->size;
    *pool = px_check_variable(b, PX_ACTIVATION, (px_shape){s->out, s->c, s->h, s->w}, PX_CHECK_SIGNED);
    return px_pool_pick(b->graph, *pool, px_check_picture(b));
}

static void build_pool_pick(px_check_builder *b)
{
    px_node pool;
    px_check_output(b, pool_of(b, &pool));
}

static void build_pool_store(px_check_builder *b)
{
    px_node pool;
    px_pool_store(b->graph, pool_of(b, &pool));
    px_check_output(b, pool);
}

/* Losses. */

static px_node scalar(px_check_builder *b)
{
    return px_check_variable(b, PX_PLAIN, (px_shape){1, 1, 1, 1}, PX_CHECK_POSITIVE);
}

static const px_check_size loss_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1},
    {.n = 2, .c = 3, .h = 4, .w = 4},
    {.n = 1, .c = 1, .h = 67, .w = 70},
    {.n = 2, .c = 16, .h = 4, .w = 2},
};

static void build_bce_real(px_check_builder *b)
{
    px_check_output(b, px_bce(b->graph, px_check_picture(b), 1));
}

static void build_bce_fake(px_check_builder *b)
{
    px_check_output(b, px_bce(b->graph, px_check_picture(b), 0));
}

/* Logits as far out as they get: no exp may overflow. */
static void build_bce_far(px_check_builder *b)
{
    px_check_output(b, px_bce(b->graph, px_check_input(b, px_check_shape(b)), 0));
    b->to->sources[b->to->source_count - 1].fill = PX_CHECK_DISTANT;
}

static void build_mse(px_check_builder *b)
{
    px_check_output(b, px_mse(b->graph, px_check_picture(b), 1));
}

static void build_l1(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_l1(b->graph, x, px_check_picture(b)));
}

static void build_l2(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_l2(b->graph, x, px_check_picture(b)));
}

static void build_smooth_l1(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_smooth_l1(b->graph, x, px_check_picture(b), 0.5f));
}

static void build_mean(px_check_builder *b)
{
    px_check_output(b, px_mean(b->graph, px_check_picture(b)));
}

static void build_bce_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_bce_grad(b->graph, x, scalar(b), 1));
}

static void build_mse_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_mse_grad(b->graph, x, scalar(b), 1));
}

static void build_l1_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_check_picture(b);
    px_check_output(b, px_l1_grad(b->graph, x, y, scalar(b)));
}

static void build_l2_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_check_picture(b);
    px_check_output(b, px_l2_grad(b->graph, x, y, scalar(b)));
}

static void build_smooth_l1_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_check_picture(b);
    px_check_output(b, px_smooth_l1_grad(b->graph, x, y, scalar(b), 0.5f));
}

static void build_mean_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_mean_grad(b->graph, x, scalar(b)));
}

static void build_sample_norm(px_check_builder *b)
{
    px_check_output(b, px_sample_norm(b->graph, px_check_picture(b), 1e-16f));
}

static void build_sample_norm_grad(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_node norm = px_check_variable(b, PX_PLAIN, (px_shape){b->size.n, 1, 1, 1}, PX_CHECK_POSITIVE);
    px_node g = px_check_variable(b, PX_PLAIN, (px_shape){b->size.n, 1, 1, 1}, PX_CHECK_SIGNED);
    px_check_output(b, px_sample_norm_grad(b->graph, x, norm, g, 1e-16f));
}

/* Adam: `kernel` 0 for vectors of c, else weights (out,c,k,k). The second step onwards reads what the first left. */

static const px_check_size adam_sizes[] = {
    {.n = 1, .c = 1, .h = 1, .w = 1}, {.n = 1, .c = 5, .h = 1, .w = 1}, {.n = 1, .c = 48, .h = 1, .w = 1},
    {1, 3, 1, 1, 16, 4, 1, 0, 0},     {1, 48, 1, 1, 24, 4, 1, 0, 0},
};

static px_node adam_state(px_check_builder *b, px_check_fill fill)
{
    const px_check_size *s = &b->size;
    px_shape shape = s->kernel ? (px_shape){s->out, s->c, s->kernel, s->kernel} : (px_shape){1, s->c, 1, 1};
    return px_check_variable(b, s->kernel ? PX_WEIGHT : PX_PLAIN, shape, fill);
}

static void build_adam(px_check_builder *b)
{
    px_node w = adam_state(b, PX_CHECK_SIGNED), g = adam_state(b, PX_CHECK_SIGNED);
    px_node m = adam_state(b, PX_CHECK_SIGNED), v = adam_state(b, PX_CHECK_POSITIVE);
    px_adam(b->graph, w, g, m, v, 1);
    px_check_output(b, w);
    px_check_output(b, m);
    px_check_output(b, v);
}

static void build_adam_fresh(px_check_builder *b)
{
    px_node w = adam_state(b, PX_CHECK_SIGNED), g = adam_state(b, PX_CHECK_SIGNED);
    px_adam(b->graph, w, g, adam_state(b, PX_CHECK_ZERO), adam_state(b, PX_CHECK_ZERO), 0);
    px_check_output(b, w);
}

static const px_check_family families[] = {
    {PX_CHECK_CONV, "conv", build_conv, PX_CHECK_SIZES(conv_sizes), 0},
    {PX_CHECK_CONV, "conv_t", build_conv_t, PX_CHECK_SIZES(conv_t_sizes), 0},
    {PX_CHECK_CONV, "conv_wgrad", build_wgrad, PX_CHECK_SIZES(wgrad_sizes), 0},
    {PX_CHECK_POINTWISE, "bias", build_bias, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "add", build_add, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "scale", build_scale, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "leaky", build_leaky, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "relu", build_relu, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "leaky_grad", build_leaky_grad, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "tanh", build_tanh, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "tanh_grad", build_tanh_grad, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "dropout 0.5", build_dropout, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_POINTWISE, "dropout 0.1", build_dropout_rare, PX_CHECK_SIZES(dropout_sizes), 0},
    {PX_CHECK_POINTWISE, "mix", build_mix, PX_CHECK_SIZES(mix_sizes), 0},
    {PX_CHECK_POINTWISE, "channel_sum", build_channel_sum, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_NORM, "norm_stats of a batch", build_batch_stats, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_NORM, "norm_stats of images", build_image_stats, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_NORM, "norm", build_norm_plain, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm, affine", build_norm_affine, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_sums of a batch", build_norm_sums, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_NORM, "norm_sums of images", build_norm_sums_image, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_grad", build_norm_grad_plain, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_grad, affine", build_norm_grad_affine, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_grad_dot of a batch", build_norm_grad_dot_batch, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_NORM, "norm_grad_dot of images", build_norm_grad_dot_image, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_grad_x", build_norm_grad_x_plain, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_grad_x, affine", build_norm_grad_x_affine, PX_CHECK_SIZES(pointwise_sizes), 0},
    {PX_CHECK_NORM, "norm_grad_gamma", build_norm_grad_gamma, PX_CHECK_SIZES(row_sizes), 0},
    {PX_CHECK_NORM, "norm_row", build_norm_row, PX_CHECK_SIZES(row_sizes), 0},
    {PX_CHECK_NORM, "norm_running", build_norm_running, PX_CHECK_SIZES(row_sizes), 0},
    {PX_CHECK_MOVE, "concat", build_concat, PX_CHECK_SIZES(concat_sizes), 0},
    {PX_CHECK_MOVE, "slice", build_slice, PX_CHECK_SIZES(slice_sizes), 0},
    {PX_CHECK_MOVE, "reflect_pad", build_reflect_pad, PX_CHECK_SIZES(pad_sizes), 0},
    {PX_CHECK_MOVE, "reflect_pad_grad", build_reflect_pad_grad, PX_CHECK_SIZES(pad_sizes), 0},
    {PX_CHECK_MOVE, "upsample", build_upsample, PX_CHECK_SIZES(upsample_sizes), 0},
    {PX_CHECK_MOVE, "upsample_grad", build_upsample_grad, PX_CHECK_SIZES(upsample_sizes), 0},
    {PX_CHECK_MOVE, "pool_pick", build_pool_pick, PX_CHECK_SIZES(pool_sizes), 0},
    {PX_CHECK_LOSS, "bce to 1", build_bce_real, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "bce to 0", build_bce_fake, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "bce, far logits", build_bce_far, PX_CHECK_SIZES(dropout_sizes), 0},
    {PX_CHECK_LOSS, "mse", build_mse, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "l1", build_l1, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "l2", build_l2, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "smooth_l1", build_smooth_l1, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "mean", build_mean, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "sample_norm", build_sample_norm, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_LOSS, "sample_norm_grad", build_sample_norm_grad, PX_CHECK_SIZES(reduce_sizes), 0},
    {PX_CHECK_LOSS, "bce_grad", build_bce_grad, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "mse_grad", build_mse_grad, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "l1_grad", build_l1_grad, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "l2_grad", build_l2_grad, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "smooth_l1_grad", build_smooth_l1_grad, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_LOSS, "mean_grad", build_mean_grad, PX_CHECK_SIZES(loss_sizes), 0},
    {PX_CHECK_EFFECT, "adam", build_adam, PX_CHECK_SIZES(adam_sizes), 0},
    {PX_CHECK_EFFECT, "adam from zero", build_adam_fresh, PX_CHECK_SIZES(adam_sizes), 0},
    {PX_CHECK_EFFECT, "norm_update", build_norm_update, PX_CHECK_SIZES(row_sizes), 0},
    {PX_CHECK_EFFECT, "pool_store", build_pool_store, PX_CHECK_SIZES(pool_sizes), 0},
};

const px_check_family *px_check_single_ops(size_t *count)
{
    *count = sizeof families / sizeof families[0];
    return families;
}
