/* Reverse-mode differentiation: walks the nodes backwards and adds, as ordinary nodes, each op's contribution to the
 * gradients of its inputs. Only nodes between the loss and a wanted node take part, so nothing is computed that no
 * gradient needs. */
#include <stdlib.h>

#include "base/memory.h"
#include "graph/build.h"

typedef struct tape {
    px_graph *graph;
    bool *wanted;      /* the node leads back to a wanted one */
    px_node *gradient; /* towards each node of the graph before differentiation */
} tape;

/* The node as it is now; the pointer does not survive adding a node, so rules copy what they need. */
static px_node_info at(const tape *t, px_node node)
{
    return t->graph->nodes[node];
}

static bool wants(const tape *t, px_node node, int input)
{
    return t->wanted[at(t, node).inputs[input]];
}

/* Adds g to the gradient of an input of `node`. */
static void give(tape *t, px_node node, int input, px_node g)
{
    px_node *sum = &t->gradient[at(t, node).inputs[input]];
    *sum = *sum == PX_NONE ? g : px_add(t->graph, *sum, g);
}

static void no_rule(tape *t, px_node node, const char *why)
{
    px_graph_fail(t->graph, "%s: has no gradient rule%s", px_op_describe(at(t, node).op)->name, why);
}

/* The transposed convolution that undoes the shape of a convolution of `x`. */
static px_node conv_t_like(px_graph *graph, px_node dy, px_node w, px_shape x, const px_attrs *a)
{
    if (graph->error.status != PIXCL_OK)
        return PX_NONE;
    px_shape y = graph->nodes[dy].shape;
    px_attrs attrs = {.stride = a->stride,
                      .pad = a->pad,
                      .output_pad_h = x.h - ((y.h - 1) * a->stride - 2 * a->pad + a->kernel),
                      .output_pad_w = x.w - ((y.w - 1) * a->stride - 2 * a->pad + a->kernel)};
    return px_graph_add(graph, PX_OP_CONV_T, (px_node[]){dy, w}, 2, &attrs, NULL);
}

static void gradient_conv(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 0))
        give(t, node, 0, conv_t_like(t->graph, dy, n.inputs[1], at(t, n.inputs[0]).shape, &n.attrs));
    if (wants(t, node, 1))
        give(t, node, 1, px_conv_wgrad(t->graph, n.inputs[0], dy, n.attrs.kernel, n.attrs.stride, n.attrs.pad));
}

static void gradient_conv_t(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 0))
        give(t, node, 0, px_conv(t->graph, dy, n.inputs[1], n.attrs.stride, n.attrs.pad));
    if (wants(t, node, 1))
        give(t, node, 1, px_conv_wgrad(t->graph, dy, n.inputs[0], n.attrs.kernel, n.attrs.stride, n.attrs.pad));
}

/* dw is bilinear in x and dy, and its incoming gradient g has the shape of weights. */
static void gradient_conv_wgrad(tape *t, px_node node, px_node g)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 0))
        give(t, node, 0, conv_t_like(t->graph, n.inputs[1], g, at(t, n.inputs[0]).shape, &n.attrs));
    if (wants(t, node, 1))
        give(t, node, 1, px_conv(t->graph, n.inputs[0], g, n.attrs.stride, n.attrs.pad));
}

static void gradient_bias(tape *t, px_node node, px_node dy)
{
    if (wants(t, node, 0))
        give(t, node, 0, dy);
    if (wants(t, node, 1))
        give(t, node, 1, px_channel_sum(t->graph, dy));
}

static void gradient_add(tape *t, px_node node, px_node dy)
{
    for (int i = 0; i < 2; i++)
        if (wants(t, node, i))
            give(t, node, i, dy);
}

static void gradient_scale(tape *t, px_node node, px_node dy)
{
    give(t, node, 0, px_scale(t->graph, dy, at(t, node).attrs.value));
}

static void gradient_leaky(tape *t, px_node node, px_node dy)
{
    give(t, node, 0, px_leaky_grad(t->graph, node, dy, at(t, node).attrs.value));
}

/* Linear in dy; the step function it multiplies with has derivative zero. */
static void gradient_leaky_grad(tape *t, px_node node, px_node g)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 1))
        give(t, node, 1, px_leaky_grad(t->graph, n.inputs[0], g, n.attrs.value));
}

static void gradient_tanh(tape *t, px_node node, px_node dy)
{
    give(t, node, 0, px_tanh_grad(t->graph, node, dy));
}

/* The same mask: the random stream is the op's id, not the node. */
static void gradient_dropout(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    give(t, node, 0, px_graph_add(t->graph, PX_OP_DROPOUT, &dy, 1, &n.attrs, NULL));
}

/* Through the statistics as well, which depend on x; see norm_sums and norm_grad in ops.def. */
static void gradient_norm(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    px_node x = n.inputs[0], stats = n.inputs[1], gamma = n.input_count > 2 ? n.inputs[2] : PX_NONE;
    px_node_info s = at(t, stats);
    if (s.op != PX_OP_NORM_STATS || s.inputs[0] != x) {
        no_rule(t, node, " with statistics that are not its own input's (evaluation mode)");
        return;
    }
    px_node sums = px_norm_sums(t->graph, x, stats, dy, n.attrs.value);
    if (t->wanted[x])
        give(t, node, 0, px_norm_grad(t->graph, x, stats, dy, sums, gamma, n.attrs.value));
    if (gamma == PX_NONE)
        return;
    if (wants(t, node, 2))
        give(t, node, 2, px_norm_row(t->graph, sums, 1));
    if (wants(t, node, 3))
        give(t, node, 3, px_norm_row(t->graph, sums, 0));
}

/* u is what arrives at dx. The sums depend on x and dy too, so their share is in here, as that of the statistics is in
 * gradient_norm. */
static void gradient_norm_grad(tape *t, px_node node, px_node u)
{
    px_node_info n = at(t, node);
    px_node x = n.inputs[0], stats = n.inputs[1], dy = n.inputs[2], sums = n.inputs[3];
    px_node gamma = n.input_count > 4 ? n.inputs[4] : PX_NONE;
    px_node_info s = at(t, stats), d = at(t, sums);
    if (s.op != PX_OP_NORM_STATS || s.inputs[0] != x || d.op != PX_OP_NORM_SUMS || d.inputs[0] != x ||
        d.inputs[1] != stats || d.inputs[2] != dy) {
        no_rule(t, node, " with statistics and sums that are not its own inputs'");
        return;
    }
    px_node u_sums = px_norm_sums(t->graph, x, stats, u, n.attrs.value);
    if (t->wanted[dy])
        give(t, node, 2, px_norm_grad(t->graph, x, stats, u, u_sums, gamma, n.attrs.value));
    bool wants_gamma = gamma != PX_NONE && t->wanted[gamma];
    if (!t->wanted[x] && !wants_gamma)
        return;
    px_node dot = px_norm_grad_dot(t->graph, x, stats, dy, sums, u, n.attrs.value);
    if (t->wanted[x])
        give(t, node, 0, px_norm_grad_x(t->graph, x, stats, dy, sums, u, u_sums, dot, gamma, n.attrs.value));
    if (wants_gamma)
        give(t, node, 4, px_norm_grad_gamma(t->graph, stats, dot, n.attrs.value));
}

/* Its share is already in gradient_norm, and nothing else reads statistics. */
static void gradient_norm_stats(tape *t, px_node node, px_node dy)
{
    (void)dy;
    no_rule(t, node, " outside a normalisation");
}

static void gradient_concat(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    int first = at(t, n.inputs[0]).shape.c, second = at(t, n.inputs[1]).shape.c;
    if (wants(t, node, 0))
        give(t, node, 0, px_slice(t->graph, dy, 0, first));
    if (wants(t, node, 1))
        give(t, node, 1, px_slice(t->graph, dy, first, second));
}

/* Padding copies and its gradient adds the copies up: each is the transpose of the other. */
static void gradient_reflect_pad(tape *t, px_node node, px_node dy)
{
    give(t, node, 0, px_reflect_pad_grad(t->graph, dy, at(t, node).attrs.pad));
}

static void gradient_reflect_pad_grad(tape *t, px_node node, px_node g)
{
    give(t, node, 0, px_reflect_pad(t->graph, g, at(t, node).attrs.pad));
}

static void gradient_upsample(tape *t, px_node node, px_node dy)
{
    give(t, node, 0, px_upsample_grad(t->graph, dy));
}

static void gradient_upsample_grad(tape *t, px_node node, px_node g)
{
    give(t, node, 0, px_upsample(t->graph, g));
}

static void gradient_sample_norm(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    give(t, node, 0, px_sample_norm_grad(t->graph, n.inputs[0], node, dy, n.attrs.value));
}

static void gradient_bce(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    give(t, node, 0, px_bce_grad(t->graph, n.inputs[0], dy, n.attrs.value));
}

static void gradient_mse(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    give(t, node, 0, px_mse_grad(t->graph, n.inputs[0], dy, n.attrs.value));
}

static void gradient_l1(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 0))
        give(t, node, 0, px_l1_grad(t->graph, n.inputs[0], n.inputs[1], dy));
    if (wants(t, node, 1))
        give(t, node, 1, px_l1_grad(t->graph, n.inputs[1], n.inputs[0], dy));
}

static void gradient_l2(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 0))
        give(t, node, 0, px_l2_grad(t->graph, n.inputs[0], n.inputs[1], dy));
    if (wants(t, node, 1))
        give(t, node, 1, px_l2_grad(t->graph, n.inputs[1], n.inputs[0], dy));
}

static void gradient_smooth_l1(tape *t, px_node node, px_node dy)
{
    px_node_info n = at(t, node);
    if (wants(t, node, 0))
        give(t, node, 0, px_smooth_l1_grad(t->graph, n.inputs[0], n.inputs[1], dy, n.attrs.value));
    if (wants(t, node, 1))
        give(t, node, 1, px_smooth_l1_grad(t->graph, n.inputs[1], n.inputs[0], dy, n.attrs.value));
}

static void gradient_mean(tape *t, px_node node, px_node dy)
{
    give(t, node, 0, px_mean_grad(t->graph, at(t, node).inputs[0], dy));
}

/* The same number everywhere: nothing depends on the elements of x. */
static void gradient_mean_grad(tape *t, px_node node, px_node u)
{
    if (wants(t, node, 1))
        give(t, node, 1, px_mean(t->graph, u));
}

#define NO_RULE(stem)                                                                                                  \
    static void gradient_##stem(tape *t, px_node node, px_node dy)                                                     \
    {                                                                                                                  \
        (void)dy;                                                                                                      \
        no_rule(t, node, "");                                                                                          \
    }
NO_RULE(input)
NO_RULE(variable)
NO_RULE(constant)
NO_RULE(tanh_grad)
NO_RULE(mix)
NO_RULE(norm_running)
NO_RULE(norm_sums)
NO_RULE(norm_grad_dot)
NO_RULE(norm_grad_x)
NO_RULE(norm_grad_gamma)
NO_RULE(norm_row)
NO_RULE(norm_update)
NO_RULE(channel_sum)
NO_RULE(slice)
NO_RULE(pool_pick)
NO_RULE(pool_store)
NO_RULE(sample_norm_grad)
NO_RULE(bce_grad)
NO_RULE(mse_grad)
NO_RULE(l1_grad)
NO_RULE(l2_grad)
NO_RULE(smooth_l1_grad)
NO_RULE(adam)

/* Whether any input leads back to a wanted node: a node that is itself wanted need not have such. */
static bool goes_on(const tape *t, px_node node)
{
    px_node_info n = at(t, node);
    for (int i = 0; i < n.input_count; i++)
        if (t->wanted[n.inputs[i]])
            return true;
    return false;
}

static void differentiate(tape *t, px_node y, px_node dy)
{
    static void (*const rules[PX_OP_COUNT])(tape *, px_node, px_node) = {
#define OP(id, stem, ...) gradient_##stem,
#include "graph/ops.def"
#undef OP
    };
    t->gradient[y] = dy;
    for (px_node node = y; node >= 0; node--) {
        if (t->gradient[node] != PX_NONE && goes_on(t, node))
            rules[at(t, node).op](t, node, t->gradient[node]);
        if (t->graph->error.status != PIXCL_OK)
            return;
    }
}

void px_graph_backward(px_graph *graph, px_node y, px_node dy, const px_node *wanted, int count, px_node *gradients)
{
    for (int i = 0; i < count; i++)
        gradients[i] = PX_NONE;
    if (graph->error.status != PIXCL_OK || y == PX_NONE || dy == PX_NONE)
        return;
    if (!px_shape_equal(graph->nodes[y].shape, graph->nodes[dy].shape)) {
        px_graph_fail(graph, "gradients: y and dy must have equal shapes");
        return;
    }
    size_t before = graph->count;
    tape t = {graph, px_calloc(before, sizeof *t.wanted, &graph->error),
              px_calloc(before, sizeof *t.gradient, &graph->error)};
    if (t.wanted && t.gradient) {
        for (size_t i = 0; i < before; i++)
            t.gradient[i] = PX_NONE;
        for (int i = 0; i < count; i++)
            t.wanted[wanted[i]] = true;
        for (size_t i = 0; i < before; i++)
            for (int k = 0; k < graph->nodes[i].input_count; k++)
                t.wanted[i] = t.wanted[i] || t.wanted[graph->nodes[i].inputs[k]];
        differentiate(&t, y, dy);
        for (int i = 0; i < count && graph->error.status == PIXCL_OK; i++)
            gradients[i] = t.gradient[wanted[i]];
    }
    px_free(t.wanted);
    px_free(t.gradient);
}

void px_graph_gradients(px_graph *graph, px_node loss, const px_node *wanted, int count, px_node *gradients)
{
    if (graph->error.status == PIXCL_OK && loss != PX_NONE && px_shape_count(graph->nodes[loss].shape) != 1)
        px_graph_fail(graph, "gradients: the loss is no scalar");
    px_graph_backward(graph, loss, px_constant(graph, 1), wanted, count, gradients);
}
