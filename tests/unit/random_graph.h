/* Random graphs for tests of the planner: ops of every class with each other, gradients and Adam, from a seed. */
#ifndef TESTS_RANDOM_GRAPH_H
#define TESTS_RANDOM_GRAPH_H

#include <stdio.h>

#include "base/rng.h"
#include "graph/build.h"

typedef struct random_graph {
    px_graph *graph;
    px_rng rng;
    px_node maps[64];      /* activations made so far */
    px_node variables[32]; /* to train */
    int map_count, variable_count, names;
} random_graph;

static inline int random_of(random_graph *r, const int *choices, int count)
{
    return choices[px_rng_below(&r->rng, (uint32_t)count)];
}

static inline px_node random_variable(random_graph *r, px_kind kind, px_shape shape)
{
    char name[24];
    snprintf(name, sizeof name, "v%d", r->names++);
    px_node node = px_variable(r->graph, kind, shape, name, false);
    if (r->variable_count < 32)
        r->variables[r->variable_count++] = node;
    return node;
}

static inline px_node random_input(random_graph *r, px_shape shape)
{
    char name[24];
    snprintf(name, sizeof name, "x%d", r->names++);
    return px_input(r->graph, shape, name);
}

static inline px_shape random_shape_of(const random_graph *r, px_node node)
{
    return r->graph->nodes[node].shape;
}

/* A map like `x` (all but the channels may be asked to agree), or `x` itself. */
static inline px_node random_partner(random_graph *r, px_node x, bool same_channels)
{
    for (int tries = 0; tries < 8; tries++) {
        px_node other = r->maps[px_rng_below(&r->rng, (uint32_t)r->map_count)];
        px_shape a = random_shape_of(r, x), b = random_shape_of(r, other);
        if (a.n == b.n && a.h == b.h && a.w == b.w && (!same_channels || a.c == b.c))
            return other;
    }
    return x;
}

static inline px_node random_conv(random_graph *r, px_node x, bool transposed)
{
    static const int channels[] = {1, 3, 6, 8, 12, 16, 16, 32}, kernels[] = {1, 3, 3, 4};
    px_shape s = random_shape_of(r, x);
    int out = random_of(r, channels, 8), k = random_of(r, kernels, 4), pad = k / 2 > 0 ? 1 : 0;
    int stride = k > 1 ? 1 + (int)px_rng_below(&r->rng, 2) : 1;
    if (s.h + 2 * pad < k || s.w + 2 * pad < k || (transposed && stride * s.h > 14))
        return x;
    px_shape shape = transposed ? (px_shape){s.c, out, k, k} : (px_shape){out, s.c, k, k};
    px_node w = random_variable(r, PX_WEIGHT, shape);
    px_node y = transposed ? px_conv_t(r->graph, x, w, stride, pad, stride - 1) : px_conv(r->graph, x, w, stride, pad);
    if (px_rng_below(&r->rng, 2))
        y = px_bias(r->graph, y, random_variable(r, PX_PLAIN, (px_shape){1, out, 1, 1}));
    return px_rng_below(&r->rng, 2) ? px_leaky(r->graph, y, 0.25f) : y;
}

static inline px_node random_norm(random_graph *r, px_node x)
{
    px_shape s = random_shape_of(r, x);
    bool per_image = px_rng_below(&r->rng, 2);
    if (s.h * s.w < 4)
        return x;
    px_node stats = px_norm_stats(r->graph, x, per_image), gamma = PX_NONE, beta = PX_NONE;
    if (!per_image) {
        gamma = random_variable(r, PX_PLAIN, (px_shape){1, s.c, 1, 1});
        beta = random_variable(r, PX_PLAIN, (px_shape){1, s.c, 1, 1});
    }
    return px_norm(r->graph, x, stats, gamma, beta, 1e-2f);
}

static inline px_node random_map(random_graph *r)
{
    px_graph *g = r->graph;
    px_node x = r->maps[px_rng_below(&r->rng, (uint32_t)r->map_count)];
    px_shape s = random_shape_of(r, x);
    switch (px_rng_below(&r->rng, 14)) {
    case 0:
        return px_leaky(g, x, 0.25f);
    case 1:
        return px_relu(g, x);
    case 2:
        return px_tanh(g, x);
    case 3:
        return px_scale(g, x, 0.5f);
    case 4:
        return px_dropout(g, x, 0.5f);
    case 5:
        return px_add(g, x, random_partner(r, x, true));
    case 6:
        return s.c > 40 ? x : px_concat(g, x, random_partner(r, x, false));
    case 7:
        return px_reflect_pad(g, x, s.h > 1 && s.w > 1 && s.h < 12 ? 1 : 0);
    case 8:
        return random_norm(r, x);
    case 9:
    case 10:
        return random_conv(r, x, true);
    default:
        return random_conv(r, x, false);
    }
}

/* A graph of about `size` forward ops, a loss and a training step. Destroy its graph with px_graph_destroy(). */
static inline random_graph random_graph_create(uint64_t seed, int size)
{
    static const int channels[] = {1, 3, 5, 6, 16, 24}, sides[] = {1, 4, 5, 8, 9};
    random_graph r = {.graph = px_graph_create(NULL), .rng = {.seed = seed, .stream = 77}};
    px_graph *g = r.graph;
    px_shape s = {1 + (int)px_rng_below(&r.rng, 2), random_of(&r, channels, 6), random_of(&r, sides, 5),
                  random_of(&r, sides, 5)};
    int optimiser = px_adam_optimiser(g, 0.5, 0.999, 1e-1);
    r.maps[r.map_count++] = random_input(&r, s);
    r.maps[r.map_count++] = random_input(&r, s);
    px_node loss = PX_NONE, gradients[32];
    for (int i = 0; i < size && r.map_count < 64; i++) {
        px_node map = random_map(&r);
        r.maps[r.map_count++] = map;
        if (px_rng_below(&r.rng, 8) == 0 && g->nodes[map].op != PX_OP_INPUT)
            px_graph_output(g, map, NULL);
        if (i + 1 < size && px_rng_below(&r.rng, 8))
            continue;
        px_node term = px_rng_below(&r.rng, 2) ? px_bce(g, map, 1) : px_mse(g, map, 0.5f);
        loss = loss == PX_NONE ? term : px_add(g, loss, px_scale(g, term, 0.5f));
    }
    px_graph_output(g, loss, NULL);
    int trained = r.variable_count;
    px_graph_gradients(g, loss, r.variables, trained, gradients);
    for (int i = 0; i < trained && g->error.status == PIXCL_OK; i++) {
        if (gradients[i] == PX_NONE)
            continue;
        px_kind kind = g->nodes[r.variables[i]].kind;
        px_shape shape = random_shape_of(&r, r.variables[i]);
        px_node m = random_variable(&r, kind, shape), v = random_variable(&r, kind, shape);
        px_adam(g, r.variables[i], gradients[i], m, v, optimiser);
    }
    return r;
}

#endif
