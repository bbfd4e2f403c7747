/* From nodes to launches, in order. A fused group is emitted at its last node, an absorbed node by its convolution. */
#include "plan/lower.h"

#include "plan/conv_method.h"

static pixcl_status lower_nothing(px_planner *p, px_node node)
{
    (void)p;
    (void)node;
    return PIXCL_OK;
}

static pixcl_status lower_conv(px_planner *p, px_node node)
{
    return px_conv_method_of(p->algorithm[node])->lower(p, node);
}

static pixcl_status lower_member(px_planner *p, px_node node)
{
    const px_group *group = &p->groups[p->group[node]];
    return group->nodes[group->count - 1] == node ? px_lower_group(p, group) : PIXCL_OK;
}

static pixcl_status lower_node(px_planner *p, px_node node)
{
    static pixcl_status (*const lowerings[PX_OP_COUNT])(px_planner *, px_node) = {
#define LOWER_SOURCE(stem)                     lower_nothing
#define LOWER_POINTWISE(stem)                  lower_member
#define LOWER_REDUCE(stem)                     lower_member
#define LOWER_CONV(stem)                       lower_conv
#define LOWER_MOVE(stem)                       px_lower_##stem
#define LOWER_EFFECT(stem)                     px_lower_##stem
#define OP(id, stem, fewest, most, class, ...) LOWER_##class(stem),
#include "graph/ops.def"
#undef OP
    };
    return p->absorbed[node] ? PIXCL_OK : lowerings[px_at(p, node)->op](p, node);
}

pixcl_status px_pass_lower(px_planner *p)
{
    pixcl_status status = PIXCL_OK;
    for (int i = 0; status == PIXCL_OK && i < p->order_count; i++)
        status = lower_node(p, p->order[i]);
    return p->failed ? PIXCL_ERROR_MEMORY : status;
}
