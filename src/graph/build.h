/* One call an operation; see ops.def for what each computes. Any PX_NONE argument makes the result PX_NONE. */
#ifndef PX_GRAPH_BUILD_H
#define PX_GRAPH_BUILD_H

#include "graph/graph.h"

px_node px_input(px_graph *graph, px_shape shape, const char *name);
/* `kind` PX_WEIGHT for convolution weights, PX_ACTIVATION for pictures, else PX_PLAIN. `state`: not a weight (running
 * statistics, moments, a pool of pictures). */
px_node px_variable(px_graph *graph, px_kind kind, px_shape shape, const char *name, bool state);
px_node px_constant(px_graph *graph, float value);

px_node px_conv(px_graph *graph, px_node x, px_node w, int stride, int pad);
px_node px_conv_t(px_graph *graph, px_node x, px_node w, int stride, int pad, int output_pad);
px_node px_conv_wgrad(px_graph *graph, px_node x, px_node dy, int kernel, int stride, int pad);
px_node px_bias(px_graph *graph, px_node x, px_node bias);
px_node px_channel_sum(px_graph *graph, px_node x);

px_node px_add(px_graph *graph, px_node a, px_node b);
px_node px_scale(px_graph *graph, px_node x, float factor);
px_node px_leaky(px_graph *graph, px_node x, float slope);
px_node px_leaky_grad(px_graph *graph, px_node y, px_node dy, float slope);
px_node px_relu(px_graph *graph, px_node x);
px_node px_tanh(px_graph *graph, px_node x);
px_node px_tanh_grad(px_graph *graph, px_node y, px_node dy);
/* Probability of dropping in [0,1). */
px_node px_dropout(px_graph *graph, px_node x, float probability);
px_node px_mix(px_graph *graph, px_node a, px_node b);

px_node px_norm_stats(px_graph *graph, px_node x, bool per_image);
px_node px_norm_running(px_graph *graph, px_node running_mean, px_node running_var);
/* gamma and beta: both a node, or both PX_NONE. */
px_node px_norm(px_graph *graph, px_node x, px_node stats, px_node gamma, px_node beta, float epsilon);
px_node px_norm_sums(px_graph *graph, px_node x, px_node stats, px_node dy, float epsilon);
px_node px_norm_grad(px_graph *graph, px_node x, px_node stats, px_node dy, px_node sums, px_node gamma, float epsilon);
/* `sums` are those of dy, `u_sums` those of u, `dot` is px_norm_grad_dot(). */
px_node px_norm_grad_dot(px_graph *graph, px_node x, px_node stats, px_node dy, px_node sums, px_node u, float epsilon);
px_node px_norm_grad_x(px_graph *graph, px_node x, px_node stats, px_node dy, px_node sums, px_node u, px_node u_sums,
                       px_node dot, px_node gamma, float epsilon);
px_node px_norm_grad_gamma(px_graph *graph, px_node stats, px_node dot, float epsilon);
px_node px_norm_row(px_graph *graph, px_node sums, int row);
/* `count` elements went into each channel's statistics. */
px_node px_norm_update(px_graph *graph, px_node running_mean, px_node running_var, px_node stats, float momentum,
                       int count);

px_node px_concat(px_graph *graph, px_node a, px_node b);
px_node px_slice(px_graph *graph, px_node x, int from, int count);
px_node px_reflect_pad(px_graph *graph, px_node x, int pad);
px_node px_reflect_pad_grad(px_graph *graph, px_node dy, int pad);

px_node px_upsample(px_graph *graph, px_node x);
px_node px_upsample_grad(px_graph *graph, px_node dy);
px_node px_pool_pick(px_graph *graph, px_node pool, px_node x);
/* Puts into the pool what `pick`, a px_pool_pick(), has looked at, by the same numbers. */
px_node px_pool_store(px_graph *graph, px_node pick);

px_node px_sample_norm(px_graph *graph, px_node x, float epsilon);
px_node px_sample_norm_grad(px_graph *graph, px_node x, px_node norm, px_node g, float epsilon);

px_node px_bce(px_graph *graph, px_node logits, float target);
px_node px_mse(px_graph *graph, px_node x, float target);
px_node px_l1(px_graph *graph, px_node a, px_node b);
px_node px_l2(px_graph *graph, px_node a, px_node b);
px_node px_smooth_l1(px_graph *graph, px_node a, px_node b, float beta);
px_node px_mean(px_graph *graph, px_node x);
px_node px_bce_grad(px_graph *graph, px_node logits, px_node g, float target);
px_node px_mse_grad(px_graph *graph, px_node x, px_node g, float target);
px_node px_l1_grad(px_graph *graph, px_node a, px_node b, px_node g);
px_node px_l2_grad(px_graph *graph, px_node a, px_node b, px_node g);
px_node px_smooth_l1_grad(px_graph *graph, px_node a, px_node b, px_node g, float beta);
px_node px_mean_grad(px_graph *graph, px_node x, px_node g);

/* Returns the index of a new optimiser, for px_adam(). */
int px_adam_optimiser(px_graph *graph, double beta1, double beta2, double epsilon);
px_node px_adam(px_graph *graph, px_node variable, px_node gradient, px_node m, px_node v, int optimiser);

#endif
