// The second half of reductions: partial results of cl/pointwise.cl, combined in the order of their parts.
//
// Shapes: partial (samples * pictures * parts, ROWS, C); `pictures` is the number of pictures that make one sample.
// Geometry: dimension 0 channels (reduce_mean, reduce_norm: one group of ITEMS), 1 samples.
//
// Defined before this source: ROWS; SLOTS (as in pointwise.cl); ITEMS, a power of two, 1 on CPUs.

// Adds with a running compensation (Neumaier), since thousands of parts may come together.
static inline void add(float *sum, float *lost, float value)
{
    const float next = *sum + value;
    *lost += fabs(*sum) >= fabs(value) ? (*sum - next) + value : (value - next) + *sum;
    *sum = next;
}

// out[sample][row][c] = sum over the sample's parts.
__kernel GROUP void reduce_rows(__global const float *restrict partial, uint partial_offset,
                                __global float *restrict out, uint out_offset, int C, int parts, int pictures, int HW,
                                int length, float scale)
{
    const int c = get_global_id(0), sample = get_global_id(1), count = pictures * parts;
    partial += partial_offset + (size_t)sample * count * ROWS * C + c;
    for (int row = 0; row < ROWS; row++) {
        float sum = 0.0f, lost = 0.0f;
        for (int i = 0; i < count; i++)
            add(&sum, &lost, partial[((size_t)i * ROWS + row) * C]);
        out[out_offset + (size_t)(sample * ROWS + row) * C + c] = sum + lost;
    }
}

// How many pixels a part has: a run, or SLOTS of every parts * SLOTS.
static inline float pixels_of(int part, int parts, int HW, int length)
{
#if SLOTS
    const int round = parts * SLOTS;
    return (float)(HW / round * SLOTS + clamp(HW % round - part * SLOTS, 0, SLOTS));
#else
    return (float)min(length, HW - part * length);
#endif
}

// out[sample][0][c] = mean, [1][c] = biased variance, joined pairwise as in Chan, Golub, LeVeque (1979).
__kernel GROUP void reduce_moments(__global const float *restrict partial, uint partial_offset,
                                   __global float *restrict out, uint out_offset, int C, int parts, int pictures,
                                   int HW, int length, float scale)
{
    const int c = get_global_id(0), sample = get_global_id(1);
    partial += partial_offset + (size_t)sample * pictures * parts * 2 * C + c;
    float mean = 0.0f, squares = 0.0f, seen = 0.0f;
    for (int i = 0; i < pictures * parts; i++) {
        const int part = i % parts;
        const float count = pixels_of(part, parts, HW, length);
        const float other_mean = partial[(size_t)i * 2 * C], other_squares = partial[(size_t)i * 2 * C + C];
        const float total = seen + count, delta = other_mean - mean;
        mean += delta * (count / total);
        squares += other_squares + delta * delta * (seen * count / total);
        seen = total;
    }
    out[out_offset + (size_t)sample * 2 * C + c] = mean;
    out[out_offset + (size_t)sample * 2 * C + C + c] = max(squares / seen, 0.0f);
}

// The sum of all, by the ITEMS work-items of a group; the first one has it.
static inline float total(__global const float *partial, int count, __local float2 *shared)
{
    const int item = get_local_id(0);
    float sum = 0.0f, lost = 0.0f;
    for (int i = item; i < count; i += ITEMS)
        add(&sum, &lost, partial[i]);
#if ITEMS > 1
    shared[item] = (float2)(sum, lost);
    for (int reach = ITEMS / 2; reach > 0; reach /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < reach) {
            const float2 other = shared[item + reach];
            float2 mine = shared[item];
            float joined = mine.x, rest = mine.y + other.y;
            add(&joined, &rest, other.x);
            shared[item] = (float2)(joined, rest);
        }
    }
    if (item > 0)
        return 0.0f;
    sum = shared[0].x;
    lost = shared[0].y;
#endif
    return sum + lost;
}

// out[0] = scale * the sum of everything.
__kernel GROUP_OF(ITEMS) void reduce_mean(__global const float *restrict partial, uint partial_offset,
                                          __global float *restrict out, uint out_offset, int C, int parts,
                                          int pictures, int HW, int length, float scale)
{
    __local float2 shared[ITEMS];
    const float sum = total(partial + partial_offset, pictures * parts * C, shared);
    if (get_local_id(0) == 0)
        out[out_offset] = sum * scale;
}

// out[sample] = the root of the sum of all of the sample.
__kernel GROUP_OF(ITEMS) void reduce_norm(__global const float *restrict partial, uint partial_offset,
                                          __global float *restrict out, uint out_offset, int C, int parts,
                                          int pictures, int HW, int length, float scale)
{
    __local float2 shared[ITEMS];
    const int sample = get_global_id(1), count = pictures * parts * C;
    const float sum = total(partial + partial_offset + (size_t)sample * count, count, shared);
    if (get_local_id(0) == 0)
        out[out_offset + sample] = sqrt(sum);
}
