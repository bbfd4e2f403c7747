/* Discriminators: a logit for each patch of the picture (Isola et al., 1611.07004, 3.2.2; reference:
 * NLayerDiscriminator, PixelDiscriminator). Convolutional, so they take any size of picture; with more layers a
 * logit sees a larger patch. */
#include "graph/build.h"
#include "model/net.h"

#define SLOPE  0.2f
#define KERNEL 4
#define PAD    1

/* Convolution, norm slot and LeakyReLU from `index` of the sequence on. */
static px_node block(const px_net *net, px_node x, int index, int channels, int stride)
{
    px_node y = px_net_conv(net, x, "model", index, channels, KERNEL, stride, PAD, px_net_has_bias(net));
    return px_leaky(net->graph, px_net_norm(net, y, "model", index + 1), SLOPE);
}

static int width(int ndf, int level)
{
    return ndf << (level < 3 ? level : 3);
}

px_node px_patchgan(const px_net *net, px_node x, int layers, int ndf)
{
    px_node y = px_leaky(net->graph, px_net_conv(net, x, "model", 0, ndf, KERNEL, 2, PAD, true), SLOPE);

    for (int i = 1; i < layers; i++)
        y = block(net, y, 3 * i - 1, width(ndf, i), 2);
    y = block(net, y, 3 * layers - 1, width(ndf, layers), 1);
    return px_net_conv(net, y, "model", 3 * layers + 2, 1, KERNEL, 1, PAD, true);
}

/* `layers` halvings, then two convolutions that take one pixel each, must leave one pixel. */
int px_patchgan_smallest(int layers)
{
    return 3 << layers;
}

px_node px_pixelgan(const px_net *net, px_node x, int ndf)
{
    px_node y = px_leaky(net->graph, px_net_conv(net, x, "net", 0, ndf, 1, 1, 0, true), SLOPE);

    y = px_net_conv(net, y, "net", 2, 2 * ndf, 1, 1, 0, px_net_has_bias(net));
    y = px_leaky(net->graph, px_net_norm(net, y, "net", 3), SLOPE);
    return px_net_conv(net, y, "net", 5, 1, 1, 1, 0, px_net_has_bias(net));
}
