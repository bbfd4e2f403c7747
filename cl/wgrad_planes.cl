// Gradient of a convolution towards its weights where one of the two maps has few channels (RGB, a logit), for GPUs.
//
// The formula, shapes, splits and arguments are those of wgrad_lane.cl. There a group makes one tap and reads both maps
// for it; here it makes a row of K taps, which share each load of the vector map and the scalars around it: with three
// channels and 7x7 that is 21 multiply-adds a load instead of 3.
//
// Geometry: a group is a wave of L lanes, each of VL vector channels next to each other. dimension 0: tiles of TS
//   scalar channels times rows of taps; 1: blocks of L*VL vector channels; 2: splits. A split is `share` rows of the
//   vector map, counted through the pictures.
// A vector map that is the large one (VECTOR_LARGE) is walked over just so, with the taps turned by 180 degrees and
// another padding; for stride 1 only. With REFLECT 1 it is the large map, of H x W pixels, that is padded by reflection
// in the load, and walked over as padded where it is the vector map.
//
// Defined before this source: L, VL (L*VL is a multiple of 16), BS, TS (a multiple of BS), U (pixels of a row that are
// loaded together), K, S, PAD, VECTOR_LARGE, REFLECT, PARTIAL.

#define BLOCKS (L * VL / 16)
#define PADDED_VECTOR (VECTOR_LARGE && REFLECT ? PAD : 0) // by which the walk is longer at either end
// Columns of the scalar map before the first pixel's.
#define BEFORE (!VECTOR_LARGE ? PAD : REFLECT ? K - 1 : K - 1 - PAD)
#define WINDOW(pixels) (((pixels) - 1) * S + K)

typedef VEC(VL) VF;

static inline int reflected(int i, int size)
{
    return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
}

// Pixels from `pixel` on. CHECKED: what they need of the scalar map may be outside of it, and is zero there, or is
// reflected, as they themselves may be.
#define MULTIPLY(PIXELS, CHECKED)                                                                                      \
    {                                                                                                                  \
        const int first = (pixel * S - BEFORE) * BS;                                                                   \
        float window[TS / BS][WINDOW(PIXELS) * BS];                                                                    \
        EACH(b, TS / BS) EACH(j, WINDOW(PIXELS) * BS)                                                                  \
        {                                                                                                              \
            __global const float *sp = scalar + (scalar_at + b * scalar_plane);                                        \
            const bool inside = !CHECKED || (uint)(first + j) < (uint)(columns * BS);                                  \
            if (CHECKED && REFLECT && !VECTOR_LARGE)                                                                   \
                window[b][j] = sp[reflected(pixel * S - BEFORE + j / BS, columns) * BS + j % BS];                      \
            else                                                                                                       \
                window[b][j] = inside ? sp[first + j] : 0.0f;                                                          \
        }                                                                                                              \
        EACH(e, PIXELS)                                                                                                \
        {                                                                                                              \
            const int there = pixel + e - PADDED_VECTOR;                                                               \
            const int at = CHECKED && PADDED_VECTOR > 0 ? reflected(there, W) : there;                                 \
            const VF v = ALIGNED_B(VL, vector + (vector_at + lane_at + at * 16));                                      \
            EACH(k, K) EACH(s, TS)                                                                                     \
                acc[k][s] = fma((VF)(window[s / BS][(e * S + k) * BS + s % BS]), v, acc[k][s]);                        \
        }                                                                                                              \
        pixel += PIXELS;                                                                                               \
    }

__kernel WAVE_OF(L) void wgrad_planes(
    __global const float *restrict large, uint large_offset, __global const float *restrict small, uint small_offset,
    __global float *restrict dw, uint dw_offset,
    int N, int H, int W, int OH, int OW, int large_stride_n, int small_stride_n, int scalar_channels,
    int vector_channels, int splits, int share, int count, int add)
{
    const uint s0 = GROUP_ID(0, L) / K * TS, v0 = GROUP_ID(1, 1) * BLOCKS, split = GROUP_ID(2, 1);
    const int row_of_taps = GROUP_ID(0, L) % K;
    const int rows = (VECTOR_LARGE ? H : OH) + 2 * PADDED_VECTOR, pixels = (VECTOR_LARGE ? W : OW) + 2 * PADDED_VECTOR;
    const int scalar_rows = VECTOR_LARGE ? OH : H, columns = VECTOR_LARGE ? OW : W;
    const uint vector_plane = (VECTOR_LARGE ? H * W : OH * OW) * 16, scalar_plane = scalar_rows * columns * BS;
    const uint lane = get_local_id(0), lane_block = lane * VL / 16, lane_in = lane * VL % 16;
#if PARTIAL
    if (v0 + lane_block >= (uint)vector_channels / 16)
        return;
#endif
    const uint lane_at = lane_block * vector_plane + lane_in;
    // Pixels before `outer` and from `inner` on may miss some columns, or be outside themselves.
    const int outer = max(BEFORE, PADDED_VECTOR);
    const int inner = min(pixels - PADDED_VECTOR, (columns + BEFORE - K) / S + 1);
    __global const float *vector = VECTOR_LARGE ? large : small, *scalar = VECTOR_LARGE ? small : large;
    int i = split * share, n = 0, row = i; // a row counted in the set; its picture, and the row there
    const int end = min(i + share, N * rows);
    VF acc[K][TS];
    EACH(k, K) EACH(s, TS) acc[k][s] = (VF)(0.0f);
    for (; i < end; i++, row++) {
        while (row >= rows) {
            row -= rows;
            n++;
        }
        int there = row * S - BEFORE + row_of_taps, row_at = row - PADDED_VECTOR;
        if (REFLECT && VECTOR_LARGE)
            row_at = reflected(row_at, H);
        else if (REFLECT)
            there = reflected(there, H);
        if (there < 0 || there >= scalar_rows)
            continue;
        const uint large_at = large_offset + n * (uint)large_stride_n;
        const uint small_at = small_offset + n * (uint)small_stride_n;
        const uint vector_at = (VECTOR_LARGE ? large_at : small_at) + v0 * vector_plane
                               + row_at * (VECTOR_LARGE ? W : OW) * 16;
        const uint scalar_at = (VECTOR_LARGE ? small_at : large_at) + s0 / BS * scalar_plane + there * columns * BS;
        int pixel = 0;
        while (pixel * S < outer && pixel < pixels)
            MULTIPLY(1, 1)
        while (pixel + U <= inner)
            MULTIPLY(U, 0)
        while (pixel < pixels)
            MULTIPLY(1, 1)
    }
    EACH(k, K) EACH(i, TS)
    {
        const uint s = s0 + i, turned = K * K - 1, tap = row_of_taps * K + k;
        const uint block = (v0 + lane_block) * ((uint)scalar_channels / BS) + s / BS;
        const uint at = (block * (K * K) + (VECTOR_LARGE ? turned - tap : tap)) * (BS * 16) + s % BS * 16 + lane_in;
        __global float *to = dw + (dw_offset + split * (uint)count + at);
        STORE_ALIGNED_B(VL, add ? ALIGNED_B(VL, to) + acc[k][i] : acc[k][i], to);
    }
}
