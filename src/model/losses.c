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

enum { NO_OPTIMISER = -1 };

static void differentiate(const px_net *net, px_node loss, int optimiser)
{
    px_graph *graph = net->graph;
    px_node *weights = px_calloc(graph->count, sizeof *weights, &graph->error);
    px_node *gradients = px_calloc(graph->count, sizeof *gradients, &graph->error);
    int count = 0;

    if (weights && gradients) {
        for (size_t i = 0; i < graph->count; i++)
            if (is_weight_of(net, &graph->nodes[i]))
                weights[count++] = (px_node)i;
        px_graph_gradients(graph, loss, weights, count, gradients);
        for (int i = 0; i < count; i++)
            if (optimiser == NO_OPTIMISER)
                keep_gradient(graph, weights[i], gradients[i]);
            else
                add_adam(graph, weights[i], gradients[i], optimiser);
    }
    px_free(weights);
    px_free(gradients);
}

void px_net_update(const px_net *net, px_node loss, int optimiser)
{
    differentiate(net, loss, optimiser);
}

void px_net_gradients(const px_net *net, px_node loss)
{
    differentiate(net, loss, NO_OPTIMISER);
}
