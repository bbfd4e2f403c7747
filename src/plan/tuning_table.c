/* The table of measured cuts, and what makes a cut right for its problem. */
#include "plan/tuning.h"

#include "base/memory.h"
#include "plan/conv_method.h"

px_tuning *px_tuning_create(pixcl_error *err)
{
    return px_calloc(1, sizeof(px_tuning), err);
}

void px_tuning_destroy(px_tuning **tuning)
{
    if (!tuning || !*tuning)
        return;
    px_free((*tuning)->entries);
    px_free(*tuning);
    *tuning = NULL;
}

static bool same_problem(const px_conv_problem *a, const px_conv_problem *b)
{
    return a->op == b->op && a->kernel == b->kernel && a->stride == b->stride && a->pad == b->pad &&
           a->block == b->block && a->vector_large == b->vector_large && px_shape_equal(a->x, b->x) &&
           px_shape_equal(a->y, b->y);
}

static size_t index_of(const px_tuning *tuning, const px_conv_problem *problem)
{
    size_t i = 0;
    while (i < tuning->count && !same_problem(&tuning->entries[i].problem, problem))
        i++;
    return i;
}

const px_cut *px_tuning_find(const px_tuning *tuning, const px_conv_problem *problem)
{
    size_t i = tuning ? index_of(tuning, problem) : 0;
    return tuning && i < tuning->count ? &tuning->entries[i].cut : NULL;
}

static pixcl_status check_problem(const px_conv_problem *p, pixcl_error *err)
{
    const int sizes[] = {p->x.n, p->x.c, p->x.h, p->x.w, p->y.n, p->y.c, p->y.h, p->y.w};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (sizes[i] < 1)
            return px_fail(err, PIXCL_ERROR_ARGUMENT, "a side of a shape is %d, expected 1 or more", sizes[i]);
    if (px_op_describe(p->op)->op_class != PX_CONV || p->kernel < 1 || p->stride < 1 || p->pad < 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "\"%s\" with kernel %d, stride %d, pad %d is no convolution",
                       px_op_describe(p->op)->name, p->kernel, p->stride, p->pad);
    if (p->block < 1 || 16 % p->block != 0 || (p->vector_large && p->op != PX_OP_CONV_WGRAD))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "block %d is none of 1, 2, 4, 8, 16, or a vector axis is misplaced",
                       p->block);
    return PIXCL_OK;
}

pixcl_status px_cut_check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    pixcl_status status = check_problem(problem, err);
    if (status != PIXCL_OK)
        return status;
    const px_conv_method *method = px_conv_method_of(cut->algorithm);
    if (!method || !method->applies(problem))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "algorithm \"%s\" does not do this convolution",
                       px_conv_algorithm_name(cut->algorithm));
    return method->check(problem, cut, err);
}

pixcl_status px_tuning_set(px_tuning *tuning, const px_conv_problem *problem, const px_cut *cut, pixcl_error *err)
{
    pixcl_status status = px_cut_check(problem, cut, err);
    size_t i = index_of(tuning, problem);
    if (status == PIXCL_OK && i == tuning->count)
        status = px_grow(&tuning->entries, &tuning->capacity, tuning->count + 1, sizeof *tuning->entries, err);
    if (status != PIXCL_OK)
        return status;
    tuning->entries[i] = (px_tuned){*problem, *cut};
    tuning->count += i == tuning->count;
    return PIXCL_OK;
}

void px_tuning_remove(px_tuning *tuning, const px_conv_problem *problem)
{
    size_t i = index_of(tuning, problem);
    if (i < tuning->count)
        tuning->entries[i] = tuning->entries[--tuning->count];
}

px_conv_problem px_conv_problem_of(const px_plan *plan, px_node node)
{
    const px_node_info *info = &plan->nodes[node];
    bool gradient = info->op == PX_OP_CONV_WGRAD;
    return (px_conv_problem){.op = info->op,
                             .kernel = info->attrs.kernel,
                             .stride = info->attrs.stride,
                             .pad = info->attrs.pad,
                             .block = plan->target.block,
                             .vector_large = gradient && plan->values[node].layout == PX_WEIGHT_AXIS1,
                             .x = plan->nodes[info->inputs[0]].shape,
                             .y = gradient ? plan->nodes[info->inputs[1]].shape : info->shape};
}

px_cut px_cut_for(const px_planner *p, px_node node)
{
    const px_conv_problem problem = px_conv_problem_of(p->plan, node);
    const px_cut *tuned = px_tuning_find(p->target->tuning, &problem);
    return tuned && tuned->algorithm == p->algorithm[node] ? *tuned : (px_cut){.algorithm = p->algorithm[node]};
}
