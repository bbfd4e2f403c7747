/* The gradient penalty (Gulrajani et al., 1704.00028; reference: cal_gradient_penalty, which nothing calls there).
 *
 *   x = alpha * real + (1 - alpha) * fake       one alpha for each sample
 *   g = d sum(D(x)) / dx                        over everything that D sees
 *   penalty = lambda_gp * mean((|g| - 1)^2)     |g| over a whole sample
 *
 * A critic whose slope is one along such lines measures the distance between real and fake. The slope is itself a
 * function of D's weights: g is made of nodes like all others, and they are differentiated once more. */
#include "graph/build.h"
#include "model/net.h"

/* Added to each element of g, as in the reference: the root of a sum of zeros has no slope. */
#define EPSILON 1e-16f

px_node px_gradient_penalty(const px_net *D, px_node real, px_node fake, const px_model_options *o)
{
    px_graph *graph = D->graph;
    if (o->gan_mode != PX_GAN_WGANGP || !(o->lambda_gp > 0))
        return PX_NONE;
    px_node x = px_mix(graph, real, fake), scores = px_discriminator(D, x, o), g = PX_NONE;
    if (scores == PX_NONE)
        return PX_NONE;
    px_node count = px_constant(graph, (float)px_shape_count(graph->nodes[scores].shape));
    px_node ones = px_mean_grad(graph, scores, count); /* of a sum, which is a mean times the count */
    px_graph_backward(graph, scores, ones, &x, 1, &g);
    return px_scale(graph, px_mse(graph, px_sample_norm(graph, g, EPSILON), 1), o->lambda_gp);
}
