// Adds the splits of conv_wgrad.cl in the order of their index: sum[i] = from[i] + from[count + i] + ...
// With `add`, to what sum[i] is.
// Geometry: dimension 0: runs of `length` elements.

__kernel GROUP void sum_splits(__global const float *restrict from, uint from_offset, __global float *restrict sum,
                               uint sum_offset, int splits, int count, int length, int add)
{
    const int begin = (int)get_global_id(0) * length, end = min(count, begin + length);
    from += from_offset;
    sum += sum_offset;
    for (int i = begin; i < end; i++) {
        float total = 0.0f;
        for (int s = 0; s < splits; s++)
            total += from[(size_t)s * count + i];
        sum[i] = add ? sum[i] + total : total;
    }
}
