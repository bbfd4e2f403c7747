/* GAN losses, and the optimiser's part of a training program. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/build.h"
#include "model/net.h"

px_node px_gan_loss(px_graph *graph, px_gan_mode mode, px_node logits, bool real)
{
    const float target = real ? 1 : 0;
    return mode == PX_GAN_VANILLA ? px_bce(graph, logits, target) : px_mse(graph, logits, target);
}

static bool is_weight_of(const px_net *net, const px_node_info *node)
{
    const size_t length = strlen(net->name);
    return node->op == PX_OP_VARIABLE && !node->state && strncmp(node->name, net->name, length) == 0 &&
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

px_gradients px_net_differentiate(const px_net *net, px_node loss)
{
    px_graph *graph = net->graph;
    px_gradients g = {.weights = px_calloc(graph->count, sizeof *g.weights, &graph->error),
                      .gradients = px_calloc(graph->count, sizeof *g.gradients, &graph->error)};
    if (g.weights && g.gradients) {
        for (size_t i = 0; i < graph->count; i++)
            if (is_weight_of(net, &graph->nodes[i]))
                g.weights[g.count++] = (px_node)i;
        px_graph_gradients(graph, loss, g.weights, g.count, g.gradients);
    }
    return g;
}

static void free_gradients(px_gradients *g)
{
    px_free(g->weights);
    px_free(g->gradients);
    *g = (px_gradients){0};
}

static px_node sum(px_graph *graph, px_node a, px_node b)
{
    return a == PX_NONE ? b : b == PX_NONE ? a : px_add(graph, a, b);
}

void px_net_step(const px_net *net, px_gradients *a, px_gradients *b, int optimiser)
{
    /* Where memory ran out while differentiating, one of them may be empty; the graph has the error. */
    for (int i = 0; b && i < a->count && i < b->count; i++)
        a->gradients[i] = sum(net->graph, a->gradients[i], b->gradients[i]);
    for (int i = 0; i < a->count; i++)
        add_adam(net->graph, a->weights[i], a->gradients[i], optimiser);
    free_gradients(a);
    if (b)
        free_gradients(b);
}

void px_net_gradients(const px_net *net, px_node loss)
{
    px_gradients g = px_net_differentiate(net, loss);
    for (int i = 0; i < g.count; i++)
        keep_gradient(net->graph, g.weights[i], g.gradients[i]);
    free_gradients(&g);
}
