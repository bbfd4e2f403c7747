/* Which algorithm each convolution gets (conv_method.c), and which paddings by reflection are done in their loads. */
#include "plan/conv_method.h"

static bool reflects(const px_planner *p, px_node conv, int pad)
{
    const px_conv_method *method = px_conv_method_of(p->algorithm[conv]);
    if (!method || !method->reflects || px_at(p, conv)->attrs.pad != 0 || px_at(p, conv)->op == PX_OP_CONV_T)
        return false;
    const px_conv_problem problem = px_conv_problem_of(p->plan, conv);
    return method->reflects(&problem, pad);
}

/* A picture padded by reflection is never made when all its readers pad in their load. */
static void absorb_padding(px_planner *p, px_node pad)
{
    if (px_at(p, pad)->output)
        return;
    for (int i = p->position[pad] + 1; i < p->order_count; i++) {
        const px_node_info *reader = px_at(p, p->order[i]);
        for (int k = 0; k < reader->input_count; k++) {
            if (reader->inputs[k] == pad && (k > 0 || !reflects(p, p->order[i], px_at(p, pad)->attrs.pad)))
                return;
        }
    }
    p->absorbed[pad] = true;
}

px_padded px_padded_input(const px_planner *p, px_node conv)
{
    const px_node x = px_at(p, conv)->inputs[0];
    const px_node_info *info = px_at(p, x);
    if (!p->absorbed[x] || info->op != PX_OP_REFLECT_PAD)
        return (px_padded){x, false, px_at(p, conv)->attrs.pad};
    return (px_padded){info->inputs[0], true, info->attrs.pad};
}

pixcl_status px_pass_choose(px_planner *p)
{
    for (int i = 0; i < p->order_count; i++) {
        if (px_op_describe(px_at(p, p->order[i])->op)->op_class != PX_CONV)
            continue;
        const px_conv_problem problem = px_conv_problem_of(p->plan, p->order[i]);
        p->algorithm[p->order[i]] = px_conv_choose(p->target, &problem);
    }
    for (int i = 0; i < p->order_count && !p->target->no_fuse; i++)
        if (px_at(p, p->order[i])->op == PX_OP_REFLECT_PAD)
            absorb_padding(p, p->order[i]);
    return PIXCL_OK;
}
