/* Ops together: what the planner fuses, what it turns into views, what it must keep in order, and whole training
 * steps. */
#include "measure/check_build.h"

#define EPSILON 1e-5f

/* Epilogues: a convolution takes a bias and an activation along, where nobody else reads what is in between. */

static const px_check_size epilogue_sizes[] = {
    {2, 3, 7, 5, 16, 4, 2, 1, 0}, {1, 16, 9, 8, 1, 4, 1, 1, 0}, {1, 16, 8, 9, 16, 3, 1, 1, 0}};

static px_node convolve(px_check_builder *b, px_node x, int channels)
{
    return px_conv(b->graph, x, px_check_weight(b, b->size.out, channels), b->size.stride, b->size.pad);
}

static px_node convolve_biased(px_check_builder *b)
{
    px_node y = convolve(b, px_check_picture(b), b->size.c);
    return px_bias(b->graph, y, px_check_vector(b, b->size.out));
}

static void build_conv_bias(px_check_builder *b)
{
    px_check_output(b, convolve_biased(b));
}

static void build_conv_bias_leaky(px_check_builder *b)
{
    px_check_output(b, px_leaky(b->graph, convolve_biased(b), 0.25f));
}

static void build_conv_bias_tanh(px_check_builder *b)
{
    px_check_output(b, px_tanh(b->graph, convolve_biased(b)));
}

static void build_conv_leaky(px_check_builder *b)
{
    px_check_output(b, px_leaky(b->graph, convolve(b, px_check_picture(b), b->size.c), 0.25f));
}

/* The bias has two readers: only it may go into the epilogue. */
static void build_conv_bias_two(px_check_builder *b)
{
    px_node y = convolve_biased(b);
    px_check_output(b, px_leaky(b->graph, y, 0.25f));
    px_check_output(b, px_tanh(b->graph, y));
}

static const px_check_size conv_t_epilogue_sizes[] = {{1, 16, 5, 4, 3, 4, 2, 1, 0}, {2, 6, 3, 9, 24, 4, 2, 1, 0}};

static void build_conv_t_bias_tanh(px_check_builder *b)
{
    px_node w = px_check_weight(b, b->size.c, b->size.out), x = px_check_picture(b);
    px_node y = px_conv_t(b->graph, x, w, b->size.stride, b->size.pad, 0);
    px_check_output(b, px_tanh(b->graph, px_bias(b->graph, y, px_check_vector(b, b->size.out))));
}

/* Nobody but the convolution reads the padded picture. */
static const px_check_size reflected_sizes[] = {{2, 16, 9, 8, 16, 3, 1, 1, 0},
                                                {1, 32, 7, 10, 32, 7, 1, 3, 0},
                                                {2, 16, 12, 19, 48, 4, 2, 1, 0},
                                                {1, 3, 9, 7, 5, 3, 1, 2, 0}};

static void build_reflected_conv(px_check_builder *b)
{
    px_node x = px_reflect_pad(b->graph, px_check_picture(b), b->size.pad);
    px_node y = px_conv(b->graph, x, px_check_weight(b, b->size.out, b->size.c), b->size.stride, 0);
    px_check_output(b, px_leaky(b->graph, px_bias(b->graph, y, px_check_vector(b, b->size.out)), 0.25f));
}

/* Views with several pictures: convolutions that write into, and read from, channel ranges of a larger value. */

static const px_check_size view_sizes[] = {
    {2, 16, 9, 8, 16, 3, 1, 1, 0}, {2, 5, 4, 3, 3, 3, 1, 1, 0}, {2, 24, 3, 3, 8, 3, 1, 1, 0}};

/* (skip, conv) as in a U-Net, read by another convolution. */
static void build_conv_concat(px_check_builder *b)
{
    px_node x = px_check_picture(b), skip = px_leaky(b->graph, px_check_picture(b), 0.25f);
    px_node both = px_concat(b->graph, skip, convolve(b, x, b->size.c));
    px_check_output(b, convolve(b, both, b->size.c + b->size.out));
}

static void build_conv_t_concat(px_check_builder *b)
{
    px_node x = px_check_picture(b), skip = px_scale(b->graph, px_check_picture(b), 0.5f);
    px_node up = px_conv_t(b->graph, x, px_check_weight(b, b->size.c, b->size.out), 1, 1, 0);
    px_check_output(b, px_relu(b->graph, px_concat(b->graph, up, skip)));
}

/* The gradient of a concat: slices, read by all three convolutions. */
static void build_slice_conv(px_check_builder *b)
{
    const px_check_size *s = &b->size;
    px_node whole = px_scale(b->graph, px_check_input(b, (px_shape){s->n, s->c + s->out, s->h, s->w}), 0.5f);
    px_node first = px_slice(b->graph, whole, 0, s->c), second = px_slice(b->graph, whole, s->c, s->out);
    px_check_output(b, convolve(b, first, s->c));
    px_check_output(b, px_conv_t(b->graph, second, px_check_weight(b, s->out, s->c), 1, 1, 0));
    px_check_output(b, px_conv_wgrad(b->graph, first, second, s->kernel, 1, 1));
}

/* Padding that reads channel ranges and writes into them, and its gradient likewise. */

static void build_pad_views(px_check_builder *b)
{
    const px_check_size *s = &b->size;
    px_node whole = px_scale(b->graph, px_check_input(b, (px_shape){s->n, s->c + s->out, s->h, s->w}), 0.5f);
    px_node first = px_slice(b->graph, whole, 0, s->c), second = px_slice(b->graph, whole, s->c, s->out);
    px_node both = px_concat(b->graph, px_reflect_pad(b->graph, second, 2), px_reflect_pad(b->graph, first, 2));
    px_check_output(b, px_scale(b->graph, both, 0.5f));
    first = px_reflect_pad_grad(b->graph, px_slice(b->graph, both, 0, s->out), 1);
    second = px_reflect_pad_grad(b->graph, px_slice(b->graph, both, s->out, s->c), 1);
    px_check_output(b, px_scale(b->graph, px_concat(b->graph, second, first), 0.5f));
}

static void build_upsample_views(px_check_builder *b)
{
    const px_check_size *s = &b->size;
    px_node whole = px_scale(b->graph, px_check_input(b, (px_shape){s->n, s->c + s->out, s->h, s->w}), 0.5f);
    px_node first = px_slice(b->graph, whole, 0, s->c), second = px_slice(b->graph, whole, s->c, s->out);
    px_node both = px_concat(b->graph, px_upsample(b->graph, second), px_upsample(b->graph, first));
    px_check_output(b, px_scale(b->graph, both, 0.5f));
    first = px_upsample_grad(b->graph, px_slice(b->graph, both, 0, s->out));
    second = px_upsample_grad(b->graph, px_slice(b->graph, both, s->out, s->c));
    px_check_output(b, px_scale(b->graph, px_concat(b->graph, second, first), 0.25f));
}

/* Chains of pointwise ops. */

static const px_check_size chain_sizes[] = {
    {.n = 2, .c = 3, .h = 5, .w = 7}, {.n = 1, .c = 6, .h = 4, .w = 3}, {.n = 2, .c = 48, .h = 3, .w = 3}};
static const px_check_size one_chain_size[] = {{.n = 2, .c = 12, .h = 5, .w = 3}};

static px_node statistics(px_check_builder *b, int samples)
{
    return px_check_variable(b, PX_PLAIN, (px_shape){samples, 2, 1, b->size.c}, PX_CHECK_POSITIVE);
}

static void build_siblings(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    px_check_output(b, px_leaky(b->graph, x, 0.25f));
    px_check_output(b, px_relu(b->graph, x));
}

static void build_norm_dropout_relu(px_check_builder *b)
{
    px_node x = px_check_picture(b), stats = px_norm_stats(b->graph, x, false);
    px_node gamma = px_check_vector(b, b->size.c), beta = px_check_vector(b, b->size.c);
    px_node y = px_dropout(b->graph, px_norm(b->graph, x, stats, gamma, beta, EPSILON), 0.5f);
    px_check_output(b, px_relu(b->graph, y));
}

static void build_image_norm_leaky(px_check_builder *b)
{
    px_node x = px_check_picture(b), stats = px_norm_stats(b->graph, x, true);
    px_check_output(b, px_leaky(b->graph, px_norm(b->graph, x, stats, PX_NONE, PX_NONE, EPSILON), 0.25f));
}

static void build_affine_image_norm(px_check_builder *b)
{
    px_node x = px_check_picture(b), dy = px_check_picture(b), stats = px_norm_stats(b->graph, x, true);
    px_node gamma = px_check_vector(b, b->size.c), beta = px_check_vector(b, b->size.c);
    px_node sums = px_norm_sums(b->graph, x, stats, dy, EPSILON);
    px_check_output(b, px_leaky(b->graph, px_norm(b->graph, x, stats, gamma, beta, EPSILON), 0.25f));
    px_check_output(b, px_norm_grad(b->graph, x, stats, dy, sums, gamma, EPSILON));
    px_check_output(b, px_norm_row(b->graph, sums, 0)); /* the gradients of beta and gamma, summed over the pictures */
    px_check_output(b, px_norm_row(b->graph, sums, 1));
}

/* A mean 64 times the spread: the variance must not drown in it. */
static void build_distant_norm(px_check_builder *b)
{
    px_node x = px_check_picture(b);
    b->to->sources[b->to->source_count - 1].fill = PX_CHECK_DISTANT;
    px_check_output(b, px_norm(b->graph, x, px_norm_stats(b->graph, x, false), PX_NONE, PX_NONE, EPSILON));
}

/* Backward through activation and norm: the leaky_grad is stored and summed in one pass. */
static void build_norm_backward(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_check_picture(b), dy = px_check_picture(b);
    px_node stats = statistics(b, 1), gamma = px_check_vector(b, b->size.c);
    px_node g = px_leaky_grad(b->graph, y, dy, 0.25f), sums = px_norm_sums(b->graph, x, stats, g, EPSILON);
    px_check_output(b, px_norm_grad(b->graph, x, stats, g, sums, gamma, EPSILON));
    px_check_output(b, px_norm_row(b->graph, sums, 0));
    px_check_output(b, px_norm_row(b->graph, sums, 1));
}

static void build_add_grad_sum(px_check_builder *b)
{
    px_node y = px_check_picture(b), first = px_check_picture(b), second = px_check_picture(b);
    px_node g = px_leaky_grad(b->graph, y, px_add(b->graph, first, second), 0.25f);
    px_check_output(b, px_channel_sum(b->graph, g));
    px_check_output(b, g);
}

/* Longer than one kernel takes. */
static void build_long_chain(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = x;
    for (int i = 0; i < 5; i++)
        y = px_leaky(b->graph, px_add(b->graph, px_scale(b->graph, y, 0.5f), x), 0.25f);
    px_check_output(b, y);
}

/* What a group sums is not ready inside it. */
static void build_sum_inside(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_leaky(b->graph, x, 0.25f);
    px_node sum = px_scale(b->graph, px_channel_sum(b->graph, y), 0.125f);
    px_node z = px_bias(b->graph, y, sum);
    px_check_output(b, px_add(b->graph, z, x));
}

/* Scalars and vectors in registers of the same kernel. */
static void build_scalar_chain(px_check_builder *b)
{
    px_node a = px_check_variable(b, PX_PLAIN, (px_shape){1, 1, 1, 1}, PX_CHECK_SIGNED);
    px_node g = px_scale(b->graph, px_check_variable(b, PX_PLAIN, (px_shape){1, 1, 1, 1}, PX_CHECK_SIGNED), 0.5f);
    px_check_output(b, px_mse_grad(b->graph, a, g, 0.5f));
}

static void build_losses(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_check_picture(b);
    px_node total = px_add(b->graph, px_bce(b->graph, x, 1), px_scale(b->graph, px_l1(b->graph, x, y), 100));
    px_check_output(b, px_add(b->graph, px_scale(b->graph, px_mse(b->graph, y, 0), 0.5f), total));
}

static void build_loss_gradients(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_tanh(b->graph, px_check_picture(b)), g = px_constant(b->graph, 0.5f);
    px_node dy = px_add(b->graph, px_l1_grad(b->graph, y, x, g), px_mse_grad(b->graph, y, g, 1));
    px_check_output(b, px_tanh_grad(b->graph, y, dy));
}

/* Views of views. */

static void build_concat_chain(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_leaky(b->graph, x, 0.25f), z = px_scale(b->graph, x, 2);
    px_node inner = px_concat(b->graph, y, z), outer = px_concat(b->graph, inner, px_relu(b->graph, x));
    px_check_output(b, px_scale(b->graph, outer, 0.5f));
    px_check_output(b, px_channel_sum(b->graph, inner));
    px_check_output(b, px_concat(b->graph, y, y));
}

static void build_slice_chain(px_check_builder *b)
{
    int c = b->size.c;
    px_node x = px_relu(b->graph, px_check_picture(b)), half = px_slice(b->graph, x, c / 3, c - c / 3);
    px_node quarter = px_slice(b->graph, half, 1, (c - c / 3) / 2);
    px_check_output(b, px_leaky(b->graph, px_scale(b->graph, quarter, -1), 0.25f));
    px_check_output(b, px_channel_sum(b->graph, half));
    px_check_output(b, half);
}

/* A reader before an update sees the old value, one behind it the new. */
static void build_update_between(px_check_builder *b)
{
    px_node x = px_check_picture(b), y = px_scale(b->graph, x, 0.5f), mean = px_check_vector(b, b->size.c);
    px_node var = px_check_variable(b, PX_PLAIN, (px_shape){1, b->size.c, 1, 1}, PX_CHECK_POSITIVE);
    px_node before = px_bias(b->graph, y, mean);
    px_norm_update(b->graph, mean, var, px_norm_stats(b->graph, x, false), 0.25f, 30);
    px_node after = px_bias(b->graph, y, mean);
    px_check_output(b, px_add(b->graph, before, after));
    px_check_output(b, px_leaky(b->graph, before, 0.25f));
    px_check_output(b, mean);
}

/* A discriminator's pictures: half of a concat goes through the pool, into half of another. What reads the pool before
 * it changes sees the old pictures. */
static void build_pool_between(px_check_builder *b)
{
    px_shape shape = px_check_shape(b);
    px_node x = px_check_picture(b), fake = px_scale(b->graph, px_check_picture(b), 0.5f);
    px_node both = px_concat(b->graph, x, fake);
    px_node pool = px_check_variable(b, PX_ACTIVATION, (px_shape){3, shape.c, shape.h, shape.w}, PX_CHECK_SIGNED);
    px_node before = px_scale(b->graph, pool, 0.5f), pick = px_pool_pick(b->graph, pool, fake);
    px_pool_store(b->graph, pick);
    px_node after = px_scale(b->graph, pool, 0.5f);
    px_check_output(b, px_scale(b->graph, both, 0.5f));
    px_check_output(b, px_scale(b->graph, px_concat(b->graph, x, pick), 0.5f));
    px_check_output(b, px_add(b->graph, before, after));
    px_check_output(b, pool);
}

/* Training. Every weight gets its gradient by autodiff and an Adam step from zero moments. Optimiser 2 has an
 * epsilon as large as these gradients: with the usual 1e-8 a step is lr * g/|g|, which makes as much of a gradient's
 * rounding noise as of the gradient. */
enum { OPTIMISER = 2 };

typedef struct trained {
    px_node variables[8], gradients[8];
    int count;
} trained;

static px_node train(px_check_builder *b, trained *t, px_kind kind, px_shape shape)
{
    px_node node = px_check_variable(b, kind, shape, PX_CHECK_SIGNED);
    t->variables[t->count++] = node;
    return node;
}

static px_node train_weight(px_check_builder *b, trained *t, int d0, int d1)
{
    return train(b, t, PX_WEIGHT, (px_shape){d0, d1, b->size.kernel, b->size.kernel});
}

static px_node train_vector(px_check_builder *b, trained *t, int channels)
{
    return train(b, t, PX_PLAIN, (px_shape){1, channels, 1, 1});
}

static void descend(px_check_builder *b, trained *t, px_node loss)
{
    px_graph_gradients(b->graph, loss, t->variables, t->count, t->gradients);
    for (int i = 0; i < t->count && b->graph->error.status == PIXCL_OK; i++) {
        px_kind kind = b->graph->nodes[t->variables[i]].kind;
        px_shape shape = b->graph->nodes[t->variables[i]].shape;
        px_node m = px_check_variable(b, kind, shape, PX_CHECK_ZERO);
        px_adam(b->graph, t->variables[i], t->gradients[i], m, px_check_variable(b, kind, shape, PX_CHECK_ZERO),
                OPTIMISER);
        px_check_output(b, t->variables[i]);
        px_check_output(b, m);
    }
}

static const px_check_size layer_sizes[] = {
    {2, 3, 7, 5, 16, 4, 2, 1, 0},    {1, 12, 5, 8, 12, 3, 1, 1, 0},   {2, 16, 6, 9, 48, 4, 2, 1, 0},
    {1, 16, 9, 8, 1, 4, 1, 1, 0},    {1, 24, 7, 7, 3, 3, 1, 1, 0},    {2, 16, 9, 8, 16, 3, 1, 1, 0},
    {1, 128, 4, 2, 128, 4, 2, 1, 0}, {1, 32, 36, 38, 16, 4, 2, 1, 0}, {2, 16, 10, 11, 32, 4, 1, 1, 0},
};

/* Sides that the stride does not divide leave output_pad of their own to the two axes of the gradient. */
static void build_conv_layer(px_check_builder *b)
{
    trained t = {.count = 0};
    px_node x = train(b, &t, PX_ACTIVATION, px_check_shape(b)), w = train_weight(b, &t, b->size.out, b->size.c);
    descend(b, &t, px_mse(b->graph, px_conv(b->graph, x, w, b->size.stride, b->size.pad), 0.5f));
}

/* Nobody reads the weight after its gradient, so that Adam directly follows: on a gradient in one piece, in several,
 * and of rows of taps. */
static const px_check_size first_layer_sizes[] = {
    {1, 64, 6, 5, 128, 4, 2, 1, 0}, {2, 16, 9, 8, 16, 3, 1, 1, 0}, {1, 3, 9, 8, 16, 4, 2, 1, 0}};

static void build_first_layer(px_check_builder *b)
{
    trained t = {.count = 0};
    px_node x = px_check_picture(b), w = train_weight(b, &t, b->size.out, b->size.c);
    descend(b, &t, px_mse(b->graph, px_conv(b->graph, x, w, b->size.stride, b->size.pad), 0.5f));
}

static const px_check_size layer_t_sizes[] = {{2, 16, 3, 4, 16, 4, 2, 1, 0},  {1, 16, 5, 4, 3, 4, 2, 1, 0},
                                              {1, 6, 3, 3, 12, 3, 2, 1, 1},   {1, 16, 8, 8, 16, 3, 1, 1, 0},
                                              {2, 32, 10, 9, 48, 4, 2, 1, 0}, {1, 32, 8, 9, 16, 3, 2, 1, 1}};

static void build_conv_t_layer(px_check_builder *b)
{
    trained t = {.count = 0};
    px_node x = train(b, &t, PX_ACTIVATION, px_check_shape(b)), w = train_weight(b, &t, b->size.c, b->size.out);
    px_node y = px_conv_t(b->graph, x, w, b->size.stride, b->size.pad, b->size.output_pad);
    descend(b, &t, px_mse(b->graph, y, 0.5f));
}

/* Padding that a convolution does while it loads is not made; its gradient is. */
static void build_padded_layer(px_check_builder *b)
{
    trained t = {.count = 0};
    px_node x = train(b, &t, PX_ACTIVATION, px_check_shape(b)), w = train_weight(b, &t, b->size.out, b->size.c);
    px_node y = px_conv(b->graph, px_reflect_pad(b->graph, x, b->size.kernel / 2), w, 1, 0);
    y = px_leaky(b->graph, px_bias(b->graph, y, train_vector(b, &t, b->size.out)), 0.2f);
    descend(b, &t, px_mse(b->graph, y, 0.5f));
}

/* What a convolution stores, with its bias and with its activation, is padded in the load of the next. */
static void build_padded_layers(px_check_builder *b)
{
    trained t = {.count = 0};
    int c = b->size.c;
    px_node y = px_conv(b->graph, px_reflect_pad(b->graph, px_check_picture(b), 1), train_weight(b, &t, c, c), 1, 0);
    y = px_leaky(b->graph, px_bias(b->graph, y, train_vector(b, &t, c)), 0.2f);
    y = px_conv(b->graph, px_reflect_pad(b->graph, y, 1), train_weight(b, &t, c, c), 1, 0);
    y = px_bias(b->graph, y, train_vector(b, &t, c));
    y = px_conv(b->graph, px_reflect_pad(b->graph, y, 1), train_weight(b, &t, b->size.out, c), 1, 0);
    descend(b, &t, px_mse(b->graph, y, 0.5f));
}

/* A convolution of an enlarged picture, in place of a transposed one. */
static void build_enlarged_layer(px_check_builder *b)
{
    trained t = {.count = 0};
    px_node x = train(b, &t, PX_ACTIVATION, px_check_shape(b)), w = train_weight(b, &t, b->size.out, b->size.c);
    px_node y = px_conv(b->graph, px_reflect_pad(b->graph, px_upsample(b->graph, x), 1), w, 1, 0);
    descend(b, &t, px_mse(b->graph, px_leaky(b->graph, y, 0.2f), 0.5f));
}

/* The last ones: the edges of a network, where GPUs have kernels for few channels. */
static const px_check_size padded_edge_sizes[] = {{2, 16, 9, 8, 16, 3, 1, 0, 0},
                                                  {1, 5, 4, 3, 3, 3, 1, 0, 0},
                                                  {2, 3, 5, 33, 16, 7, 1, 0, 0},
                                                  {2, 32, 7, 5, 3, 7, 1, 0, 0}};
static const px_check_size padded_sizes[] = {{2, 16, 9, 8, 16, 3, 1, 0, 0}, {1, 5, 4, 3, 3, 3, 1, 0, 0}};

/* One weight, three pictures: a discriminator's real and fakes. The gradients are added. */
static void build_shared_weight(px_check_builder *b)
{
    trained t = {.count = 0};
    px_node w = train_weight(b, &t, b->size.out, b->size.c), bias = train_vector(b, &t, b->size.out);
    px_node loss = PX_NONE;
    for (int i = 0; i < 3; i++) {
        px_node y = px_conv(b->graph, px_check_picture(b), w, b->size.stride, b->size.pad);
        px_node part = px_bce(b->graph, px_bias(b->graph, y, bias), i % 2 ? 0 : 1);
        loss = i == 0 ? part : px_add(b->graph, loss, part);
    }
    descend(b, &t, px_scale(b->graph, loss, 0.5f));
}

/* Plain weights, blocks, splits that are summed, Winograd. */
static const px_check_size shared_sizes[] = {
    {1, 3, 5, 5, 1, 4, 2, 1, 0}, {1, 16, 5, 5, 16, 4, 2, 1, 0}, {2, 16, 9, 8, 16, 3, 1, 1, 0}};

/* A convolution's result, normalised by its own statistics, with running ones kept where the batch is one sample. */
static px_node normalise(px_check_builder *b, trained *t, px_node x, int channels, bool per_image)
{
    px_node stats = px_norm_stats(b->graph, x, per_image);
    if (per_image)
        return px_norm(b->graph, x, stats, PX_NONE, PX_NONE, EPSILON);
    px_node gamma = train_vector(b, t, channels), beta = train_vector(b, t, channels);
    px_node mean = px_check_vector(b, channels);
    px_node var = px_check_variable(b, PX_PLAIN, (px_shape){1, channels, 1, 1}, PX_CHECK_POSITIVE);
    px_norm_update(b->graph, mean, var, stats, 0.1f, 4);
    px_check_output(b, var);
    return px_norm(b->graph, x, stats, gamma, beta, EPSILON);
}

/* A U-Net of two levels with a skip, a discriminator's convolution and both losses of pix2pix. */
static void build_network(px_check_builder *b, bool per_image)
{
    trained t = {.count = 0};
    const px_check_size *s = &b->size;
    px_graph *g = b->graph;
    int c = s->c, f = s->out;
    px_node x = px_check_picture(b), target = px_check_picture(b);
    px_node skip = px_leaky(g, px_conv(g, x, train_weight(b, &t, f, c), 2, 1), 0.2f);
    px_node deep = px_relu(g, px_conv(g, skip, train_weight(b, &t, 2 * f, f), 2, 1));
    px_node up = px_conv_t(g, deep, train_weight(b, &t, 2 * f, f), 2, 1, 0);
    up = px_dropout(g, normalise(b, &t, up, f, per_image), 0.5f);
    px_node both = px_relu(g, px_concat(g, skip, up));
    px_node y = px_conv_t(g, both, train_weight(b, &t, 2 * f, c), 2, 1, 0);
    y = px_tanh(g, px_bias(g, y, train_vector(b, &t, c)));
    px_node logits = px_conv(g, px_concat(g, x, y), px_check_weight(b, 1, 2 * c), 1, 1);
    px_node loss = px_add(g, px_bce(g, logits, 1), px_scale(g, px_l1(g, y, target), 10));
    px_check_output(b, loss);
    descend(b, &t, loss);
}

static void build_batch_network(px_check_builder *b)
{
    build_network(b, false);
}

static void build_image_network(px_check_builder *b)
{
    build_network(b, true);
}

/* One block of a ResNet between an upward and a downward convolution. */
static void build_resnet(px_check_builder *b)
{
    trained t = {.count = 0};
    const px_check_size *s = &b->size;
    px_graph *g = b->graph;
    int f = s->out;
    px_node x = px_reflect_pad(g, px_check_picture(b), 3), target = px_check_picture(b);
    x = px_conv(g, x, train_weight(b, &t, f, s->c), 2, 0);
    x = px_relu(g, normalise(b, &t, x, f, true));
    px_node y = px_conv(g, px_reflect_pad(g, x, 1), train_weight(b, &t, f, f), 1, 0);
    y = px_dropout(g, px_relu(g, normalise(b, &t, y, f, true)), 0.5f);
    y = px_conv(g, px_reflect_pad(g, y, 1), train_weight(b, &t, f, f), 1, 0);
    y = px_add(g, normalise(b, &t, y, f, true), x);
    y = px_conv_t(g, y, train_weight(b, &t, f, s->c), 2, 3, 1);
    px_node loss = px_l1(g, px_tanh(g, y), target);
    px_check_output(b, loss);
    descend(b, &t, loss);
}

/* A critic whose slope between two pictures is held to one: second derivatives, of convolutions and of a norm. */
static void build_critic(px_check_builder *b, bool per_image)
{
    trained t = {.count = 0};
    const px_check_size *s = &b->size;
    px_graph *g = b->graph;
    px_node real = px_check_picture(b), x = px_mix(g, real, px_check_picture(b)), slope;
    px_node y = px_leaky(g, px_conv(g, x, train_weight(b, &t, s->out, s->c), 2, 1), 0.2f);
    y = px_conv(g, y, train_weight(b, &t, s->out, s->out), 2, 1);
    y = px_leaky(g, normalise(b, &t, y, s->out, per_image), 0.2f);
    px_node scores = px_conv(g, y, train_weight(b, &t, 1, s->out), 1, 1);
    px_graph_backward(g, scores, px_mean_grad(g, scores, px_constant(g, 1)), &x, 1, &slope);
    px_node loss = px_add(g, px_mse(g, px_sample_norm(g, slope, 1e-16f), 1), px_mean(g, scores));
    px_check_output(b, loss);
    descend(b, &t, loss);
}

static void build_batch_critic(px_check_builder *b)
{
    build_critic(b, false);
}

static void build_image_critic(px_check_builder *b)
{
    build_critic(b, true);
}

static const px_check_size batch_critic_sizes[] = {{2, 3, 12, 12, 8, 4, 2, 1, 0}, {1, 6, 12, 10, 16, 4, 2, 1, 0}};
static const px_check_size image_critic_sizes[] = {{2, 3, 12, 12, 8, 4, 2, 1, 0}};
static const px_check_size batch_network_sizes[] = {{2, 3, 8, 8, 8, 4, 2, 1, 0}};
static const px_check_size image_network_sizes[] = {{2, 1, 8, 12, 12, 4, 2, 1, 0}};
static const px_check_size resnet_sizes[] = {{2, 3, 8, 12, 16, 3, 2, 1, 0}, {1, 1, 8, 10, 6, 3, 2, 1, 0}};

static const px_check_family families[] = {
    {PX_CHECK_CONV, "conv+bias", build_conv_bias, PX_CHECK_SIZES(epilogue_sizes), 0},
    {PX_CHECK_CONV, "conv+bias+leaky", build_conv_bias_leaky, PX_CHECK_SIZES(epilogue_sizes), 0},
    {PX_CHECK_CONV, "conv+bias+tanh", build_conv_bias_tanh, PX_CHECK_SIZES(epilogue_sizes), 0},
    {PX_CHECK_CONV, "conv+leaky", build_conv_leaky, PX_CHECK_SIZES(epilogue_sizes), 0},
    {PX_CHECK_CONV, "conv+bias read twice", build_conv_bias_two, PX_CHECK_SIZES(epilogue_sizes), 0},
    {PX_CHECK_CONV, "conv_t+bias+tanh", build_conv_t_bias_tanh, PX_CHECK_SIZES(conv_t_epilogue_sizes), 0},
    {PX_CHECK_CONV, "conv of a concat", build_conv_concat, PX_CHECK_SIZES(view_sizes), 0},
    {PX_CHECK_CONV, "conv+bias+leaky of a padded picture", build_reflected_conv, PX_CHECK_SIZES(reflected_sizes), 0},
    {PX_CHECK_CONV, "conv_t into a concat", build_conv_t_concat, PX_CHECK_SIZES(view_sizes), 0},
    {PX_CHECK_CONV, "convolutions of slices", build_slice_conv, PX_CHECK_SIZES(view_sizes), 0},
    {PX_CHECK_POINTWISE, "leaky and relu of one", build_siblings, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_POINTWISE, "five rounds of scale+add+leaky", build_long_chain, PX_CHECK_SIZES(one_chain_size), 0},
    {PX_CHECK_POINTWISE, "bias by the sum of a member", build_sum_inside, PX_CHECK_SIZES(one_chain_size), 0},
    {PX_CHECK_POINTWISE, "add+leaky_grad+channel_sum", build_add_grad_sum, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_NORM, "norm_stats, norm+dropout+relu", build_norm_dropout_relu, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_NORM, "norm_stats of images, norm+leaky", build_image_norm_leaky, PX_CHECK_SIZES(chain_sizes), 0},
    /* The mean is rounded relative to 64, the spread is one half. */
    {PX_CHECK_NORM, "affine norm of images, norm_grad", build_affine_image_norm, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_NORM, "norm of a distant mean", build_distant_norm, PX_CHECK_SIZES(one_chain_size), 64},
    {PX_CHECK_NORM, "leaky_grad+norm_sums, norm_grad", build_norm_backward, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_LOSS, "scale+mse_grad of scalars", build_scalar_chain, PX_CHECK_SIZES(one_chain_size), 0},
    {PX_CHECK_LOSS, "bce, l1 and mse, weighted", build_losses, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_LOSS, "tanh, two loss gradients, tanh_grad", build_loss_gradients, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_MOVE, "concat of concats", build_concat_chain, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_MOVE, "slice of slices", build_slice_chain, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_MOVE, "reflect_pad between slices and concats", build_pad_views, PX_CHECK_SIZES(view_sizes), 0},
    {PX_CHECK_MOVE, "upsample between slices and concats", build_upsample_views, PX_CHECK_SIZES(view_sizes), 0},
    {PX_CHECK_EFFECT, "norm_update between two readers", build_update_between, PX_CHECK_SIZES(one_chain_size), 0},
    {PX_CHECK_EFFECT, "pool between two readers", build_pool_between, PX_CHECK_SIZES(chain_sizes), 0},
    {PX_CHECK_TRAINING, "training a conv", build_conv_layer, PX_CHECK_SIZES(layer_sizes), 0},
    {PX_CHECK_TRAINING, "training a first conv", build_first_layer, PX_CHECK_SIZES(first_layer_sizes), 0},
    {PX_CHECK_TRAINING, "training a conv_t", build_conv_t_layer, PX_CHECK_SIZES(layer_t_sizes), 0},
    {PX_CHECK_TRAINING, "training a conv of a padded picture", build_padded_layer, PX_CHECK_SIZES(padded_edge_sizes),
     0},
    {PX_CHECK_TRAINING, "training convs of padded pictures", build_padded_layers, PX_CHECK_SIZES(padded_sizes), 0},
    {PX_CHECK_TRAINING, "training a conv of an enlarged picture", build_enlarged_layer, PX_CHECK_SIZES(padded_sizes),
     0},
    {PX_CHECK_TRAINING, "training a conv that is used three times", build_shared_weight, PX_CHECK_SIZES(shared_sizes),
     0},
    {PX_CHECK_TRAINING, "training a U-Net, batch norm", build_batch_network, PX_CHECK_SIZES(batch_network_sizes), 0},
    {PX_CHECK_TRAINING, "training a U-Net, instance norm", build_image_network, PX_CHECK_SIZES(image_network_sizes), 0},
    {PX_CHECK_TRAINING, "training a ResNet", build_resnet, PX_CHECK_SIZES(resnet_sizes), 0},
    {PX_CHECK_TRAINING, "training a critic", build_batch_critic, PX_CHECK_SIZES(batch_critic_sizes), 0},
    {PX_CHECK_TRAINING, "training a critic, instance norm", build_image_critic, PX_CHECK_SIZES(image_critic_sizes), 0},
};

const px_check_family *px_check_chains(size_t *count)
{
    *count = sizeof families / sizeof families[0];
    return families;
}
