// Convolutions by Winograd's minimal filtering with two taps (winograd2_rows.cl) of an input transformed by
// winograd2_input.cl: transforms the weights, multiplies, adds up over channels and transforms back.
//
// Shapes: y (N, OC/16, OH, OW, 16), w (OC/16, C/16, K, K, 16 of C, 16 of OC). Tiles of all pictures are in one row; a
// launch does `tiles` of them, those of the rows of tiles from `first_row` on.
//
//   conv, stride 2     phases of the input, 4 * C/16 blocks
//   conv_t, stride 2   phases of the output: oh = 2*i + phase - PAD, from the inputs i-1 and i
//   stride 1           no phases; conv_t is conv with turned weights (FLIP 1)
//
// Made for devices with wide vectors and a private cache per core, which holds a work-item's products.
//
// Defined before this source: PHASES_IN, PHASES_OUT 0/1; FLIP 0/1; NV output channel blocks by GROUP_TILES tiles of a
// work-item, RUN_TILES by NV at once in registers; BLOCKS input channel blocks whose weights are transformed at a time;
// OUTPUT_DIM the dimension along which output channels go: 0 where there are many groups of tiles, so that a group's
// inputs come from memory once; finish() of epilogue.cl.

// Rows of an odd number of lines, so that they do not meet in one set of the cache.
#define M_STRIDE (GROUP_TILES * NV | 1)
#define U_STRIDE (BLOCKS * 16 * NV | 1)

// Tap (i, j) of the 4x4 or 3x3 weights, for a phase of the input or of the output.
static inline V load_tap(__global const float *w, int phase, int i, int j)
{
#if PHASES_IN
    const int kh = 2 * i + phase / 2, kw = 2 * j + phase % 2;
#elif PHASES_OUT
    const int kh = 2 * (1 - i) + phase / 2, kw = 2 * (1 - j) + phase % 2;
#else
    const int kh = FLIP ? KERNEL - 1 - i : i, kw = FLIP ? KERNEL - 1 - j : j;
#endif
    return kh < KERNEL && kw < KERNEL ? vload16(0, w + (kh * KERNEL + kw) * 256) : (V)(0.0f);
}

// Whether a point has no products. An odd phase of the output has its one tap at the other end.
static inline bool is_left_out(int phase, int i, int j)
{
    return PHASES_IN ? is_empty(phase, i, j) : PHASES_OUT && is_empty(phase, POINTS - 1 - i, POINTS - 1 - j);
}

// u[j][block][16 of C][NV] of one row of points, for BLOCKS channel blocks of one phase and NV output blocks.
static inline void transform_weights(__global const float *w, V *u, int row, int CB, int phase)
{
    for (int b = 0; b < BLOCKS; b++)
        for (int o = 0; o < NV; o++) {
            __global const float *from = w + ((size_t)o * CB + b) * KERNEL * KERNEL * 256;
            V *to = u + b * 16 * NV + o;
            for (int c = 0; c < 16; c++, from += 16, to += NV) {
                V e[TAPS], r[POINTS];
                EACH(j, TAPS) e[j] = (V)(0.0f);
                EACH(i, TAPS)
                {
                    const float f = WEIGHT_ROWS[row][i];
                    if (f != 0.0f)
                        EACH(j, TAPS) e[j] += f * load_tap(from, phase, i, j);
                }
                weight_row(e, r, 1);
                EACH(j, POINTS) to[j * U_STRIDE] = r[j];
            }
        }
}

// m[tile][NV] (+)= the products of one point with the weights u, over BLOCKS blocks of the transformed input v.
static inline void multiply(__global const float *v, const V *u, V *m, int blocks, bool add)
{
    for (int t = 0; t < GROUP_TILES; t += RUN_TILES) {
        __global const float *from = v + (size_t)t * blocks * 16;
        V acc[RUN_TILES][NV];
        EACH(p, RUN_TILES) EACH(o, NV) acc[p][o] = (V)(0.0f);
        for (int b = 0; b < BLOCKS; b++, from += RUN_TILES * 16)
            for (int c = 0; c < 16; c++) {
                V weights[NV];
                EACH(o, NV) weights[o] = u[(b * 16 + c) * NV + o];
                EACH(p, RUN_TILES)
                {
                    const V value = (V)(from[p * 16 + c]);
                    EACH(o, NV) acc[p][o] += value * weights[o];
                }
            }
        V *to = m + t * NV;
        if (add) {
            EACH(p, RUN_TILES) EACH(o, NV) to[p * NV + o] += acc[p][o];
        } else {
            EACH(p, RUN_TILES) EACH(o, NV) to[p * NV + o] = acc[p][o];
        }
    }
}

// One dimension: groups of tiles; the other, OUTPUT_DIM: groups of NV output blocks, times 4 with PHASES_OUT. add: to
// what y is. Weights are transformed as they are needed: there is no transformed copy in memory.
__kernel GROUP void winograd2_products(__global const float *restrict v, uint v_offset,
                                       __global const float *restrict w, uint w_offset, __global float *restrict y,
                                       uint y_offset, __global const float *restrict bias, uint bias_offset, int blocks,
                                       int OH, int OW, int TH, int TW, int first_row, int tiles, int y_stride_n,
                                       int pad, int add)
{
    const int item = get_global_id(OUTPUT_DIM), begin = (int)get_global_id(1 - OUTPUT_DIM) * GROUP_TILES;
    const int phase_out = PHASES_OUT ? item % 4 : 0, group = PHASES_OUT ? item / 4 : item;
    const int CB = PHASES_IN ? blocks / 4 : blocks;
    V m[ALL_POINTS * M_STRIDE], u[POINTS * U_STRIDE];
    v += v_offset + (size_t)(begin / GROUP_TILES) * ALL_POINTS * POINT_STRIDE(blocks);
    w += w_offset + (size_t)group * NV * CB * KERNEL * KERNEL * 256;
    for (int b = 0; b < blocks; b += BLOCKS) {
        const int phase = PHASES_IN ? b / CB : phase_out, cb = PHASES_IN ? b % CB : b;
        for (int row = 0; row < POINTS; row++) {
            transform_weights(w + (size_t)cb * KERNEL * KERNEL * 256, u, row, CB, phase);
            for (int j = 0; j < POINTS; j++) {
                const int point = row * POINTS + j;
                if (!is_left_out(phase, row, j))
                    multiply(v + point * POINT_STRIDE(blocks) + (size_t)b * RUN_TILES * 16, u + j * U_STRIDE,
                             m + point * M_STRIDE, blocks, b > 0);
                else if (b == 0)
                    for (int i = 0; i < GROUP_TILES * NV; i++)
                        m[point * M_STRIDE + i] = (V)(0.0f);
            }
        }
    }
    enum { STEP = PHASES_OUT ? 2 : 1 };
    const int shift_h = PHASES_OUT ? phase_out / 2 - pad : 0, shift_w = PHASES_OUT ? phase_out % 2 - pad : 0;
    y += y_offset + (size_t)group * NV * OH * OW * 16;
    bias += bias_offset + group * NV * 16;
    for (int t = 0; t < GROUP_TILES && begin + t < tiles; t++) {
        const int tile = first_row * TW + begin + t, n = tile / (TH * TW), r = tile - n * TH * TW;
        const int h0 = STEP * OUT * (r / TW) + shift_h, w0 = STEP * OUT * (r % TW) + shift_w;
        for (int o = 0; o < NV; o++) {
            __global float *to = y + (size_t)n * y_stride_n + (size_t)o * OH * OW * 16;
            V e[OUT * POINTS];
            EACH(j, POINTS) output_row(m + j * M_STRIDE + t * NV + o, POINTS * M_STRIDE, e + j, POINTS);
            EACH(i, OUT)
            {
                V z[OUT];
                output_row(e + i * POINTS, 1, z, 1);
                const int h = h0 + STEP * i;
                EACH(j, OUT)
                {
                    const int x = w0 + STEP * j;
                    if ((uint)h < (uint)OH && (uint)x < (uint)OW) {
                        __global float *at = to + ((size_t)h * OW + x) * 16;
                        vstore16(add ? vload16(0, at) + z[j] : finish(z[j], bias + o * 16), 0, at);
                    }
                }
            }
        }
    }
}
