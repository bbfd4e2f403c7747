/* Fusion: a convolution takes a following bias and activation into its epilogue, a weight gradient its sum with an
 * earlier one, and runs of pointwise nodes of one shape become one kernel, possibly ending in a reduction.
 *
 * A group is executed at the place of its last node. So a node may join only if nobody outside needs an earlier member
 * before that place, and nothing that members read is changed on the way there. */
#include "plan/conv_method.h"

static bool is_groupable(const px_planner *p, px_node node)
{
    px_op_class op_class = px_op_describe(px_at(p, node)->op)->op_class;
    return op_class == PX_POINTWISE || op_class == PX_REDUCE;
}

/* The only live consumer of `node`, if it is the next node in order and of that op. */
static px_node sole_next(const px_planner *p, px_node node, px_op op)
{
    int next = p->position[node] + 1;
    if (p->consumer_count[node] != 1 || px_at(p, node)->output || next >= p->order_count)
        return PX_NONE;
    const px_node_info *info = px_at(p, p->order[next]);
    return info->op == op && info->inputs[0] == node ? p->order[next] : PX_NONE;
}

static void fuse_epilogue(px_planner *p, px_node conv)
{
    px_epilogue *e = &p->epilogue[conv];
    bool can = !p->target->no_fuse && px_conv_method_of(p->algorithm[conv])->epilogue &&
               px_at(p, conv)->op != PX_OP_CONV_WGRAD;
    px_node bias = can ? sole_next(p, conv, PX_OP_BIAS) : PX_NONE;
    if (bias != PX_NONE) {
        e->bias = px_at(p, bias)->inputs[1];
        e->result = bias;
        p->absorbed[bias] = true;
    }
    px_node activation = can ? sole_next(p, e->result, PX_OP_LEAKY) : PX_NONE;
    if (can && activation == PX_NONE)
        activation = sole_next(p, e->result, PX_OP_TANH);
    if (activation != PX_NONE) {
        e->activation = activation;
        e->result = activation;
        p->absorbed[activation] = true;
    }
}

/* A sum of two weight gradients that nobody else reads: the later is added to the earlier where that lies. */
static void fuse_sum(px_planner *p, px_node sum)
{
    const px_node_info *info = px_at(p, sum);
    px_node a = info->inputs[0], b = info->inputs[1];
    if (p->target->no_fuse || info->op != PX_OP_ADD || info->output || a == b)
        return;
    px_node later = p->position[a] > p->position[b] ? a : b, earlier = a + b - later;
    bool gradients =
        px_at(p, later)->op == PX_OP_CONV_WGRAD &&
        (px_at(p, earlier)->op == PX_OP_CONV_WGRAD || (px_at(p, earlier)->op == PX_OP_ADD && p->absorbed[earlier]));
    bool alone = p->consumer_count[a] == 1 && p->consumer_count[b] == 1 && !px_at(p, a)->output && !px_at(p, b)->output;
    if (!gradients || !alone)
        return;
    p->added_to[later] = earlier;
    p->absorbed[sum] = true;
}

static px_shape group_shape(const px_planner *p, px_node node)
{
    /* A reduction runs over its input's elements. */
    const px_node_info *info = px_at(p, node);
    return px_op_describe(info->op)->op_class == PX_REDUCE ? px_at(p, info->inputs[0])->shape : info->shape;
}

static bool is_member(const px_group *group, px_node node)
{
    for (int i = 0; i < group->count; i++)
        if (group->nodes[i] == node)
            return true;
    return false;
}

static bool reads_any(const px_node_info *info, px_node what)
{
    for (int k = 0; k < info->input_count; k++)
        if (info->inputs[k] == what)
            return true;
    return false;
}

/* Whether everything between the group's first node and `node` leaves the group free to run at `node`. */
static bool may_wait(const px_planner *p, const px_group *group, px_node node)
{
    for (int i = p->position[group->nodes[0]] + 1; i < p->position[node]; i++) {
        px_node other = p->order[i];
        const px_node_info *info = px_at(p, other);
        for (int m = 0; m < group->count; m++) {
            if (!is_member(group, other) && reads_any(info, group->nodes[m]))
                return false;
            for (int k = 0; k < info->input_count; k++)
                if (px_op_changes(info->op, k) && reads_any(px_at(p, group->nodes[m]), info->inputs[k]))
                    return false;
        }
    }
    return true;
}

/* Whether all of input k must be there before the first element is made: a vector, statistics or a scalar. */
static bool needs_all(px_op op, int k)
{
    const char access = px_op_describe(op)->access[k];
    return access != PX_ACCESS_ELEMENT && access != PX_ACCESS_SHAPE;
}

static bool may_join(const px_planner *p, const px_group *group, px_node node)
{
    const px_node last = group->nodes[group->count - 1];
    const px_node_info *first = px_at(p, group->nodes[0]);
    px_op op = px_at(p, node)->op;
    if (group->count == PX_GROUP_NODES || px_op_describe(px_at(p, last)->op)->op_class == PX_REDUCE)
        return false;
    if (!px_shape_equal(group_shape(p, node), group_shape(p, group->nodes[0])))
        return false;
    for (int k = 0; k < px_at(p, node)->input_count; k++)
        if (needs_all(op, k) && is_member(group, px_at(p, node)->inputs[k]))
            return false;
    px_kind kind =
        px_op_describe(op)->op_class == PX_REDUCE ? px_at(p, px_at(p, node)->inputs[0])->kind : px_at(p, node)->kind;
    return kind == first->kind && may_wait(p, group, node);
}

/* The group of one of the node's inputs that it may join, -1 when there is none. Only full-shape inputs count: a vector
 * or scalar that a group makes is not ready inside it. */
static int find_group(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    for (int k = 0; k < info->input_count; k++) {
        int group = p->group[info->inputs[k]];
        if (group < 0 || !px_shape_equal(px_at(p, info->inputs[k])->shape, group_shape(p, node)))
            continue;
        if (may_join(p, &p->groups[group], node))
            return group;
    }
    return -1;
}

/* Siblings: a node with no input in a group may still join the group just before it that reads the same full-shape
 * value, so that leaky(x) and relu(x) become one pass over x. */
static int find_sibling(const px_planner *p, px_node node)
{
    if (p->group_count == 0 || p->position[node] == 0)
        return -1;
    int group = p->group[p->order[p->position[node] - 1]];
    if (group < 0)
        return -1;
    const px_node_info *info = px_at(p, node);
    for (int m = 0; m < p->groups[group].count; m++)
        if (reads_any(px_at(p, p->groups[group].nodes[m]), info->inputs[0]) && may_join(p, &p->groups[group], node))
            return group;
    return -1;
}

pixcl_status px_pass_fuse(px_planner *p)
{
    for (size_t i = 0; i < p->graph->count; i++) {
        p->group[i] = -1;
        p->added_to[i] = PX_NONE;
    }
    for (int i = 0; i < p->order_count; i++) {
        px_node node = p->order[i];
        if (px_op_describe(px_at(p, node)->op)->op_class == PX_CONV) {
            p->epilogue[node] = (px_epilogue){PX_NONE, PX_NONE, node};
            fuse_epilogue(p, node);
        }
        fuse_sum(p, node);
        if (!is_groupable(p, node) || p->absorbed[node])
            continue;
        int group = p->target->no_fuse ? -1 : find_group(p, node);
        if (group < 0 && !p->target->no_fuse)
            group = find_sibling(p, node);
        if (group < 0) {
            if (px_grow(&p->groups, &p->group_capacity, p->group_count + 1, sizeof *p->groups, p->err) != PIXCL_OK)
                return PIXCL_ERROR_MEMORY;
            group = (int)p->group_count++;
        }
        p->groups[group].nodes[p->groups[group].count++] = node;
        p->group[node] = group;
    }
    return PIXCL_OK;
}
