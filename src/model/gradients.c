/* The optimiser's part of a training program: gradients towards the weights of networks, their sums, Adam. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/build.h"
#include "model/net.h"

static bool is_weight_of(const char *net, const px_node_info *node)
{
    const size_t length = strlen(net);
    return node->op == PX_OP_VARIABLE && !node->state && strncmp(node->name, net, length) == 0 &&
           node->name[length] == '.';
}

static px_node moment(px_graph *graph, px_node weight, const char *suffix)
{
    char name[PX_NAME_SIZE];
    const px_node_info *info = &graph->nodes[weight];
    if (snprintf(name, sizeof name, "%s.%s", info->name, suffix) >= (int)sizeof name)
        return px_graph_fail(graph, "%s: the name leaves no room for .%s", info->name, suffix);
    return px_variable(graph, info->kind, info->shape, name, true);
}

static void add_adam(px_graph *graph, px_node weight, px_node gradient, int optimiser)
{
    if (gradient == PX_NONE || graph->error.status != PIXCL_OK)
        return;
    px_node m = moment(graph, weight, "exp_avg"), v = moment(graph, weight, "exp_avg_sq");
    px_adam(graph, weight, gradient, m, v, optimiser);
}

static void keep_gradient(px_graph *graph, px_node weight, px_node gradient)
{
    char name[PX_NAME_SIZE];
    if (gradient == PX_NONE || graph->error.status != PIXCL_OK)
        return;
    if (snprintf(name, sizeof name, "%s.grad", graph->nodes[weight].name) >= (int)sizeof name)
        px_graph_fail(graph, "%s: the name leaves no room for .grad", graph->nodes[weight].name);
    px_graph_output(graph, gradient, name);
}

static void free_gradients(px_gradients *g)
{
    px_free(g->weights);
    px_free(g->gradients);
    *g = (px_gradients){0};
}

void px_differentiate(px_graph *graph, px_node loss, const char *const *nets, px_gradients *sum)
{
    const size_t most = graph->count; /* weights can be no more than nodes */
    px_gradients g = {.weights = px_calloc(most, sizeof *g.weights, &graph->error),
                      .gradients = px_calloc(most, sizeof *g.gradients, &graph->error)};
    if (!g.weights || !g.gradients) {
        free_gradients(&g);
        return;
    }
    for (const char *const *net = nets; *net; net++)
        for (size_t i = 0; i < most; i++)
            if (is_weight_of(*net, &graph->nodes[i]))
                g.weights[g.count++] = (px_node)i;
    px_graph_gradients(graph, loss, g.weights, g.count, g.gradients);
    /* A weight may have come up since the last loss, so the sum goes by weight and not by place. */
    for (int old = 0; old < sum->count; old++)
        for (int i = 0; i < g.count; i++)
            if (g.weights[i] == sum->weights[old] && sum->gradients[old] != PX_NONE)
                g.gradients[i] = g.gradients[i] == PX_NONE ? sum->gradients[old]
                                                           : px_add(graph, sum->gradients[old], g.gradients[i]);
    free_gradients(sum);
    *sum = g;
}

void px_optimise(px_graph *graph, px_gradients *sum, int optimiser)
{
    for (int i = 0; i < sum->count; i++)
        add_adam(graph, sum->weights[i], sum->gradients[i], optimiser);
    free_gradients(sum);
}

void px_keep_gradients(px_graph *graph, px_gradients *sum)
{
    for (int i = 0; i < sum->count; i++)
        keep_gradient(graph, sum->weights[i], sum->gradients[i]);
    free_gradients(sum);
}
