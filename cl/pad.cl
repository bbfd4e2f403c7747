// Padding by reflection and its gradient.
//
//   reflect_pad:       y[h, w] = x[mirror(h - PAD), mirror(w - PAD)]
//   reflect_pad_grad:  dx[h, w] = sum of dy over the places that reflect_pad copies x[h, w] to, in a fixed order
//
// Shapes: x and dx (N, C/B, H, W, B), y and dy (N, C/B, H + 2 PAD, W + 2 PAD, B), with their own strides between
//   pictures; PAD < H, W.
// Geometry: dimension 0 runs of `length` pixels of the result times B/VW, 1 channel blocks, 2 pictures.
//
// Defined before this source: B, VW, PAD.

typedef VEC(VW) V;

// Mirrored at 0 and at size - 1, neither of which is repeated.
static inline int mirror(int i, int size)
{
    const int last = size - 1;
    return last - (int)abs(last - (int)abs(i));
}

__kernel GROUP void reflect_pad(__global const float *restrict x, uint x_offset, __global float *restrict y,
                                uint y_offset, int H, int W, int x_stride_n, int y_stride_n, int length)
{
    const int block = get_global_id(1), n = get_global_id(2), lane = LANE_OF(get_global_id(0));
    const int YH = H + 2 * PAD, YW = W + 2 * PAD;
    const int begin = RUN_OF(get_global_id(0)) * length, end = min(YH * YW, begin + length);
    x += x_offset + (size_t)n * x_stride_n + (size_t)block * H * W * B + lane;
    y += y_offset + (size_t)n * y_stride_n + (size_t)block * YH * YW * B + lane;
    for (int pixel = begin, row = begin / YW; pixel < end; row++) {
        __global const float *from = x + mirror(row - PAD, H) * W * B;
        const int row_end = min(end, (row + 1) * YW);
        for (; pixel < row_end; pixel++)
            STORE_B(VW, LOAD_B(VW, from + mirror(pixel - row * YW - PAD, W) * B), y + pixel * B);
    }
}

// The places of element i of a row of `size` in the padded row: `which` 0 its own, 1 and 2 its images beyond the first
// and the last element; -1 where it has none.
static inline int image_of(int which, int i, int size)
{
    const int rest = size - 1 - i;
    if (which == 0)
        return PAD + i;
    if (which == 1)
        return i >= 1 && i <= PAD ? PAD - i : -1;
    return rest >= 1 && rest <= PAD ? PAD + size - 1 + rest : -1;
}

__kernel GROUP void reflect_pad_grad(__global const float *restrict dy, uint dy_offset, __global float *restrict dx,
                                     uint dx_offset, int H, int W, int dy_stride_n, int dx_stride_n, int length)
{
    const int block = get_global_id(1), n = get_global_id(2), lane = LANE_OF(get_global_id(0));
    const int YH = H + 2 * PAD, YW = W + 2 * PAD;
    const int begin = RUN_OF(get_global_id(0)) * length, end = min(H * W, begin + length);
    dy += dy_offset + (size_t)n * dy_stride_n + (size_t)block * YH * YW * B + lane;
    dx += dx_offset + (size_t)n * dx_stride_n + (size_t)block * H * W * B + lane;
    for (int pixel = begin; pixel < end; pixel++) {
        const int row = pixel / W, column = pixel - row * W;
        V sum = (V)(0.0f);
        for (int i = 0; i < 3; i++) {
            const int from_row = image_of(i, row, H);
            for (int j = 0; from_row >= 0 && j < 3; j++) {
                const int from_column = image_of(j, column, W);
                if (from_column >= 0)
                    sum += LOAD_B(VW, dy + (from_row * YW + from_column) * B);
            }
        }
        STORE_B(VW, sum, dx + pixel * B);
    }
}
