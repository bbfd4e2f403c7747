/* Which nodes a step needs, and in which order.
 *
 * Live is what an output or an effect leads back to. The order is that of creation, except that sources come first
 * (they are no work, and a bias between a convolution and its activation would hide that they belong together), and
 * that each Adam step moves forward to the place right behind its gradient and the last node that reads the old weight:
 * gradients then die at once, which saves a buffer as large as all weights of the network. */
#include "plan/planner.h"

static void mark_live(const px_graph *graph, bool *live)
{
    for (size_t i = graph->count; i-- > 0;) {
        const px_node_info *node = &graph->nodes[i];
        live[i] = live[i] || node->output || px_op_describe(node->op)->op_class == PX_EFFECT;
        for (int k = 0; live[i] && k < node->input_count; k++)
            live[node->inputs[k]] = true;
    }
}

/* The last node that an Adam step must follow: its gradient, and every earlier reader of the weight. */
static px_node adam_follows(const px_graph *graph, const bool *live, px_node adam)
{
    const px_node_info *node = &graph->nodes[adam];
    px_node last = node->inputs[1];
    for (px_node i = adam - 1; i > last; i--)
        for (int k = 0; live[i] && k < graph->nodes[i].input_count; k++)
            if (graph->nodes[i].inputs[k] == node->inputs[0])
                return i;
    return last;
}

pixcl_status px_pass_schedule(px_planner *p)
{
    const px_graph *graph = p->graph;
    bool *live = px_calloc(graph->count, sizeof *live, p->err);
    px_node *follows = px_calloc(graph->count, sizeof *follows, p->err);
    pixcl_status status = live && follows ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK) {
        mark_live(graph, live);
        for (size_t i = 0; i < graph->count; i++) {
            follows[i] = live[i] && graph->nodes[i].op == PX_OP_ADAM ? adam_follows(graph, live, (px_node)i) : PX_NONE;
            p->position[i] = -1;
        }
        for (size_t i = 0; i < graph->count; i++)
            if (live[i] && px_op_describe(graph->nodes[i].op)->op_class == PX_SOURCE)
                p->order[p->order_count++] = (px_node)i;
        for (size_t i = 0; i < graph->count; i++) {
            if (live[i] && follows[i] == PX_NONE && px_op_describe(graph->nodes[i].op)->op_class != PX_SOURCE)
                p->order[p->order_count++] = (px_node)i;
            for (size_t k = i + 1; k < graph->count; k++)
                if (follows[k] == (px_node)i)
                    p->order[p->order_count++] = (px_node)k;
        }
        for (int i = 0; i < p->order_count; i++) {
            p->position[p->order[i]] = i;
            const px_node_info *node = px_at(p, p->order[i]);
            for (int k = 0; k < node->input_count; k++)
                p->consumer_count[node->inputs[k]]++;
        }
    }
    px_free(live);
    px_free(follows);
    return status;
}
