/* Where every value lies: the block of each activation, the layout of each weight, and which values are nothing but
 * views.
 *
 * A concat's inputs are written straight into its result, and slices and rows of statistics are read where they lie,
 * whenever the blocks agree. */
#include "plan/conv_method.h"

/* The layout a convolution wants its weights in. */
static px_weight_layout wanted_by(const px_planner *p, px_node conv)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, conv);
    return px_conv_method_of(p->algorithm[conv])->weights(p->target, &problem);
}

/* Gradients and sums of weights lie as the weight they end up in: Adam works element by element. Those that the caller
 * reads and Adam does not lie so too, so that a gradient is made by the same kernels in both. */
static void spread_weight_layout(px_planner *p, px_node node, px_weight_layout layout)
{
    px_value_of(p, node)->layout = layout;
    const px_node_info *info = px_at(p, node);
    if (px_op_describe(info->op)->op_class == PX_POINTWISE)
        for (int k = 0; k < info->input_count; k++)
            if (px_at(p, info->inputs[k])->kind == PX_WEIGHT)
                spread_weight_layout(p, info->inputs[k], layout);
}

/* The layout of the weight whose gradient this is: that of the convolution whose x and shape of weights are the
 * gradient's. */
static px_weight_layout layout_of_gradient(const px_planner *p, px_node gradient)
{
    const px_node_info *info = px_at(p, gradient);
    while (px_op_describe(info->op)->op_class == PX_POINTWISE) /* a sum of gradients */
        info = px_at(p, info->inputs[0]);
    for (int i = 0; info->op == PX_OP_CONV_WGRAD && i < p->order_count; i++) {
        const px_node_info *conv = px_at(p, p->order[i]);
        bool is_forward = (conv->op == PX_OP_CONV && conv->inputs[0] == info->inputs[0]) ||
                          (conv->op == PX_OP_CONV_T && conv->inputs[0] == info->inputs[1]);
        if (is_forward && px_shape_equal(px_at(p, conv->inputs[1])->shape, info->shape))
            return px_value_of(p, conv->inputs[1])->layout;
    }
    return PX_WEIGHT_PLAIN;
}

static void choose_weight_layouts(px_planner *p)
{
    /* Backwards, so that the first reader, the forward pass, has the last word. */
    for (int i = p->order_count; i-- > 0;) {
        const px_node_info *info = px_at(p, p->order[i]);
        if (info->op == PX_OP_CONV || info->op == PX_OP_CONV_T)
            px_value_of(p, info->inputs[1])->layout = wanted_by(p, p->order[i]);
    }
    for (int i = 0; i < p->order_count; i++) {
        const px_node_info *info = px_at(p, p->order[i]);
        if (info->output && info->kind == PX_WEIGHT && px_op_describe(info->op)->op_class != PX_SOURCE)
            spread_weight_layout(p, p->order[i], layout_of_gradient(p, p->order[i]));
    }
    for (int i = 0; i < p->order_count; i++) {
        const px_node_info *info = px_at(p, p->order[i]);
        if (info->op == PX_OP_ADAM && info->kind == PX_WEIGHT)
            for (int k = 1; k < 4; k++)
                spread_weight_layout(p, info->inputs[k], px_value_of(p, info->inputs[0])->layout);
    }
}

/* Whether the node's value must be in memory: someone outside its group or convolution reads it. */
static bool is_stored(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    if (info->output || px_op_describe(info->op)->op_class == PX_SOURCE)
        return true;
    if (px_op_describe(info->op)->op_class == PX_EFFECT)
        return false;
    if (px_op_describe(info->op)->op_class == PX_CONV)
        return p->epilogue[node].result == node;
    if (p->absorbed[node] && info->op == PX_OP_REFLECT_PAD)
        return false;
    if (info->op == PX_OP_ADD && p->absorbed[node])
        return true;
    if (p->absorbed[node]) { /* a bias whose activation was absorbed too stays in registers */
        int next = p->position[node] + 1;
        return next >= p->order_count || !p->absorbed[p->order[next]] ||
               px_at(p, p->order[next])->op == PX_OP_REFLECT_PAD || px_at(p, p->order[next])->inputs[0] != node;
    }
    if (p->group[node] < 0)
        return true;
    for (int i = p->position[node] + 1; i < p->order_count; i++) {
        px_node reader = p->order[i];
        for (int k = 0; k < px_at(p, reader)->input_count; k++)
            if (px_at(p, reader)->inputs[k] == node && p->group[reader] != p->group[node])
                return true;
    }
    return false;
}

static void make_view(px_planner *p, px_node node, px_node of, size_t offset)
{
    px_value *view = px_value_of(p, node);
    const px_value *base = px_value_of(p, of);
    view->buffer = base->buffer;
    view->offset = base->offset + offset;
    view->stride_n = base->stride_n;
}

/* Slices and rows that can be read where they lie, gradients that are added to others. What they lie in is earlier in
 * order and has its place. */
static bool view_of_input(px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_node sum = info->op == PX_OP_ADD && p->absorbed[node] ? info->inputs[0] : p->added_to[node];
    if (sum != PX_NONE) {
        make_view(p, node, sum, 0);
        return true;
    }
    if (p->target->no_alias || info->output)
        return false;
    px_node x = info->input_count > 0 ? info->inputs[0] : PX_NONE;
    if (info->op == PX_OP_SLICE) {
        int block = px_value_of(p, x)->block;
        if (block != px_value_of(p, node)->block || info->attrs.from % block != 0)
            return false;
        make_view(p, node, x, (size_t)info->attrs.from * info->shape.h * info->shape.w);
        return true;
    }
    if (info->op == PX_OP_NORM_ROW && px_at(p, x)->shape.n == 1) {
        make_view(p, node, x, (size_t)info->attrs.from * info->shape.c);
        return true;
    }
    return false;
}

/* The concat into whose result a node can be written directly, PX_NONE when there is none. */
static px_node concat_above(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    px_op_class op_class = px_op_describe(info->op)->op_class;
    if (p->target->no_alias || info->kind != PX_ACTIVATION || op_class == PX_SOURCE || info->output ||
        info->op == PX_OP_SLICE)
        return PX_NONE;
    for (int i = p->position[node] + 1; i < p->order_count; i++) {
        const px_node_info *reader = px_at(p, p->order[i]);
        if (reader->op != PX_OP_CONCAT || reader->inputs[0] == reader->inputs[1])
            continue;
        if ((reader->inputs[0] == node || reader->inputs[1] == node) &&
            px_value_of(p, p->order[i])->block == px_value_of(p, node)->block)
            return p->order[i];
    }
    return PX_NONE;
}

static pixcl_status place(px_planner *p, px_node node)
{
    px_value *value = px_value_of(p, node);
    if (value->buffer >= 0 || view_of_input(p, node))
        return PIXCL_OK;
    px_node above = concat_above(p, node);
    if (above != PX_NONE) {
        pixcl_status status = place(p, above);
        const px_node_info *concat = px_at(p, above);
        size_t first = concat->inputs[0] == node ? 0 : (size_t)px_at(p, concat->inputs[0])->shape.c;
        if (status == PIXCL_OK)
            make_view(p, node, above, first * (size_t)concat->shape.h * (size_t)concat->shape.w);
        return status;
    }
    const px_node_info *info = px_at(p, node);
    value->stride_n = (size_t)info->shape.c * (size_t)info->shape.h * (size_t)info->shape.w;
    value->buffer = px_new_buffer(p, px_shape_count(info->shape), node);
    if (value->buffer < 0)
        return PIXCL_ERROR_MEMORY;
    p->plan->buffers[value->buffer].persistent = px_op_describe(info->op)->op_class == PX_SOURCE;
    p->plan->buffers[value->buffer].kept = info->output;
    return PIXCL_OK;
}

pixcl_status px_pass_layout(px_planner *p)
{
    for (int i = 0; i < p->plan->node_count; i++) {
        const px_node_info *info = px_at(p, i);
        p->plan->values[i] = (px_value){
            .buffer = -1, .block = info->kind == PX_ACTIVATION ? px_gcd(info->shape.c, p->target->block) : 1};
    }
    choose_weight_layouts(p);
    p->zeros = px_new_buffer(p, 16, PX_NONE);
    if (p->zeros < 0)
        return PIXCL_ERROR_MEMORY;
    p->plan->buffers[p->zeros].persistent = true;
    for (int i = 0; i < p->order_count; i++)
        if (is_stored(p, p->order[i]) && place(p, p->order[i]) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
    return PIXCL_OK;
}
