/* Ops with random numbers. u, uniform in [0,1), is no state but a function of (seed, step, which op, which element),
 * through Philox: any device can make it for any element, and a gradient, which needs the same ones, makes them again
 * instead of keeping them.
 *
 * Dropout (Srivastava et al., JMLR 2014), "inverted": what is kept is scaled up in training, so that evaluation needs
 * no change.
 *
 *   y = x / (1-p) where u >= p, else 0          a u for each element, numbered in the order (N,H,W,C)
 *
 * Mixing two pictures (Gulrajani et al., 1704.00028): a point on the line between them.
 *
 *   y = u * a + (1-u) * b                       a u for each sample */
#include "base/rng.h"
#include "exec/reference/reference.h"

/* Four elements share one Philox block. */
static double uniform(const px_reference_call *call, uint32_t element)
{
    const uint64_t seed = call->step->seed, step = call->step->step;
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {element / 4, (uint32_t)call->node->attrs.id, (uint32_t)step, (uint32_t)(step >> 32)};
    uint32_t words[4];

    px_philox(key, counter, words);
    return (words[element % 4] >> 8) * 0x1p-24;
}

void reference_dropout(const px_reference_call *call)
{
    const px_shape s = call->node->shape; /* x, y (N,C,H,W) */
    const uint32_t pixels = (uint32_t)s.h * (uint32_t)s.w, channels = (uint32_t)s.c;
    const double p = call->node->attrs.value;
    size_t e = 0;

    for (uint32_t n = 0; n < (uint32_t)s.n; n++)
        for (uint32_t c = 0; c < channels; c++)
            for (uint32_t pixel = 0; pixel < pixels; pixel++, e++) {
                const uint32_t element = (n * pixels + pixel) * channels + c;
                call->y[e] = uniform(call, element) >= p ? (float)(call->x[0][e] / (1 - p)) : 0;
            }
}

void reference_mix(const px_reference_call *call)
{
    const px_shape s = call->node->shape; /* a, b, y (N,C,H,W) */
    const size_t count = (size_t)s.c * s.h * s.w;

    for (int n = 0; n < s.n; n++) {
        const double u = uniform(call, (uint32_t)n);
        for (size_t e = n * count; e < (n + 1) * count; e++)
            call->y[e] = (float)(u * call->x[0][e] + (1 - u) * call->x[1][e]);
    }
}
