/* The ResNet generator (Johnson et al., 1603.08155; Zhu et al., 1703.10593, 7.2; reference: ResnetGenerator).
 *
 *    0   ReflectionPad 3, conv 7x7, norm, ReLU                          ngf channels
 *    4   conv 3x3 stride 2, norm, ReLU                                  2 ngf, half the side
 *    7   conv 3x3 stride 2, norm, ReLU                                  4 ngf, a quarter
 *   10   blocks: x + (pad 1, conv 3x3, norm, ReLU (, dropout), pad 1, conv 3x3, norm)(x)
 *   ..   ConvT 3x3 stride 2, norm, ReLU, twice                          2 ngf, ngf
 *   ..   ReflectionPad 3, conv 7x7, tanh
 *
 * The numbers are indices in the reference's sequence and so part of the keys; n blocks end at 10 + n. */
#include <stdio.h>

#include "graph/build.h"
#include "model/net.h"

enum { FIRST_BLOCK = 10 };

typedef struct resnet {
    const px_net *net;
    const px_model_options *options;
} resnet;

/* Norm slot and ReLU of the outer layers, behind the convolution at index - 1. */
static px_node norm_relu(const resnet *r, px_node x, int index)
{
    return px_relu(r->net->graph, px_net_norm(r->net, x, "model", index));
}

static px_node padded_conv(const resnet *r, px_node x, const char *path, int index, int channels, int kernel, bool bias)
{
    px_node padded = px_reflect_pad(r->net->graph, x, kernel / 2);
    return px_net_conv(r->net, padded, path, index, channels, kernel, 1, 0, bias);
}

static px_node block(const resnet *r, px_node x, int index, int channels)
{
    px_graph *graph = r->net->graph;
    const bool bias = px_net_has_bias(r->net);
    const int second = r->options->dropout ? 6 : 5; /* dropout takes a place in the sequence */
    char path[PX_NAME_SIZE];

    snprintf(path, sizeof path, "model.%d.conv_block", index);
    px_node y = padded_conv(r, x, path, 1, channels, 3, bias);
    y = px_relu(graph, px_net_norm(r->net, y, path, 2));
    if (r->options->dropout)
        y = px_net_dropout(r->net, y);
    y = padded_conv(r, y, path, second, channels, 3, bias);
    return px_add(graph, px_net_norm(r->net, y, path, second + 1), x);
}

px_node px_resnet(const px_net *net, px_node x, int blocks, const px_model_options *options)
{
    const resnet r = {net, options};
    const bool bias = px_net_has_bias(net);
    const int up = FIRST_BLOCK + blocks, ngf = options->ngf;

    px_node y = norm_relu(&r, padded_conv(&r, x, "model", 1, ngf, 7, bias), 2);
    y = norm_relu(&r, px_net_conv(net, y, "model", 4, 2 * ngf, 3, 2, 1, bias), 5);
    y = norm_relu(&r, px_net_conv(net, y, "model", 7, 4 * ngf, 3, 2, 1, bias), 8);
    for (int i = 0; i < blocks; i++)
        y = block(&r, y, FIRST_BLOCK + i, 4 * ngf);
    y = norm_relu(&r, px_net_up(net, options->upsample, y, "model", up, 2 * ngf, 3, bias), up + 1);
    y = norm_relu(&r, px_net_up(net, options->upsample, y, "model", up + 3, ngf, 3, bias), up + 4);
    return px_tanh(net->graph, padded_conv(&r, y, "model", up + 7, options->output_nc, 7, true));
}
