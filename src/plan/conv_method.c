/* The list of convolution algorithms, and which one a convolution gets. */
#include "plan/conv_method.h"

#include <string.h>

/* In the order in which the planner asks. Each convolution has one at the end of the list that does it. */
static const struct {
    px_conv_algorithm algorithm;
    const px_conv_method *method;
} list[] = {
    {PX_ALGORITHM_WINOGRAD, &px_conv_winograd}, {PX_ALGORITHM_WINOGRAD2, &px_conv_winograd2},
    {PX_ALGORITHM_PLANES, &px_conv_planes},     {PX_ALGORITHM_PIXEL, &px_conv_pixel},
    {PX_ALGORITHM_LANE, &px_conv_lane},         {PX_ALGORITHM_GEMM, &px_conv_gemm},
    {PX_ALGORITHM_DOT, &px_conv_dot},           {PX_ALGORITHM_DIRECT, &px_conv_direct},
};
enum { COUNT = sizeof list / sizeof list[0] };
_Static_assert(COUNT == PX_ALGORITHM_COUNT - 1, "every algorithm but NONE stands in the list");

const px_conv_method *px_conv_method_of(px_conv_algorithm algorithm)
{
    for (int i = 0; i < COUNT; i++)
        if (list[i].algorithm == algorithm)
            return list[i].method;
    return NULL;
}

const char *px_conv_algorithm_name(px_conv_algorithm algorithm)
{
    const px_conv_method *method = px_conv_method_of(algorithm);
    return method ? method->name : "";
}

px_conv_algorithm px_conv_algorithm_named(const char *name)
{
    for (int i = 0; i < COUNT; i++)
        if (strcmp(list[i].method->name, name) == 0)
            return list[i].algorithm;
    return PX_ALGORITHM_NONE;
}

static bool can(const px_target *target, const px_conv_method *method, const px_conv_problem *problem)
{
    return (target->single_groups || !method->needs_single_groups) && method->applies(problem);
}

px_conv_algorithm px_conv_choose(const px_target *target, const px_conv_problem *problem)
{
    if (target->conv != PX_ALGORITHM_NONE && can(target, px_conv_method_of(target->conv), problem))
        return target->conv;
    const px_cut *tuned = px_tuning_find(target->tuning, problem);
    if (tuned && target->conv == PX_ALGORITHM_NONE && can(target, px_conv_method_of(tuned->algorithm), problem))
        return tuned->algorithm;
    for (int i = 0; i < COUNT; i++)
        if (can(target, list[i].method, problem) && list[i].method->suits(target, problem))
            return list[i].algorithm;
    return PX_ALGORITHM_NONE;
}

px_weight_layout px_weights_output_lanes(const px_target *target, const px_conv_problem *problem)
{
    (void)target;
    return problem->op == PX_OP_CONV_T ? PX_WEIGHT_AXIS1 : PX_WEIGHT_AXIS0;
}

px_weight_layout px_weights_input_lanes(const px_target *target, const px_conv_problem *problem)
{
    (void)target;
    return problem->op == PX_OP_CONV_T ? PX_WEIGHT_AXIS0 : PX_WEIGHT_AXIS1;
}
