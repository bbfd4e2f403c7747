/* The building calls: each checks for PX_NONE, fills the attributes and adds the node. */
#include "graph/build.h"

#include <stdio.h>

static px_node add(px_graph *graph, px_op op, int count, const px_node *inputs, px_attrs attrs)
{
    for (int i = 0; i < count; i++)
        if (inputs[i] == PX_NONE)
            return graph->error.status != PIXCL_OK
                       ? PX_NONE
                       : px_graph_fail(graph, "%s: input %d is missing", px_op_describe(op)->name, i);
    return px_graph_add(graph, op, inputs, count, &attrs, NULL);
}

static px_node source(px_graph *graph, px_op op, px_kind kind, px_shape shape, const char *name, px_attrs attrs)
{
    if (graph->error.status != PIXCL_OK)
        return PX_NONE;
    if (shape.n < 1 || shape.c < 1 || shape.h < 1 || shape.w < 1)
        return px_graph_fail(graph, "%s: the shape (%d,%d,%d,%d) is empty", name ? name : "constant", shape.n, shape.c,
                             shape.h, shape.w);
    px_node node = px_graph_add(graph, op, NULL, 0, &attrs, name);
    if (node != PX_NONE) {
        graph->nodes[node].kind = kind;
        graph->nodes[node].shape = shape;
    }
    return node;
}

px_node px_input(px_graph *graph, px_shape shape, const char *name)
{
    return source(graph, PX_OP_INPUT, PX_ACTIVATION, shape, name, (px_attrs){0});
}

px_node px_variable(px_graph *graph, px_kind kind, px_shape shape, const char *name, bool state)
{
    px_node node = source(graph, PX_OP_VARIABLE, kind, shape, name, (px_attrs){0});
    if (node != PX_NONE)
        graph->nodes[node].state = state;
    return node;
}

px_node px_constant(px_graph *graph, float value)
{
    return source(graph, PX_OP_CONSTANT, PX_PLAIN, (px_shape){1, 1, 1, 1}, NULL, (px_attrs){.value = value});
}

px_node px_conv(px_graph *graph, px_node x, px_node w, int stride, int pad)
{
    return add(graph, PX_OP_CONV, 2, (px_node[]){x, w}, (px_attrs){.stride = stride, .pad = pad});
}

px_node px_conv_t(px_graph *graph, px_node x, px_node w, int stride, int pad, int output_pad)
{
    return add(graph, PX_OP_CONV_T, 2, (px_node[]){x, w},
               (px_attrs){.stride = stride, .pad = pad, .output_pad_h = output_pad, .output_pad_w = output_pad});
}

px_node px_conv_wgrad(px_graph *graph, px_node x, px_node dy, int kernel, int stride, int pad)
{
    return add(graph, PX_OP_CONV_WGRAD, 2, (px_node[]){x, dy},
               (px_attrs){.kernel = kernel, .stride = stride, .pad = pad});
}

px_node px_bias(px_graph *graph, px_node x, px_node bias)
{
    return add(graph, PX_OP_BIAS, 2, (px_node[]){x, bias}, (px_attrs){0});
}

px_node px_channel_sum(px_graph *graph, px_node x)
{
    return add(graph, PX_OP_CHANNEL_SUM, 1, &x, (px_attrs){0});
}

px_node px_add(px_graph *graph, px_node a, px_node b)
{
    return add(graph, PX_OP_ADD, 2, (px_node[]){a, b}, (px_attrs){0});
}

px_node px_scale(px_graph *graph, px_node x, float factor)
{
    if (x != PX_NONE && graph->error.status == PIXCL_OK && graph->nodes[x].op == PX_OP_CONSTANT)
        return px_constant(graph, graph->nodes[x].attrs.value * factor);
    return add(graph, PX_OP_SCALE, 1, &x, (px_attrs){.value = factor});
}

px_node px_leaky(px_graph *graph, px_node x, float slope)
{
    return add(graph, PX_OP_LEAKY, 1, &x, (px_attrs){.value = slope});
}

px_node px_leaky_grad(px_graph *graph, px_node y, px_node dy, float slope)
{
    return add(graph, PX_OP_LEAKY_GRAD, 2, (px_node[]){y, dy}, (px_attrs){.value = slope});
}

px_node px_relu(px_graph *graph, px_node x)
{
    return px_leaky(graph, x, 0);
}

px_node px_tanh(px_graph *graph, px_node x)
{
    return add(graph, PX_OP_TANH, 1, &x, (px_attrs){0});
}

px_node px_tanh_grad(px_graph *graph, px_node y, px_node dy)
{
    return add(graph, PX_OP_TANH_GRAD, 2, (px_node[]){y, dy}, (px_attrs){0});
}

px_node px_dropout(px_graph *graph, px_node x, float probability)
{
    return add(graph, PX_OP_DROPOUT, 1, &x, (px_attrs){.value = probability, .id = graph->next_random++});
}

px_node px_mix(px_graph *graph, px_node a, px_node b)
{
    return add(graph, PX_OP_MIX, 2, (px_node[]){a, b}, (px_attrs){.id = graph->next_random++});
}

px_node px_norm_stats(px_graph *graph, px_node x, bool per_image)
{
    return add(graph, PX_OP_NORM_STATS, 1, &x, (px_attrs){.per_image = per_image});
}

px_node px_norm_running(px_graph *graph, px_node running_mean, px_node running_var)
{
    return add(graph, PX_OP_NORM_RUNNING, 2, (px_node[]){running_mean, running_var}, (px_attrs){0});
}

px_node px_norm(px_graph *graph, px_node x, px_node stats, px_node gamma, px_node beta, float epsilon)
{
    return add(graph, PX_OP_NORM, gamma == PX_NONE && beta == PX_NONE ? 2 : 4, (px_node[]){x, stats, gamma, beta},
               (px_attrs){.value = epsilon});
}

px_node px_norm_sums(px_graph *graph, px_node x, px_node stats, px_node dy, float epsilon)
{
    return add(graph, PX_OP_NORM_SUMS, 3, (px_node[]){x, stats, dy}, (px_attrs){.value = epsilon});
}

px_node px_norm_grad(px_graph *graph, px_node x, px_node stats, px_node dy, px_node sums, px_node gamma, float epsilon)
{
    return add(graph, PX_OP_NORM_GRAD, gamma == PX_NONE ? 4 : 5, (px_node[]){x, stats, dy, sums, gamma},
               (px_attrs){.value = epsilon});
}

px_node px_norm_grad_dot(px_graph *graph, px_node x, px_node stats, px_node dy, px_node sums, px_node u, float epsilon)
{
    return add(graph, PX_OP_NORM_GRAD_DOT, 5, (px_node[]){x, stats, dy, sums, u}, (px_attrs){.value = epsilon});
}

px_node px_norm_grad_x(px_graph *graph, px_node x, px_node stats, px_node dy, px_node sums, px_node u, px_node u_sums,
                       px_node dot, px_node gamma, float epsilon)
{
    return add(graph, PX_OP_NORM_GRAD_X, gamma == PX_NONE ? 7 : 8,
               (px_node[]){x, stats, dy, sums, u, u_sums, dot, gamma}, (px_attrs){.value = epsilon});
}

px_node px_norm_grad_gamma(px_graph *graph, px_node stats, px_node dot, float epsilon)
{
    return add(graph, PX_OP_NORM_GRAD_GAMMA, 2, (px_node[]){stats, dot}, (px_attrs){.value = epsilon});
}

px_node px_norm_row(px_graph *graph, px_node sums, int row)
{
    return add(graph, PX_OP_NORM_ROW, 1, &sums, (px_attrs){.from = row});
}

px_node px_norm_update(px_graph *graph, px_node running_mean, px_node running_var, px_node stats, float momentum,
                       int count)
{
    return add(graph, PX_OP_NORM_UPDATE, 3, (px_node[]){running_mean, running_var, stats},
               (px_attrs){.value = momentum, .count = count});
}

px_node px_concat(px_graph *graph, px_node a, px_node b)
{
    return add(graph, PX_OP_CONCAT, 2, (px_node[]){a, b}, (px_attrs){0});
}

px_node px_slice(px_graph *graph, px_node x, int from, int count)
{
    return add(graph, PX_OP_SLICE, 1, &x, (px_attrs){.from = from, .count = count});
}

px_node px_reflect_pad(px_graph *graph, px_node x, int pad)
{
    return add(graph, PX_OP_REFLECT_PAD, 1, &x, (px_attrs){.pad = pad});
}

px_node px_reflect_pad_grad(px_graph *graph, px_node dy, int pad)
{
    return add(graph, PX_OP_REFLECT_PAD_GRAD, 1, &dy, (px_attrs){.pad = pad});
}

px_node px_upsample(px_graph *graph, px_node x)
{
    return add(graph, PX_OP_UPSAMPLE, 1, &x, (px_attrs){0});
}

px_node px_upsample_grad(px_graph *graph, px_node dy)
{
    return add(graph, PX_OP_UPSAMPLE_GRAD, 1, &dy, (px_attrs){0});
}

px_node px_pool_pick(px_graph *graph, px_node pool, px_node x)
{
    return add(graph, PX_OP_POOL_PICK, 2, (px_node[]){pool, x}, (px_attrs){.id = graph->next_random++});
}

px_node px_pool_store(px_graph *graph, px_node pick)
{
    static const px_node missing[] = {PX_NONE, PX_NONE};
    const px_node_info *info = px_graph_node(graph, pick);
    return add(graph, PX_OP_POOL_STORE, 2, info ? info->inputs : missing, info ? info->attrs : (px_attrs){0});
}

px_node px_sample_norm(px_graph *graph, px_node x, float epsilon)
{
    return add(graph, PX_OP_SAMPLE_NORM, 1, &x, (px_attrs){.value = epsilon});
}

px_node px_sample_norm_grad(px_graph *graph, px_node x, px_node norm, px_node g, float epsilon)
{
    return add(graph, PX_OP_SAMPLE_NORM_GRAD, 3, (px_node[]){x, norm, g}, (px_attrs){.value = epsilon});
}

px_node px_bce(px_graph *graph, px_node logits, float target)
{
    return add(graph, PX_OP_BCE, 1, &logits, (px_attrs){.value = target});
}

px_node px_mse(px_graph *graph, px_node x, float target)
{
    return add(graph, PX_OP_MSE, 1, &x, (px_attrs){.value = target});
}

px_node px_l1(px_graph *graph, px_node a, px_node b)
{
    return add(graph, PX_OP_L1, 2, (px_node[]){a, b}, (px_attrs){0});
}

px_node px_l2(px_graph *graph, px_node a, px_node b)
{
    return add(graph, PX_OP_L2, 2, (px_node[]){a, b}, (px_attrs){0});
}

px_node px_smooth_l1(px_graph *graph, px_node a, px_node b, float beta)
{
    return add(graph, PX_OP_SMOOTH_L1, 2, (px_node[]){a, b}, (px_attrs){.value = beta});
}

px_node px_mean(px_graph *graph, px_node x)
{
    return add(graph, PX_OP_MEAN, 1, &x, (px_attrs){0});
}

px_node px_bce_grad(px_graph *graph, px_node logits, px_node g, float target)
{
    return add(graph, PX_OP_BCE_GRAD, 2, (px_node[]){logits, g}, (px_attrs){.value = target});
}

px_node px_mse_grad(px_graph *graph, px_node x, px_node g, float target)
{
    return add(graph, PX_OP_MSE_GRAD, 2, (px_node[]){x, g}, (px_attrs){.value = target});
}

px_node px_l1_grad(px_graph *graph, px_node a, px_node b, px_node g)
{
    return add(graph, PX_OP_L1_GRAD, 3, (px_node[]){a, b, g}, (px_attrs){0});
}

px_node px_l2_grad(px_graph *graph, px_node a, px_node b, px_node g)
{
    return add(graph, PX_OP_L2_GRAD, 3, (px_node[]){a, b, g}, (px_attrs){0});
}

px_node px_smooth_l1_grad(px_graph *graph, px_node a, px_node b, px_node g, float beta)
{
    return add(graph, PX_OP_SMOOTH_L1_GRAD, 3, (px_node[]){a, b, g}, (px_attrs){.value = beta});
}

px_node px_mean_grad(px_graph *graph, px_node x, px_node g)
{
    return add(graph, PX_OP_MEAN_GRAD, 2, (px_node[]){x, g}, (px_attrs){0});
}

int px_adam_optimiser(px_graph *graph, double beta1, double beta2, double epsilon)
{
    if (graph->optimiser_count == PX_MAX_OPTIMISERS) {
        px_graph_fail(graph, "adam: a graph has at most %d optimisers", PX_MAX_OPTIMISERS);
        return 0;
    }
    graph->optimisers[graph->optimiser_count] = (px_optimiser){beta1, beta2, epsilon};
    return graph->optimiser_count++;
}

px_node px_adam(px_graph *graph, px_node variable, px_node gradient, px_node m, px_node v, int optimiser)
{
    return add(graph, PX_OP_ADAM, 4, (px_node[]){variable, gradient, m, v}, (px_attrs){.id = optimiser});
}
