/* Convolutions and norm slots with named variables, and dropout. */
#include <stdio.h>
#include <string.h>

#include "graph/build.h"
#include "model/net.h"

#define EPSILON  1e-5f
#define MOMENTUM 0.1f
#define DROPOUT  0.5f

/* Where a layer stands in its net. */
typedef struct place {
    const px_net *net;
    const char *path;
    int index;
} place;

static px_node variable(const place *at, px_kind kind, px_shape shape, const char *leaf)
{
    px_graph *graph = at->net->graph;
    char name[PX_NAME_SIZE];
    if (snprintf(name, sizeof name, "%s.%s.%d.%s", at->net->name, at->path, at->index, leaf) >= PX_NAME_SIZE)
        return px_graph_fail(graph, "%s.%s: the name is too long", at->net->name, at->path);
    px_node node = px_graph_find(graph, name);
    if (node == PX_NONE)
        return px_variable(graph, kind, shape, name, strncmp(leaf, "running_", 8) == 0);
    if (!px_shape_equal(graph->nodes[node].shape, shape))
        return px_graph_fail(graph, "%s: is used with two shapes", name);
    return node;
}

static px_node vector(const place *at, int channels, const char *leaf)
{
    return variable(at, PX_PLAIN, (px_shape){1, channels, 1, 1}, leaf);
}

/* In dumps, a layer's output carries the layer's key. */
static px_node label(const place *at, px_node node)
{
    if (node != PX_NONE) {
        char *name = at->net->graph->nodes[node].name;
        if (snprintf(name, PX_NAME_SIZE, "%s.%s.%d", at->net->name, at->path, at->index) >= PX_NAME_SIZE)
            name[0] = '\0';
    }
    return node;
}

bool px_net_has_bias(const px_net *net)
{
    return net->norm == PX_NORM_INSTANCE || net->norm == PX_NORM_INSTANCE_AFFINE;
}

px_node px_net_conv(const px_net *net, px_node x, const char *path, int index, int channels, int kernel, int stride,
                    int pad, bool bias)
{
    if (x == PX_NONE)
        return PX_NONE;
    const place at = {net, path, index};
    const px_shape shape = {channels, net->graph->nodes[x].shape.c, kernel, kernel};
    px_node w = variable(&at, PX_WEIGHT, shape, "weight");
    px_node y = label(&at, px_conv(net->graph, x, w, stride, pad));
    return bias ? px_bias(net->graph, y, vector(&at, channels, "bias")) : y;
}

px_node px_net_up(const px_net *net, px_upsample_type type, px_node x, const char *path, int index, int channels,
                  int kernel, bool bias)
{
    if (x == PX_NONE)
        return PX_NONE;
    if (type == PX_UPSAMPLE_RESIZE) {
        px_node padded = px_reflect_pad(net->graph, px_upsample(net->graph, x), 1);
        return px_net_conv(net, padded, path, index, channels, 3, 1, 0, bias);
    }
    const place at = {net, path, index};
    const px_shape shape = {net->graph->nodes[x].shape.c, channels, kernel, kernel};
    px_node w = variable(&at, PX_WEIGHT, shape, "weight");
    px_node y = label(&at, px_conv_t(net->graph, x, w, 2, 1, 4 - kernel)); /* (H-1)*2 - 2 + kernel + 4-kernel = 2H */
    return bias ? px_bias(net->graph, y, vector(&at, channels, "bias")) : y;
}

static px_node batch_norm(const place *at, px_node x)
{
    px_graph *graph = at->net->graph;
    const px_shape shape = graph->nodes[x].shape;
    px_node gamma = vector(at, shape.c, "weight"), beta = vector(at, shape.c, "bias");
    px_node mean = vector(at, shape.c, "running_mean"), var = vector(at, shape.c, "running_var");
    px_node stats =
        at->net->mode == PX_NET_RUNNING ? px_norm_running(graph, mean, var) : px_norm_stats(graph, x, false);
    if (at->net->mode == PX_NET_TRAIN)
        px_norm_update(graph, mean, var, stats, MOMENTUM, shape.n * shape.h * shape.w);
    return px_norm(graph, x, stats, gamma, beta, EPSILON);
}

static px_node instance_norm(const place *at, px_node x)
{
    px_graph *graph = at->net->graph;
    const bool affine = at->net->norm == PX_NORM_INSTANCE_AFFINE;
    const int channels = graph->nodes[x].shape.c;
    px_node gamma = affine ? vector(at, channels, "weight") : PX_NONE;
    px_node beta = affine ? vector(at, channels, "bias") : PX_NONE;
    return px_norm(graph, x, px_norm_stats(graph, x, true), gamma, beta, EPSILON);
}

px_node px_net_norm(const px_net *net, px_node x, const char *path, int index)
{
    if (x == PX_NONE || net->norm == PX_NORM_NONE)
        return x;
    const place at = {net, path, index};
    return label(&at, net->norm == PX_NORM_BATCH ? batch_norm(&at, x) : instance_norm(&at, x));
}

px_node px_net_dropout(const px_net *net, px_node x)
{
    return net->no_dropout ? x : px_dropout(net->graph, x, DROPOUT);
}
