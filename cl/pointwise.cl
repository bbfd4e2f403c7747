// A fused group of pointwise operations, with a generated body, optionally summed per channel.
//
//   for each pixel of a part: BODY (loads x<i>, computes t<i>, stores, adds to sum0, sum1)
//
// Shapes: elements (N, C/B, HW, B), each input and output with its own stride between pictures; per-channel vectors
// (C).
//   partial sums (N * parts, ROWS, C); with MOMENTS row 0 is the part's mean and row 1 its sum of squared deviations.
// Geometry: dimension 0 parts, 1 channel blocks, 2 pictures. A part is `length` pixels in a run, or with STRIDED the
// pixels
//   part, part + parts, ..
//
// Defined before this source (plan/pointwise_code.c): B, STRIDED, ROWS 0-2, MOMENTS, RANDOM, PARAMETERS, ADDRESSES,
// SETUP, BODY.

typedef VEC(B) V;
#define LOAD(p) LOAD_B(B, p)
#define STORE(v, p) STORE_B(B, v, p)

__kernel GROUP void pointwise(PARAMETERS
#if ROWS
    __global float *restrict partial, uint partial_offset,
#endif
#if RANDOM
    __global const step_data *step,
#endif
    int C, int HW, int length, int parts)
{
    const int part = get_global_id(0), c0 = (int)get_global_id(1) * B, n = get_global_id(2);
    const int begin = STRIDED ? part : part * length;
    const int end = STRIDED ? HW : min(HW, begin + length);
    ADDRESSES
    SETUP
#if ROWS
    V sum0 = (V)(0.0f), sum1 = (V)(0.0f), shift = (V)(0.0f);
#endif
    for (int p = begin; p < end; p += STRIDED ? parts : 1) {
        const size_t e = (size_t)p * B;
        BODY
    }
#if ROWS
    partial += partial_offset + (size_t)(n * parts + part) * ROWS * C + c0;
#if MOMENTS
    const float count = STRIDED ? (float)((HW - part + parts - 1) / parts) : (float)(end - begin);
    STORE(shift + sum0 / count, partial);
    STORE(sum1 - sum0 * sum0 / count, partial + C);
#else
    STORE(sum0, partial);
#if ROWS == 2
    STORE(sum1, partial + C);
#endif
#endif
#endif
}
