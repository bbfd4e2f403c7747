// One Adam step (adam_update.cl) over a flat row of weights.
//
// Geometry: dimension 0: runs of LENGTH vectors of B weights.
// SPLITS 1: the gradient comes in parts, `count` elements apart, which are summed here in order: it is never stored.
//
// Defined before this source: LENGTH, SPLITS, OPTIMISER (its rates in the step buffer), and what adam_update.cl asks
// for.

__kernel GROUP void adam(__global float *restrict w, uint w_offset, __global const float *restrict g, uint g_offset,
                         __global float *restrict m, uint m_offset, __global float *restrict v, uint v_offset,
                         __global const step_data *step, int vectors, int splits, int count)
{
    const float rate = step->rates[2 * OPTIMISER], inverse_root = step->rates[2 * OPTIMISER + 1];
    const int begin = (int)get_global_id(0) * LENGTH, end = min(vectors, begin + LENGTH);
    w += w_offset;
    g += g_offset;
    m += m_offset;
    v += v_offset;
    for (int i = begin; i < end; i++) {
        const size_t e = (size_t)i * B;
        A gradient = ALIGNED_B(B, g + e);
#if SPLITS
        for (int s = 1; s < splits; s++)
            gradient += ALIGNED_B(B, g + (size_t)s * count + e);
#endif
        adam_update(w + e, m + e, v + e, gradient, rate, inverse_root);
    }
}
