/* Nodes, the sticky error, and names. */
#include "graph/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/memory.h"

/* The rest of a line begins with the help and goes on with members by name. */
static const px_op_info op_table[PX_OP_COUNT] = {
#define OP(id, stem, least, greatest, class, allowed, ...)                                                             \
    [PX_OP_##id] = {.name = #stem,                                                                                     \
                    .fewest = least,                                                                                   \
                    .most = greatest,                                                                                  \
                    .op_class = PX_##class,                                                                            \
                    .tolerance = allowed,                                                                              \
                    .help = __VA_ARGS__},
#include "graph/ops.def"
#undef OP
};

const px_op_info *px_op_describe(px_op op)
{
    return op >= 0 && op < PX_OP_COUNT ? &op_table[op] : NULL;
}

bool px_op_changes(px_op op, int k)
{
    return op_table[op].op_class == PX_EFFECT && op_table[op].access[k] == PX_ACCESS_CHANGE;
}

size_t px_shape_count(px_shape shape)
{
    return (size_t)shape.n * (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
}

bool px_shape_equal(px_shape a, px_shape b)
{
    return a.n == b.n && a.c == b.c && a.h == b.h && a.w == b.w;
}

px_graph *px_graph_create(pixcl_error *err)
{
    return px_calloc(1, sizeof(px_graph), err);
}

void px_graph_destroy(px_graph **graph)
{
    if (!graph || !*graph)
        return;
    px_free((*graph)->nodes);
    px_free(*graph);
    *graph = NULL;
}

pixcl_status px_graph_check(const px_graph *graph, pixcl_error *err)
{
    if (graph->error.status != PIXCL_OK && err)
        *err = graph->error;
    return graph->error.status;
}

const px_node_info *px_graph_node(const px_graph *graph, px_node node)
{
    return node >= 0 && (size_t)node < graph->count ? &graph->nodes[node] : NULL;
}

px_node px_graph_find(const px_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->count; i++) {
        const px_node_info *node = &graph->nodes[i];
        if ((node->op == PX_OP_VARIABLE || node->op == PX_OP_INPUT) && strcmp(node->name, name) == 0)
            return (px_node)i;
    }
    return PX_NONE;
}

px_node px_graph_fail(px_graph *graph, const char *format, ...)
{
    if (graph->error.status != PIXCL_OK)
        return PX_NONE;
    char message[sizeof graph->error.message];
    va_list args;
    va_start(args, format);
    px_vsnprintf(message, sizeof message, format, args);
    va_end(args);
    px_fail(&graph->error, PIXCL_ERROR_ARGUMENT, "%s", message);
    return PX_NONE;
}

px_node px_graph_output(px_graph *graph, px_node node, const char *name)
{
    if (graph->error.status != PIXCL_OK || node == PX_NONE)
        return PX_NONE;
    graph->nodes[node].output = true;
    if (name)
        snprintf(graph->nodes[node].name, PX_NAME_SIZE, "%s", name);
    return node;
}
