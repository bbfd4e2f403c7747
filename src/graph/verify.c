/* Nodes that keep to the rules of their operations: added one by one, and verified as a whole. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph.h"
#include "graph/shape.h"

px_node px_graph_add(px_graph *graph, px_op op, const px_node *inputs, int input_count, const px_attrs *attrs,
                     const char *name)
{
    if (graph->error.status != PIXCL_OK)
        return PX_NONE;
    const px_op_info *info = px_op_describe(op);
    if (!info || input_count < info->fewest || input_count > info->most)
        return px_graph_fail(graph, "%s: %d inputs were given, it takes %d to %d", info ? info->name : "unknown op",
                             input_count, info ? info->fewest : 0, info ? info->most : 0);
    px_node_info node = {.op = op, .stage = graph->stage, .input_count = input_count};
    if (attrs)
        node.attrs = *attrs;
    for (int i = 0; i < input_count; i++) {
        if (!px_graph_node(graph, inputs[i]))
            return px_graph_fail(graph, "%s %s: input %d does not exist", info->name, name ? name : "", i);
        node.inputs[i] = inputs[i];
    }
    if (name && snprintf(node.name, PX_NAME_SIZE, "%s", name) >= PX_NAME_SIZE)
        return px_graph_fail(graph, "%s: the name %s is longer than %d bytes", info->name, name, PX_NAME_SIZE - 1);
    if (info->op_class != PX_SOURCE && px_shape_infer(graph, &node, &graph->error) != PIXCL_OK)
        return PX_NONE;
    if (px_grow(&graph->nodes, &graph->capacity, graph->count + 1, sizeof *graph->nodes, &graph->error) != PIXCL_OK)
        return PX_NONE;
    graph->nodes[graph->count] = node;
    return (px_node)graph->count++;
}

static pixcl_status verify_node(const px_graph *graph, size_t index, pixcl_error *err)
{
    const px_node_info *node = &graph->nodes[index];
    const px_op_info *info = px_op_describe(node->op);
    if (!info || node->input_count < info->fewest || node->input_count > info->most)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "graph: node %zu has a wrong op or number of inputs", index);
    for (int i = 0; i < node->input_count; i++)
        if (node->inputs[i] < 0 || (size_t)node->inputs[i] >= index)
            return px_fail(err, PIXCL_ERROR_INTERNAL, "graph: node %zu (%s) reads node %d, which is not before it",
                           index, info->name, node->inputs[i]);
    if (info->op_class != PX_SOURCE) {
        px_node_info again = *node;
        if (px_shape_infer(graph, &again, err) != PIXCL_OK)
            return err ? err->status : PIXCL_ERROR_INTERNAL;
        if (!px_shape_equal(again.shape, node->shape) || again.kind != node->kind)
            return px_fail(err, PIXCL_ERROR_INTERNAL, "graph: node %zu (%s) has another shape than its rule gives",
                           index, info->name);
        return PIXCL_OK;
    }
    if (node->op == PX_OP_CONSTANT)
        return PIXCL_OK;
    for (size_t other = 0; other < index; other++)
        if ((graph->nodes[other].op == PX_OP_VARIABLE || graph->nodes[other].op == PX_OP_INPUT) &&
            strcmp(graph->nodes[other].name, node->name) == 0)
            return px_fail(err, PIXCL_ERROR_INTERNAL, "graph: nodes %zu and %zu are both named %s", other, index,
                           node->name);
    return PIXCL_OK;
}

pixcl_status px_graph_verify(const px_graph *graph, pixcl_error *err)
{
    pixcl_status status = px_graph_check(graph, err);
    for (size_t i = 0; status == PIXCL_OK && i < graph->count; i++)
        status = verify_node(graph, i, err);
    return status;
}
