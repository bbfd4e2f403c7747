// The second half of reductions: partial results of cl/pointwise.cl, combined in the order of their parts.
//
// Shapes: partial (samples * pictures * parts, ROWS, C); `pictures` is the number of pictures that make one sample.
// Geometry: dimension 0 channels (reduce_mean, reduce_norm: one work-item), 1 samples.
//
// Defined before this source: ROWS, STRIDED (as in pointwise.cl).

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
        const float count = STRIDED ? (float)((HW - part + parts - 1) / parts) : (float)min(length, HW - part * length);
        const float other_mean = partial[(size_t)i * 2 * C], other_squares = partial[(size_t)i * 2 * C + C];
        const float total = seen + count, delta = other_mean - mean;
        mean += delta * (count / total);
        squares += other_squares + delta * delta * (seen * count / total);
        seen = total;
    }
    out[out_offset + (size_t)sample * 2 * C + c] = mean;
    out[out_offset + (size_t)sample * 2 * C + C + c] = max(squares / seen, 0.0f);
}

static inline float total(__global const float *partial, int count)
{
    float sum = 0.0f, lost = 0.0f;
    for (int i = 0; i < count; i++)
        add(&sum, &lost, partial[i]);
    return sum + lost;
}

// out[0] = scale * the sum of everything.
__kernel GROUP void reduce_mean(__global const float *restrict partial, uint partial_offset,
                                __global float *restrict out, uint out_offset, int C, int parts, int pictures, int HW,
                                int length, float scale)
{
    out[out_offset] = total(partial + partial_offset, pictures * parts * C) * scale;
}

// out[sample] = the root of the sum of all of the sample.
__kernel GROUP void reduce_norm(__global const float *restrict partial, uint partial_offset,
                                __global float *restrict out, uint out_offset, int C, int parts, int pictures, int HW,
                                int length, float scale)
{
    const int sample = get_global_id(1), count = pictures * parts * C;
    out[out_offset + sample] = sqrt(total(partial + partial_offset + (size_t)sample * count, count));
}
