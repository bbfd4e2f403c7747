// Twice the sides by repeating pixels, and its gradient.
//
//   upsample_nearest:       y[h, w] = x[h / 2, w / 2]        (OpenCL C has a function upsample of its own)
//   upsample_nearest_grad:  dx[h, w] = the sum of dy over the 2x2 pixels from (2h, 2w) on
//
// Shapes: x and dx (N, C/B, H, W, B), y and dy (N, C/B, 2H, 2W, B), with their own strides between pictures.
// Geometry: dimension 0 runs of `length` pixels of the result times B/VW, 1 channel blocks, 2 pictures.
//
// Defined before this source: B, VW.

__kernel GROUP void upsample_nearest(__global const float *restrict x, uint x_offset, __global float *restrict y,
                                     uint y_offset, int H, int W, int x_stride_n, int y_stride_n, int length)
{
    const int block = get_global_id(1), n = get_global_id(2), YW = 2 * W, lane = LANE_OF(get_global_id(0));
    const int begin = RUN_OF(get_global_id(0)) * length, end = min(2 * H * YW, begin + length);
    x += x_offset + (size_t)n * x_stride_n + (size_t)block * H * W * B + lane;
    y += y_offset + (size_t)n * y_stride_n + (size_t)block * 2 * H * YW * B + lane;
    for (int pixel = begin, row = begin / YW; pixel < end; row++) {
        __global const float *from = x + (size_t)(row / 2) * W * B;
        const int row_end = min(end, (row + 1) * YW);
        for (; pixel < row_end; pixel++)
            STORE_B(VW, LOAD_B(VW, from + (pixel - row * YW) / 2 * B), y + (size_t)pixel * B);
    }
}

__kernel GROUP void upsample_nearest_grad(__global const float *restrict dy, uint dy_offset,
                                          __global float *restrict dx, uint dx_offset, int H, int W, int dy_stride_n,
                                          int dx_stride_n, int length)
{
    const int block = get_global_id(1), n = get_global_id(2), YW = 2 * W, lane = LANE_OF(get_global_id(0));
    const int begin = RUN_OF(get_global_id(0)) * length, end = min(H * W, begin + length);
    dy += dy_offset + (size_t)n * dy_stride_n + (size_t)block * 2 * H * YW * B + lane;
    dx += dx_offset + (size_t)n * dx_stride_n + (size_t)block * H * W * B + lane;
    for (int pixel = begin, row = begin / W; pixel < end; row++) {
        __global const float *above = dy + (size_t)(2 * row) * YW * B, *below = above + YW * B;
        const int row_end = min(end, (row + 1) * W);
        for (; pixel < row_end; pixel++) {
            const int at = 2 * (pixel - row * W) * B;
            STORE_B(VW, (LOAD_B(VW, above + at) + LOAD_B(VW, above + at + B)) +
                           (LOAD_B(VW, below + at) + LOAD_B(VW, below + at + B)),
                    dx + (size_t)pixel * B);
        }
    }
}
