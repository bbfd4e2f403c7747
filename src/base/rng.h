/* Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011). A value depends on (seed, stream, position) alone, so every thread and every device can make the same ones
 * in any order. */
#ifndef PX_BASE_RNG_H
#define PX_BASE_RNG_H

#include <stdint.h>

/* out = Philox4x32-10 of counter under key. */
void px_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/* One stream of numbers. Plain data: copy it to save it, {seed, stream, 0} to start it. */
typedef struct px_rng {
    uint64_t seed;
    uint64_t stream;   /* any number that tells two uses apart */
    uint64_t position; /* 32-bit words drawn so far */
} px_rng;

uint32_t px_rng_u32(px_rng *rng);
/* Uniform in [0, 1), 24 bits. */
float px_rng_float(px_rng *rng);
/* Uniform integer in [0, n), without modulo bias; 0 when n < 2. */
uint32_t px_rng_below(px_rng *rng, uint32_t n);
/* Standard normal (Box-Muller in double, then rounded). */
float px_rng_normal(px_rng *rng);
/* Fisher-Yates shuffle of 0..count-1 into order[]. */
void px_rng_permutation(px_rng *rng, uint32_t *order, uint32_t count);

#endif
