/* The pool of old pictures (Shrivastava et al., 1612.07828; reference: ImagePool). Each picture of a batch goes through
 * it by itself, the first first:
 *
 *   not full        the pool takes x, y = x
 *   full, u < 1/2   y = x
 *   full, else      y = the pool's picture k, x takes its place        u uniform in [0,1), k in 0..size-1
 *
 * u and k are functions of (seed, step, which pool, which picture of the batch), through Philox, so that pool_pick and
 * pool_store decide alike. pool_pick sees the pool of before the batch and finds out what the batch's own pictures have
 * replaced there. */
#include <string.h>

#include "base/rng.h"
#include "exec/reference/reference.h"

/* Before picture n of the batch. */
static bool is_full(const px_reference_call *call, int n)
{
    return call->step->pictures + (uint64_t)n >= (uint64_t)call->shape[0].n;
}

/* The place in the pool that picture n takes, -1 when it takes none. */
static int place_of(const px_reference_call *call, int n)
{
    const uint64_t seed = call->step->seed, step = call->step->step, size = (uint64_t)call->shape[0].n;
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)n, (uint32_t)call->node->attrs.id, (uint32_t)step, (uint32_t)(step >> 32)};
    uint32_t words[4];

    if (!is_full(call, n))
        return (int)(call->step->pictures + (uint64_t)n);
    px_philox(key, counter, words);
    return words[0] >> 31 ? (int)(words[1] * size >> 32) : -1;
}

void reference_pool_pick(const px_reference_call *call)
{
    const px_shape s = call->shape[1]; /* pool (size,C,H,W), x, y (N,C,H,W) */
    const size_t picture = (size_t)s.c * s.h * s.w;

    for (int n = 0; n < s.n; n++) {
        const int place = place_of(call, n);
        const float *from = call->x[1] + (size_t)n * picture;
        if (is_full(call, n) && place >= 0) {
            from = call->x[0] + (size_t)place * picture;
            for (int m = 0; m < n; m++)
                if (place_of(call, m) == place)
                    from = call->x[1] + (size_t)m * picture;
        }
        memcpy(call->y + (size_t)n * picture, from, picture * sizeof *from);
    }
}

void reference_pool_store(const px_reference_call *call)
{
    const px_shape s = call->shape[1];
    const size_t picture = (size_t)s.c * s.h * s.w;

    for (int n = 0; n < s.n; n++) {
        const int place = place_of(call, n);
        if (place >= 0)
            memcpy(call->x[0] + (size_t)place * picture, call->x[1] + (size_t)n * picture, picture * sizeof(float));
    }
}
