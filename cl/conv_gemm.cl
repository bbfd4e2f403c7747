// Columns for convolution by matrix multiplication, of one picture.
//
//   im2col:  columns[(c,kh,kw)][oh,ow] = map[c, oh*S-PAD+kh, ow*S-PAD+kw], 0 outside
//   col2im:  map[c,h,w] = sum over kh,kw and the oh,ow with oh*S-PAD+kh == h (and so for w) of columns[(c,kh,kw)][oh,ow]
//
// Shapes: map (C/B, H, W, B), columns (C*K*K, OH*OW).
// Geometry: im2col: dimension 0 positions, 1 rows of columns. col2im: dimension 0 pixels of the map, 1 channels; every pixel
//   gathers its taps in order, so there is nothing to add atomically.
//
// Defined before this source: B, K, S, PAD.

__kernel GROUP void im2col(__global const float *restrict map, uint map_offset, __global float *restrict columns,
                           uint columns_offset, int H, int W, int OH, int OW)
{
    const int position = get_global_id(0), row = get_global_id(1);
    const int c = row / (K * K), kh = row / K % K, kw = row % K;
    const int oh = position / OW, ow = position - oh * OW;
    const int h = oh * S - PAD + kh, w = ow * S - PAD + kw;
    float value = 0.0f;
    if ((uint)h < (uint)H && (uint)w < (uint)W)
        value = map[map_offset + ((size_t)((c / B) * H + h) * W + w) * B + c % B];
    columns[columns_offset + (size_t)row * OH * OW + position] = value;
}

__kernel GROUP void col2im(__global float *restrict map, uint map_offset, __global const float *restrict columns,
                           uint columns_offset, int H, int W, int OH, int OW)
{
    const int pixel = get_global_id(0), c = get_global_id(1);
    const int h = pixel / W, w = pixel - h * W;
    columns += columns_offset + (size_t)c * K * K * OH * OW;
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
    map[map_offset + ((size_t)((c / B) * H + h) * W + w) * B + c % B] = value;
}
