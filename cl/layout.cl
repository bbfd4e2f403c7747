// Copies between activations of different blocks.
//
// Shapes: from (N, C/BX, H*W, BX), to (N, C/BY, H*W, BY).
// Geometry: copy: dimension 0 runs of `length` pixels times BY/VW, 1 blocks of `to`, 2 pictures. copy_channels: runs of
// pixels, single channels, pictures.
//
// Defined before this source: BX, BY; VW (copy): how many channels of `to` a work-item writes, so that neighbours write
// to neighbouring memory.

#define B BY

static inline size_t channel_at(int c, int pixel, int HW, int b)
{
    return ((size_t)(c / b) * HW + pixel) * b + c % b;
}

__kernel GROUP void copy(__global const float *restrict from, uint from_offset, __global float *restrict to,
                         uint to_offset, int HW, int from_stride_n, int to_stride_n, int length)
{
    const int block = get_global_id(1), n = get_global_id(2);
    const int begin = RUN_OF(get_global_id(0)) * length, end = min(HW, begin + length);
    const int first = LANE_OF(get_global_id(0));
    from += from_offset + (size_t)n * from_stride_n;
    to += to_offset + (size_t)n * to_stride_n + (size_t)block * HW * BY;
    for (int pixel = begin; pixel < end; pixel++)
        for (int lane = first; lane < first + VW; lane++)
            to[pixel * BY + lane] = from[channel_at(block * BY + lane, pixel, HW, BX)];
}

// Channels first_from.. of `from` to first_to.. of `to`; the bounds may lie inside blocks.
__kernel GROUP void copy_channels(__global const float *restrict from, uint from_offset, __global float *restrict to,
                                  uint to_offset, int HW, int from_stride_n, int to_stride_n, int first_from,
                                  int first_to, int length)
{
    const int c = get_global_id(1), n = get_global_id(2);
    const int begin = (int)get_global_id(0) * length, end = min(HW, begin + length);
    from += from_offset + (size_t)n * from_stride_n + channel_at(first_from + c, 0, HW, BX);
    to += to_offset + (size_t)n * to_stride_n + channel_at(first_to + c, 0, HW, BY);
    for (int pixel = begin; pixel < end; pixel++)
        to[pixel * BY] = from[pixel * BX];
}
