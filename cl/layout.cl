// Copies between activations of different blocks.
//
// Shapes: from (N, C/BX, H*W, BX), to (N, C/BY, H*W, BY).
// Geometry: copy: dimension 0 pixels, 1 blocks of `to`, 2 pictures. copy_channels: dimension 0 pixels, 1 channels, 2 pictures.
//
// Defined before this source: BX, BY.

inline size_t channel_at(int c, int pixel, int HW, int b)
{
    return ((size_t)(c / b) * HW + pixel) * b + c % b;
}

__kernel GROUP void copy(__global const float *restrict from, uint from_offset, __global float *restrict to, uint to_offset,
                         int HW, int from_stride_n, int to_stride_n)
{
    const int pixel = get_global_id(0), block = get_global_id(1), n = get_global_id(2);
    from += from_offset + (size_t)n * from_stride_n;
    to += to_offset + (size_t)n * to_stride_n + ((size_t)block * HW + pixel) * BY;
    for (int lane = 0; lane < BY; lane++)
        to[lane] = from[channel_at(block * BY + lane, pixel, HW, BX)];
}

// Channels first_from.. of `from` to first_to.. of `to`; the bounds may lie inside blocks.
__kernel GROUP void copy_channels(__global const float *restrict from, uint from_offset, __global float *restrict to,
                                  uint to_offset, int HW, int from_stride_n, int to_stride_n, int first_from, int first_to)
{
    const int pixel = get_global_id(0), c = get_global_id(1), n = get_global_id(2);
    to[to_offset + (size_t)n * to_stride_n + channel_at(first_to + c, pixel, HW, BY)] =
        from[from_offset + (size_t)n * from_stride_n + channel_at(first_from + c, pixel, HW, BX)];
}
