// Brings convolution weights (D0, D1, K, K) from one layout into another.
//
// Layouts (plan/plan.h): 0 plain; 1 vector along axis 0: (D0/B0, D1/B1, K, K, B1, B0); 2 along axis 1: (D1/B1, D0/B0, K, K, B0, B1).
// Geometry: dimension 0 taps, 1 blocks of axis 1, 2 blocks of axis 0; a work-item moves one block of B0 x B1 weights.
//
// Defined before this source: FROM, TO (layouts), B0, B1.

inline size_t weight_at(int layout, int block0, int lane0, int block1, int lane1, int tap, int D0, int D1, int taps)
{
    if (layout == 1)
        return ((((size_t)block0 * (D1 / B1) + block1) * taps + tap) * B1 + lane1) * B0 + lane0;
    if (layout == 2)
        return ((((size_t)block1 * (D0 / B0) + block0) * taps + tap) * B0 + lane0) * B1 + lane1;
    return ((size_t)(block0 * B0 + lane0) * D1 + block1 * B1 + lane1) * taps + tap;
}

__kernel GROUP void repack(__global const float *restrict from, uint from_offset, __global float *restrict to, uint to_offset,
                           int D0, int D1, int taps)
{
    const int tap = get_global_id(0), block1 = get_global_id(1), block0 = get_global_id(2);
    from += from_offset;
    to += to_offset;
    for (int lane0 = 0; lane0 < B0; lane0++)
        for (int lane1 = 0; lane1 < B1; lane1++)
            to[weight_at(TO, block0, lane0, block1, lane1, tap, D0, D1, taps)] =
                from[weight_at(FROM, block0, lane0, block1, lane1, tap, D0, D1, taps)];
}
