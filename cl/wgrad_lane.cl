// Gradient of a convolution towards its weights, for GPUs.
//
//   dw[d,l,kh,kw] = sum over n,oh,ow of large[n,l,oh*S-PAD+kh,ow*S-PAD+kw] * small[n,d,oh,ow]
//
// `large` is a convolution's input and `small` the gradient of its output (for a transposed convolution the other way
// round). The lanes of a wave are channels of one of the two, the vector map: VECTOR_LARGE says of which. A pixel of
// the other is the same for all lanes: TS scalars that come in one uniform load.
//
// Shapes: the vector map (N, V/16, pixels, 16), the scalar map (N, s/BS, pixels, BS); dw (V/16, s/BS, K, K, BS, 16).
//   A set is N pictures that are summed. Each of the SETS has a result of its own, and each of its splits a part of it:
//   (SETS, splits) times dw.
// Geometry: a group is a wave of L lanes, each of VL channels next to each other, at one tap. dimension 0: tiles of TS
//   scalar channels times taps; 1: blocks of L*VL vector channels; 2: splits times SETS. A split is `share` rows of a
//   set, counted through its pictures. A map without borders (K 1) is one row of pixels, which is cut into rows of ROW.
//   There are so many splits that no accumulator takes more than some 1024 products; conv_wgrad_sum.cl, adam.cl or
//   winograd.cl sum them in order. add: to what dw is. PARTIAL 1: the last blocks lack some.
// ADAM 1: the gradient is not stored but moves the weights (adam_update.cl), for a single split.
//
// Defined before this source: L, VL (L*VL is a multiple of 16), BS, TS (divides BS or is a multiple of it), U (pixels
// of a row that are loaded together), K, S, PAD, VECTOR_LARGE, SETS, PARTIAL, ADAM.

#define BLOCKS (L * VL / 16)
#define FLAT (K == 1 && S == 1 && PAD == 0)
#define ROW 256
#define VECTOR_STEP ((VECTOR_LARGE ? S : 1) * 16)
#define SCALAR_STEP ((VECTOR_LARGE ? 1 : S) * BS)

typedef VEC(VL) VF;

#if TS < BS
#define LOAD_SCALARS(s, p) STORE_B(TS, ALIGNED_B(TS, p), s)
#else
#define LOAD_SCALARS(s, p) EACH(b, TS / BS) STORE_B(BS, ALIGNED_B(BS, (p) + b * scalar_plane), (s) + b * BS)
#endif

// Pixels from vector_at, scalar_at on. Offsets become pointers once for all of them: that is what addresses cost.
#define MULTIPLY(PIXELS)                                                                                               \
    {                                                                                                                  \
        __global const float *vp = vector + (vector_at + lane_at), *sp = scalar + scalar_at;                           \
        EACH(e, PIXELS)                                                                                                \
        {                                                                                                              \
            const VF v = ALIGNED_B(VL, vp + e * VECTOR_STEP);                                                          \
            float s[TS];                                                                                               \
            LOAD_SCALARS(s, sp + e * SCALAR_STEP);                                                                     \
            EACH(i, TS) acc[i] = fma((VF)(s[i]), v, acc[i]);                                                           \
        }                                                                                                              \
        vector_at += PIXELS * VECTOR_STEP;                                                                             \
        scalar_at += PIXELS * SCALAR_STEP;                                                                             \
    }

__kernel WAVE_OF(L) void wgrad_lane(
    __global const float *restrict large, uint large_offset, __global const float *restrict small, uint small_offset,
#if ADAM
    __global float *restrict w, uint w_offset, __global float *restrict m, uint m_offset, __global float *restrict v,
    uint v_offset, __global const step_data *step,
#else
    __global float *restrict dw, uint dw_offset,
#endif
    int N, int H, int W, int OH, int OW, int large_stride_n, int small_stride_n, int scalar_channels,
    int vector_channels, int splits, int share, int count, int add)
{
    const uint s0 = GROUP_ID(0, L) / (K * K) * TS, tap = GROUP_ID(0, L) % (K * K), v0 = GROUP_ID(1, 1) * BLOCKS;
    const uint split = GROUP_ID(2, 1) / SETS, set = GROUP_ID(2, 1) % SETS;
    const int kh = tap / K, kw = tap % K;
    const uint vector_plane = (VECTOR_LARGE ? H * W : OH * OW) * 16;
    const uint scalar_plane = (VECTOR_LARGE ? OH * OW : H * W) * BS;
    const uint lane = get_local_id(0), lane_block = lane * VL / 16, lane_in = lane * VL % 16;
#if PARTIAL
    if (v0 + lane_block >= (uint)vector_channels / 16)
        return;
#endif
    const uint lane_at = lane_block * vector_plane + lane_in;
    __global const float *vector = VECTOR_LARGE ? large : small, *scalar = VECTOR_LARGE ? small : large;
#if FLAT
    const int rows = (OH * OW + ROW - 1) / ROW;
#else
    // Output columns whose input column is inside the picture.
    const int rows = OH, low = PAD - kw > 0 ? (PAD - kw + S - 1) / S : 0, high = min(OW, (W - 1 + PAD - kw + S) / S);
#endif
    int i = split * share, n = set * N, row = i; // a row counted in the set; its picture, and the row there
    const int end = min(i + share, N * rows);
    VF acc[TS];
    EACH(k, TS) acc[k] = (VF)(0.0f);
    for (; i < end; i++, row++) {
        while (row >= rows) {
            row -= rows;
            n++;
        }
#if FLAT
        const uint in_large = row * ROW, in_small = row * ROW;
        int left = min(ROW, OH * OW - row * ROW);
#else
        const int ih = row * S - PAD + kh;
        if (ih < 0 || ih >= H)
            continue;
        const uint in_large = ih * W + low * S - PAD + kw, in_small = row * OW + low;
        int left = high - low;
#endif
        const uint large_at = large_offset + n * (uint)large_stride_n + in_large * (VECTOR_LARGE ? 16 : BS);
        const uint small_at = small_offset + n * (uint)small_stride_n + in_small * (VECTOR_LARGE ? BS : 16);
        uint vector_at = (VECTOR_LARGE ? large_at : small_at) + v0 * vector_plane;
        uint scalar_at = (VECTOR_LARGE ? small_at : large_at) + s0 / BS * scalar_plane + s0 % BS;
        for (; left >= U; left -= U)
            MULTIPLY(U)
        for (; left > 0; left--)
            MULTIPLY(1)
    }
    EACH(k, TS)
    {
        const uint s = s0 + k, block = (v0 + lane_block) * ((uint)scalar_channels / BS) + s / BS;
        const uint at = (block * (K * K) + tap) * (BS * 16) + s % BS * 16 + lane_in;
#if ADAM
        adam_update(w + (w_offset + at), m + (m_offset + at), v + (v_offset + at), acc[k],
                    step->rates[2 * OPTIMISER], step->rates[2 * OPTIMISER + 1]);
#else
        __global float *to = dw + (dw_offset + (set * splits + split) * (uint)count + at);
        STORE_ALIGNED_B(VL, add ? ALIGNED_B(VL, to) + acc[k] : acc[k], to);
#endif
    }
}
