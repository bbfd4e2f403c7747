// Weight gradients by Winograd's minimal filtering with two taps (winograd2_rows.cl), the adjoint of winograd2.cl:
//
//   dg = G^T [ sum over tiles of (B^T d B) * (A dy A^T) ] G
//
// Shapes: the large map as winograd2_input transforms it, with phases where the stride is 2; the small map as
// winograd2_gradient does; dw (V/16, S/16, K, K, 16 of S, 16 of V) with V the channels of one map, those in the lanes,
// and S those of the other.
//
// Defined before this source: VECTOR_LARGE 1: V are the large map's channels, 0: the small one's; SCALAR_BLOCKS by
// VECTOR_BLOCKS channel blocks of a work-item, TS channels by NV blocks at once in registers. RUN_TILES is GROUP_TILES.

#define PAIRS (SCALAR_BLOCKS * 16 * VECTOR_BLOCKS)
#define D_STRIDE (PAIRS | 1)

// d[scalar channel][vector block] (+)= products of one point over `count` tiles.
static inline void multiply(__global const float *scalars, __global const float *vectors, V *d, int count, bool add)
{
    for (int s = 0; s < SCALAR_BLOCKS * 16; s += TS)
        for (int o = 0; o < VECTOR_BLOCKS; o += NV) {
            __global const float *sp = scalars + s / 16 * PADDED_RUN * 16 + s % 16, *vp = vectors + o * PADDED_RUN * 16;
            V acc[TS][NV];
            EACH(i, TS) EACH(q, NV) acc[i][q] = (V)(0.0f);
            for (int t = 0; t < count; t++, sp += 16, vp += 16) {
                V values[NV];
                EACH(q, NV) values[q] = vload16(0, vp + q * PADDED_RUN * 16);
                EACH(i, TS)
                {
                    const V scalar = (V)(sp[i]);
                    EACH(q, NV) acc[i][q] += scalar * values[q];
                }
            }
            V *to = d + s * VECTOR_BLOCKS + o;
            if (add) {
                EACH(i, TS) EACH(q, NV) to[i * VECTOR_BLOCKS + q] += acc[i][q];
            } else {
                EACH(i, TS) EACH(q, NV) to[i * VECTOR_BLOCKS + q] = acc[i][q];
            }
        }
}

// g[tap][pair] (+)= the share of one row of points in the taps.
static inline void transform_back(const V *d, V *g, int row)
{
    for (int pair = 0; pair < PAIRS; pair++) {
        V r[TAPS];
        weight_gradient_row(d + pair, D_STRIDE, r, 1);
        EACH(i, TAPS)
        {
            const float f = WEIGHT_ROWS[row][i];
            V *to = g + i * TAPS * D_STRIDE + pair;
            if (row == 0) {
                EACH(j, TAPS) to[j * D_STRIDE] = f * r[j];
            } else if (f != 0.0f) {
                EACH(j, TAPS) to[j * D_STRIDE] += f * r[j];
            }
        }
    }
}

// Of the vectors' map `vectors` channel blocks from `first_vector` on, whose gradient begins dw; dimension 0: groups of
// SCALAR_BLOCKS, 1: of VECTOR_BLOCKS, of one phase each. add: to what dw is.
__kernel GROUP void winograd2_wgrad(__global const float *restrict scalars, uint scalars_offset,
                                    __global const float *restrict vectors, uint vectors_offset,
                                    __global float *restrict dw, uint dw_offset, int scalar_blocks, int vector_blocks,
                                    int first_vector, int vectors_count, int tiles, int add)
{
    enum { PHASES = STRIDE == 2 ? 4 : 1 };
    const int scalar_item = get_global_id(0) * SCALAR_BLOCKS, vector_item = get_global_id(1) * VECTOR_BLOCKS;
    const int phase = VECTOR_LARGE ? vector_item / vectors_count : scalar_item / scalar_blocks;
    const int sb = VECTOR_LARGE ? scalar_item : scalar_item - phase * scalar_blocks;
    const int vb = VECTOR_LARGE ? vector_item - phase * vectors_count : vector_item;
    const int all_scalars = scalar_blocks * (VECTOR_LARGE ? 1 : PHASES);
    const int all_vectors = vector_blocks * (VECTOR_LARGE ? PHASES : 1);
    const int vector = (VECTOR_LARGE ? phase * vector_blocks : 0) + first_vector + vb;
    V d[POINTS * D_STRIDE], g[TAPS * TAPS * D_STRIDE]; // products of one row of points; taps
    scalars += scalars_offset;
    vectors += vectors_offset;
    for (int row = 0; row < POINTS; row++) {
        for (int j = 0; j < POINTS; j++) {
            const int point = row * POINTS + j, used = is_empty(phase, row, j) ? 0 : tiles; // of none: zeros
            for (int t = 0; t == 0 || t < used; t += GROUP_TILES)
                multiply(scalars + tile_offset(t, scalar_item, all_scalars) + point * POINT_STRIDE(all_scalars),
                         vectors + tile_offset(t, vector, all_vectors) + point * POINT_STRIDE(all_vectors),
                         d + j * D_STRIDE, min(GROUP_TILES, used - t), t > 0);
        }
        transform_back(d, g, row);
    }
    dw += dw_offset;
    for (int s = 0; s < SCALAR_BLOCKS * 16; s++)
        for (int o = 0; o < VECTOR_BLOCKS; o++) {
            __global float *to =
                dw + ((size_t)(vb + o) * scalar_blocks + sb + s / 16) * KERNEL * KERNEL * 256 + s % 16 * 16;
            EACH(i, TAPS) EACH(j, TAPS)
            {
                const int kh = STRIDE == 2 ? 2 * i + phase / 2 : i, kw = STRIDE == 2 ? 2 * j + phase % 2 : j;
                __global float *tap = to + (kh * KERNEL + kw) * 256;
                const V r = g[(i * TAPS + j) * D_STRIDE + s * VECTOR_BLOCKS + o];
                if (kh < KERNEL && kw < KERNEL)
                    vstore16(add ? vload16(0, tap) + r : r, 0, tap);
            }
        }
}
