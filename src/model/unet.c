/* The U-Net generator (Isola et al., 1611.07004, 6.1.1; reference: UnetGenerator), and the encoder-decoder, which is
 * the same without skips and has the same keys.
 *
 * Every level halves the picture on the way down and doubles it on the way up; what a level received from above skips
 * to what comes back from below, so the level is a function of its input, and the network one recursion. At 256 pixels:
 *
 *   level 0   256 -> 128   conv                      ...   ConvT, tanh
 *   level i   128 -> ..    LeakyReLU, conv, norm     ...   ReLU, ConvT, norm (, dropout)
 *   innermost   2 -> 1     LeakyReLU, conv           ...   ReLU, ConvT, norm
 *
 * Two liberties, neither of which changes a value. The reference concatenates first and then applies ReLU to the
 * whole; here ReLU goes to the two parts, as each can then be computed by whatever makes the part. And its LeakyReLU
 * works in place, so that the skip carries leaky(x) instead of x; ReLU of the one is ReLU of the other, and so is
 * the gradient. */
#include <stdio.h>

#include "graph/build.h"
#include "model/net.h"

#define SLOPE  0.2f
#define KERNEL 4
#define STRIDE 2
#define PAD    1

typedef struct unet {
    const px_net *net;
    const px_model_options *options;
    int downs;
    bool skips;
} unet;

/* Channels between level i and level i+1. */
static int width(const unet *u, int level)
{
    return u->options->ngf << (level < 3 ? level : 3);
}

/* Levels 1, 2, 3 and the innermost never have dropout. */
static bool has_dropout(const unet *u, int level)
{
    return u->options->dropout && level >= 4 && level < u->downs - 1;
}

static px_node conv(const unet *u, px_node x, const char *path, int index, int channels)
{
    return px_net_conv(u->net, x, path, index, channels, KERNEL, STRIDE, PAD, px_net_has_bias(u->net));
}

static px_node up(const unet *u, px_node x, const char *path, int index, int channels, bool bias)
{
    return px_net_up(u->net, u->options->upsample, x, path, index, channels, KERNEL, bias);
}

static px_node run_level(const unet *u, px_node x, int level, const char *path);

/* What a level above the innermost, whose convolution and norm made y, gives to its ConvT: relu of what the levels from
 * `level` on make of y, beside relu of the skip. */
static px_node go_below(const unet *u, px_node y, int level, const char *path)
{
    px_graph *graph = u->net->graph;
    px_node down = px_leaky(graph, y, SLOPE), skip = u->skips ? px_relu(graph, y) : PX_NONE;
    px_node below = run_level(u, down, level, path);
    return u->skips ? px_concat(graph, skip, below) : below;
}

/* From the level's input, already through its LeakyReLU, to relu(up). `path` is the level's sequence: LeakyReLU 0, conv
 * 1, norm 2, inner level 3, ReLU 4, ConvT 5, norm 6; the innermost lacks 2 and 3. */
static px_node run_level(const unet *u, px_node x, int level, const char *path)
{
    px_graph *graph = u->net->graph;
    const bool innermost = level == u->downs - 1;
    px_node y = conv(u, x, path, 1, width(u, level));

    if (innermost) {
        y = px_relu(graph, y);
    } else {
        char inner[PX_NAME_SIZE];
        if (snprintf(inner, sizeof inner, "%s.3.model", path) >= (int)sizeof inner)
            return px_graph_fail(graph, "%s: the name is too long", path);
        y = go_below(u, px_net_norm(u->net, y, path, 2), level + 1, inner);
    }
    y = up(u, y, path, innermost ? 3 : 5, width(u, level - 1), px_net_has_bias(u->net));
    y = px_net_norm(u->net, y, path, innermost ? 4 : 6);
    if (has_dropout(u, level))
        y = px_net_dropout(u->net, y);
    return px_relu(graph, y);
}

px_node px_unet(const px_net *net, px_node x, int downs, bool skips, const px_model_options *options)
{
    const unet u = {net, options, downs, skips};
    px_node y = conv(&u, x, "model.model", 0, options->ngf);

    y = go_below(&u, y, 1, "model.model.1.model");
    return px_tanh(net->graph, up(&u, y, "model.model", 3, options->output_nc, true));
}
