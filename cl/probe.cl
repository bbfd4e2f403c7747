/* Probing a device: how fast it multiplies and copies, and whether it computes right.
 *
 * Used by src/exec/opencl/probe.c. Nothing here depends on a size; all geometry comes from the host.
 *
 * Tunables (-D):
 *   WIDTH   floats per vector in the peak and copy kernels: 1, 4 or 16 (default 4)
 *   CHAINS  of the peak kernel (default 16)
 *   TILE_WIDTH, TILE_VECTORS of the tile kernel (default 6, 1)
 */
#ifndef WIDTH
#define WIDTH 4
#endif
#ifndef CHAINS
#define CHAINS 16
#endif
#ifndef TILE_WIDTH
#define TILE_WIDTH 6
#define TILE_VECTORS 1
#endif

#if WIDTH == 1
typedef float floatw;
#elif WIDTH == 4
typedef float4 floatw;
#else
typedef float16 floatw;
#endif

/* Peak of multiply-adds: each work-item runs CHAINS independent chains a = a * b + c of WIDTH floats; 16 hide a latency
 * of four cycles on two units twice over. 2 * CHAINS * WIDTH * rounds floating-point operations per work-item.
 *   out    WIDTH floats per work-item, written so that no compiler drops the loop
 *   in     b and c: 0 < b < 1 and c = 1 - b keep each chain between its start and 1, away from infinities and denormals
 * Geometry: one dimension, any size. */
__kernel void probe_peak(__global float *restrict out, __global const float *restrict in, const int rounds)
{
    const float b = in[0], c = in[1];
    floatw a[CHAINS];
    _Pragma("unroll") for (int k = 0; k < CHAINS; k++)
        a[k] = (floatw)((float)(get_global_id(0) & 15) * 0.0625f + k * 0.01f);
    for (int i = 0; i < rounds; i++)
        _Pragma("unroll") for (int k = 0; k < CHAINS; k++)
            a[k] = a[k] * b + c;
    floatw sum = a[0];
    _Pragma("unroll") for (int k = 1; k < CHAINS; k++)
        sum += a[k];
    ((__global floatw *)out)[get_global_id(0)] = sum;
}

/* The inner loop of the kernels that CPUs multiply with (conv_direct.cl, winograd2.cl): TILE_WIDTH by TILE_VECTORS
 * vectors of 16 sums, which it would keep in registers. 2 * 16 * TILE_WIDTH * TILE_VECTORS * 16 floating-point
 * operations a round.
 *   in     x of 16 * TILE_WIDTH floats and w of 256 * TILE_VECTORS; out: 16 floats per work-item
 * Geometry: one dimension, any size. */
__kernel void probe_tile(__global float *restrict out, __global const float *restrict in, const int rounds)
{
    __global const float *x = in, *w = in + 16 * TILE_WIDTH;
    float16 acc[TILE_WIDTH][TILE_VECTORS];
    _Pragma("unroll") for (int p = 0; p < TILE_WIDTH; p++)
        _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; v++)
            acc[p][v] = (float16)(0.0f);
    for (int i = 0; i < rounds; i++)
        for (int c = 0; c < 16; c++) {
            float16 weights[TILE_VECTORS];
            _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; v++)
                weights[v] = vload16(c * TILE_VECTORS + v, w);
            _Pragma("unroll") for (int p = 0; p < TILE_WIDTH; p++)
                _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; v++)
                    acc[p][v] += (float16)(x[p * 16 + c]) * weights[v];
        }
    float16 sum = (float16)(0.0f);
    _Pragma("unroll") for (int p = 0; p < TILE_WIDTH; p++)
        _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; v++)
            sum += acc[p][v];
    vstore16(sum, get_global_id(0), out);
}

/* Copy bandwidth: to[i] = from[i], WIDTH floats per work-item, 8 * WIDTH bytes moved.
 * Geometry: one dimension, elements / WIDTH work-items. */
__kernel void probe_copy(__global const float *restrict from, __global float *restrict to)
{
    const size_t i = get_global_id(0);
    ((__global floatw *)to)[i] = ((__global const floatw *)from)[i];
}

/* Self-test: sums of groups through local memory and barriers, as norms and weight gradients need them.
 *   sums[g] = sum over the work-items l of group g of  scale * values[g * n + l] + l,   n = the group's size
 * With small whole numbers every intermediate result is exact, so the host compares for equality.
 * Geometry: one dimension; the group's size n is a power of two; `shared` holds n floats. */
__kernel void probe_sum(__global const float *restrict values, const float scale, __local float *restrict shared,
                        __global float *restrict sums)
{
    const int l = (int)get_local_id(0);
    shared[l] = values[get_global_id(0)] * scale + (float)l;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_size = (int)get_local_size(0) / 2; half_size > 0; half_size /= 2) {
        if (l < half_size)
            shared[l] += shared[l + half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (l == 0)
        sums[get_group_id(0)] = shared[0];
}
