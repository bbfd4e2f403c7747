/* Convolutions as matrix products: im2col / col2im (cl/conv_gemm.cl) around CLBlast's GEMM, picture by picture, always
 * in plain order; where a value lies otherwise, a copy is emitted. The baseline on GPUs, and right everywhere. */
#include "plan/planner.h"

/* A plain copy of picture n of a value, or the value itself when it is plain. */
static pixcl_status plain_picture(px_planner *p, px_node node, px_node of, int n, int *buffer, size_t *offset)
{
    const px_value *value = px_value_of(p, of);
    px_shape shape = px_at(p, of)->shape;
    *buffer = value->buffer;
    *offset = value->offset + (size_t)n * value->stride_n;
    if (value->block == 1)
        return PIXCL_OK;
    shape.n = 1;
    px_value from = *value, to = {.stride_n = px_shape_count(shape), .block = 1};
    from.offset = *offset;
    *offset = 0;
    *buffer = to.buffer = px_new_buffer(p, to.stride_n, PX_NONE);
    return to.buffer < 0 ? PIXCL_ERROR_MEMORY : px_emit_copy(p, node, shape, &from, &to);
}

/* im2col or col2im of one picture: `map` is the large activation, `small` gives the output positions. */
static pixcl_status emit_columns(px_planner *p, px_node node, bool to_columns, px_shape map, const px_value *value,
                                 int n, px_shape small, int columns)
{
    const px_attrs *a = &px_at(p, node)->attrs;
    char *preamble = px_format(p->err, "#define B %d\n#define K %d\n#define S %d\n#define PAD %d\n", value->block,
                               a->kernel, a->stride, a->pad);
    size_t rows = (size_t)map.c * (size_t)(to_columns ? a->kernel * a->kernel : 1);
    size_t positions = (size_t)(to_columns ? small.h * small.w : map.h * map.w);
    int length = px_run_length(p);
    size_t global[3] = {px_count_runs(positions, length), rows, 1};
    px_launch *launch = preamble ? px_emit_kernel(p, node, to_columns ? "im2col" : "col2im",
                                                  (const char *[]){"vector", "conv_gemm", NULL}, preamble, global)
                                 : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    size_t offset = value->offset + (size_t)n * value->stride_n;
    px_arg_buffer(launch, to_columns ? PX_ARG_READ : PX_ARG_WRITE, value->buffer, offset);
    px_arg_buffer(launch, to_columns ? PX_ARG_WRITE : PX_ARG_READ, columns, 0);
    const long sizes[] = {map.h, map.w, small.h, small.w, length};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(launch, sizes[i]);
    launch->bytes = 4.0 * ((double)px_shape_count(map) / map.n + (double)rows * (double)positions);
    return PIXCL_OK;
}

static pixcl_status emit_gemm(px_planner *p, px_node node, px_gemm gemm, int a, size_t a_offset, int b, size_t b_offset,
                              int c, size_t c_offset)
{
    px_launch *launch = px_emit_gemm(p, node, &gemm);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(launch, PX_ARG_READ, a, a_offset);
    px_arg_buffer(launch, PX_ARG_READ, b, b_offset);
    px_arg_buffer(launch, PX_ARG_WRITE, c, c_offset);
    return PIXCL_OK;
}

/* y[o][pixels] = w[o][i*k*k] * columns(x)[i*k*k][pixels], picture by picture. */
static pixcl_status lower_gemm_conv(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape, one = y;
    one.n = 1;
    const px_value *yv = px_value_of(p, node);
    size_t depth = (size_t)x.c * (size_t)(info->attrs.kernel * info->attrs.kernel), pixels = (size_t)y.h * (size_t)y.w;
    px_gemm gemm = {.m = (size_t)y.c, .n = pixels, .k = depth, .lda = depth, .ldb = pixels, .ldc = pixels};
    int weights, columns = px_new_buffer(p, depth * pixels, PX_NONE);
    size_t weights_offset;
    pixcl_status status = columns < 0
                              ? PIXCL_ERROR_MEMORY
                              : px_weight_in(p, node, info->inputs[1], PX_WEIGHT_PLAIN, &weights, &weights_offset);
    for (int n = 0; status == PIXCL_OK && n < y.n; n++) {
        px_value to = *yv, plain = {.buffer = yv->buffer, .stride_n = px_shape_count(one), .block = 1};
        to.offset += (size_t)n * yv->stride_n;
        plain.offset = to.offset;
        if (yv->block > 1) {
            plain.offset = 0;
            plain.buffer = px_new_buffer(p, plain.stride_n, PX_NONE);
        }
        status = plain.buffer < 0 ? PIXCL_ERROR_MEMORY
                                  : emit_columns(p, node, true, x, px_value_of(p, info->inputs[0]), n, y, columns);
        if (status == PIXCL_OK)
            status = emit_gemm(p, node, gemm, weights, weights_offset, columns, 0, plain.buffer, plain.offset);
        if (status == PIXCL_OK && yv->block > 1)
            status = px_emit_copy(p, node, one, &plain, &to);
    }
    return status;
}

/* columns[o*k*k][pixels of x] = w[i][o*k*k]^T * x[i][pixels], then every output pixel gathers its taps. */
static pixcl_status lower_gemm_conv_t(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, y = info->shape;
    size_t depth = (size_t)y.c * (size_t)(info->attrs.kernel * info->attrs.kernel), pixels = (size_t)x.h * (size_t)x.w;
    px_gemm gemm = {
        .transpose_a = true, .m = depth, .n = pixels, .k = (size_t)x.c, .lda = depth, .ldb = pixels, .ldc = pixels};
    int weights, plain, columns = px_new_buffer(p, depth * pixels, PX_NONE);
    size_t weights_offset, plain_offset;
    pixcl_status status = columns < 0
                              ? PIXCL_ERROR_MEMORY
                              : px_weight_in(p, node, info->inputs[1], PX_WEIGHT_PLAIN, &weights, &weights_offset);
    for (int n = 0; status == PIXCL_OK && n < y.n; n++) {
        status = plain_picture(p, node, info->inputs[0], n, &plain, &plain_offset);
        if (status == PIXCL_OK)
            status = emit_gemm(p, node, gemm, weights, weights_offset, plain, plain_offset, columns, 0);
        if (status == PIXCL_OK)
            status = emit_columns(p, node, false, y, px_value_of(p, node), n, x, columns);
    }
    return status;
}

/* dw[o][i*k*k] = sum over pictures of dy[o][pixels] * columns(x)[i*k*k][pixels]^T, added in order. */
static pixcl_status lower_gemm_wgrad(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_shape x = px_at(p, info->inputs[0])->shape, dy = px_at(p, info->inputs[1])->shape;
    const px_value *value = px_value_of(p, node);
    size_t depth = (size_t)x.c * (size_t)(info->attrs.kernel * info->attrs.kernel),
           pixels = (size_t)dy.h * (size_t)dy.w;
    bool in_place = px_same_weight_layout(p, value->layout, PX_WEIGHT_PLAIN), add = p->added_to[node] != PX_NONE;
    int result = in_place ? value->buffer : px_new_buffer(p, px_shape_count(info->shape), PX_NONE);
    size_t result_offset = in_place ? value->offset : 0;
    int plain, columns = px_new_buffer(p, depth * pixels, PX_NONE);
    size_t plain_offset;
    pixcl_status status = result < 0 || columns < 0 ? PIXCL_ERROR_MEMORY : PIXCL_OK;
    for (int n = 0; status == PIXCL_OK && n < x.n; n++) {
        px_gemm gemm = {.transpose_b = true,
                        .m = (size_t)dy.c,
                        .n = depth,
                        .k = pixels,
                        .lda = pixels,
                        .ldb = pixels,
                        .ldc = depth,
                        .beta = n > 0 || (in_place && add) ? 1.0f : 0.0f};
        status = emit_columns(p, node, true, x, px_value_of(p, info->inputs[0]), n, dy, columns);
        if (status == PIXCL_OK)
            status = plain_picture(p, node, info->inputs[1], n, &plain, &plain_offset);
        if (status == PIXCL_OK)
            status = emit_gemm(p, node, gemm, plain, plain_offset, columns, 0, result, result_offset);
    }
    if (status == PIXCL_OK && !in_place)
        status = px_emit_repack(p, node, info->shape, PX_WEIGHT_PLAIN, result, result_offset, value->layout,
                                value->buffer, value->offset, add);
    return status;
}

pixcl_status px_lower_conv_gemm(px_planner *p, px_node node)
{
    switch (px_at(p, node)->op) {
    case PX_OP_CONV:
        return lower_gemm_conv(p, node);
    case PX_OP_CONV_T:
        return lower_gemm_conv_t(p, node);
    default:
        return lower_gemm_wgrad(p, node);
    }
}
