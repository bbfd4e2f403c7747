/* The algorithm "dot": convolutions by conv_dot.cl, with input channels in the vector lanes, for layers that end in RGB
 * or in one logit. */
#include "plan/conv_method.h"

/* A vector load for each pair of multiply-adds: two thirds of what "direct" reaches. */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.55 : 0.15;
}

static bool applies(const px_conv_problem *problem)
{
    return problem->op != PX_OP_CONV_WGRAD;
}

/* Where there are fewer output channels for the lanes than input channels. */
static bool suits(const px_target *target, const px_conv_problem *problem)
{
    return px_gcd(problem->y.c, target->block) < px_gcd(problem->x.c, target->block);
}

static pixcl_status lower(px_planner *p, px_node node)
{
    px_direct d = px_direct_of(p, node);
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    d.dot = true;
    if (px_weight_in(p, node, px_at(p, node)->inputs[1], px_weights_input_lanes(p->target, &problem), &d.weights,
                     &d.weights_offset) != PIXCL_OK)
        return PIXCL_ERROR_MEMORY;
    return px_emit_conv_labelled(p, node, &d, px_emit_direct, 1);
}

static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    return tile ? 0 : px_forward_tiles(target, problem, PX_ALGORITHM_DOT, cuts);
}

const px_conv_method px_conv_dot = {.name = "dot",
                                    .noise = 1,
                                    .density = density,
                                    .epilogue = true,
                                    .applies = applies,
                                    .suits = suits,
                                    .weights = px_weights_input_lanes,
                                    .lower = lower,
                                    .check = px_check_forward_tile,
                                    .cuts = cuts_to_try};
