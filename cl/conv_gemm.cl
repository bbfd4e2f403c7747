// Columns for convolution by matrix multiplication.
//
//   im2col:  columns[(c,kh,kw)][n,oh,ow] = map[n, c, oh*S-PAD+kh, ow*S-PAD+kw], 0 outside
//   im2col_transposed:  columns[n,oh,ow][(c,kh,kw)], the same
//   col2im:  map[c,h,w] = sum over kh,kw and the oh,ow with oh*S-PAD+kh == h (and so for w) of
//            columns[(c,kh,kw)][oh,ow], of one picture
//
// Shapes: map (N, C/B, H, W, B), columns (C*K*K, N*OH*OW), of which a slice is in memory: im2col makes `count`
// positions from `first` on, (C*K*K, count); col2im reads the rows of channels from `first` on and writes those.
// Geometry: im2col: dimension 0 runs of `length` positions, 1 rows of columns. im2col_transposed: dimension 0 runs of
// elements of the slice. col2im: dimension 0 runs of pixels of the map, 1 channels; every pixel gathers its taps in
// order, so there is nothing to add atomically.
//
// Defined before this source: B, K, S, PAD.

// What a row of the columns has at a position.
static inline float tap(__global const float *map, int row, int position, int H, int W, int OH, int OW, int stride_n)
{
    const int c = row / (K * K), kh = row / K % K, kw = row % K;
    const int line = position / OW, n = line / OH;
    const int h = (line - n * OH) * S - PAD + kh, w = (position - line * OW) * S - PAD + kw;
    const bool inside = (uint)h < (uint)H && (uint)w < (uint)W;
    return inside ? map[(size_t)n * stride_n + ((size_t)(c / B) * H * W + h * W + w) * B + c % B] : 0.0f;
}

__kernel GROUP void im2col(__global const float *restrict map, uint map_offset, __global float *restrict columns,
                           uint columns_offset, int H, int W, int OH, int OW, int length, int first, int count,
                           int rows, int stride_n)
{
    const int row = get_global_id(1);
    const int begin = (int)get_global_id(0) * length, end = min(count, begin + length);
    map += map_offset;
    columns += columns_offset + (size_t)row * count;
    for (int i = begin; i < end; i++)
        columns[i] = tap(map, row, first + i, H, W, OH, OW, stride_n);
}

__kernel GROUP void im2col_transposed(__global const float *restrict map, uint map_offset,
                                      __global float *restrict columns, uint columns_offset, int H, int W, int OH,
                                      int OW, int length, int first, int count, int rows, int stride_n)
{
    const int begin = (int)get_global_id(0) * length, end = min(count * rows, begin + length);
    map += map_offset;
    columns += columns_offset;
    for (int i = begin; i < end; i++) {
        const int position = i / rows;
        columns[i] = tap(map, i - position * rows, first + position, H, W, OH, OW, stride_n);
    }
}

static inline float gather(__global const float *columns, int h, int w, int OH, int OW)
{
    float value = 0.0f;
    for (int kh = (h + PAD) % S; kh < K; kh += S) {
        const int oh = (h + PAD - kh) / S;
        if (h + PAD < kh || oh >= OH)
            continue;
        for (int kw = (w + PAD) % S; kw < K; kw += S) {
            const int ow = (w + PAD - kw) / S;
            if (w + PAD >= kw && ow < OW)
                value += columns[(size_t)(kh * K + kw) * OH * OW + oh * OW + ow];
        }
    }
    return value;
}

__kernel GROUP void col2im(__global float *restrict map, uint map_offset, __global const float *restrict columns,
                           uint columns_offset, int H, int W, int OH, int OW, int length, int first)
{
    const int row = get_global_id(1), c = first + row;
    const int begin = (int)get_global_id(0) * length, end = min(H * W, begin + length);
    map += map_offset + (size_t)(c / B) * H * W * B + c % B;
    columns += columns_offset + (size_t)row * K * K * OH * OW;
    for (int pixel = begin; pixel < end; pixel++)
        map[pixel * B] = gather(columns, pixel / W, pixel % W, OH, OW);
}
