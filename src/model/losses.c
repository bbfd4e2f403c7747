/* GAN losses. */
#include "graph/build.h"
#include "model/net.h"

px_node px_gan_loss(px_graph *graph, px_gan_mode mode, px_node logits, bool real)
{
    const float target = real ? 1 : 0;
    return mode == PX_GAN_VANILLA ? px_bce(graph, logits, target) : px_mse(graph, logits, target);
}
