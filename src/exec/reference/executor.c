/* Runs a graph node by node. Every node has its own array, which stays readable until the next step. */
#include <string.h>

#include "base/memory.h"
#include "exec/reference/reference.h"

typedef struct executor {
    px_exec base; /* first: a px_exec * is an executor * */
    const px_graph *graph;
    float **values; /* of each node; an effect's is that of the variable it changes */
    double *plane;
} executor;

static bool is_effect(const px_node_info *node)
{
    return px_op_describe(node->op)->op_class == PX_EFFECT;
}

static void destroy(px_exec *exec)
{
    executor *e = (executor *)exec;
    for (size_t i = 0; e->values && i < e->graph->count; i++)
        if (!is_effect(&e->graph->nodes[i]))
            px_free(e->values[i]);
    px_free(e->values);
    px_free(e->plane);
    px_free(e);
}

static pixcl_status write_values(px_exec *exec, px_node node, const float *values, pixcl_error *err)
{
    executor *e = (executor *)exec;
    const px_node_info *info = px_graph_node(e->graph, node);
    if (!info || (info->op != PX_OP_INPUT && info->op != PX_OP_VARIABLE))
        return px_fail(err, PIXCL_ERROR_INTERNAL, "node %d (%s) cannot be written: it is no input and no variable",
                       node, info ? px_op_describe(info->op)->name : "not there");
    memcpy(e->values[node], values, px_shape_count(info->shape) * sizeof *values);
    return PIXCL_OK;
}

static pixcl_status write_rows(px_exec *exec, px_node input, px_exec_rows rows, void *context, pixcl_error *err)
{
    executor *e = (executor *)exec;
    const px_node_info *info = px_graph_node(e->graph, input);
    if (!info || info->op != PX_OP_INPUT)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "node %d (%s) is no input", input,
                       info ? px_op_describe(info->op)->name : "not there");
    float *row = e->values[input];
    for (int n = 0; n < info->shape.n; n++)
        for (int c = 0; c < info->shape.c; c++)
            for (int y = 0; y < info->shape.h; y++, row += info->shape.w)
                rows(context, n, c, y, row, 1);
    return PIXCL_OK;
}

static pixcl_status read_values(px_exec *exec, px_node node, float *values, pixcl_error *err)
{
    executor *e = (executor *)exec;
    const px_node_info *info = px_graph_node(e->graph, node);
    if (!info)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "node %d cannot be read: it is not there", node);
    memcpy(values, e->values[node], px_shape_count(info->shape) * sizeof *values);
    return PIXCL_OK;
}

static pixcl_status run(px_exec *exec, const px_step *step, pixcl_error *err)
{
    static void (*const functions[PX_OP_COUNT])(const px_reference_call *) = {
#define OP(id, stem, ...) reference_##stem,
#include "graph/ops.def"
#undef OP
    };
    executor *e = (executor *)exec;
    (void)err;
    for (size_t i = 0; i < e->graph->count; i++) {
        const px_node_info *node = &e->graph->nodes[i];
        px_reference_call call = {
            .node = node, .step = step, .optimisers = e->graph->optimisers, .y = e->values[i], .plane = e->plane};
        for (int k = 0; k < node->input_count; k++) {
            call.shape[k] = e->graph->nodes[node->inputs[k]].shape;
            call.x[k] = e->values[node->inputs[k]];
        }
        functions[node->op](&call);
    }
    return PIXCL_OK;
}

static pixcl_status finish(px_exec *exec, pixcl_error *err)
{
    (void)exec;
    (void)err;
    return PIXCL_OK;
}

static pixcl_status allocate(executor *e, pixcl_error *err)
{
    size_t largest = 1;
    e->values = px_calloc(e->graph->count, sizeof *e->values, err);
    if (!e->values)
        return PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < e->graph->count; i++) {
        const px_node_info *node = &e->graph->nodes[i];
        size_t pixels = (size_t)node->shape.h * (size_t)node->shape.w;
        largest = pixels > largest ? pixels : largest;
        if (is_effect(node))
            e->values[i] = e->values[node->inputs[0]];
        else if (!(e->values[i] = px_calloc(px_shape_count(node->shape), sizeof(float), err)))
            return PIXCL_ERROR_MEMORY;
    }
    e->plane = px_calloc(largest, sizeof *e->plane, err);
    return e->plane ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

px_exec *px_exec_create_reference(const px_graph *graph, pixcl_error *err)
{
    static const px_exec_calls calls = {destroy, write_values, write_rows, read_values, run, finish};
    if (px_graph_verify(graph, err) != PIXCL_OK)
        return NULL;
    executor *e = px_calloc(1, sizeof *e, err);
    if (!e)
        return NULL;
    e->base.calls = &calls;
    e->graph = graph;
    if (allocate(e, err) != PIXCL_OK) {
        destroy(&e->base);
        return NULL;
    }
    return &e->base;
}
