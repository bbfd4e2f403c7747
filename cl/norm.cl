// Per-channel odds and ends of normalisation. Geometry: dimension 0 channels.

// out[c] = sum over samples of rows[sample * stride + c].
__kernel GROUP void sum_rows(__global const float *restrict rows, uint rows_offset, __global float *restrict out,
                             uint out_offset, int samples, int stride)
{
    const int c = get_global_id(0);
    float sum = 0.0f;
    for (int s = 0; s < samples; s++)
        sum += rows[rows_offset + (size_t)s * stride + c];
    out[out_offset + c] = sum;
}

// out[c] = sum over samples of dot[sample][c] / sqrt(var[sample][c] + epsilon). stats (samples, 2, C), dot (samples,
// C).
__kernel GROUP void norm_grad_gamma(__global const float *restrict stats, uint stats_offset,
                                    __global const float *restrict dot, uint dot_offset, __global float *restrict out,
                                    uint out_offset, int C, int samples, float epsilon)
{
    const int c = get_global_id(0);
    float sum = 0.0f;
    for (int s = 0; s < samples; s++)
        sum += dot[dot_offset + (size_t)s * C + c] / sqrt(stats[stats_offset + (size_t)(2 * s + 1) * C + c] + epsilon);
    out[out_offset + c] = sum;
}

// running = (1 - momentum) * running + momentum * new; the variance made unbiased first. stats (2, C).
__kernel GROUP void norm_update(__global float *restrict mean, uint mean_offset, __global float *restrict var,
                                uint var_offset, __global const float *restrict stats, uint stats_offset, int C,
                                float momentum, float unbias)
{
    const int c = get_global_id(0);
    const float new_mean = stats[stats_offset + c], new_var = stats[stats_offset + C + c] * unbias;
    mean[mean_offset + c] = (1.0f - momentum) * mean[mean_offset + c] + momentum * new_mean;
    var[var_offset + c] = (1.0f - momentum) * var[var_offset + c] + momentum * new_var;
}
