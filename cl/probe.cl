/* Probing a device: how fast it multiplies and copies, and whether it computes right.
 *
 * Used by src/exec/opencl/probe.c. Nothing here depends on a size; all geometry comes from the host.
 *
 * Tunables (-D):
 *   WIDTH   floats per vector in the peak and copy kernels: 1, 4 or 16 (default 4)
 *   CHAINS  of the peak kernel (default 16)
 */
#ifndef WIDTH
#define WIDTH 4
#endif
#ifndef CHAINS
#define CHAINS 16
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
 *   b, c   0 < b < 1 and c = 1 - b keep every chain between its start and 1, away from infinities and denormals
 * Geometry: one dimension, any size. */
__kernel void probe_peak(__global float *restrict out, const float b, const float c, const int rounds)
{
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
