// The transforms of maps for minimal filtering with two taps (winograd2_rows.cl), of the rows of tiles from `first_row`
// on.
//
// Shapes: x (N, C/16, H, W, 16) to C/16 channel blocks, or with PHASES_IN 1 to 4 * C/16: those of the four phases.
//
// Dimension 0: rows of tiles, 1: channel blocks of the transformed map.

// B^T d B of the pixels from (OUT*row - pad, OUT*column - pad) on; of twice as far with phases.
__kernel GROUP void winograd2_input(__global const float *restrict x, uint x_offset, __global float *restrict v,
                                    uint v_offset, int H, int W, int TH, int TW, int first_row, int x_stride_n, int pad)
{
    enum { STEP = PHASES_IN ? 2 : 1 };
    const int row = get_global_id(0), block = get_global_id(1), blocks = get_global_size(1);
    const int n = (first_row + row) / TH, ty = first_row + row - n * TH;
    const int phase = PHASES_IN ? block / (blocks / 4) : 0, cb = PHASES_IN ? block % (blocks / 4) : block;
    x += x_offset + (size_t)n * x_stride_n + (size_t)cb * H * W * 16;
    const int h0 = STEP * OUT * ty + phase / 2 - pad;
    for (int tx = 0; tx < TW; tx++) {
        const int w0 = STEP * OUT * tx + phase % 2 - pad;
        V d[IN * IN], e[POINTS * IN];
        if (h0 >= 0 && w0 >= 0 && h0 + STEP * (IN - 1) < H && w0 + STEP * (IN - 1) < W) {
            EACH(i, IN) EACH(j, IN) d[i * IN + j] = vload16(0, x + ((size_t)(h0 + STEP * i) * W + w0 + STEP * j) * 16);
        } else {
            EACH(i, IN) EACH(j, IN)
            {
                const int h = h0 + STEP * i, w = w0 + STEP * j;
                const bool inside = (uint)h < (uint)H && (uint)w < (uint)W;
                d[i * IN + j] = inside ? vload16(0, x + ((size_t)h * W + w) * 16) : (V)(0.0f);
            }
        }
        EACH(j, IN) input_row(d + j, IN, e + j, IN);
        __global float *to = v + v_offset + tile_offset(row * TW + tx, block, blocks);
        EACH(i, POINTS)
        {
            V r[POINTS];
            input_row(e + i * IN, 1, r, 1);
            EACH(j, POINTS)
            {
                if (!PHASES_IN || !is_empty(phase, i, j))
                    vstore16(r[j], 0, to + (i * POINTS + j) * POINT_STRIDE(blocks));
            }
        }
    }
}

// A dy A^T, dy the gradient towards the result.
__kernel GROUP void winograd2_gradient(__global const float *restrict dy, uint dy_offset, __global float *restrict v,
                                       uint v_offset, int H, int W, int TH, int TW, int first_row, int dy_stride_n)
{
    const int row = get_global_id(0), block = get_global_id(1), blocks = get_global_size(1);
    const int n = (first_row + row) / TH, ty = first_row + row - n * TH;
    dy += dy_offset + (size_t)n * dy_stride_n + (size_t)block * H * W * 16;
    for (int tx = 0; tx < TW; tx++) {
        V d[OUT * OUT], e[POINTS * OUT];
        EACH(i, OUT) EACH(j, OUT)
        {
            const int h = OUT * ty + i, w = OUT * tx + j;
            d[i * OUT + j] = h < H && w < W ? vload16(0, dy + ((size_t)h * W + w) * 16) : (V)(0.0f);
        }
        EACH(j, OUT) gradient_row(d + j, OUT, e + j, OUT);
        __global float *to = v + v_offset + tile_offset(row * TW + tx, block, blocks);
        EACH(i, POINTS)
        {
            V r[POINTS];
            gradient_row(e + i * OUT, 1, r, 1);
            EACH(j, POINTS) vstore16(r[j], 0, to + (i * POINTS + j) * POINT_STRIDE(blocks));
        }
    }
}
