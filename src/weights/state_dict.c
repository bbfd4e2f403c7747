#include "weights/state_dict.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "weights/names.h"
#include "weights/weights.h"

/* The key of a variable of the net; NULL for others, and for moments. */
static const char *key_of(const px_graph *graph, px_node node, const char *net)
{
    char of[PX_NET_NAME_SIZE];
    const px_node_info *info = px_graph_node(graph, node);
    const char *key = info->op == PX_OP_VARIABLE ? px_name_split(info->name, of) : NULL;
    const px_key_part part = key ? px_key_part_of(info->name) : PX_KEY_MOMENT;
    return key && strcmp(of, net) == 0 && (part == PX_KEY_WEIGHT || part == PX_KEY_STATISTIC) ? key : NULL;
}

size_t px_state_dict_count(const px_graph *graph, const char *net)
{
    size_t count = 0;
    for (px_node i = 0; (size_t)i < graph->count; i++)
        count += key_of(graph, i, net) != NULL;
    return count;
}

static void describe(const px_node_info *variable, const char *key, pixcl_weight *weight)
{
    *weight = (pixcl_weight){.count = px_shape_count(variable->shape)};
    snprintf(weight->name, sizeof weight->name, "%s", key);
    weight->rank = px_variable_shape(variable, weight->shape);
    for (int i = weight->rank; i < 4; i++)
        weight->shape[i] = 1;
}

pixcl_status px_state_dict_at(const px_graph *graph, const char *net, size_t index, px_node *node, pixcl_weight *weight,
                              pixcl_error *err)
{
    size_t at = 0;
    for (*node = 0; (size_t)*node < graph->count; ++*node) {
        const char *key = key_of(graph, *node, net);
        if (!key || at++ < index)
            continue;
        describe(px_graph_node(graph, *node), key, weight);
        return PIXCL_OK;
    }
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "network %.20s has %zu weights, and number %zu was asked for", net, at,
                   index);
}

pixcl_status px_state_dict_find(const px_graph *graph, const char *net, const char *key, size_t count, px_node *node,
                                pixcl_error *err)
{
    pixcl_weight weight;
    for (*node = 0; (size_t)*node < graph->count; ++*node) {
        const char *found = key_of(graph, *node, net);
        if (!found || strcmp(found, key) != 0)
            continue;
        describe(px_graph_node(graph, *node), found, &weight);
        if (count == weight.count)
            return PIXCL_OK;
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "weight %.200s of network %.20s has %zu elements, not %zu", key, net,
                       weight.count, count);
    }
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "network %.20s has no weight %.200s", net, key);
}
