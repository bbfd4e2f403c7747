// The second half of a convolution whose input channels were split: partial results, added in order.
//
//   y = act(from[0] + from[1] + .. + bias)
//
// Shapes: from (splits, N, C/B, HW, B), y (N, C/B, HW, B) with its own stride between pictures.
// Geometry: dimension 0 pixels times B/VW, 1 channel blocks, 2 pictures.
//
// Defined before this source: B, VW; finish() of epilogue.cl, for VW lanes.

__kernel GROUP void conv_sum(__global const float *restrict from, uint from_offset, __global float *restrict y,
                             uint y_offset, __global const float *restrict bias, uint bias_offset, int HW, int splits,
                             uint split_stride, uint from_stride_n, uint y_stride_n)
{
    const uint pixel = RUN_OF(get_global_id(0)), lane = LANE_OF(get_global_id(0));
    const uint block = get_global_id(1), n = get_global_id(2);
    if (pixel >= (uint)HW)
        return;
    const uint at = (block * HW + pixel) * B + lane;
    from += from_offset + n * from_stride_n + at;
    y += y_offset + n * y_stride_n + at;
    VEC(VW) sum = (VEC(VW))(0.0f);
    for (int s = 0; s < splits; s++, from += split_stride)
        sum += LOAD_B(VW, from);
    STORE_B(VW, finish(sum, bias + bias_offset + block * B + lane), y);
}
