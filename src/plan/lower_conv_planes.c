/* The algorithm "planes": weight gradients on GPUs where one map has few channels (lower_conv_wgrad_lane.c). */
#include "plan/conv_method.h"

/* As counted in what compilers make, in the middle of what sizes give (DECISIONS.md). */
static double density(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return target->single_groups ? 0.25 : target->lanes == 16 ? 0.76 : target->lanes == 32 ? 0.68 : 0.8;
}

static bool applies(const px_conv_problem *problem)
{
    return problem->op == PX_OP_CONV_WGRAD && px_wgrad_planes_applies(problem);
}

static bool suits(const px_target *target, const px_conv_problem *problem)
{
    (void)problem;
    return !target->single_groups && target->lanes >= 16;
}

static px_weight_layout weights(const px_target *target, const px_conv_problem *problem)
{
    (void)target;
    return problem->op == PX_OP_CONV_T ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
}

/* There is one tile. */
static int cuts_to_try(const px_target *target, const px_conv_problem *problem, const px_cut *tile,
                       px_cut cuts[PX_MOST_CUTS])
{
    (void)target;
    (void)problem;
    (void)tile;
    (void)cuts;
    return 0;
}

const px_conv_method px_conv_planes = {.name = "planes",
                                       .noise = 1,
                                       .density = density,
                                       .applies = applies,
                                       .suits = suits,
                                       .weights = weights,
                                       .lower = px_lower_wgrad_lane,
                                       .check = px_check_wgrad_lane,
                                       .cuts = cuts_to_try};
