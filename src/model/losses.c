/* GAN losses. */
#include "graph/build.h"
#include "model/net.h"

px_node px_gan_loss(px_graph *graph, px_gan_mode mode, px_node logits, bool real)
{
    const float target = real ? 1 : 0;
    switch (mode) {
    case PX_GAN_VANILLA:
        return px_bce(graph, logits, target);
    case PX_GAN_LSGAN:
        return px_mse(graph, logits, target);
    case PX_GAN_WGANGP:
        return real ? px_scale(graph, px_mean(graph, logits), -1) : px_mean(graph, logits);
    case PX_GAN_NONE:
        break;
    }
    return px_graph_fail(graph, "there is no GAN loss of mode %d", (int)mode);
}
