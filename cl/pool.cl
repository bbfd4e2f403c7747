// The pool of old pictures (Shrivastava et al., 1612.07828). Each picture of a batch goes through it by itself, the
// first first:
//
//   not full        the pool takes x, y = x
//   full, u < 1/2   y = x
//   full, else      y = the pool's picture k, x takes its place        u uniform in [0,1), k in 0..size-1
//
// u and k come from words 0 and 1 of Philox(key = seed, counter = (n, id, step)), so that pool_pick and pool_store
// decide alike, and every work-item for itself. pool_pick sees the pool of before the batch and finds out what the
// batch's own pictures have replaced there; in pool_store the last one for a place takes it.
//
// Shapes: pool (size, C/B, HW, B), x and y (N, C/B, HW, B), with their own strides between pictures; N is `batch`.
// Geometry: dimension 0 runs of `length` pixels times B/VW, 1 channel blocks, 2 pictures of the batch.
//
// Defined before this source: B, VW.

// How many pictures came before the n-th of this step.
static inline ulong pictures_before(int n, __global const step_data *step)
{
    return ((ulong)step->pictures[1] << 32 | step->pictures[0]) + (uint)n;
}

// The place in the pool that picture n takes, -1 when it takes none.
static inline int place_of(int n, int size, int id, __global const step_data *step)
{
    const ulong before = pictures_before(n, step);
    if (before < (uint)size)
        return (int)before;
    const uint2 key = (uint2)(step->seed[0], step->seed[1]);
    UQ words[4];
    philox((UQ)((uint)n), (UQ)((uint)id), (UQ)(step->step[0]), (UQ)(step->step[1]), key, words);
    return FIRST(words[0]) >> 31 ? (int)mul_hi(FIRST(words[1]), (uint)size) : -1;
}

static inline void copy_run(__global const float *from, __global float *to, int HW, int length)
{
    const int begin = RUN_OF(get_global_id(0)) * length, end = min(HW, begin + length);
    const size_t lane = (size_t)get_global_id(1) * HW * B + LANE_OF(get_global_id(0));
    for (int pixel = begin; pixel < end; pixel++)
        STORE_B(VW, LOAD_B(VW, from + lane + (size_t)pixel * B), to + lane + (size_t)pixel * B);
}

__kernel GROUP void pool_pick(__global const float *restrict pool, uint pool_offset, __global const float *restrict x,
                              uint x_offset, __global float *restrict y, uint y_offset,
                              __global const step_data *step, int size, int id, int HW, int length, int pool_stride_n,
                              int x_stride_n, int y_stride_n)
{
    const int n = get_global_id(2), place = place_of(n, size, id, step);
    x += x_offset;
    __global const float *from = x + (size_t)n * x_stride_n;
    if (place >= 0 && pictures_before(n, step) >= (uint)size) {
        from = pool + pool_offset + (size_t)place * pool_stride_n;
        for (int m = 0; m < n; m++)
            if (place_of(m, size, id, step) == place)
                from = x + (size_t)m * x_stride_n;
    }
    copy_run(from, y + y_offset + (size_t)n * y_stride_n, HW, length);
}

__kernel GROUP void pool_store(__global float *restrict pool, uint pool_offset, __global const float *restrict x,
                               uint x_offset, __global const step_data *step, int size, int id, int HW, int length,
                               int pool_stride_n, int x_stride_n, int batch)
{
    const int n = get_global_id(2), place = place_of(n, size, id, step);
    bool taken = place >= 0;
    for (int m = n + 1; m < batch && taken; m++)
        taken = place_of(m, size, id, step) != place;
    if (taken)
        copy_run(x + x_offset + (size_t)n * x_stride_n, pool + pool_offset + (size_t)place * pool_stride_n, HW, length);
}
