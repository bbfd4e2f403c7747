// Winograd's minimal filtering F(4x4, 3x3) for 3x3 convolutions with stride 1 (Lavin and Gray, 1509.09308): 36 products
// where the direct form takes 144, for 16 outputs.
//
//   y = A^T [ (G g G^T) * (B^T d B) ] A     per tile of 4x4 outputs, d the 6x6 inputs under it, * element by element
//
// The sum over input channels turns the products into 36 matrix multiplications, which conv_direct.cl does as a 1x1
// convolution of 36 "pictures". The gradient towards the weights is the adjoint of the same formula:
//
//   dg = G^T [ sum over tiles of (B^T d B) * (A dy A^T) ] G
//
// and its 36 products are conv_wgrad.cl's. The gradient towards x is a convolution with flipped weights.
//
// Shapes: x (N, C/16, H, W, 16), y (N, OC/16, OH, OW, 16), tiles of all pictures in one row: T = N*TH*TW4;
//   transformed maps (36, C/16, T, 16), transformed weights (36, O/16, I/16, 16 of I, 16 of O). `plane` elements lie
//   between two of the 36.
// Geometry: a work-item takes VW channels of a block, or weights of O next to each other: all 16 on a CPU, one on a
//   GPU, where 36 values fill the registers and neighbours touch neighbouring memory. maps: dimension 0 tiles times
//   16/VW, 1 channel blocks. weights: 0 lanes of I times 16/VW, 1 blocks of I, 2 blocks of O.
//
// Defined before this source: VW; REFLECT 1: x is padded by reflection, 0: by zeros; FLIP 1: weights turned by 180
// degrees; SPLITS 1: du comes in parts; finish() of epilogue.cl, for VW lanes.

typedef VEC(VW) V;

enum { PARTS = 16 / VW };

// One row of B^T d, A^T m, A y, G g, G^T u: `a` holds the elements STRIDE apart.
static inline void input_row(V *a, int stride)
{
    const V d0 = a[0], d1 = a[stride], d2 = a[2 * stride], d3 = a[3 * stride], d4 = a[4 * stride], d5 = a[5 * stride];
    a[0] = 4.0f * d0 - 5.0f * d2 + d4;
    a[stride] = (d3 + d4) - 4.0f * (d1 + d2);
    a[2 * stride] = (d4 - d3) + 4.0f * (d1 - d2);
    a[3 * stride] = (d4 - d2) + 2.0f * (d3 - d1);
    a[4 * stride] = (d4 - d2) - 2.0f * (d3 - d1);
    a[5 * stride] = 4.0f * d1 - 5.0f * d3 + d5;
}

static inline void output_row(V *a, int stride)
{
    const V m0 = a[0], p = a[stride] + a[2 * stride], q = a[stride] - a[2 * stride];
    const V r = a[3 * stride] + a[4 * stride], s = a[3 * stride] - a[4 * stride];
    a[0] = m0 + p + r;
    a[stride] = q + 2.0f * s;
    a[2 * stride] = p + 4.0f * r;
    a[3 * stride] = q + 8.0f * s + a[5 * stride];
}

static inline void gradient_row(V *a, int stride)
{
    const V y0 = a[0], y1 = a[stride], y2 = a[2 * stride], y3 = a[3 * stride];
    const V even = y0 + y2, odd = y1 + y3, even2 = y0 + 4.0f * y2, odd2 = 2.0f * y1 + 8.0f * y3;
    a[stride] = even + odd;
    a[2 * stride] = even - odd;
    a[3 * stride] = even2 + odd2;
    a[4 * stride] = even2 - odd2;
    a[5 * stride] = y3;
}

static inline void weight_row(V *a, int stride)
{
    const V g0 = a[0], g1 = a[stride], g2 = a[2 * stride];
    const V sixth = (g0 + g2) * (-1.0f / 6.0f), twenty4th = g0 * (1.0f / 24.0f) + g2 * (1.0f / 6.0f);
    a[0] = 0.25f * g0;
    a[stride] = sixth - g1 * (1.0f / 6.0f);
    a[2 * stride] = sixth + g1 * (1.0f / 6.0f);
    a[3 * stride] = twenty4th + g1 * (1.0f / 12.0f);
    a[4 * stride] = twenty4th - g1 * (1.0f / 12.0f);
    a[5 * stride] = g2;
}

static inline void weight_gradient_row(V *a, int stride)
{
    const V p = a[stride] + a[2 * stride], q = a[2 * stride] - a[stride];
    const V r = a[3 * stride] + a[4 * stride], s = a[3 * stride] - a[4 * stride], u5 = a[5 * stride];
    a[0] = 0.25f * a[0] - p * (1.0f / 6.0f) + r * (1.0f / 24.0f);
    a[stride] = q * (1.0f / 6.0f) + s * (1.0f / 12.0f);
    a[2 * stride] = (r - p) * (1.0f / 6.0f) + u5;
}

// The position of tile t: picture, row, column.
static inline int3 tile_at(int t, int TH, int TW)
{
    const int n = t / (TH * TW), r = t - n * TH * TW;
    return (int3)(n, r / TW, r % TW);
}

static inline int reflected(int i, int size)
{
    i = abs(i);
    return i < size ? i : 2 * (size - 1) - i;
}

// v[k][cb][t] = B^T d B of the 6x6 pixels from (4*row - PAD, 4*column - PAD) on.
__kernel GROUP void winograd_input(__global const float *restrict x, uint x_offset, __global float *restrict v,
                                   uint v_offset, int C, int H, int W, int TH, int TW, int tiles, int x_stride_n,
                                   int plane, int pad)
{
    const int id = get_global_id(0), t = id / PARTS, first = id % PARTS * VW, cb = get_global_id(1);
    if (!SINGLE_GROUPS && t >= tiles) // the last group may go beyond
        return;
    const int3 at = tile_at(t, TH, TW);
    const int h0 = at.y * 4 - pad, w0 = at.z * 4 - pad;
    x += x_offset + (size_t)at.x * x_stride_n + (size_t)cb * H * W * 16 + first;
    V d[36];
    EACH(i, 6) EACH(j, 6)
    {
        const int h = h0 + i, w = w0 + j;
#if REFLECT
        // Tiles may hang over the padded picture's end; what lies there is not used, but must be memory of ours.
        const int hr = clamp(reflected(h, H), 0, H - 1), wr = clamp(reflected(w, W), 0, W - 1);
        d[i * 6 + j] = LOAD_B(VW, x + ((size_t)hr * W + wr) * 16);
#else
        const bool inside = (uint)h < (uint)H && (uint)w < (uint)W;
        d[i * 6 + j] = inside ? LOAD_B(VW, x + ((size_t)h * W + w) * 16) : (V)(0.0f);
#endif
    }
    EACH(j, 6) input_row(d + j, 6);
    EACH(i, 6) input_row(d + i * 6, 1);
    v += v_offset + ((size_t)cb * tiles + t) * 16 + first;
    EACH(k, 36) STORE_B(VW, d[k], v + (size_t)k * plane);
}

// The transform of dy, from its 4x4 pixels at (4*row, 4*column) on: A dy A^T.
__kernel GROUP void winograd_gradient(__global const float *restrict dy, uint dy_offset, __global float *restrict v,
                                      uint v_offset, int C, int H, int W, int TH, int TW, int tiles, int dy_stride_n,
                                      int plane)
{
    const int id = get_global_id(0), t = id / PARTS, first = id % PARTS * VW, cb = get_global_id(1);
    if (!SINGLE_GROUPS && t >= tiles) // the last group may go beyond
        return;
    const int3 at = tile_at(t, TH, TW);
    dy += dy_offset + (size_t)at.x * dy_stride_n + (size_t)cb * H * W * 16 + first;
    V d[36];
    EACH(i, 4) EACH(j, 4)
    {
        const int h = at.y * 4 + i, w = at.z * 4 + j;
        d[i * 6 + j] = h < H && w < W ? LOAD_B(VW, dy + ((size_t)h * W + w) * 16) : (V)(0.0f);
    }
    EACH(j, 4) gradient_row(d + j, 6);
    EACH(i, 6) gradient_row(d + i * 6, 1);
    v += v_offset + ((size_t)cb * tiles + t) * 16 + first;
    EACH(k, 36) STORE_B(VW, d[k], v + (size_t)k * plane);
}

// y = A^T m A, with bias and activation.
__kernel GROUP void winograd_output(__global const float *restrict m, uint m_offset, __global float *restrict y,
                                    uint y_offset, __global const float *restrict bias, uint bias_offset, int C, int H,
                                    int W, int TH, int TW, int tiles, int y_stride_n, int plane)
{
    const int id = get_global_id(0), t = id / PARTS, first = id % PARTS * VW, cb = get_global_id(1);
    if (!SINGLE_GROUPS && t >= tiles) // the last group may go beyond
        return;
    const int3 at = tile_at(t, TH, TW);
    m += m_offset + ((size_t)cb * tiles + t) * 16 + first;
    y += y_offset + (size_t)at.x * y_stride_n + (size_t)cb * H * W * 16 + first;
    V d[36];
    EACH(k, 36) d[k] = LOAD_B(VW, m + (size_t)k * plane);
    EACH(j, 6) output_row(d + j, 6);
    EACH(i, 4) output_row(d + i * 6, 1);
    EACH(i, 4) EACH(j, 4)
    {
        const int h = at.y * 4 + i, w = at.z * 4 + j;
        const V r = finish(d[i * 6 + j], bias + bias_offset + cb * 16 + first);
        if (h < H && w < W)
            STORE_B(VW, r, y + ((size_t)h * W + w) * 16);
    }
}

// u[k][ob][ib][i][o] = G g G^T of the weights w (O/16, I/16, 3, 3, 16 of I, 16 of O).
__kernel GROUP void winograd_weights(__global const float *restrict w, uint w_offset, __global float *restrict u,
                                     uint u_offset, int I, int O, int plane)
{
    const int id = get_global_id(0), lane = id / PARTS, first = id % PARTS * VW;
    const int ib = get_global_id(1), ob = get_global_id(2);
    w += w_offset + ((size_t)(ob * (I / 16) + ib) * 9 * 16 + lane) * 16 + first;
    V g[36];
    EACH(i, 3) EACH(j, 3) g[i * 6 + j] = LOAD_B(VW, w + (size_t)(FLIP ? 8 - (i * 3 + j) : i * 3 + j) * 256);
    EACH(j, 3) weight_row(g + j, 6);
    EACH(i, 6) weight_row(g + i * 6, 1);
    u += u_offset + ((size_t)(ob * (I / 16) + ib) * 16 + lane) * 16 + first;
    EACH(k, 36) STORE_B(VW, g[k], u + (size_t)k * plane);
}

// dw = G^T du G, the adjoint of winograd_weights, in its shapes. Parts of du (36, splits, ...) are summed in order.
__kernel GROUP void winograd_weight_gradient(__global const float *restrict du, uint du_offset,
                                             __global float *restrict dw, uint dw_offset, int I, int O, int add,
                                             int splits)
{
    const int id = get_global_id(0), lane = id / PARTS, first = id % PARTS * VW;
    const int ib = get_global_id(1), ob = get_global_id(2);
    du += du_offset + ((size_t)(ob * (I / 16) + ib) * 16 + lane) * 16 + first;
    V g[36];
    const size_t stride = (size_t)I * O * (SPLITS ? splits : 1);
    EACH(k, 36) g[k] = LOAD_B(VW, du + k * stride);
#if SPLITS
    for (int s = 1; s < splits; s++)
        EACH(k, 36) g[k] += LOAD_B(VW, du + k * stride + (size_t)s * I * O);
#endif
    EACH(j, 6) weight_gradient_row(g + j, 6);
    EACH(i, 3) weight_gradient_row(g + i * 6, 1);
    dw += dw_offset + ((size_t)(ob * (I / 16) + ib) * 9 * 16 + lane) * 16 + first;
    EACH(i, 3)
        EACH(j, 3)
        {
            __global float *to = dw + (size_t)(i * 3 + j) * 256;
            STORE_B(VW, add ? LOAD_B(VW, to) + g[i * 6 + j] : g[i * 6 + j], to);
        }
}
