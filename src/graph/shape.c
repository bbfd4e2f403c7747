/* One rule an op, found by its stem from ops.def. */
#include "graph/shape.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/format.h"

char *px_shape_text(px_shape shape, char text[48])
{
    snprintf(text, 48, "(%d,%d,%d,%d)", shape.n, shape.c, shape.h, shape.w);
    return text;
}

typedef struct rule {
    const px_graph *graph;
    px_node_info *node;
    pixcl_error *err;
} rule;

static const px_node_info *in(const rule *r, int index)
{
    return &r->graph->nodes[r->node->inputs[index]];
}

static pixcl_status refuse(const rule *r, const char *format, ...) PX_PRINTF(2, 3);
static pixcl_status refuse(const rule *r, const char *format, ...)
{
    char reason[200], shapes[PX_MAX_INPUTS * 50] = "", one[48];
    va_list args;
    va_start(args, format);
    px_vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    size_t used = 0;
    for (int i = 0; i < r->node->input_count && used < sizeof shapes; i++)
        used += (size_t)snprintf(shapes + used, sizeof shapes - used, " %s", px_shape_text(in(r, i)->shape, one));
    return px_fail(r->err, PIXCL_ERROR_ARGUMENT, "%s%s%s: %s; inputs%s", px_op_describe(r->node->op)->name,
                   r->node->name[0] ? " " : "", r->node->name, reason, shapes);
}

static pixcl_status give(const rule *r, px_kind kind, px_shape shape)
{
    if (shape.n < 1 || shape.c < 1 || shape.h < 1 || shape.w < 1)
        return refuse(r, "the result would be empty (the picture is too small for this network)");
    if ((double)shape.n * shape.c * shape.h * shape.w > 2147483647.0)
        return refuse(r, "the result would have more than 2^31 elements; use a smaller batch or picture");
    r->node->kind = kind;
    r->node->shape = shape;
    return PIXCL_OK;
}

static bool is_channel_vector(px_shape shape, int channels)
{
    return px_shape_equal(shape, (px_shape){1, channels, 1, 1});
}

static bool is_scalar(px_shape shape)
{
    return px_shape_count(shape) == 1;
}

static bool are_stats_of(px_shape stats, px_shape x)
{
    return (stats.n == 1 || stats.n == x.n) && stats.c == 2 && stats.h == 1 && stats.w == x.c;
}

static pixcl_status like_first(const rule *r)
{
    return give(r, in(r, 0)->kind, in(r, 0)->shape);
}

/* All of the first `count` inputs have the first one's shape and kind. */
static pixcl_status all_equal(const rule *r, int count)
{
    for (int i = 1; i < count; i++)
        if (!px_shape_equal(in(r, 0)->shape, in(r, i)->shape) || in(r, 0)->kind != in(r, i)->kind)
            return refuse(r, "the shapes must be equal");
    return like_first(r);
}

static pixcl_status shape_conv(const rule *r)
{
    px_shape x = in(r, 0)->shape, w = in(r, 1)->shape;
    const px_attrs *a = &r->node->attrs;
    if (in(r, 1)->kind != PX_WEIGHT || w.h != w.w || a->stride < 1 || a->pad < 0)
        return refuse(r, "needs square weights, stride >= 1 and pad >= 0");
    if (w.c != x.c)
        return refuse(r, "x has %d channels, the weights take %d", x.c, w.c);
    if (x.h + 2 * a->pad < w.h || x.w + 2 * a->pad < w.w)
        return refuse(r, "the picture is smaller than the %dx%d kernel", w.h, w.w);
    r->node->attrs.kernel = w.h;
    return give(
        r, PX_ACTIVATION,
        (px_shape){x.n, w.n, (x.h + 2 * a->pad - w.h) / a->stride + 1, (x.w + 2 * a->pad - w.w) / a->stride + 1});
}

static pixcl_status shape_conv_t(const rule *r)
{
    px_shape x = in(r, 0)->shape, w = in(r, 1)->shape;
    const px_attrs *a = &r->node->attrs;
    if (in(r, 1)->kind != PX_WEIGHT || w.h != w.w || a->stride < 1 || a->pad < 0)
        return refuse(r, "needs square weights, stride >= 1 and pad >= 0");
    if (w.n != x.c)
        return refuse(r, "x has %d channels, the weights take %d", x.c, w.n);
    if (a->output_pad_h < 0 || a->output_pad_h >= a->stride || a->output_pad_w < 0 || a->output_pad_w >= a->stride)
        return refuse(r, "output_pad %d,%d must be in [0, stride)", a->output_pad_h, a->output_pad_w);
    r->node->attrs.kernel = w.h;
    return give(r, PX_ACTIVATION,
                (px_shape){x.n, w.c, (x.h - 1) * a->stride - 2 * a->pad + w.h + a->output_pad_h,
                           (x.w - 1) * a->stride - 2 * a->pad + w.w + a->output_pad_w});
}

static pixcl_status shape_conv_wgrad(const rule *r)
{
    px_shape x = in(r, 0)->shape, dy = in(r, 1)->shape;
    const px_attrs *a = &r->node->attrs;
    if (a->kernel < 1 || a->stride < 1 || a->pad < 0 || x.n != dy.n)
        return refuse(r, "needs kernel and stride >= 1, pad >= 0 and equal batches");
    /* Not equality: a stride may leave up to stride-1 rows and columns of x unread. */
    int rest_h = x.h + 2 * a->pad - a->kernel - (dy.h - 1) * a->stride;
    int rest_w = x.w + 2 * a->pad - a->kernel - (dy.w - 1) * a->stride;
    if (rest_h < 0 || rest_h >= a->stride || rest_w < 0 || rest_w >= a->stride)
        return refuse(r, "dy is no output of a %dx%d convolution of x", a->kernel, a->kernel);
    return give(r, PX_WEIGHT, (px_shape){dy.c, x.c, a->kernel, a->kernel});
}

static pixcl_status shape_bias(const rule *r)
{
    if (!is_channel_vector(in(r, 1)->shape, in(r, 0)->shape.c))
        return refuse(r, "the bias must be (1,%d,1,1)", in(r, 0)->shape.c);
    return like_first(r);
}

static pixcl_status shape_add(const rule *r)
{
    return all_equal(r, 2);
}

static pixcl_status shape_scale(const rule *r)
{
    return like_first(r);
}

static pixcl_status shape_leaky_grad(const rule *r)
{
    return all_equal(r, 2);
}

static pixcl_status shape_tanh(const rule *r)
{
    return like_first(r);
}

static pixcl_status shape_tanh_grad(const rule *r)
{
    return all_equal(r, 2);
}

static pixcl_status shape_leaky(const rule *r)
{
    /* The gradient reads the output's sign, so a negative slope would be wrong. */
    if (r->node->attrs.value < 0)
        return refuse(r, "the slope %g must not be negative", (double)r->node->attrs.value);
    return like_first(r);
}

static pixcl_status shape_dropout(const rule *r)
{
    if (!(r->node->attrs.value >= 0 && r->node->attrs.value < 1))
        return refuse(r, "the probability %g must be in [0,1)", (double)r->node->attrs.value);
    return like_first(r);
}

static pixcl_status shape_mix(const rule *r)
{
    return all_equal(r, 2);
}

static pixcl_status shape_norm_stats(const rule *r)
{
    px_shape x = in(r, 0)->shape;
    return give(r, PX_PLAIN, (px_shape){r->node->attrs.per_image ? x.n : 1, 2, 1, x.c});
}

static pixcl_status shape_norm_running(const rule *r)
{
    int channels = in(r, 0)->shape.c;
    if (!is_channel_vector(in(r, 0)->shape, channels) || !is_channel_vector(in(r, 1)->shape, channels))
        return refuse(r, "needs two channel vectors");
    return give(r, PX_PLAIN, (px_shape){1, 2, 1, channels});
}

/* Optional channel vectors from input `first` on. */
static pixcl_status check_norm(const rule *r, int stats, int first)
{
    px_shape x = in(r, 0)->shape;
    if (!are_stats_of(in(r, stats)->shape, x))
        return refuse(r, "the statistics must be (1 or N,2,1,%d)", x.c);
    for (int i = first; i < r->node->input_count; i++)
        if (!is_channel_vector(in(r, i)->shape, x.c))
            return refuse(r, "gamma and beta must be (1,%d,1,1)", x.c);
    return PIXCL_OK;
}

static pixcl_status shape_norm(const rule *r)
{
    if (r->node->input_count == 3)
        return refuse(r, "gamma and beta come together");
    pixcl_status status = check_norm(r, 1, 2);
    return status == PIXCL_OK ? like_first(r) : status;
}

static pixcl_status shape_norm_sums(const rule *r)
{
    if (!px_shape_equal(in(r, 0)->shape, in(r, 2)->shape))
        return refuse(r, "x and dy must have equal shapes");
    pixcl_status status = check_norm(r, 1, 3);
    return status == PIXCL_OK ? give(r, PX_PLAIN, in(r, 1)->shape) : status;
}

static pixcl_status shape_norm_grad(const rule *r)
{
    if (!px_shape_equal(in(r, 0)->shape, in(r, 2)->shape) || !px_shape_equal(in(r, 1)->shape, in(r, 3)->shape))
        return refuse(r, "x and dy, statistics and sums must have equal shapes");
    pixcl_status status = check_norm(r, 1, 4);
    return status == PIXCL_OK ? like_first(r) : status;
}

static pixcl_status shape_norm_grad_dot(const rule *r)
{
    px_shape x = in(r, 0)->shape, stats = in(r, 1)->shape;
    if (!px_shape_equal(x, in(r, 2)->shape) || !px_shape_equal(x, in(r, 4)->shape) ||
        !px_shape_equal(stats, in(r, 3)->shape))
        return refuse(r, "x, dy and u, statistics and sums must have equal shapes");
    pixcl_status status = check_norm(r, 1, 5);
    return status == PIXCL_OK ? give(r, PX_PLAIN, (px_shape){stats.n, 1, 1, x.c}) : status;
}

static pixcl_status shape_norm_grad_x(const rule *r)
{
    px_shape x = in(r, 0)->shape, stats = in(r, 1)->shape;
    if (!px_shape_equal(x, in(r, 2)->shape) || !px_shape_equal(x, in(r, 4)->shape) ||
        !px_shape_equal(stats, in(r, 3)->shape) || !px_shape_equal(stats, in(r, 5)->shape) ||
        !px_shape_equal(in(r, 6)->shape, (px_shape){stats.n, 1, 1, x.c}))
        return refuse(r, "x, dy and u, statistics and sums must have equal shapes, and one product each");
    pixcl_status status = check_norm(r, 1, 7);
    return status == PIXCL_OK ? like_first(r) : status;
}

static pixcl_status shape_norm_grad_gamma(const rule *r)
{
    px_shape stats = in(r, 0)->shape, dot = in(r, 1)->shape;
    if (stats.c != 2 || stats.h != 1 || !px_shape_equal(dot, (px_shape){stats.n, 1, 1, stats.w}))
        return refuse(r, "needs statistics (S,2,1,C) and products (S,1,1,C)");
    return give(r, PX_PLAIN, (px_shape){1, stats.w, 1, 1});
}

static pixcl_status shape_norm_row(const rule *r)
{
    px_shape sums = in(r, 0)->shape;
    if (sums.c != 2 || sums.h != 1 || r->node->attrs.from < 0 || r->node->attrs.from > 1)
        return refuse(r, "row %d of statistics (S,2,1,C)", r->node->attrs.from);
    return give(r, PX_PLAIN, (px_shape){1, sums.w, 1, 1});
}

static pixcl_status shape_norm_update(const rule *r)
{
    px_shape stats = in(r, 2)->shape;
    if (stats.n != 1 || !is_channel_vector(in(r, 0)->shape, stats.w) || !is_channel_vector(in(r, 1)->shape, stats.w) ||
        r->node->attrs.count < 1)
        return refuse(r, "needs two channel vectors and statistics (1,2,1,C) over at least one element");
    return like_first(r);
}

static pixcl_status shape_channel_sum(const rule *r)
{
    return give(r, PX_PLAIN, (px_shape){1, in(r, 0)->shape.c, 1, 1});
}

static pixcl_status shape_concat(const rule *r)
{
    px_shape a = in(r, 0)->shape, b = in(r, 1)->shape;
    if (a.n != b.n || a.h != b.h || a.w != b.w)
        return refuse(r, "all but the channels must be equal");
    return give(r, PX_ACTIVATION, (px_shape){a.n, a.c + b.c, a.h, a.w});
}

static pixcl_status shape_slice(const rule *r)
{
    px_shape x = in(r, 0)->shape;
    const px_attrs *a = &r->node->attrs;
    if (a->from < 0 || a->count < 1 || a->from > x.c - a->count)
        return refuse(r, "channels %d to %d are not there", a->from, a->from + a->count - 1);
    return give(r, PX_ACTIVATION, (px_shape){x.n, a->count, x.h, x.w});
}

static pixcl_status shape_reflect_pad(const rule *r)
{
    px_shape x = in(r, 0)->shape;
    int pad = r->node->attrs.pad;
    if (in(r, 0)->kind != PX_ACTIVATION || pad < 0)
        return refuse(r, "needs a picture and pad >= 0, not %d", pad);
    if (pad >= x.h || pad >= x.w)
        return refuse(r, "%d rows and columns are reflected, so both sides must be more than %d pixels", pad, pad);
    /* Sides far beyond what give() can refuse, so that the sums below cannot overflow. */
    if (x.h > 1 << 28 || x.w > 1 << 28)
        return refuse(r, "the sides are too large");
    return give(r, PX_ACTIVATION, (px_shape){x.n, x.c, x.h + 2 * pad, x.w + 2 * pad});
}

static pixcl_status shape_reflect_pad_grad(const rule *r)
{
    px_shape dy = in(r, 0)->shape;
    int pad = r->node->attrs.pad;
    if (in(r, 0)->kind != PX_ACTIVATION || pad < 0)
        return refuse(r, "needs a picture and pad >= 0, not %d", pad);
    /* Of x no side may be as small as the pad: 3 * pad < a side of dy, without overflow. */
    if (pad > (dy.h - 1) / 3 || pad > (dy.w - 1) / 3)
        return refuse(r, "dy is no picture padded by %d", pad);
    return give(r, PX_ACTIVATION, (px_shape){dy.n, dy.c, dy.h - 2 * pad, dy.w - 2 * pad});
}

static pixcl_status shape_upsample(const rule *r)
{
    px_shape x = in(r, 0)->shape;
    if (in(r, 0)->kind != PX_ACTIVATION)
        return refuse(r, "needs a picture");
    if (x.h > 1 << 28 || x.w > 1 << 28)
        return refuse(r, "the sides are too large");
    return give(r, PX_ACTIVATION, (px_shape){x.n, x.c, 2 * x.h, 2 * x.w});
}

static pixcl_status shape_upsample_grad(const rule *r)
{
    px_shape dy = in(r, 0)->shape;
    if (in(r, 0)->kind != PX_ACTIVATION || dy.h % 2 != 0 || dy.w % 2 != 0)
        return refuse(r, "needs a picture with even sides");
    return give(r, PX_ACTIVATION, (px_shape){dy.n, dy.c, dy.h / 2, dy.w / 2});
}

static pixcl_status check_pool(const rule *r)
{
    px_shape pool = in(r, 0)->shape, x = in(r, 1)->shape;
    if (in(r, 0)->kind != PX_ACTIVATION || in(r, 1)->kind != PX_ACTIVATION)
        return refuse(r, "the pool and x must be pictures");
    if (pool.c != x.c || pool.h != x.h || pool.w != x.w)
        return refuse(r, "the pictures of the pool and those of x must have equal shapes");
    return PIXCL_OK;
}

static pixcl_status shape_pool_pick(const rule *r)
{
    pixcl_status status = check_pool(r);
    return status == PIXCL_OK ? give(r, PX_ACTIVATION, in(r, 1)->shape) : status;
}

static pixcl_status shape_pool_store(const rule *r)
{
    pixcl_status status = check_pool(r);
    return status == PIXCL_OK ? like_first(r) : status;
}

static pixcl_status scalar(const rule *r)
{
    return give(r, PX_PLAIN, (px_shape){1, 1, 1, 1});
}

static pixcl_status shape_sample_norm(const rule *r)
{
    if (in(r, 0)->kind != PX_ACTIVATION)
        return refuse(r, "needs pictures");
    return give(r, PX_PLAIN, (px_shape){in(r, 0)->shape.n, 1, 1, 1});
}

static pixcl_status shape_sample_norm_grad(const rule *r)
{
    const px_shape each = {in(r, 0)->shape.n, 1, 1, 1};
    if (in(r, 0)->kind != PX_ACTIVATION || !px_shape_equal(in(r, 1)->shape, each) ||
        !px_shape_equal(in(r, 2)->shape, each))
        return refuse(r, "needs pictures, and a norm and a gradient for each");
    return like_first(r);
}

static pixcl_status shape_bce(const rule *r)
{
    return scalar(r);
}

static pixcl_status shape_mse(const rule *r)
{
    return scalar(r);
}

static pixcl_status scalar_of_two(const rule *r)
{
    if (!px_shape_equal(in(r, 0)->shape, in(r, 1)->shape))
        return refuse(r, "the shapes must be equal");
    return scalar(r);
}

static pixcl_status shape_l1(const rule *r)
{
    return scalar_of_two(r);
}

static pixcl_status shape_l2(const rule *r)
{
    return scalar_of_two(r);
}

static pixcl_status check_beta(const rule *r)
{
    const float beta = r->node->attrs.value;
    return beta > 0 ? PIXCL_OK : refuse(r, "beta must be above 0, not %g", (double)beta);
}

static pixcl_status shape_smooth_l1(const rule *r)
{
    pixcl_status status = check_beta(r);
    return status == PIXCL_OK ? scalar_of_two(r) : status;
}

static pixcl_status shape_mean(const rule *r)
{
    return scalar(r);
}

static pixcl_status with_scalar(const rule *r, int index)
{
    if (!is_scalar(in(r, index)->shape))
        return refuse(r, "the incoming gradient must be a scalar");
    return like_first(r);
}

static pixcl_status shape_bce_grad(const rule *r)
{
    return with_scalar(r, 1);
}

static pixcl_status shape_mse_grad(const rule *r)
{
    return with_scalar(r, 1);
}

static pixcl_status two_with_scalar(const rule *r)
{
    if (!px_shape_equal(in(r, 0)->shape, in(r, 1)->shape))
        return refuse(r, "the shapes must be equal");
    return with_scalar(r, 2);
}

static pixcl_status shape_l1_grad(const rule *r)
{
    return two_with_scalar(r);
}

static pixcl_status shape_l2_grad(const rule *r)
{
    return two_with_scalar(r);
}

static pixcl_status shape_smooth_l1_grad(const rule *r)
{
    pixcl_status status = check_beta(r);
    return status == PIXCL_OK ? two_with_scalar(r) : status;
}

static pixcl_status shape_mean_grad(const rule *r)
{
    return with_scalar(r, 1);
}

static pixcl_status shape_adam(const rule *r)
{
    if (r->node->attrs.id < 0 || r->node->attrs.id >= r->graph->optimiser_count)
        return refuse(r, "there is no optimiser %d", r->node->attrs.id);
    return all_equal(r, 4);
}

/* Sources have their shape from the caller; px_shape_infer is not called for them. */
static pixcl_status shape_input(const rule *r)
{
    return refuse(r, "has no shape rule");
}

static pixcl_status shape_variable(const rule *r)
{
    return refuse(r, "has no shape rule");
}

static pixcl_status shape_constant(const rule *r)
{
    return refuse(r, "has no shape rule");
}

pixcl_status px_shape_infer(const px_graph *graph, px_node_info *node, pixcl_error *err)
{
    static pixcl_status (*const rules[PX_OP_COUNT])(const rule *) = {
#define OP(id, stem, ...) shape_##stem,
#include "graph/ops.def"
#undef OP
    };
    const rule r = {graph, node, err};
    return rules[node->op](&r);
}
