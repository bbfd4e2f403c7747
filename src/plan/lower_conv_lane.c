/* The algorithm "lane": weight gradients on GPUs (lower_conv_wgrad_lane.c). */
#include "plan/conv_method.h"

/* As counted in what compilers make (DECISIONS.md). */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.25 : target->lanes == 16 ? 0.82 : target->lanes == 32 ? 0.89 : 0.96;
}

static bool applies(const px_conv_problem *problem)
{
    return problem->op == PX_OP_CONV_WGRAD && px_wgrad_lane_applies(problem);
}

static bool suits(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return !target->single_groups;
}

static px_weight_layout weights(const px_conv_problem *problem)
{
    return problem->op == PX_OP_CONV_T ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
}

static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    (void)target;
    return px_wgrad_lane_cuts(problem, tile, cuts);
}

const px_conv_method px_conv_lane = {.name = "lane",
                                     .noise = 1,
                                     .density = density,
                                     .applies = applies,
                                     .suits = suits,
                                     .weights = weights,
                                     .lower = px_lower_wgrad_lane,
                                     .check = px_check_wgrad_lane,
                                     .cuts = cuts_to_try};
