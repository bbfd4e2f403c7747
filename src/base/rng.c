/* Philox4x32-10. Word p of a stream is philox(key = seed, counter = {p / 4, stream})[p % 4], each 64-bit number
 * split low word first; kernels make the same words from the same four numbers. */
#include "base/rng.h"

#include <math.h>

#include "base/math.h"

#define ROUNDS      10
#define MULTIPLIER0 0xD2511F53u
#define MULTIPLIER1 0xCD9E8D57u
#define WEYL0       0x9E3779B9u /* golden ratio */
#define WEYL1       0xBB67AE85u /* sqrt(3) - 1 */

void px_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)MULTIPLIER0 * c0, p1 = (uint64_t)MULTIPLIER1 * c2;

        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += WEYL0;
        k1 += WEYL1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

uint32_t px_rng_u32(px_rng *rng)
{
    uint64_t block = rng->position / 4;
    const uint32_t key[2] = {(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)rng->stream,
                                 (uint32_t)(rng->stream >> 32)};
    uint32_t words[4];

    px_philox(key, counter, words);
    return words[rng->position++ % 4];
}

float px_rng_float(px_rng *rng)
{
    return (float)(px_rng_u32(rng) >> 8) * 0x1p-24f;
}

uint32_t px_rng_below(px_rng *rng, uint32_t n)
{
    uint64_t product;
    uint32_t threshold;

    if (n < 2)
        return 0;
    /* Lemire's multiplication method: the low word tells the few draws that would favour some results. */
    threshold = -n % n;
    do
        product = (uint64_t)px_rng_u32(rng) * n;
    while ((uint32_t)product < threshold);
    return (uint32_t)(product >> 32);
}

float px_rng_normal(px_rng *rng)
{
    const double radius = sqrt(-2.0 * px_ln(((double)px_rng_u32(rng) + 1.0) * 0x1p-32)); /* of (0, 1]: never log 0 */
    double sine, cosine;

    px_sin_cos(px_rng_u32(rng), &sine, &cosine);
    return (float)(radius * cosine);
}

void px_rng_permutation(px_rng *rng, uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = px_rng_below(rng, i), swap = order[i - 1];

        order[i - 1] = order[j];
        order[j] = swap;
    }
}
