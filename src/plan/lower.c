/* From nodes to launches, in order. A fused group is emitted at its last node, an absorbed node by its convolution. */
#include "plan/conv_method.h"

static pixcl_status lower_node(px_planner *p, px_node node)
{
    if (p->absorbed[node])
        return PIXCL_OK;
    if (p->group[node] >= 0) {
        const px_group *group = &p->groups[p->group[node]];
        return group->nodes[group->count - 1] == node ? px_lower_group(p, group) : PIXCL_OK;
    }
    switch (px_op_describe(px_at(p, node)->op)->op_class) {
    case PX_CONV:
        return px_conv_method_of(p->algorithm[node])->lower(p, node);
    case PX_MOVE:
        return px_lower_move(p, node);
    case PX_EFFECT:
        return px_lower_effect(p, node);
    default:
        return PIXCL_OK;
    }
}

pixcl_status px_pass_lower(px_planner *p)
{
    pixcl_status status = PIXCL_OK;
    for (int i = 0; status == PIXCL_OK && i < p->order_count; i++)
        status = lower_node(p, p->order[i]);
    return p->failed ? PIXCL_ERROR_MEMORY : status;
}
