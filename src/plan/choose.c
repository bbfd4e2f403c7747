/* Which algorithm each convolution takes.
 *
 * DIRECT puts output channels into the vector lanes and wants many of them; DOT puts input channels there, for the layers that end in
 * RGB or in one logit. Both need the blocked layout to pay. GEMM is im2col and CLBlast, on any layout. A weight gradient has only
 * one direct form: its vector axis follows the layout of the weight. */
#include "plan/planner.h"

static px_conv_algorithm choose(const px_planner *p, const px_node_info *node)
{
    if (p->target->conv == PX_CONV_GEMM)
        return PX_ALGORITHM_GEMM;
    if (node->op == PX_OP_CONV_WGRAD)
        return PX_ALGORITHM_DIRECT;
    int lanes_out = px_gcd(node->shape.c, p->target->block);
    int lanes_in = px_gcd(px_at(p, node->inputs[0])->shape.c, p->target->block);
    return lanes_out >= lanes_in ? PX_ALGORITHM_DIRECT : PX_ALGORITHM_DOT;
}

pixcl_status px_pass_choose(px_planner *p)
{
    for (int i = 0; i < p->order_count; i++) {
        px_node node = p->order[i];
        if (px_op_describe(px_at(p, node)->op)->op_class == PX_CONV)
            p->algorithm[node] = choose(p, px_at(p, node));
    }
    return PIXCL_OK;
}
