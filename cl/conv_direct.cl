// Convolution and transposed convolution, direct, output channels in the vector lanes.
//
//   conv:    y[n,o,oh,ow] = sum over i,kh,kw of x[n,i,oh*S-PAD+kh,ow*S-PAD+kw] * w[o,i,kh,kw]
//   conv_t:  y[n,o,oh,ow] = sum over i and the kh,kw with (oh+PAD-kh) % S == 0 (and so for w) of
//            x[n,i,(oh+PAD-kh)/S,(ow+PAD-kw)/S] * w[i,o,kh,kw]
//
// Shapes: x (N, C/BX, H, W, BX), y (N, OC/BY, OH, OW, BY), w (OC/BY, C/BX, K, K, BX, BY).
// Geometry: one work-item makes a tile of TW pixels of one row by NV*BY channels. Pixels of a tile are S_OUT apart, so that all of them
//   use the same taps: S_OUT is S for conv_t (each column phase is an ordinary convolution), 1 for conv.
//   dimension 0: tiles of a row times column phases; 1: N * OH rows; 2: groups of NV channel blocks (outermost, so that a group's
//   weights stay in the cache while all pixels pass by). A row's last tile is moved back to lie inside the row, and stores only the
//   pixels that no tile before it has.
// Made for devices with wide vectors and a private cache per core: no local memory, no barrier.
//
// Defined before this source: BX, BY channel blocks; K, S, PAD; TRANSPOSED 0/1; TW, NV the tile; HAS_BIAS 0/1; ACT 0 none, 1 leaky
// ReLU with slope SLOPE, 2 tanh.

typedef VEC(BY) VY;
#define LOAD_Y(p) LOAD_B(BY, p)
#define STORE_Y(v, p) STORE_B(BY, v, p)

#define S_OUT (TRANSPOSED ? S : 1)
#define S_IN (TRANSPOSED ? 1 : S)
#define TAP_STEP (TRANSPOSED ? S : 1)

// acc[p][v] += x at pixel p, lane ci, times the NV weight vectors. X(p) is the value of pixel p.
#define MULTIPLY(X)                                              \
    for (int ci = 0; ci < BX; ci++) {                            \
        VY wv[NV];                                               \
        _Pragma("unroll") for (int v = 0; v < NV; v++)           \
            wv[v] = LOAD_Y(wp + v * w_block + ci * BY);          \
        _Pragma("unroll") for (int p = 0; p < TW; p++) {         \
            const VY xv = (VY)(X(p));                            \
            _Pragma("unroll") for (int v = 0; v < NV; v++)       \
                acc[p][v] += xv * wv[v];                         \
        }                                                        \
    }
#define X_INSIDE(p) xp[(p) * S_IN * BX + ci]
#define X_EDGE(p) ((uint)(iw + (p) * S_IN) < (uint)W ? xp[(p) * S_IN * BX + ci] : 0.0f)

__kernel GROUP void conv_direct(
    __global const float *restrict x, uint x_offset, __global const float *restrict w, uint w_offset,
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset,
    int C, int H, int W, int OC, int OH, int OW, int x_stride_n, int y_stride_n, int tiles)
{
    const int phase = TRANSPOSED ? (int)get_global_id(0) / tiles : 0;
    const int tile = (int)get_global_id(0) - phase * tiles;
    const int n = (int)get_global_id(1) / OH;
    const int oh = (int)get_global_id(1) - n * OH;
    const int group = get_global_id(2);
    const int row = (OW - phase + S_OUT - 1) / S_OUT; // pixels of this phase
    const int own = tile * TW;                        // the first pixel that is this tile's to store
    if (own >= row)
        return;
    const int begin = max(0, min(own, row - TW));
    const int ow = phase + begin * S_OUT;
    x += x_offset + (size_t)n * x_stride_n;
    const int w_block = C * K * K * BY; // between the weights of two output blocks
    w += w_offset + (size_t)group * NV * w_block;

    VY sum[TW][NV];
    _Pragma("unroll") for (int p = 0; p < TW; p++)
        _Pragma("unroll") for (int v = 0; v < NV; v++)
            sum[p][v] = (VY)(0.0f);

    const int kh0 = TRANSPOSED ? (oh + PAD) % S : 0;
    const int kw0 = TRANSPOSED ? (ow + PAD) % S : 0;
    const bool whole = row >= TW;
    for (int cb = 0; cb < C / BX; cb++) {
        VY acc[TW][NV]; // of this block alone: two short sums round less than one long one
        _Pragma("unroll") for (int p = 0; p < TW; p++)
            _Pragma("unroll") for (int v = 0; v < NV; v++)
                acc[p][v] = (VY)(0.0f);
        for (int kh = kh0; kh < K; kh += TAP_STEP) {
            const int ih = TRANSPOSED ? (oh + PAD - kh) / S : oh * S - PAD + kh;
            if ((uint)ih >= (uint)H)
                continue;
            for (int kw = kw0; kw < K; kw += TAP_STEP) {
                const int iw = TRANSPOSED ? (ow + PAD - kw) / S : ow * S - PAD + kw;
                __global const float *wp = w + (((size_t)cb * K + kh) * K + kw) * BX * BY;
                __global const float *xp = x + ((ptrdiff_t)(cb * H + ih) * W + iw) * BX;
                if (whole && iw >= 0 && iw + (TW - 1) * S_IN < W) {
                    MULTIPLY(X_INSIDE)
                } else {
                    MULTIPLY(X_EDGE)
                }
            }
        }
        _Pragma("unroll") for (int p = 0; p < TW; p++)
            _Pragma("unroll") for (int v = 0; v < NV; v++)
                sum[p][v] += acc[p][v];
    }

    _Pragma("unroll") for (int v = 0; v < NV; v++) {
        const int block = group * NV + v;
        __global float *yp = y + y_offset + (size_t)n * y_stride_n + ((size_t)(block * OH + oh) * OW + ow) * BY;
        _Pragma("unroll") for (int p = 0; p < TW; p++) {
            VY r = sum[p][v];
#if HAS_BIAS
            r += LOAD_Y(bias + bias_offset + block * BY);
#endif
#if ACT == 1
            r = r > (VY)(0.0f) ? r : r * SLOPE;
#elif ACT == 2
            r = tanh(r);
#endif
            if (begin + p >= own && (whole || begin + p < row))
                STORE_Y(r, yp + p * S_OUT * BY);
        }
    }
}
