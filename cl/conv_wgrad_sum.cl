// Adds the splits of conv_wgrad.cl in the order of their index: sum[i] = from[i] + from[count + i] + ...
// Geometry: dimension 0: elements.

__kernel GROUP void sum_splits(__global const float *restrict from, uint from_offset, __global float *restrict sum,
                               uint sum_offset, int splits, int count)
{
    const int i = get_global_id(0);
    float total = 0.0f;
    for (int s = 0; s < splits; s++)
        total += from[from_offset + (size_t)s * count + i];
    sum[sum_offset + i] = total;
}
