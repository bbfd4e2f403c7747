// Convolution and transposed convolution, direct, output channels in the vector lanes.
//
//   conv:    y[n,o,oh,ow] = sum over i,kh,kw of x[n,i,oh*S-PAD+kh,ow*S-PAD+kw] * w[o,i,kh,kw]
//   conv_t:  y[n,o,oh,ow] = sum over i and the kh,kw with (oh+PAD-kh) % S == 0 (and so for w) of
//            x[n,i,(oh+PAD-kh)/S,(ow+PAD-kw)/S] * w[i,o,kh,kw]
//
// Shapes: x (N, C/BX, H, W, BX), y (N, OC/BY, OH, OW, BY), w (OC/BY, C/BX, K, K, BX, BY).
// Geometry: one work-item makes tiles of TW pixels of a row by NV*BY channels. Pixels of a tile are S_OUT apart, so
// that all
//   of them use the same taps: S_OUT is S for conv_t (each column phase is an ordinary convolution), 1 for conv.
//   dimension 0: tiles of a row times column phases; 1: N times runs of `rows` rows; 2: groups of NV channel blocks
//   (outermost, so that a group's weights stay in the cache while all pixels pass by). A row's last tile is moved back
//   to lie inside the row, and stores only the pixels that no tile before it has.
//   With OWN_WEIGHTS dimensions 1 and 2 change places: a picture and its weights stay in the cache until both are done.
//   Where the weights of a group are larger than a cache, a work-item takes many rows and works through the input
//   channels `blocks` at a time, adding to y, so that each weight comes from memory once.
// Made for devices with wide vectors and a private cache per core: no local memory, no barrier.
//
// Defined before this source: BX, BY channel blocks; K, S, PAD; TRANSPOSED 0/1; OWN_WEIGHTS 0/1: each picture has its
// own, w_stride_n apart; TW, NV the tile; finish() of epilogue.cl, for BY lanes. add: to what y is, instead of from 0.
// `zeros` are BX of them, read where a tap lies outside the picture.

typedef VEC(BY) VY;
#define LOAD_Y(p) LOAD_B(BY, p)
#define STORE_Y(v, p) STORE_B(BY, v, p)

#define S_OUT (TRANSPOSED ? S : 1)
#define S_IN (TRANSPOSED ? 1 : S)
#define TAP_STEP (TRANSPOSED ? S : 1)
// Input channel blocks that make one short sum of some 256 products.
#define TAPS (K * K / (S_OUT * S_OUT))
#define FOLD (TAPS * BX >= 256 || TAPS == 0 ? 1 : 256 / (TAPS * BX))

// acc[p][v] += x at pixel p, lane ci, times the NV weight vectors. X is the value of pixel p.
#define MULTIPLY(X)                                     \
    for (int ci = 0; ci < BX; ci++) {                   \
        VY wv[NV];                                      \
        EACH(v, NV) wv[v] = LOAD_Y(wp + v * w_block + ci * BY); \
        EACH(p, TW)                                     \
        {                                               \
            const VY xv = (VY)(X);                      \
            EACH(v, NV) acc[p][v] += xv * wv[v];        \
        }                                               \
    }

__kernel GROUP void conv_direct(
    __global const float *restrict x, uint x_offset, __global const float *restrict w, uint w_offset,
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset,
    __global const float *restrict zeros, uint zeros_offset, int C, int H, int W, int OC, int OH, int OW,
    int x_stride_n, int y_stride_n, int tiles, int rows, int blocks, int w_stride_n, int add)
{
    const int phase = TRANSPOSED ? (int)get_global_id(0) / tiles : 0;
    const int tile = (int)get_global_id(0) - phase * tiles;
    const int runs = (OH + rows - 1) / rows;
    const int run = get_global_id(OWN_WEIGHTS ? 2 : 1), group = get_global_id(OWN_WEIGHTS ? 1 : 2);
    const int n = run / runs;
    const int row_begin = (run - n * runs) * rows, row_end = min(OH, row_begin + rows);
    const int pixels = (OW - phase + S_OUT - 1) / S_OUT; // of a row, in this phase
    const int own = tile * TW;                           // the first pixel that is this tile's to store
    if (own >= pixels)
        return;
    const int begin = max(0, min(own, pixels - TW));
    const int ow = phase + begin * S_OUT;
    const int kw0 = TRANSPOSED ? (ow + PAD) % S : 0;
    const int w_block = C * K * K * BY; // between the weights of two output blocks
    x += x_offset + (size_t)n * x_stride_n;
    w += w_offset + (size_t)n * w_stride_n + (size_t)group * NV * w_block;
    y += y_offset + (size_t)n * y_stride_n + (size_t)group * NV * OH * OW * BY + (size_t)ow * BY;
    bias += bias_offset + group * NV * BY;
    zeros += zeros_offset;

    for (int cb_begin = 0; cb_begin < C / BX; cb_begin += blocks)
        for (int oh = row_begin; oh < row_end; oh++) {
            __global float *yp = y + (size_t)oh * OW * BY;
            const int cb_end = min(C / BX, cb_begin + blocks);
            VY sum[TW][NV];
            EACH(p, TW)
                EACH(v, NV)
                {
                    const bool mine = begin + p >= own && begin + p < pixels;
                    const bool continued = (add || cb_begin > 0) && mine;
                    sum[p][v] = continued ? LOAD_Y(yp + ((size_t)v * OH * OW + p * S_OUT) * BY) : (VY)(0.0f);
                }
            for (int first = cb_begin; first < cb_end; first += FOLD) {
                VY acc[TW][NV]; // of these blocks alone: two short sums round less than one long one
                EACH(p, TW) EACH(v, NV) acc[p][v] = (VY)(0.0f);
                for (int cb = first; cb < min(cb_end, first + FOLD); cb++) {
                    for (int kh = TRANSPOSED ? (oh + PAD) % S : 0; kh < K; kh += TAP_STEP) {
                        const int ih = TRANSPOSED ? (oh + PAD - kh) / S : oh * S - PAD + kh;
                        if ((uint)ih >= (uint)H)
                            continue;
                        for (int kw = kw0; kw < K; kw += TAP_STEP) {
                            const int iw = TRANSPOSED ? (ow + PAD - kw) / S : ow * S - PAD + kw;
                            __global const float *wp = w + (((size_t)cb * K + kh) * K + kw) * BX * BY;
                            __global const float *xp = x + ((ptrdiff_t)(cb * H + ih) * W + iw) * BX;
                            if (iw >= 0 && iw + (TW - 1) * S_IN < W) {
                                MULTIPLY(xp[p * S_IN * BX + ci])
                            } else {
                                __global const float *xe[TW];
                                EACH(p, TW) xe[p] = (uint)(iw + p * S_IN) < (uint)W ? xp + p * S_IN * BX : zeros;
                                MULTIPLY(xe[p][ci])
                            }
                        }
                    }
                }
                EACH(p, TW) EACH(v, NV) sum[p][v] += acc[p][v];
            }
            EACH(v, NV)
                EACH(p, TW)
                {
                    const VY r = cb_end == C / BX ? finish(sum[p][v], bias + v * BY) : sum[p][v];
                    if (begin + p >= own && begin + p < pixels)
                        STORE_Y(r, yp + ((size_t)v * OH * OW + p * S_OUT) * BY);
                }
        }
}
