// Convolution and transposed convolution to few channels (RGB, a logit), for GPUs.
//
// The formulas are conv_direct.cl's. With REFLECT 1 (conv only) x is padded by reflection, in the load.
//
// Shapes: x (N, C/16, H, W, 16), w (C/16, OC/BY, K, K, BY, 16), y (N, OC/BY, OH, OW, BY).
// Geometry: the lanes of a wave are input channels. 16/V of them, each with V channels of a block, make a tile of P
//   pixels of a row by NQ output channels: each sums its own channels of all blocks, and at the end they are added up
//   in local memory, as many results at a time as there are lanes, by one lane each. What a row of taps needs of x is
//   loaded once. A group is one wave of L lanes, with tiles of as many rows as it has room for. Pixels of a tile, and
//   rows of a group, are S_OUT apart, so that all of them use the same taps. A row's last tile is moved back to be
//   inside the row, and stores only the pixels that no tile before it has.
//   dimension 0: tiles of a row times column phases (conv_t: S); 1: groups of rows times row phases times pictures;
//   2: tiles of channels times splits. A split is `blocks` blocks of x. Splits are so many that no lane sums more than
//   some 1024 products, and their results are y_split apart, for conv_sum.cl to add up.
//
// Defined before this source: L; V; P, no more than the pixels of a row of the smallest phase; NQ (divides OC, and is a
// multiple of BY or divides it); BY; K, S, PAD; TRANSPOSED, REFLECT 0/1; finish() of epilogue.cl, for one lane.

#define LANES_OF_TILE (16 / V)
#define ROWS (L / LANES_OF_TILE)
#define S_OUT (TRANSPOSED ? S : 1)
#define S_IN (TRANSPOSED ? 1 : S)
#define TAPS ((K + S_OUT - 1) / S_OUT) // of a row or column; some phases have one less
#define WINDOW ((P - 1) * S_IN + TAPS) // columns of x under a tile
// So many at either end may be outside of the picture. The others never are, since tiles are inside their row.
#define EDGE (TRANSPOSED ? (K - 2 - PAD + S) / S : PAD)
#define IS_EDGE(i) ((i) < EDGE || (i) >= WINDOW - EDGE)
#define EDGE_OF(i) ((i) < EDGE ? (i) : (i) - (WINDOW - 2 * EDGE))
#define COLUMN_OF(e) ((e) < EDGE ? (e) : (e) + (WINDOW - 2 * EDGE))
#define JOINED_STRIDE (LANES_OF_TILE + 4) // from one result's sums to the next's: aligned to four, and in other banks

// Where row or column i of the padded picture is, of `size` of them.
static inline int place(int i, int size)
{
#if REFLECT
    i = i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
#endif
    return clamp(i, 0, size - 1);
}

__kernel WAVE_OF(L) void conv_pixel(
    __global const float *restrict x, uint x_offset, __global const float *restrict w, uint w_offset,
    __global float *restrict y, uint y_offset, __global const float *restrict bias, uint bias_offset,
    int C, int H, int W, int OC, int OH, int OW, int x_stride_n, int y_stride_n, int tiles, int row_groups, int blocks,
    int y_split)
{
    const uint g = GROUP_ID(0, L), r = GROUP_ID(1, 1), d = GROUP_ID(2, 1), channel_tiles = (uint)OC / NQ;
    const int phase_w = TRANSPOSED ? UNIFORM(g / (uint)tiles) : 0, tile = g - phase_w * tiles;
    const uint picture = UNIFORM(r / (uint)row_groups), n = TRANSPOSED ? picture / S : picture;
    const int phase_h = TRANSPOSED ? picture % S : 0, row_group = r - picture * row_groups;
    const uint split = UNIFORM(d / channel_tiles), o0 = (d - split * channel_tiles) * NQ;
    const uint lane = get_local_id(0) % LANES_OF_TILE, part = get_local_id(0) / LANES_OF_TILE;
    const int columns = (OW - phase_w + S_OUT - 1) / S_OUT, own = tile * P, column = min(own, columns - P);
    if (own >= columns)
        return; // the whole group does
    const int oh = phase_h + (row_group * ROWS + (int)part) * S_OUT, ow = phase_w + column * S_OUT;

    // Taps are counted from the first of the phase, columns of x from the first that any tap reads.
    const int kh0 = TRANSPOSED ? (oh + PAD) % S : 0, kw0 = TRANSPOSED ? (ow + PAD) % S : 0;
    const int top = TRANSPOSED ? (oh + PAD) / S : oh * S - PAD;
    const int left = TRANSPOSED ? (ow + PAD) / S - (TAPS - 1) : ow * S - PAD;
    const int taps_h = (K - kh0 + S_OUT - 1) / S_OUT;
    const int begin = REFLECT ? 0 : max(0, TRANSPOSED ? top - H + 1 : -top);
    const int end = REFLECT ? K : min(taps_h, TRANSPOSED ? top + 1 : H - top);
#if EDGE > 0
    uint edge_at[2 * EDGE], edge_in[2 * EDGE]; // where they are; all bits where they are in the picture
    EACH(e, 2 * EDGE)
    {
        edge_at[e] = place(left + COLUMN_OF(e), W) * 16;
        edge_in[e] = REFLECT || (uint)(left + COLUMN_OF(e)) < (uint)W ? ~0u : 0;
    }
#endif
    float acc[NQ][P];
    EACH(q, NQ) EACH(p, P) acc[q][p] = 0.0f;
    const uint plane = H * W * 16, w_block = OC * (K * K * 16);
    const uint first_block = split * blocks, last_block = min((uint)C / 16, first_block + blocks);
    uint x_at = x_offset + n * (uint)x_stride_n + first_block * plane + lane * V;
    uint w_at = w_offset + first_block * w_block + (o0 / BY * (K * K * BY) + o0 % BY) * 16 + lane * V;
    for (uint block = first_block; block < last_block; block++, x_at += plane, w_at += w_block) {
        for (int tap = begin; tap < end; tap++) {
            const int line = (REFLECT ? place(top + tap, H) : TRANSPOSED ? top - tap : top + tap) * W;
            __global const float *edge = x + (x_at + line * 16), *inner = x + (x_at + (line + left + EDGE) * 16);
            __global const float *wp = w + (w_at + (kh0 + tap * S_OUT) * (K * BY * 16));
            float xs[WINDOW][V];
            EACH(i, WINDOW)
            {
#if EDGE > 0
                if (IS_EDGE(i)) {
                    STORE_B(V, ALIGNED_B(V, edge + edge_at[EDGE_OF(i)]), xs[i]);
                    if (!REFLECT)
                        EACH(c, V) xs[i][c] = as_float(as_uint(xs[i][c]) & edge_in[EDGE_OF(i)]);
                } else
#endif
                    STORE_B(V, ALIGNED_B(V, inner + (i - EDGE) * 16), xs[i]);
            }
            EACH(t, TAPS) EACH(q, NQ)
            {
                const int kw = kw0 + t * S_OUT, at = K % S_OUT == 0 ? kw : min(kw, K - 1);
                float wv[V];
                STORE_B(V, ALIGNED_B(V, wp + (q / BY * (K * K * BY) + q % BY + at * BY) * 16), wv);
                if (at != kw)
                    EACH(c, V) wv[c] = 0.0f;
                EACH(p, P) EACH(c, V)
                    acc[q][p] = fma(xs[TRANSPOSED ? p + TAPS - 1 - t : p * S + t][c], wv[c], acc[q][p]);
            }
        }
    }

    __local float4 sums[ROWS * LANES_OF_TILE * JOINED_STRIDE / 4];
    __local float *mine = (__local float *)sums + part * (LANES_OF_TILE * JOINED_STRIDE);
    EACH(first, (NQ * P + LANES_OF_TILE - 1) / LANES_OF_TILE)
    {
        EACH(i, LANES_OF_TILE) if (first * LANES_OF_TILE + i < NQ * P)
            mine[i * JOINED_STRIDE + lane] = acc[(first * LANES_OF_TILE + i) / P][(first * LANES_OF_TILE + i) % P];
        barrier(CLK_LOCAL_MEM_FENCE);
        const uint result = first * LANES_OF_TILE + lane, o = o0 + result / P, p = result % P;
        if (result < NQ * P && oh < OH && column + (int)p >= own) {
            __local const float4 *of = (__local const float4 *)(mine + lane * JOINED_STRIDE);
            float4 sum = of[0];
            EACH(i, LANES_OF_TILE / 4 - 1) sum += of[i + 1];
            const uint at = ((o / BY * OH + oh) * OW + ow + p * S_OUT) * BY + o % BY;
            y[y_offset + split * (uint)y_split + n * (uint)y_stride_n + at] =
                finish(SUM_LANES(4, sum), bias + (bias_offset + o));
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
