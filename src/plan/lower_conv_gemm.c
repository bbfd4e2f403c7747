/* The algorithm "gemm": convolutions as matrix products, im2col / col2im (cl/conv_gemm.cl) around CLBlast's GEMM, in
 * the form that moves least (gemm_form.c); where a value is stored otherwise, a copy is emitted. Right everywhere.
 *
 * Columns are k * k times as large as the large map, so they are made in slices (px_target.column_slice, and
 * max_gemm_flops), one after the other in the same buffer: of the small map's pixels, which are columns of the result
 * (conv) or terms of its sums (wgrad), or of the large map's channels (conv_t). */
#include <string.h>

#include "plan/conv_method.h"
#include "plan/gemm_form.h"

/* A convolution being lowered. */
typedef struct product {
    px_gemm_conv c;
    px_node node, large, small; /* the convolution, and whose values the maps are */
    px_operand weights, columns;
} product;

static px_operand scratch(px_planner *p, size_t elements)
{
    return (px_operand){px_new_buffer(p, elements, PX_NONE), 0};
}

static product product_of(px_planner *p, px_node node, px_node weights, px_node large, px_node small)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    product q = {.c = px_gemm_conv_of(p->target, &problem, &px_value_of(p, weights)->layout),
                 .node = node,
                 .large = large,
                 .small = small};
    q.columns = scratch(p, q.c.slice * q.c.of_one);
    return q;
}

/* How many channels or pixels are in the slice that begins at `first`. */
static size_t count_in_slice(const px_gemm_conv *c, size_t first)
{
    return c->total - first < c->slice ? c->total - first : c->slice;
}

/* The value of the small map from picture n on, and another one for the product's pictures where it is not as the form
 * has it. */
static pixcl_status small_map(px_planner *p, const product *q, int n, px_value *stored, px_value *wanted)
{
    *stored = *px_value_of(p, q->small);
    stored->offset += (size_t)n * stored->stride_n;
    *wanted = *stored;
    if (px_gemm_small_fits(&q->c, stored))
        return PIXCL_OK;
    const size_t elements = q->c.channels * q->c.pixels;
    *wanted = (px_value){.buffer = scratch(p, elements).buffer,
                         .stride_n = elements / q->c.pictures,
                         .block = q->c.form.small ? q->c.small.c : 1};
    return wanted->buffer < 0 ? PIXCL_ERROR_MEMORY : PIXCL_OK;
}

/* Between the two, which are the same value when there is nothing to copy. */
static pixcl_status copy_small_map(px_planner *p, const product *q, const px_value *from, const px_value *to)
{
    px_shape shape = q->c.small;
    shape.n = (int)q->c.pictures;
    return from->buffer == to->buffer ? PIXCL_OK : px_emit_copy(p, q->node, shape, from, to);
}

/* A slice of the columns of a product that begins with picture n: im2col of its pixels, or col2im of its channels. */
static pixcl_status emit_columns(px_planner *p, const product *q, int n, size_t first)
{
    const px_gemm_conv *c = &q->c;
    const px_attrs *a = &px_at(p, q->node)->attrs;
    const px_value *value = px_value_of(p, q->large);
    const char *kernel = c->by_channels ? "col2im" : c->form.columns ? "im2col_transposed" : "im2col";
    char *preamble = px_format(p->err, "#define B %d\n#define K %d\n#define S %d\n#define PAD %d\n", value->block,
                               a->kernel, a->stride, a->pad);
    const int length = p->target->run_length;
    const size_t count = count_in_slice(c, first), side = (size_t)c->large.h * (size_t)c->large.w;
    const size_t runs = c->by_channels ? side : c->form.columns ? c->depth * count : count;
    const size_t rows = c->by_channels ? count : c->form.columns ? 1 : c->depth;
    const size_t global[3] = {px_count_runs(runs, length), rows, 1};
    px_launch *launch =
        preamble ? px_emit_kernel(p, q->node, kernel, (const char *[]){"vector", "conv_gemm", NULL}, preamble, global)
                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, c->by_channels ? PX_ARG_WRITE : PX_ARG_READ, value->buffer,
                  value->offset + (size_t)n * value->stride_n);
    px_arg_buffer(p, c->by_channels ? PX_ARG_READ : PX_ARG_WRITE, q->columns.buffer, q->columns.offset);
    const int64_t sizes[] = {c->large.h,
                             c->large.w,
                             c->small.h,
                             c->small.w,
                             length,
                             (int64_t)first,
                             (int64_t)count,
                             (int64_t)c->depth,
                             (int64_t)value->stride_n};
    for (int i = 0; i < (c->by_channels ? 6 : 9); i++)
        px_arg_int(p, sizes[i]);
    const double of_map = (double)side * c->large.c * (double)c->pictures / (double)c->total;
    launch->bytes = 4.0 * (double)count * (of_map + (double)c->of_one);
    return PIXCL_OK;
}

static pixcl_status emit_product(px_planner *p, const product *q, const px_value *small, size_t first, bool add)
{
    const px_operand places[3] = {q->weights, q->columns, {small->buffer, small->offset}};
    px_operand operands[3];
    px_gemm gemm = px_gemm_of_slice(&q->c, first, count_in_slice(&q->c, first), places, operands);
    gemm.beta = add ? 1.0f : 0.0f;
    return px_emit_gemm(p, q->node, &gemm, operands);
}

static pixcl_status read_weights(px_planner *p, product *q)
{
    if (q->columns.buffer < 0)
        return PIXCL_ERROR_MEMORY;
    return px_weight_in(p, q->node, px_at(p, q->node)->inputs[1], px_gemm_weights(q->c.form), &q->weights.buffer,
                        &q->weights.offset);
}

/* y = weights * columns(x) */
static pixcl_status lower_gemm_conv(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    product q = product_of(p, node, info->inputs[1], info->inputs[0], node);
    pixcl_status status = read_weights(p, &q);
    for (int n = 0; status == PIXCL_OK && n < info->shape.n; n += (int)q.c.pictures) {
        px_value y, made;
        status = small_map(p, &q, n, &y, &made);
        for (size_t first = 0; status == PIXCL_OK && first < q.c.total; first += q.c.slice) {
            status = emit_columns(p, &q, n, first);
            if (status == PIXCL_OK)
                status = emit_product(p, &q, &made, first, false);
        }
        if (status == PIXCL_OK)
            status = copy_small_map(p, &q, &made, &y);
    }
    return status;
}

/* columns(y) = weights' * x, then every pixel of y gathers its taps. */
static pixcl_status lower_gemm_conv_t(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    product q = product_of(p, node, info->inputs[1], node, info->inputs[0]);
    pixcl_status status = read_weights(p, &q);
    for (int n = 0; status == PIXCL_OK && n < info->shape.n; n += (int)q.c.pictures) {
        px_value x, read;
        status = small_map(p, &q, n, &x, &read);
        if (status == PIXCL_OK)
            status = copy_small_map(p, &q, &x, &read);
        for (size_t first = 0; status == PIXCL_OK && first < q.c.total; first += q.c.slice) {
            status = emit_product(p, &q, &read, first, false);
            if (status == PIXCL_OK)
                status = emit_columns(p, &q, n, first);
        }
    }
    return status;
}

/* dw = dy * columns(x)', slices and pictures added in order. */
static pixcl_status lower_gemm_wgrad(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    const px_value *value = px_value_of(p, node);
    product q = product_of(p, node, node, info->inputs[0], info->inputs[1]);
    const px_weight_layout layout = px_gemm_weights(q.c.form);
    const bool in_place = px_same_weight_layout(p, value->layout, layout), add = p->added_to[node] != PX_NONE;
    q.weights = in_place ? (px_operand){value->buffer, value->offset} : scratch(p, px_shape_count(info->shape));
    bool sum = in_place && add; /* with what is there */
    pixcl_status status = q.weights.buffer < 0 || q.columns.buffer < 0 ? PIXCL_ERROR_MEMORY : PIXCL_OK;
    for (int n = 0; status == PIXCL_OK && n < q.c.small.n; n += (int)q.c.pictures) {
        px_value dy, read;
        status = small_map(p, &q, n, &dy, &read);
        if (status == PIXCL_OK)
            status = copy_small_map(p, &q, &dy, &read);
        for (size_t first = 0; status == PIXCL_OK && first < q.c.total; first += q.c.slice) {
            status = emit_columns(p, &q, n, first);
            if (status == PIXCL_OK)
                status = emit_product(p, &q, &read, first, sum);
            sum = true;
        }
    }
    if (status != PIXCL_OK || in_place)
        return status;
    return px_emit_repack(p, node, info->shape, layout, q.weights.buffer, 0, value->layout, value->buffer,
                          value->offset, add);
}

static pixcl_status lower(px_planner *p, px_node node)
{
    const px_op op = px_at(p, node)->op;
    if (op == PX_OP_CONV_WGRAD)
        return lower_gemm_wgrad(p, node);
    return op == PX_OP_CONV ? lower_gemm_conv(p, node) : lower_gemm_conv_t(p, node);
}

/* CLBlast's kernels; on a CPU they come to a tenth of what it can do. */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.1 : target->lanes == 16 ? 0.67 : 0.8;
}

static bool applies(const px_conv_problem *problem)
{
    (void)problem;
    return true;
}

/* With channels in blocks of lanes there are kernels that need no columns. */
static bool suits(const px_target *target, const px_conv_problem *problem)
{
    return !target->single_groups && problem->block == 1;
}

static px_weight_layout weights(const px_target *target, const px_conv_problem *problem)
{
    return px_gemm_weights(px_gemm_conv_of(target, problem, NULL).form);
}

static pixcl_status check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    const px_cut none = {.algorithm = PX_ALGORITHM_GEMM};
    (void)problem;
    if (memcmp(cut, &none, sizeof none) != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "a tile for a matrix product, which CLBlast cuts itself");
    return PIXCL_OK;
}

/* On a CPU it never comes near (DECISIONS.md). */
static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    int count = 0;
    if (!tile && !target->single_groups)
        px_add_cut(problem, (px_cut){.algorithm = PX_ALGORITHM_GEMM}, cuts, &count);
    return count;
}

const px_conv_method px_conv_gemm = {.name = "gemm",
                                     .noise = 1,
                                     .density = density,
                                     .applies = applies,
                                     .suits = suits,
                                     .weights = weights,
                                     .lower = lower,
                                     .check = check,
                                     .cuts = cuts_to_try};
