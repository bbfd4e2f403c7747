// One Adam step (Kingma and Ba, 1412.6980) in PyTorch's form, over a flat row of weights.
//
//   m = beta1*m + (1-beta1)*g;  v = beta2*v + (1-beta2)*g*g;  w -= lr/(1-beta1^t) * m / (sqrt(v)/sqrt(1-beta2^t) +
//   epsilon)
//
// Geometry: dimension 0: runs of LENGTH vectors of B weights.
// Defined before this source: B, LENGTH, OPTIMISER (its rates in the step buffer), BETA1 and
// REST1 = 1 - beta1 (rounded once, from double), BETA2, REST2, EPSILON.

typedef VEC(B) V;

__kernel GROUP void adam(__global float *restrict w, uint w_offset, __global const float *restrict g, uint g_offset,
                         __global float *restrict m, uint m_offset, __global float *restrict v, uint v_offset,
                         __global const step_data *step, int vectors)
{
    const float rate = step->rates[2 * OPTIMISER], inverse_root = step->rates[2 * OPTIMISER + 1];
    const int begin = (int)get_global_id(0) * LENGTH, end = min(vectors, begin + LENGTH);
    w += w_offset;
    g += g_offset;
    m += m_offset;
    v += v_offset;
    for (int i = begin; i < end; i++) {
        const size_t e = (size_t)i * B;
        const V gradient = LOAD_B(B, g + e);
        const V m1 = LOAD_B(B, m + e) * BETA1 + gradient * REST1;
        const V v1 = LOAD_B(B, v + e) * BETA2 + gradient * gradient * REST2;
        STORE_B(B, m1, m + e);
        STORE_B(B, v1, v + e);
        STORE_B(B, LOAD_B(B, w + e) - m1 * rate / (sqrt(v1) * inverse_root + EPSILON), w + e);
    }
}
