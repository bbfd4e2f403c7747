/* Initial values of variables (reference: init_net, and PyTorch's torch.nn.init).
 *
 * Convolution weights are (d0,d1,k,k); PyTorch calls d1*k*k the fan-in and d0*k*k the fan-out whatever d0 and d1
 * mean, so the fan-in of a transposed convolution counts its outputs. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/math.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "model/model.h"
#include "model/orthogonal.h"

typedef struct normal_numbers {
    uint64_t seed, stream;
    float deviation, *values;
} normal_numbers;

/* Normal numbers begin to end - 1 of a stream by Box-Muller, four from each Philox block; begin is a multiple of 4. */
static void fill_normal_range(void *context, size_t begin, size_t end)
{
    const normal_numbers *n = context;
    const uint32_t key[2] = {(uint32_t)n->seed, (uint32_t)(n->seed >> 32)};
    for (size_t e = begin; e < end; e += 4) {
        const uint64_t block = e / 4;
        const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)n->stream,
                                     (uint32_t)(n->stream >> 32)};
        uint32_t words[4];
        float four[4];
        px_philox(key, counter, words);
        for (int half = 0; half < 4; half += 2) {
            const double u = ((double)words[half] + 1) * 0x1p-32; /* in (0,1]: never log 0 */
            const double radius = (double)n->deviation * sqrt(-2 * px_ln(u));
            double sine, cosine;
            px_sin_cos(words[half + 1], &sine, &cosine);
            four[half] = (float)(radius * cosine);
            four[half + 1] = (float)(radius * sine);
        }
        memcpy(n->values + e, four, (end - e < 4 ? end - e : 4) * sizeof *n->values);
    }
}

/* px_rng_normal() would take two blocks for each number; a U-Net has 54 million weights, and somebody waits. A number
 * depends on its position alone, so threads make the same ones. */
static void fill_normal(uint64_t seed, const char *name, float deviation, float *values, size_t count)
{
    enum { GRAIN = 1 << 16 };
    const uint64_t stream = px_hash(PX_HASH_START, name, strlen(name));
    normal_numbers numbers = {seed, stream, deviation, values};
    px_parallel(count, GRAIN, fill_normal_range, &numbers);
}

static void fill(float value, float *values, size_t count)
{
    for (size_t e = 0; e < count; e++)
        values[e] = value;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static pixcl_status initial_weight(const px_node_info *v, px_init_type type, float gain, uint64_t seed, float *values,
                                   pixcl_error *err)
{
    const size_t count = px_shape_count(v->shape);
    const double taps = (double)v->shape.h * v->shape.w, fan_in = v->shape.c * taps, fan_out = v->shape.n * taps;

    switch (type) {
    case PX_INIT_NORMAL:
        fill_normal(seed, v->name, gain, values, count);
        return PIXCL_OK;
    case PX_INIT_XAVIER:
        fill_normal(seed, v->name, (float)(gain * sqrt(2 / (fan_in + fan_out))), values, count);
        return PIXCL_OK;
    case PX_INIT_KAIMING:
        fill_normal(seed, v->name, (float)sqrt(2 / fan_in), values, count);
        return PIXCL_OK;
    case PX_INIT_ORTHOGONAL:
        fill_normal(seed, v->name, 1, values, count);
        return px_orthogonalise(values, (size_t)v->shape.n, count / (size_t)v->shape.n, gain, err);
    }
    return px_fail(err, PIXCL_ERROR_INTERNAL, "%s: unknown kind of initialisation %d", v->name, (int)type);
}

bool px_model_starts_as_zeros(const px_graph *graph, px_node variable)
{
    const px_node_info *v = px_graph_node(graph, variable);
    if (v->state)
        return !ends_with(v->name, ".running_var");
    return v->kind != PX_WEIGHT && !ends_with(v->name, ".weight");
}

pixcl_status px_model_initial(const px_graph *graph, px_node variable, px_init_type type, float gain, uint64_t seed,
                              float *values, pixcl_error *err)
{
    const px_node_info *v = px_graph_node(graph, variable);
    if (!v || v->op != PX_OP_VARIABLE)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "node %d has no initial value: it is no variable", variable);
    const size_t count = px_shape_count(v->shape);

    if (v->kind == PX_WEIGHT && !v->state)
        return initial_weight(v, type, gain, seed, values, err);
    fill(ends_with(v->name, ".running_var") ? 1 : 0, values, count);
    if (!v->state && ends_with(v->name, ".weight")) { /* of a norm: normal(1, gain) */
        fill_normal(seed, v->name, gain, values, count);
        for (size_t e = 0; e < count; e++)
            values[e] += 1;
    }
    return PIXCL_OK;
}
