// Convolution and transposed convolution for GPUs: output channels across the lanes of a wave, pictures uniform.
//
// The formulas are conv_direct.cl's. With REFLECT (conv only) x is padded by reflection, in the load.
//
// Shapes: x (N, C/16, H, W, 16), y (N, OC/16, OH, OW, 16), w (OC/16, C/16, K, K, 16 of C, 16 of OC).
// Geometry: a work-group is one wave of L lanes. It makes a tile of PH x PW pixels by NV times L*VL channels, VL adjacent
// ones a lane. All lanes read the same pixels, which a GPU loads once for the whole wave (AMD into scalar registers, Intel
// as a block, NVIDIA as a broadcast), and each its own weights, side by side in memory: no local memory, no barrier, no
// shuffle. Pixels of a tile are S_OUT apart, so that all of them use the same taps.
//   group 0: tiles of a row, of a column, phases (conv_t: S*S), pictures; group 1: NV*L*VL channels; group 2: runs of
//   `blocks` blocks of input channels, whose results are y_split apart, for conv_lane_sum.cl to add up.
// A tile is no larger than the smallest phase that has pixels. One at the end of a row or column is moved back to be inside
// the picture, and stores only the pixels that no tile before it has.
// Sums: FOLDED 1 makes some 512 products at a time, of FOLD blocks of input channels, and adds each such sum to y: registers
// have no room for a second set of sums, and y is still in the cache. FOLDED 0 is one sum.
//
// Defined before this source: L, VL (1, 2, 4), NV; PH, PW; CH, CHB: input channels of one load of a pixel (4, 8, 16), inside
// the picture and where the tile crosses its border; K, S, PAD; TRANSPOSED, REFLECT, FOLDED 0/1; PARTIAL 0/1: the last
// group has lanes beyond the last channel (they load the last block's weights and store nothing); finish() of epilogue.cl,
// for VL lanes.
// w_stride_n: each picture has its own weights, so far apart. add (with FOLDED): to what y is. y_fold is 0; compilers do not
// know, so they make the addresses of a sum where it ends, instead of keeping them all in registers. All offsets and strides
// are multiples of 16.

typedef VEC(VL) VF;
#define CHANNELS(n) VEC(n)
#define P (PH * PW)
#define S_OUT (TRANSPOSED ? S : 1)
#define S_IN (TRANSPOSED ? 1 : S)
#define BORDER (PAD > 0 || TRANSPOSED) // some taps of some tiles are outside the picture
#define GROUP_BLOCKS (L * VL / 16)     // channel blocks of a wave, for each of the NV
#define TAPS_1D ((K + S_OUT - 1) / S_OUT)
#define TAPS (TAPS_1D * TAPS_1D)
#define FOLD (TAPS >= 32 ? 1 : (32 + TAPS / 2) / TAPS)

// Loads N channels at P, as a vector and as an array.
#define UNIFORM_PIXEL(n)                                        \
    union {                                                     \
        CHANNELS(n) v;                                          \
        float s[n];                                             \
    }
#define LOAD_PIXEL(n, p) (*(__global const CHANNELS(n) *)(p))
#define LOAD_WEIGHTS(p) (*(__global const VF *)(p))

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
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset, uint C, int H, int W,
    uint OC, int OH, int OW, uint x_stride_n, uint y_stride_n, uint w_stride_n, uint tiles_w, uint tiles_h, uint blocks,
    uint y_split, uint y_fold, int add)
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
#if FOLDED
    for (uint fold = block_begin; fold < block_end; fold += FOLD) {
        const uint fold_end = min(block_end, fold + FOLD);
#else
    {
        const uint fold = block_begin, fold_end = block_end;
#endif
        EACH(p, P) EACH(v, NV) acc[p][v] = (VF)(0.0f);
        for (int kh = TRANSPOSED ? (oh + PAD) % S : 0; kh < K; kh += S_OUT) {
            const int ih = TRANSPOSED ? (oh + PAD - kh) / S : oh * S - PAD + kh;
            for (int kw = TRANSPOSED ? (ow + PAD) % S : 0; kw < K; kw += S_OUT) {
                const int iw = TRANSPOSED ? (ow + PAD - kw) / S : ow * S - PAD + kw;
                uint at = x_offset + fold * plane, wo = w_offset + ((fold * K + kh) * K + kw) * 256;
#if BORDER
                if (ih >= 0 && ih + (PH - 1) * S_IN < H && iw >= 0 && iw + (PW - 1) * S_IN < W)
#endif
                {
                    at += (uint)(ih * W + iw) * 16;
                    for (uint cb = fold; cb < fold_end; cb++, at += plane, wo += w_step)
                        _Pragma("unroll 1") for (uint ci = 0; ci < 16; ci += CH)
                        {
                            __global const float *wp[NV], *xp[PH];
                            EACH(v, NV) wp[v] = w + (wo + ci * 16 + w_lane[v]);
                            EACH(r, PH) xp[r] = x + (at + ci + r * W * (S_IN * 16));
                            UNIFORM_PIXEL(CH) xs[P];
                            EACH(p, P) xs[p].v = LOAD_PIXEL(CH, xp[p / PW] + p % PW * (S_IN * 16));
                            EACH(j, CH)
                            {
                                VF wv[NV];
                                EACH(v, NV) wv[v] = LOAD_WEIGHTS(wp[v] + j * 16);
                                EACH(p, P) EACH(v, NV) acc[p][v] = fma((VF)(xs[p].s[j]), wv[v], acc[p][v]);
                            }
                        }
                }
#if BORDER
                else {
                    uint xo[P], inside = 0; // where the pixels are; a bit for each that is in the picture
                    EACH(p, P)
                    {
                        int h = ih + p / PW * S_IN, c = iw + p % PW * S_IN;
#if REFLECT
                        h = h < 0 ? -h : h >= H ? 2 * H - 2 - h : h;
                        c = c < 0 ? -c : c >= W ? 2 * W - 2 - c : c;
#endif
                        inside |= h >= 0 && h < H && c >= 0 && c < W ? 1u << p : 0;
                        xo[p] = (uint)(h * W + c) * 16;
                    }
                    for (uint cb = inside ? fold : fold_end; cb < fold_end; cb++, at += plane, wo += w_step)
                        _Pragma("unroll 1") for (uint ci = 0; ci < 16; ci += CHB)
                        {
                            __global const float *wp[NV];
                            EACH(v, NV) wp[v] = w + (wo + ci * 16 + w_lane[v]);
                            VF wv[CHB][NV];
                            EACH(j, CHB) EACH(v, NV) wv[j][v] = LOAD_WEIGHTS(wp[v] + j * 16);
                            EACH(p, P)
                                if (inside >> p & 1) {
                                    UNIFORM_PIXEL(CHB) xs = {LOAD_PIXEL(CHB, x + (xo[p] + (at + ci)))};
                                    EACH(j, CHB) EACH(v, NV) acc[p][v] = fma((VF)(xs.s[j]), wv[j][v], acc[p][v]);
                                }
                        }
                }
#endif
            }
        }
#if FOLDED
        if (fold_end == block_end)
            break;
        EACH_STORED(fold * y_fold, *yp = add || fold > block_begin ? *yp + acc[p][v] : acc[p][v];)
    }
    const bool continued = add || block_end - block_begin > FOLD;
#else
    }
    const bool continued = false;
#endif
    bias_offset += first_block * 16 + lane % 16;
    EACH_STORED(0, const VF sum = continued ? *yp + acc[p][v] : acc[p][v];
                *yp = finish(sum, bias + (bias_offset + v * (GROUP_BLOCKS * 16)));)
}
