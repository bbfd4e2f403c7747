// Brings convolution weights (D0, D1, K, K) from one layout into another.
//
// Layouts (plan/plan.h): 0 plain; 1 vector along axis 0: (D0/B0, D1/B1, K, K, B1, B0); 2 along axis 1: (D1/B1, D0/B0,
//   K, K, B0, B1); 3 transposed: (D1, K, K, D0).
// Geometry: dimension 0 taps, 1 blocks of axis 1, 2 blocks of axis 0; a work-item moves one block of B0 x B1 weights.
//   One that is transposed and 16 x 16 goes through registers. With BY_GROUPS 1, on a GPU, a group of 64 moves it
//   through local memory, so that neighbours touch neighbouring memory on both sides; dimension 0 is then 64 times
//   taps.
// add: to what `to` is.
//
// Defined before this source: FROM, TO (layouts), B0, B1, BY_GROUPS.

static inline size_t weight_at(int layout, int block0, int lane0, int block1, int lane1, int tap, int D0, int D1,
                               int taps)
{
    if (layout == 1)
        return ((((size_t)block0 * (D1 / B1) + block1) * taps + tap) * B1 + lane1) * B0 + lane0;
    if (layout == 2)
        return ((((size_t)block1 * (D0 / B0) + block0) * taps + tap) * B0 + lane0) * B1 + lane1;
    if (layout == 3)
        return ((size_t)(block1 * B1 + lane1) * taps + tap) * D0 + block0 * B0 + lane0;
    return ((size_t)(block0 * B0 + lane0) * D1 + block1 * B1 + lane1) * taps + tap;
}

#define BY_ROUNDS ((FROM == 1 && TO == 2 || FROM == 2 && TO == 1) && B0 == 16 && B1 == 16 && !BY_GROUPS)

#if BY_ROUNDS
// One round of a perfect shuffle of 16 rows: rows i and i + 8 interleaved. Four rounds swap the four bits of a row's
// number with the four bits of a column's: they transpose.
static inline void shuffle_rows(const float16 *a, float16 *b)
{
    EACH(i, 8)
    {
        b[2 * i].even = a[i].lo;
        b[2 * i].odd = a[i + 8].lo;
        b[2 * i + 1].even = a[i].hi;
        b[2 * i + 1].odd = a[i + 8].hi;
    }
}
#endif

#if BY_GROUPS
#define REPACK_GROUP GROUP_OF(64)
#else
#define REPACK_GROUP GROUP
#endif

__kernel REPACK_GROUP void repack(__global const float *restrict from, uint from_offset, __global float *restrict to,
                           uint to_offset, int D0, int D1, int taps, int add)
{
    const int tap = BY_GROUPS ? GROUP_ID(0, 64) : get_global_id(0);
    const int block1 = get_global_id(1), block0 = get_global_id(2);
    from += from_offset;
    to += to_offset;
#if BY_ROUNDS
    float16 a[16], b[16];
    from += weight_at(FROM, block0, 0, block1, 0, tap, D0, D1, taps);
    to += weight_at(TO, block0, 0, block1, 0, tap, D0, D1, taps);
    EACH(i, 16) a[i] = vload16(i, from);
    shuffle_rows(a, b);
    shuffle_rows(b, a);
    shuffle_rows(a, b);
    shuffle_rows(b, a);
    EACH(i, 16) vstore16(add ? vload16(i, to) + a[i] : a[i], i, to);
#elif BY_GROUPS
    // An item moves four weights next to each other of `from`, and then of `to`. Rows of 17 keep columns in all banks.
    __local float tile[16 * 17];
    const int item = get_local_id(0), row = item / 4, column = item % 4 * 4;
    from += weight_at(FROM, block0, 0, block1, 0, tap, D0, D1, taps);
    to += weight_at(TO, block0, 0, block1, 0, tap, D0, D1, taps);
    vstore4(ALIGNED_B(4, from + item * 4), 0, tile + row * 17 + column);
    barrier(CLK_LOCAL_MEM_FENCE);
    __local const float *at = tile + column * 17 + row;
    const float4 values = (float4)(at[0], at[17], at[34], at[51]);
    STORE_ALIGNED_B(4, add ? ALIGNED_B(4, to + item * 4) + values : values, to + item * 4);
#else
    for (int lane0 = 0; lane0 < B0; lane0++)
        for (int lane1 = 0; lane1 < B1; lane1++) {
            const size_t there = weight_at(TO, block0, lane0, block1, lane1, tap, D0, D1, taps);
            const float value = from[weight_at(FROM, block0, lane0, block1, lane1, tap, D0, D1, taps)];
            to[there] = add ? to[there] + value : value;
        }
#endif
}
