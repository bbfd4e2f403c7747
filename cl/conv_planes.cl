// Convolution of a map with few channels (RGB, a pair of pictures, a logit), for GPUs.
//
//   y[n,o,oh,ow] = sum over i,kh,kw of x[n,i,oh*S-PAD+kh,ow*S-PAD+kw] * w[o,i,kh,kw]
//
// FLIP 1: a transposed convolution of stride 1, which is this with the taps turned by 180 degrees and a PAD of K-1 less
// its own. REFLECT 1: x is padded by reflection, 0: by zeros; either way in the load.
//
// Shapes: x (N, C/BX, H, W, BX), w (OC/16, C/BX, K, K, BX, 16), y (N, OC/16, OH, OW, 16).
// Geometry: a group is a wave of L lanes, each of VL output channels next to each other, that makes P pixels of a row.
//   What these need of CH channels of a row of x is the same for all lanes, is loaded once, and serves all K taps of
//   the row. dimension 0: tiles of a row; 1: rows of all pictures; 2: blocks of L*VL output channels. A row's last tile
//   is moved back to be inside the row, and stores only the pixels that no tile before it has.
//
// Defined before this source: L, VL (L*VL is a multiple of 16); P, at most OW; BX, CH (divides BX); K, S, PAD, FLIP,
// REFLECT; PARTIAL 1: the last block lacks channels; finish() of epilogue.cl, for VL lanes.

#define WINDOW ((P - 1) * S + K) // columns of x under a tile
// Those that may be outside of the picture, PAD at either end, and their number among these. The others never are,
// since tiles are inside their row: they come in one go, where each of these takes an address of its own.
#define IS_EDGE(i) ((i) < PAD || (i) >= WINDOW - PAD)
#define EDGE_OF(i) ((i) < PAD ? (i) : (i) - (WINDOW - 2 * PAD))
#define COLUMN_OF(e) ((e) < PAD ? (e) : (e) + (WINDOW - 2 * PAD))

typedef VEC(VL) VF;

// Where row or column i of the padded picture is, of `size` of them.
static inline int place(int i, int size)
{
#if REFLECT
    i = i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
#endif
    return clamp(i, 0, size - 1);
}

__kernel WAVE_OF(L) void conv_planes(
    __global const float *restrict x, uint x_offset, __global const float *restrict w, uint w_offset,
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset,
    int C, int H, int W, int OC, int OH, int OW, int x_stride_n, int y_stride_n)
{
    const int own = GROUP_ID(0, L) * P, ow = min(own, OW - P); // the first pixel to store; to make
    const uint row = GROUP_ID(1, 1), n = UNIFORM(row / (uint)OH);
    const int oh = row - n * OH, top = oh * S - PAD, left = ow * S - PAD;
    const int kh_begin = REFLECT ? 0 : max(0, -top), kh_end = REFLECT ? K : min(K, H - top);
    const uint o = (GROUP_ID(2, 1) * L + get_local_id(0)) * VL;
#if PARTIAL
    if (o >= (uint)OC)
        return;
#endif
#if PAD > 0
    uint edge_at[2 * PAD], edge_in[2 * PAD]; // where they are; all bits where they are in the picture
    EACH(e, 2 * PAD)
    {
        edge_at[e] = place(left + COLUMN_OF(e), W) * BX;
        edge_in[e] = REFLECT || (uint)(left + COLUMN_OF(e)) < (uint)W ? ~0u : 0;
    }
#endif
    VF acc[P];
    EACH(p, P) acc[p] = (VF)(0.0f);
    uint x_at = x_offset + n * (uint)x_stride_n, w_at = w_offset + o / 16 * (uint)(C * (K * K * 16)) + o % 16;
    for (uint c = 0; c < (uint)C; c += CH) {
        for (int kh = kh_begin; kh < kh_end; kh++) {
            const int line = (REFLECT ? place(top + kh, H) : top + kh) * W;
            __global const float *edge = x + (x_at + line * BX), *inner = x + (x_at + (line + left + PAD) * BX);
            __global const float *wp = w + (w_at + (FLIP ? K - 1 - kh : kh) * (K * BX * 16));
            float xs[WINDOW * CH];
            EACH(i, WINDOW)
            {
#if PAD > 0
                if (IS_EDGE(i)) {
                    STORE_B(CH, ALIGNED_B(CH, edge + edge_at[EDGE_OF(i)]), xs + i * CH);
                    if (!REFLECT)
                        EACH(j, CH) xs[i * CH + j] = as_float(as_uint(xs[i * CH + j]) & edge_in[EDGE_OF(i)]);
                } else
#endif
                    STORE_B(CH, ALIGNED_B(CH, inner + (i - PAD) * BX), xs + i * CH);
            }
            EACH(kw, K) EACH(j, CH)
            {
                const VF wv = ALIGNED_B(VL, wp + ((FLIP ? K - 1 - kw : kw) * BX + j) * 16);
                EACH(p, P) acc[p] = fma((VF)(xs[(p * S + kw) * CH + j]), wv, acc[p]);
            }
        }
        const bool block_ends = (c + CH) % BX == 0;
        x_at += block_ends ? H * W * BX - (BX - CH) : CH;
        w_at += block_ends ? K * K * BX * 16 - (BX - CH) * 16 : CH * 16;
    }
    const uint y_at = y_offset + n * (uint)y_stride_n + ((o / 16 * OH + oh) * OW + ow) * 16 + o % 16;
    EACH(p, P) if (ow + p >= own)
    {
        __global float *yp = y + (y_at + p * 16);
        STORE_ALIGNED_B(VL, finish(acc[p], bias + (bias_offset + o)), yp);
    }
}
