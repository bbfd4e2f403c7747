/* The pool of old pictures (Shrivastava et al., 1612.07828; Zhu et al., 1703.10593, 4; reference: ImagePool): a
 * discriminator is trained on the last generators' pictures as well as on the present one's. */
#include <stdio.h>

#include "graph/build.h"
#include "model/net.h"

px_node px_net_pool(px_graph *graph, px_node x, int size, const char *name)
{
    char variable[PX_NAME_SIZE];
    if (size == 0 || x == PX_NONE)
        return x;
    if (snprintf(variable, sizeof variable, "%s.pool", name) >= (int)sizeof variable)
        return px_graph_fail(graph, "%s: the name leaves no room for .pool", name);
    px_shape shape = graph->nodes[x].shape;
    shape.n = size;
    px_node pick = px_pool_pick(graph, px_variable(graph, PX_ACTIVATION, shape, variable, true), x);
    px_pool_store(graph, pick);
    return pick;
}
