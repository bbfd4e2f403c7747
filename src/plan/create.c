/* The planner: runs the passes in order, and the plan's own life. */
#include <string.h>

#include "plan/planner.h"

void px_plan_destroy(px_plan **plan)
{
    if (!plan || !*plan)
        return;
    for (size_t i = 0; i < (*plan)->program_count; i++)
        px_free((*plan)->programs[i].preamble);
    px_free((*plan)->programs);
    px_free((*plan)->nodes);
    px_free((*plan)->values);
    px_free((*plan)->algorithms);
    px_free((*plan)->buffers);
    px_free((*plan)->launches);
    px_free((*plan)->args);
    px_free((*plan)->chunks);
    px_free(*plan);
    *plan = NULL;
}

static pixcl_status run_passes(px_planner *p)
{
    static pixcl_status (*const passes[])(px_planner *) = {
        px_pass_schedule, px_pass_choose,   px_pass_fuse,  px_pass_layout, px_pass_lower,
        px_pass_split,    px_pass_liveness, px_pass_arena, px_pass_check,
    };
    pixcl_status status = PIXCL_OK;
    for (size_t i = 0; status == PIXCL_OK && i < sizeof passes / sizeof passes[0]; i++)
        status = passes[i](p);
    if (status == PIXCL_OK) /* plans are kept as long as a run, and have hundreds of launches */
        status = px_shrink(&p->plan->launches, &p->plan->launch_capacity, p->plan->launch_count,
                           sizeof *p->plan->launches, p->err);
    return status;
}

static px_plan *create_plan(const px_graph *graph, const px_target *target, pixcl_error *err)
{
    px_plan *plan = px_calloc(1, sizeof *plan, err);
    if (!plan)
        return NULL;
    plan->target = *target;
    plan->node_count = (px_node)graph->count;
    memcpy(plan->optimisers, graph->optimisers, sizeof plan->optimisers);
    plan->nodes = px_calloc(graph->count, sizeof *plan->nodes, err);
    plan->values = px_calloc(graph->count, sizeof *plan->values, err);
    plan->algorithms = px_calloc(graph->count, sizeof *plan->algorithms, err);
    if (!plan->nodes || !plan->values || !plan->algorithms)
        px_plan_destroy(&plan);
    else
        memcpy(plan->nodes, graph->nodes, graph->count * sizeof *plan->nodes);
    return plan;
}

px_plan *px_plan_create(const px_graph *graph, const px_target *target, pixcl_error *err)
{
    if (px_graph_verify(graph, err) != PIXCL_OK)
        return NULL;
    px_plan *plan = create_plan(graph, target, err);
    if (!plan)
        return NULL;
    size_t count = graph->count;
    px_planner p = {.graph = graph, .plan = plan, .target = &plan->target, .err = err};
    p.order = px_calloc(count, sizeof *p.order, err);
    p.position = px_calloc(count, sizeof *p.position, err);
    p.consumer_count = px_calloc(count, sizeof *p.consumer_count, err);
    p.algorithm = plan->algorithms;
    p.epilogue = px_calloc(count, sizeof *p.epilogue, err);
    p.absorbed = px_calloc(count, sizeof *p.absorbed, err);
    p.added_to = px_calloc(count, sizeof *p.added_to, err);
    p.group = px_calloc(count, sizeof *p.group, err);
    bool ready = p.order && p.position && p.consumer_count && p.epilogue && p.absorbed && p.added_to && p.group;
    if (!ready || run_passes(&p) != PIXCL_OK)
        px_plan_destroy(&plan);
    px_free(p.order);
    px_free(p.position);
    px_free(p.consumer_count);
    px_free(p.epilogue);
    px_free(p.absorbed);
    px_free(p.added_to);
    px_free(p.group);
    px_free(p.groups);
    return plan;
}

void px_plan_keep_only(px_plan *plan, px_node node)
{
    int *place = px_calloc(plan->program_count, sizeof *place, NULL);
    size_t launches = 0, programs = 0;
    for (size_t l = 0; l < plan->launch_count; l++)
        if (plan->launches[l].node == node)
            plan->launches[launches++] = plan->launches[l];
    plan->launch_count = launches;
    if (!place) /* programs that nobody runs do no harm */
        return;
    for (size_t l = 0; l < launches; l++)
        if (plan->launches[l].type == PX_LAUNCH_KERNEL)
            place[plan->launches[l].program] = 1;
    for (size_t i = 0; i < plan->program_count; i++) {
        if (place[i] == 0) {
            px_free(plan->programs[i].preamble);
            continue;
        }
        place[i] = (int)programs;
        plan->programs[programs++] = plan->programs[i];
    }
    plan->program_count = programs;
    for (size_t l = 0; l < launches; l++)
        if (plan->launches[l].type == PX_LAUNCH_KERNEL)
            plan->launches[l].program = place[plan->launches[l].program];
    px_free(place);
}

size_t px_weight_index(px_shape shape, px_weight_layout layout, int block, int d0, int d1, int kh, int kw)
{
    size_t k = (size_t)shape.h;
    if (layout == PX_WEIGHT_PLAIN)
        return (((size_t)d0 * (size_t)shape.c + (size_t)d1) * k + (size_t)kh) * k + (size_t)kw;
    if (layout == PX_WEIGHT_TRANSPOSED)
        return (((size_t)d1 * k + (size_t)kh) * k + (size_t)kw) * (size_t)shape.n + (size_t)d0;
    int vector_count = layout == PX_WEIGHT_AXIS0 ? shape.n : shape.c, other_count = shape.n + shape.c - vector_count;
    int v = layout == PX_WEIGHT_AXIS0 ? d0 : d1, s = d0 + d1 - v;
    int bv = px_gcd(vector_count, block), bs = px_gcd(other_count, block);
    size_t tap = (((size_t)(v / bv) * (size_t)(other_count / bs) + (size_t)(s / bs)) * k + (size_t)kh) * k + (size_t)kw;
    return (tap * (size_t)bs + (size_t)(s % bs)) * (size_t)bv + (size_t)(v % bv);
}

size_t px_activation_index(px_shape shape, const px_value *value, int n, int c, int h, int w)
{
    int b = value->block;
    size_t pixel = ((size_t)(c / b) * (size_t)shape.h + (size_t)h) * (size_t)shape.w + (size_t)w;
    return (size_t)n * value->stride_n + pixel * (size_t)b + (size_t)(c % b);
}
