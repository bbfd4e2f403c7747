// Convolution and transposed convolution for GPUs: output channels across the lanes of a wave, pictures uniform.
//
// The formulas are conv_direct.cl's. With REFLECT (conv only) x is padded by reflection, in the load.
//
// Shapes: x (N, C/16, H, W, 16), y (N, OC/16, OH, OW, 16), w (OC/16, C/16, K, K, 16 of C, 16 of OC).
// Geometry: a work-group is one wave of L lanes. It makes a tile of PH x PW pixels by NV times L*VL channels, VL
// adjacent ones a lane. All lanes read the same pixels, which a GPU loads once for the whole wave (AMD into scalar
// registers, Intel as a block, NVIDIA as a broadcast), and each its own weights, side by side in memory: no local
// memory, no barrier, no shuffle. Pixels of a tile are S_OUT apart, so that all of them use the same taps.
//   group 0: tiles of a row, of a column, phases (conv_t: S*S), pictures; group 1: NV*L*VL channels; group 2: runs of
//   `blocks` blocks of input channels, whose results are y_split apart, for conv_sum.cl to add up.
// A tile is no larger than the smallest phase that has pixels. One at the end of a row or column is moved back to be
// inside the picture, and stores only the pixels that no tile before it has.
// Sums: some 512 products at a time, of FOLD blocks of input channels; each such sum is added to y. Registers have no
// room for a second set of sums, and y is still in the cache.
//
// Defined before this source: L; VL (1, 2, 4), NV; PH, PW; CH: input channels of one load of a pixel (4, 8, 16); K, S,
// PAD, OUTPUT_PAD (conv_t, else 0); TRANSPOSED, REFLECT 0/1; PARTIAL 0/1: the last group has lanes beyond the last
// channel, which load the last block's weights and store nothing; finish() of epilogue.cl, for VL lanes.
// w_stride_n: each picture has its own weights, so far apart. y_fold is 0. Compilers do not know, so they make the
// addresses of a sum where it ends, instead of keeping all of them in registers meanwhile. All offsets and strides are
// multiples of 16.

typedef VEC(VL) VF;
#define P (PH * PW)
#define S_OUT (TRANSPOSED ? S : 1)
#define S_IN (TRANSPOSED ? 1 : S)
#define GROUP_BLOCKS (L * VL / 16) // channel blocks of a wave, for each of the NV
#define TAPS_1D ((K + S_OUT - 1) / S_OUT)
#define TAPS (TAPS_1D * TAPS_1D)
#define FOLD (TAPS >= 32 ? 1 : (32 + TAPS / 2) / TAPS)
// As many pixels at the beginning and the end of a tile may be outside the picture at some tap, as the tile is inside
// the result; those between them never are. One at least: without masks Intel's compiler spills.
#define AT_LEAST_1(n) (K == 1 ? 0 : (n) < 1 ? 1 : (n))
#define EDGE_BEGIN AT_LEAST_1(TRANSPOSED ? (K - 1 - PAD) / S : (PAD + S - 1) / S)
#define EDGE_END AT_LEAST_1(TRANSPOSED ? (K - 1 - PAD + OUTPUT_PAD) / S : (PAD + S - 1) / S)
#define IS_EDGE(i, count) ((i) < EDGE_BEGIN || (i) >= (count) - EDGE_END)
#define INNER (PW > EDGE_BEGIN + EDGE_END ? EDGE_BEGIN : 0) // the first column between them
// A second loop, without masks, for taps that have all pixels in the picture. It is worth 5% on NVIDIA and nothing on
// AMD, where masks are free; with it Intel's compiler copies the sums from registers to registers, and spills.
#define TWO_LOOPS (L == 32 && !REFLECT)

// Where row or column I of SIZE is: AT, and whether it is inside: IN, all bits or none. (EDGY: it may be outside. What
// is mirrored never is, but compilers do not know.)
#define PLACE(I, SIZE, EDGY, AT, IN)                                                                              \
    {                                                                                                             \
        const int i = I, m = !REFLECT ? i : i < 0 ? -i : i >= SIZE ? 2 * SIZE - 2 - i : i;                        \
        AT = EDGY ? clamp(m, 0, SIZE - 1) : i;                                                                    \
        IN = !(EDGY) || (m >= 0 && m < SIZE) ? ~0u : 0;                                                           \
    }

// acc[p][v] += the pixels at a tap, in all channels of the fold, times their weights. MASKED: those outside count 0.
// Pointers are made from 32 bits once and then moved by constants, which become part of the load.
#define MULTIPLY(MASKED)                                                                                          \
    for (uint cb = fold; cb < fold_end; cb++, at += plane, wo += w_step)                                          \
        _Pragma("unroll 1") for (uint ci = 0; ci < 16; ci += CH)                                                  \
        {                                                                                                         \
            __global const float *wp[NV], *inner[PH];                                                             \
            EACH(v, NV) wp[v] = w + (wo + ci * 16 + w_lane[v]);                                                   \
            EACH(r, PH) inner[r] = x + (at + ci + row_at[r] + column_at[INNER]);                                  \
            float xs[P][CH];                                                                                      \
            EACH(r, PH) EACH(c, PW)                                                                               \
            {                                                                                                     \
                const bool apart = MASKED && IS_EDGE(c, PW);                                                      \
                __global const float *outer = x + (at + ci + row_at[r] + column_at[c]);                           \
                float *pixel = xs[r * PW + c];                                                                    \
                STORE_B(CH, ALIGNED_B(CH, apart ? outer : inner[r] + (c - INNER) * (S_IN * 16)), pixel);          \
                if (MASKED && ((PH > 1 && IS_EDGE(r, PH)) || IS_EDGE(c, PW)))                                     \
                    EACH(j, CH)                                                                                   \
                        pixel[j] = as_float(as_uint(pixel[j]) & (PH > 1 ? row_in[r] : ~0u) & column_in[c]);       \
            }                                                                                                     \
            EACH(j, CH)                                                                                           \
            {                                                                                                     \
                VF wv[NV];                                                                                        \
                EACH(v, NV) wv[v] = ALIGNED_B(VL, wp[v] + j * 16);                                                \
                EACH(p, P) EACH(v, NV) acc[p][v] = fma((VF)(xs[p][j]), wv[v], acc[p][v]);                         \
            }                                                                                                     \
        }

// Does DO for each pixel p and channels v that are this work-item's to store, at yp. Adds `fold` to the offset.
#define EACH_STORED(fold, DO)                                                                                     \
    {                                                                                                             \
        const uint y_group = GROUP_BLOCKS * 16 * OH * OW;                                                         \
        const uint y_tile = y_offset + n * y_stride_n + GROUP_ID(2, 1) * y_split + (fold)                         \
                            + (uint)((first_block * OH + oh) * OW + ow) * 16 + lane % 16;                         \
        EACH(v, NV) if (!PARTIAL || first_block + v * GROUP_BLOCKS < OC / 16) EACH(p, P)                          \
            if ((PH == 1 || p / PW >= skip_h) && p % PW >= skip_w)                                                \
            {                                                                                                     \
                const uint pixel = (p / PW * OW + p % PW) * (S_OUT * 16);                                         \
                __global VF *yp = (__global VF *)(y + (y_tile + v * y_group + pixel));                            \
                DO                                                                                                \
            }                                                                                                     \
    }

__kernel WAVE_OF(L) void conv_lane(
    __global const float *restrict x, uint x_offset, __global const float *restrict w, uint w_offset,
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset, uint C, int H,
    int W, uint OC, int OH, int OW, uint x_stride_n, uint y_stride_n, uint w_stride_n, uint tiles_w, uint tiles_h,
    uint blocks, uint y_split, uint y_fold)
{
    const uint g = GROUP_ID(0, L);
    const uint tile_w = UNIFORM(g % tiles_w), tile_h = UNIFORM(g / tiles_w % tiles_h);
    const uint picture = UNIFORM(g / (tiles_w * tiles_h)); // times phases
    const int phase = TRANSPOSED ? picture % (S * S) : 0;
    const uint n = TRANSPOSED ? picture / (S * S) : picture;
    const int phase_h = phase / S_OUT, phase_w = phase % S_OUT;
    const int rows = (OH - phase_h + S_OUT - 1) / S_OUT, columns = (OW - phase_w + S_OUT - 1) / S_OUT;
    const int own_row = tile_h * PH, own_column = tile_w * PW; // the first ones that are this tile's to store
    if (own_row >= rows || own_column >= columns)
        return;
    const int row = min(own_row, rows - PH), column = min(own_column, columns - PW);
    const int skip_h = own_row - row, skip_w = own_column - column;
    const int oh = phase_h + row * S_OUT, ow = phase_w + column * S_OUT;
    const uint plane = H * W * 16, w_block = C * (K * K * 16), w_step = K * K * 256;
    const uint block_begin = GROUP_ID(2, 1) * blocks, block_end = min(C / 16, block_begin + blocks);
    const uint lane = get_local_id(0) * VL;
    const uint first_block = GROUP_ID(1, 1) * (NV * GROUP_BLOCKS) + lane / 16;
    uint w_lane[NV];
    EACH(v, NV)
    {
        const uint block = first_block + v * GROUP_BLOCKS;
        w_lane[v] = (PARTIAL ? min(block, OC / 16 - 1) : block) * w_block + lane % 16;
    }
    x_offset += n * x_stride_n;
    w_offset += n * w_stride_n;

    VF acc[P][NV];
    for (uint fold = block_begin; fold < block_end; fold += FOLD) {
        const uint fold_end = min(block_end, fold + FOLD);
        EACH(p, P) EACH(v, NV) acc[p][v] = (VF)(0.0f);
        for (int kh = TRANSPOSED ? (oh + PAD) % S : 0; kh < K; kh += S_OUT) {
            const int ih = TRANSPOSED ? (oh + PAD - kh) / S : oh * S - PAD + kh;
            for (int kw = TRANSPOSED ? (ow + PAD) % S : 0; kw < K; kw += S_OUT) {
                const int iw = TRANSPOSED ? (ow + PAD - kw) / S : ow * S - PAD + kw;
                uint at = x_offset + fold * plane, wo = w_offset + ((fold * K + kh) * K + kw) * 256;
                uint row_at[PH], row_in[PH], row_any = 0, row_all = ~0u;
                uint column_at[PW], column_in[PW], column_any = 0, column_all = ~0u;
                EACH(r, PH)
                {
                    PLACE(ih + r * S_IN, H, IS_EDGE(r, PH), row_at[r], row_in[r])
                    row_at[r] *= W * 16;
                    row_any |= row_in[r];
                    row_all &= row_in[r];
                }
                EACH(c, PW)
                {
                    PLACE(iw + c * S_IN, W, IS_EDGE(c, PW), column_at[c], column_in[c])
                    column_at[c] *= 16;
                    column_any |= column_in[c];
                    column_all &= column_in[c];
                }
                if (!(row_any & column_any))
                    continue;
#if TWO_LOOPS
                if (row_all & column_all)
                    MULTIPLY(0)
                else
#endif
                    MULTIPLY(1)
            }
        }
        if (fold_end == block_end)
            break;
        EACH_STORED(fold * y_fold, *yp = fold > block_begin ? *yp + acc[p][v] : acc[p][v];)
    }
    const bool continued = block_end - block_begin > FOLD;
    bias_offset += first_block * 16 + lane % 16;
    EACH_STORED(0, const VF sum = continued ? *yp + acc[p][v] : acc[p][v];
                *yp = finish(sum, bias + (bias_offset + v * (GROUP_BLOCKS * 16)));)
}
