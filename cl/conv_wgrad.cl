// Gradient of a convolution towards its weights, direct.
//
//   dw[d,l,kh,kw] = sum over n,oh,ow of large[n,l,oh*S-PAD+kh,ow*S-PAD+kw] * small[n,d,oh,ow]
//
// `large` is a convolution's input and `small` the gradient of its output (for a transposed convolution the other way
// round). One of the two has its channels in the vector lanes (V), the other gives scalars (s): VECTOR_LARGE says
// which.
//
// Shapes: large (N, L/b, H, W, b), small (N, D/b, OH, OW, b), b being BV or BS; dw (V/BV, s/BS, K, K, BS, BV),
//   and sets * splits of them.
// Geometry: one work-item sums a tile of TS scalar by NV*BV vector channels at one tap over its share of the rows.
//   dimension 0: tiles of scalar channels; 1: tiles of vector channels; 2: sets times taps times splits. A set is N
//   pictures that are summed; each set has its own result.
// Splits are summed in order by conv_wgrad_sum.cl. add: to what dw is. No atomics: the same bits every run.
//
// Defined before this source: BV, BS, K, S, PAD, VECTOR_LARGE, NV, TS (TS divides BS or is a multiple of it).

typedef VEC(BV) VV;

__kernel GROUP void conv_wgrad(
    __global const float *restrict large, uint large_offset, __global const float *restrict small, uint small_offset,
    __global float *restrict dw, uint dw_offset,
    int N, int H, int W, int OH, int OW, int large_stride_n, int small_stride_n, int scalar_channels, int splits,
    int count, int add)
{
    const int s0 = (int)get_global_id(0) * TS;
    const int v0 = (int)get_global_id(1) * NV; // in blocks
    const int set = (int)get_global_id(2) / (K * K * splits);
    const int tap = (int)get_global_id(2) / splits - set * K * K;
    const int split = (int)get_global_id(2) % splits;
    const int kh = tap / K, kw = tap - kh * K;
    const int row_begin = (int)((long)OH * split / splits), row_end = (int)((long)OH * (split + 1) / splits);
    // Output columns whose input column lies inside the picture.
    const int low = PAD - kw > 0 ? (PAD - kw + S - 1) / S : 0;
    const int high = min(OW, (W - 1 + PAD - kw) / S + 1);

    VV sum[TS][NV];
    EACH(i, TS) EACH(v, NV) sum[i][v] = (VV)(0.0f);

    const int v_plane = (VECTOR_LARGE ? H * W : OH * OW) * BV, s_plane = (VECTOR_LARGE ? OH * OW : H * W) * BS;
    const int v_step = (VECTOR_LARGE ? S : 1) * BV, s_step = (VECTOR_LARGE ? 1 : S) * BS;
    for (int n = set * N; n < (set + 1) * N; n++)
        for (int oh = row_begin; oh < row_end; oh++) {
            const int ih = oh * S - PAD + kh;
            if ((uint)ih >= (uint)H || W - 1 + PAD < kw)
                continue;
            const size_t in_large = (size_t)ih * W + (low * S - PAD + kw), in_small = (size_t)oh * OW + low;
            __global const float *vp = VECTOR_LARGE
                ? large + large_offset + (size_t)n * large_stride_n + (size_t)v0 * v_plane + in_large * BV
                : small + small_offset + (size_t)n * small_stride_n + (size_t)v0 * v_plane + in_small * BV;
            __global const float *sp = (VECTOR_LARGE
                ? small + small_offset + (size_t)n * small_stride_n + in_small * BS
                : large + large_offset + (size_t)n * large_stride_n + in_large * BS)
                + (size_t)(s0 / BS) * s_plane + s0 % BS;
            VV acc[TS][NV]; // of this row alone: two short sums round less than one long one
            EACH(i, TS) EACH(v, NV) acc[i][v] = (VV)(0.0f);
            for (int ow = low; ow < high; ow++, vp += v_step, sp += s_step) {
                VV vv[NV];
                EACH(v, NV) vv[v] = LOAD_B(BV, vp + v * v_plane);
                EACH(i, TS)
                {
                    const VV sv = (VV)(sp[(i / BS) * s_plane + i % BS]);
                    EACH(v, NV) acc[i][v] += sv * vv[v];
                }
            }
            EACH(i, TS) EACH(v, NV) sum[i][v] += acc[i][v];
        }

    dw += dw_offset + (size_t)(set * splits + split) * count;
    EACH(v, NV)
        EACH(i, TS)
        {
            const int s = s0 + i;
            const size_t at = (((size_t)(v0 + v) * (scalar_channels / BS) + s / BS) * K * K + tap) * BS + s % BS;
            STORE_B(BV, add ? LOAD_B(BV, dw + at * BV) + sum[i][v] : sum[i][v], dw + at * BV);
        }
}
