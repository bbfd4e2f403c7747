// Convolution and transposed convolution with input channels in the vector lanes, for few output channels (RGB, one
// logit).
//
// The formulas are conv_direct.cl's. Each lane sums its own input channels; the lanes are added at the end.
//
// Shapes: x (N, C/BX, H, W, BX), y (N, OC/BY, OH, OW, BY), w (C/BX, OC/BY, K, K, BY, BX).
// Geometry: one work-item makes a tile of TW pixels of one row by NV output channels, as in conv_direct.cl.
//
// Defined before this source: as for conv_direct.cl, with NV counting single channels; activate() of epilogue.cl, for
// LANES results.

typedef VEC(BX) VX;
#define S_OUT (TRANSPOSED ? S : 1)
#define S_IN (TRANSPOSED ? 1 : S)
#define TAP_STEP (TRANSPOSED ? S : 1)
// Input channel blocks that make one short sum of some 256 products.
#define TAPS (K * K / (S_OUT * S_OUT))
#define FOLD (TAPS * BX >= 256 || TAPS == 0 ? 1 : 256 / (TAPS * BX))

#define MULTIPLY(X)                                                        \
    {                                                                      \
        VX wv[NV];                                                         \
        EACH(v, NV) wv[v] = LOAD_B(BX, wp + weight_offset(o0 + v, OC));    \
        EACH(p, TW)                                                        \
        {                                                                  \
            const VX xv = LOAD_B(BX, X);                                   \
            EACH(v, NV) acc[p][v] += xv * wv[v];                           \
        }                                                                  \
    }

// From the start of a block of input channels and a tap to output channel o.
static inline size_t weight_offset(int o, int OC)
{
    return ((size_t)(o / BY) * K * K * BY + o % BY) * BX;
}

__kernel GROUP void conv_dot(
    __global const float *restrict x, uint x_offset, __global const float *restrict w, uint w_offset,
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset,
    __global const float *restrict zeros, uint zeros_offset, int C, int H, int W, int OC, int OH, int OW,
    int x_stride_n, int y_stride_n, int tiles)
{
    const int phase = TRANSPOSED ? (int)get_global_id(0) / tiles : 0;
    const int tile = (int)get_global_id(0) - phase * tiles;
    const int n = (int)get_global_id(1) / OH;
    const int oh = (int)get_global_id(1) - n * OH;
    const int o0 = (int)get_global_id(2) * NV;
    const int row = (OW - phase + S_OUT - 1) / S_OUT;
    const int own = tile * TW;
    if (own >= row)
        return;
    const int begin = max(0, min(own, row - TW));
    const int ow = phase + begin * S_OUT;
    x += x_offset + (size_t)n * x_stride_n;
    w += w_offset;

    VX sum[TW][NV];
    EACH(p, TW) EACH(v, NV) sum[p][v] = (VX)(0.0f);

    const int kh0 = TRANSPOSED ? (oh + PAD) % S : 0;
    const int kw0 = TRANSPOSED ? (ow + PAD) % S : 0;
    for (int first = 0; first < C / BX; first += FOLD) {
        VX acc[TW][NV]; // of these blocks alone: two short sums round less than one long one
        EACH(p, TW) EACH(v, NV) acc[p][v] = (VX)(0.0f);
        for (int cb = first; cb < min(C / BX, first + FOLD); cb++) {
            for (int kh = kh0; kh < K; kh += TAP_STEP) {
                const int ih = TRANSPOSED ? (oh + PAD - kh) / S : oh * S - PAD + kh;
                if ((uint)ih >= (uint)H)
                    continue;
                for (int kw = kw0; kw < K; kw += TAP_STEP) {
                    const int iw = TRANSPOSED ? (ow + PAD - kw) / S : ow * S - PAD + kw;
                    __global const float *wp =
                        w + (((size_t)cb * OC * K + (size_t)kh * BY) * K + (size_t)kw * BY) * BX;
                    __global const float *xp = x + ((ptrdiff_t)(cb * H + ih) * W + iw) * BX;
                    if (iw >= 0 && iw + (TW - 1) * S_IN < W) {
                        MULTIPLY(xp + p * S_IN * BX)
                    } else {
                        MULTIPLY((uint)(iw + p * S_IN) < (uint)W ? xp + p * S_IN * BX : zeros + zeros_offset)
                    }
                }
            }
        }
        EACH(p, TW) EACH(v, NV) sum[p][v] += acc[p][v];
    }

    // Eight results at a time: tanh of one takes as long as of all.
    float results[(NV * TW + LANES - 1) / LANES * LANES] = {0.0f};
    EACH(v, NV)
        EACH(p, TW)
            results[v * TW + p] = ADD_BIAS(1, SUM_LANES(BX, sum[p][v]), bias + bias_offset + o0 + v);
    EACH(i, (NV * TW + LANES - 1) / LANES)
        STORE_B(LANES, activate(LOAD_B(LANES, results + i * LANES)), results + i * LANES);
    EACH(v, NV)
    {
        const int o = o0 + v;
        __global float *yp = y + y_offset + (size_t)n * y_stride_n
                             + ((size_t)((o / BY) * OH + oh) * OW + ow) * BY + o % BY;
        EACH(p, TW)
            if (begin + p >= own && begin + p < row)
                yp[p * S_OUT * BY] = results[v * TW + p];
    }
}
