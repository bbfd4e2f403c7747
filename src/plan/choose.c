/* Which algorithm each convolution takes.
 *
 * DIRECT puts output channels into the vector lanes and wants many of them; DOT puts input channels there, for the
 * layers that end in RGB or in one logit. WINOGRAD is for 3x3 convolutions of stride 1 with many channels. All three
 * need the blocked layout to pay. GEMM is im2col and CLBlast, on any layout. A direct weight gradient has only one
 * form: its vector axis follows the layout of the weight. */
#include "plan/planner.h"

static int lanes_of(const px_planner *p, px_node node)
{
    return px_gcd(px_at(p, node)->shape.c, p->target->block);
}

/* F(4x4,3x3) rounds some ten times more than a direct sum, and its transforms cost what they save on small maps. */
static bool suits_winograd(const px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    if (p->target->conv != PX_CONV_WINOGRAD || !px_winograd_applies(&problem))
        return false;
    const px_cut *tuned = px_tuning_find(p->target->tuning, &problem);
    return tuned ? tuned->algorithm == PX_ALGORITHM_WINOGRAD : problem.y.h >= 8 && problem.y.w >= 8;
}

static px_conv_algorithm choose(const px_planner *p, px_node node)
{
    const px_node_info *info = px_at(p, node);
    if (p->target->conv == PX_CONV_GEMM)
        return PX_ALGORITHM_GEMM;
    if (suits_winograd(p, node))
        return PX_ALGORITHM_WINOGRAD;
    if (info->op == PX_OP_CONV_WGRAD)
        return PX_ALGORITHM_DIRECT;
    return px_gcd(info->shape.c, p->target->block) >= lanes_of(p, info->inputs[0]) ? PX_ALGORITHM_DIRECT
                                                                                   : PX_ALGORITHM_DOT;
}

/* A picture padded by reflection is never made when all its readers pad in their load. */
static void absorb_padding(px_planner *p, px_node pad)
{
    if (px_at(p, pad)->output || px_at(p, pad)->attrs.pad > 1)
        return;
    for (int i = p->position[pad] + 1; i < p->order_count; i++) {
        const px_node_info *reader = px_at(p, p->order[i]);
        for (int k = 0; k < reader->input_count; k++) {
            bool in_load = k == 0 && p->algorithm[p->order[i]] == PX_ALGORITHM_WINOGRAD && reader->attrs.pad == 0 &&
                           reader->op != PX_OP_CONV_T;
            if (reader->inputs[k] == pad && !in_load)
                return;
        }
    }
    p->absorbed[pad] = true;
}

pixcl_status px_pass_choose(px_planner *p)
{
    for (int i = 0; i < p->order_count; i++)
        if (px_op_describe(px_at(p, p->order[i])->op)->op_class == PX_CONV)
            p->algorithm[p->order[i]] = choose(p, p->order[i]);
    for (int i = 0; i < p->order_count && !p->target->no_fuse; i++)
        if (px_at(p, p->order[i])->op == PX_OP_REFLECT_PAD)
            absorb_padding(p, p->order[i]);
    return PIXCL_OK;
}
