// A fused group of pointwise operations, with a generated body, optionally summed per channel.
//
//   SETUP (vectors and scalars)
//   for each pixel of a part: BODY (loads x<i>, computes t<i>, stores, adds to sum0, sum1)
//
// Shapes: elements (N, C/B, HW, B), each input and output with its own stride between pictures; per-channel vectors
// (C).
//   partial sums (N * parts, ROWS, C); with MOMENTS row 0 is the part's mean and row 1 its sum of squared deviations.
// Geometry: dimension 0 parts, 1 channel blocks, 2 pictures.
//   Without SLOTS (CPUs) a part is a run of `length` pixels, of one work-item.
//   With SLOTS a work-item has VW channels of a pixel, so that neighbours touch neighbouring memory, and a group has so
//   many pixels at a time. Without ROWS each pixel is a part. With ROWS a group is a part, with SLOTS pixels of every
//   parts * SLOTS; its sums are joined in local memory, in a tree, so always in the same order.
//
// Defined before this source (plan/pointwise_code.c): B; VW, which divides it and is B without SLOTS; SLOTS 0 or a
// power of two; ROWS 0-2, MOMENTS, RANDOM, PARAMETERS, ADDRESSES, SETUP, BODY.

typedef VEC(VW) V;
#define LOAD(p) LOAD_B(VW, p)
#define STORE(v, p) STORE_B(VW, v, p)
// In BODY: of the vector's first element, with channels fastest.
#define INDEX (uint)((n * HW + p) * C + c0)
#define LANES (B / VW) // work-items of a pixel
#define TREE (SLOTS && ROWS)

#if TREE
#define GROUP_SIZE (SLOTS * LANES)
#define POINTWISE_GROUP GROUP_OF(GROUP_SIZE)

// The sums of a group, one of each work-item, and how many pixels are in them.
typedef struct tree {
    __local V *sum0, *sum1;
    __local float *count;
} tree;

// Adds those of work-item `from` to those of `to`; moments as in Chan, Golub, LeVeque (1979).
static inline void join(tree t, int to, int from)
{
#if MOMENTS
    const float total = t.count[to] + t.count[from], share = total > 0.0f ? t.count[from] / total : 0.0f;
    const V delta = t.sum0[from] - t.sum0[to];
    t.sum0[to] += delta * share;
    t.sum1[to] += t.sum1[from] + delta * delta * (t.count[to] * share);
    t.count[to] = total;
#else
    t.sum0[to] += t.sum0[from];
    t.sum1[to] += t.sum1[from];
#endif
}
#else
#define POINTWISE_GROUP GROUP
#endif

__kernel POINTWISE_GROUP void pointwise(PARAMETERS
#if ROWS
    __global float *restrict partial, uint partial_offset,
#endif
#if RANDOM
    __global const step_data *step,
#endif
#if TREE
    __local float *scratch,
#endif
    int C, int HW, int length, int parts)
{
    const int b0 = (int)get_global_id(1) * B, n = get_global_id(2);
#if TREE
    const int item = get_local_id(0), part = GROUP_ID(0, GROUP_SIZE);
    const int begin = part * SLOTS + RUN_OF(item), end = HW, pace = parts * SLOTS, lane = LANE_OF(item);
#elif SLOTS
    const int begin = RUN_OF(get_global_id(0)), end = min(HW, begin + 1), pace = 1;
    const int lane = LANE_OF(get_global_id(0));
#else
    const int part = get_global_id(0), begin = part * length, end = min(HW, begin + length), pace = 1, lane = 0;
#endif
    const int c0 = b0 + lane;
    ADDRESSES
    SETUP
#if ROWS
    V sum0 = (V)(0.0f), sum1 = (V)(0.0f), shift = (V)(0.0f);
#endif
    for (int p = begin; p < end; p += pace) {
        const size_t e = (size_t)p * B + lane;
        BODY
    }
#if ROWS
#if MOMENTS
    // A work-item of the last part may have no pixel.
    const float count = (float)max(1, (end - begin + pace - 1) / pace);
    sum1 = sum1 - sum0 * sum0 / count;
    sum0 = shift + sum0 / count;
#endif
#if TREE
    const tree t = {(__local V *)scratch, (__local V *)scratch + GROUP_SIZE,
                    scratch + 2 * GROUP_SIZE * VW};
    t.sum0[item] = sum0;
    t.sum1[item] = sum1;
    t.count[item] = begin < end ? (float)((end - begin + pace - 1) / pace) : 0.0f;
    for (int reach = SLOTS / 2; reach > 0; reach /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < reach * LANES)
            join(t, item, item + reach * LANES);
    }
    if (item >= LANES) // lanes of the first slot joined what they read themselves
        return;
    sum0 = t.sum0[item];
    sum1 = t.sum1[item];
#endif
    partial += partial_offset + (size_t)(n * parts + part) * ROWS * C + c0;
    STORE(sum0, partial);
#if ROWS == 2
    STORE(sum1, partial + C);
#endif
#endif
}
