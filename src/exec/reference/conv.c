/* The convolution family.
 *
 *   conv        y[n,o,v,u]  = sum over i,ky,kx of  x[n,i, v*s-p+ky, u*s-p+kx] * w[o,i,ky,kx]
 *   conv_t      the same relation read backwards: every x[n,i,v,u] is spread over y[n,o, v*s-p+ky, u*s-p+kx], so
 *               y[n,o,Y,X]  = sum over i,ky,kx and the v,u with v*s-p+ky = Y, u*s-p+kx = X
 *                             of  x[n,i,v,u] * w[i,o,ky,kx]
 *   conv_wgrad  dw[o,i,ky,kx] = sum over n,v,u of  x[n,i, v*s-p+ky, u*s-p+kx] * dy[n,o,v,u]
 *
 * s is the stride, p the padding: x counts as 0 outside the picture. (As everywhere in deep learning "convolution" is
 * what mathematics calls cross-correlation: the kernel is not flipped.) These three are closed under differentiation:
 * the gradient of conv towards x is conv_t of dy with the same w, that of conv_t is conv, and both have conv_wgrad
 * towards w.
 *
 * All three loop over the taps (ky,kx) outside and over the pixels inside, so that the inner loop runs along a row. */
#include <string.h>

#include "exec/reference/reference.h"

/* The positions from <= v < to of a small picture whose pixel v*stride + shift lies inside a large one of `size`
 * pixels. */
typedef struct span {
    int from, to;
} span;

static span inside(int positions, int size, int stride, int shift)
{
    int from = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    int to = size - 1 - shift < 0 ? 0 : (size - 1 - shift) / stride + 1;
    return (span){from, to < positions ? to : positions};
}

/* One plane of the sums, rounded once. */
static void store(float *y, const double *sum, size_t count)
{
    for (size_t e = 0; e < count; e++)
        y[e] = (float)sum[e];
}

void reference_conv(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ys = call->node->shape; /* x (N,I,H,W), y (N,O,h,w) */
    const int k = call->node->attrs.kernel, s = call->node->attrs.stride, p = call->node->attrs.pad;
    const size_t x_plane = (size_t)xs.h * xs.w, y_plane = (size_t)ys.h * ys.w;
    double *sum = call->plane; /* (h,w) of one n and o */

    for (int n = 0; n < ys.n; n++)
        for (int o = 0; o < ys.c; o++) {
            memset(sum, 0, y_plane * sizeof *sum);
            for (int i = 0; i < xs.c; i++)
                for (int ky = 0; ky < k; ky++)
                    for (int kx = 0; kx < k; kx++) {
                        const float *x = call->x[0] + ((size_t)n * xs.c + i) * x_plane;
                        const double w = call->x[1][(((size_t)o * xs.c + i) * k + ky) * k + kx];
                        const span rows = inside(ys.h, xs.h, s, ky - p), columns = inside(ys.w, xs.w, s, kx - p);
                        for (int v = rows.from; v < rows.to; v++) {
                            const float *row = x + (size_t)(v * s + ky - p) * xs.w;
                            for (int u = columns.from; u < columns.to; u++)
                                sum[(size_t)v * ys.w + u] += w * row[u * s + kx - p];
                        }
                    }
            store(call->y + ((size_t)n * ys.c + o) * y_plane, sum, y_plane);
        }
}

void reference_conv_t(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ys = call->node->shape; /* x (N,I,h,w), y (N,O,H,W) */
    const int k = call->node->attrs.kernel, s = call->node->attrs.stride, p = call->node->attrs.pad;
    const size_t x_plane = (size_t)xs.h * xs.w, y_plane = (size_t)ys.h * ys.w;
    double *sum = call->plane; /* (H,W) of one n and o */

    for (int n = 0; n < ys.n; n++)
        for (int o = 0; o < ys.c; o++) {
            memset(sum, 0, y_plane * sizeof *sum);
            for (int i = 0; i < xs.c; i++)
                for (int ky = 0; ky < k; ky++)
                    for (int kx = 0; kx < k; kx++) {
                        const float *x = call->x[0] + ((size_t)n * xs.c + i) * x_plane;
                        const double w = call->x[1][(((size_t)i * ys.c + o) * k + ky) * k + kx];
                        const span rows = inside(xs.h, ys.h, s, ky - p), columns = inside(xs.w, ys.w, s, kx - p);
                        for (int v = rows.from; v < rows.to; v++) {
                            double *row = sum + (size_t)(v * s + ky - p) * ys.w;
                            for (int u = columns.from; u < columns.to; u++)
                                row[u * s + kx - p] += w * x[(size_t)v * xs.w + u];
                        }
                    }
            store(call->y + ((size_t)n * ys.c + o) * y_plane, sum, y_plane);
        }
}

/* Of one tap, one o and one i: the sum over the pictures and pixels. */
static double wgrad_tap(const px_reference_call *call, int o, int i, int ky, int kx)
{
    const px_shape xs = call->shape[0], ds = call->shape[1]; /* x (N,I,H,W), dy (N,O,h,w) */
    const int s = call->node->attrs.stride, p = call->node->attrs.pad;
    const span rows = inside(ds.h, xs.h, s, ky - p), columns = inside(ds.w, xs.w, s, kx - p);
    double sum = 0;

    for (int n = 0; n < xs.n; n++) {
        const float *x = call->x[0] + ((size_t)n * xs.c + i) * xs.h * xs.w;
        const float *dy = call->x[1] + ((size_t)n * ds.c + o) * ds.h * ds.w;
        for (int v = rows.from; v < rows.to; v++) {
            const float *row = x + (size_t)(v * s + ky - p) * xs.w;
            for (int u = columns.from; u < columns.to; u++)
                sum += (double)dy[(size_t)v * ds.w + u] * row[u * s + kx - p];
        }
    }
    return sum;
}

void reference_conv_wgrad(const px_reference_call *call)
{
    const px_shape ws = call->node->shape; /* dw (O,I,k,k) */
    float *dw = call->y;

    for (int o = 0; o < ws.n; o++)
        for (int i = 0; i < ws.c; i++)
            for (int ky = 0; ky < ws.h; ky++)
                for (int kx = 0; kx < ws.w; kx++)
                    *dw++ = (float)wgrad_tap(call, o, i, ky, kx);
}
