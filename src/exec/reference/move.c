/* Values that are there already, copies between ranges of channels, padding, and doubling of sides.
 *
 *   concat            y[n] = the channels of a[n], then those of b[n]     its gradient: two slices
 *   slice             y[n] = channels from .. from+count-1 of x[n]
 *   reflect_pad       y[h,w] = x[mirror(h-p,H), mirror(w-p,W)] for each map (H,W), p = pad
 *   reflect_pad_grad  dx[h,w] = sum of dy at all places that reflect_pad copies x[h,w] to
 *   upsample          y[h,w] = x[h/2,w/2] for each map
 *   upsample_grad     dx[h,w] = sum of dy at the four places that upsample copies x[h,w] to */
#include <string.h>

#include "exec/reference/reference.h"

/* The caller has written it. */
void reference_input(const px_reference_call *call)
{
    (void)call;
}

/* Lives from step to step. */
void reference_variable(const px_reference_call *call)
{
    (void)call;
}

void reference_constant(const px_reference_call *call)
{
    for (size_t e = 0; e < px_reference_count(call); e++)
        call->y[e] = call->node->attrs.value;
}

void reference_concat(const px_reference_call *call)
{
    const px_shape as = call->shape[0], bs = call->shape[1]; /* a (N,A,H,W), b (N,B,H,W), y (N,A+B,H,W) */
    const size_t a_picture = (size_t)as.c * as.h * as.w, b_picture = (size_t)bs.c * bs.h * bs.w;

    for (int n = 0; n < as.n; n++) {
        float *y = call->y + (size_t)n * (a_picture + b_picture);
        memcpy(y, call->x[0] + (size_t)n * a_picture, a_picture * sizeof *y);
        memcpy(y + a_picture, call->x[1] + (size_t)n * b_picture, b_picture * sizeof *y);
    }
}

void reference_slice(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ys = call->node->shape; /* x (N,C,H,W), y (N,count,H,W) */
    const size_t plane = (size_t)xs.h * xs.w, size = (size_t)ys.c * plane;

    for (int n = 0; n < xs.n; n++)
        memcpy(call->y + (size_t)n * size, call->x[0] + ((size_t)n * xs.c + (size_t)call->node->attrs.from) * plane,
               size * sizeof *call->y);
}

/* The element of 0..size-1 that stands at place i when the row is mirrored at its first and last element. */
static int mirror(int i, int size)
{
    if (i < 0)
        return -i;
    return i < size ? i : 2 * (size - 1) - i;
}

void reference_reflect_pad(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ys = call->node->shape; /* x (N,C,H,W), y (N,C,H+2p,W+2p) */
    const int pad = call->node->attrs.pad;
    float *y = call->y;

    for (int map = 0; map < xs.n * xs.c; map++) {
        const float *x = call->x[0] + (size_t)map * xs.h * xs.w;
        for (int h = 0; h < ys.h; h++)
            for (int w = 0; w < ys.w; w++)
                *y++ = x[(size_t)mirror(h - pad, xs.h) * xs.w + mirror(w - pad, xs.w)];
    }
}

void reference_reflect_pad_grad(const px_reference_call *call)
{
    const px_shape xs = call->node->shape, ys = call->shape[0]; /* dx (N,C,H,W), dy (N,C,H+2p,W+2p) */
    const int pad = call->node->attrs.pad;
    const size_t plane = (size_t)xs.h * xs.w;
    const float *dy = call->x[0];

    for (int map = 0; map < xs.n * xs.c; map++) {
        float *dx = call->y + (size_t)map * plane;
        memset(call->plane, 0, plane * sizeof *call->plane);
        for (int h = 0; h < ys.h; h++)
            for (int w = 0; w < ys.w; w++)
                call->plane[(size_t)mirror(h - pad, xs.h) * xs.w + mirror(w - pad, xs.w)] += *dy++;
        for (size_t e = 0; e < plane; e++)
            dx[e] = (float)call->plane[e];
    }
}

void reference_upsample(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ys = call->node->shape; /* x (N,C,H,W), y (N,C,2H,2W) */
    float *y = call->y;

    for (int map = 0; map < xs.n * xs.c; map++) {
        const float *x = call->x[0] + (size_t)map * xs.h * xs.w;
        for (int h = 0; h < ys.h; h++)
            for (int w = 0; w < ys.w; w++)
                *y++ = x[(size_t)(h / 2) * xs.w + w / 2];
    }
}

void reference_upsample_grad(const px_reference_call *call)
{
    const px_shape xs = call->node->shape; /* dx (N,C,H,W), dy (N,C,2H,2W) */
    float *dx = call->y;

    for (int map = 0; map < xs.n * xs.c; map++) {
        const float *dy = call->x[0] + (size_t)map * xs.h * xs.w * 4;
        for (int h = 0; h < xs.h; h++)
            for (int w = 0; w < xs.w; w++) {
                const float *at = dy + ((size_t)4 * h * xs.w + 2 * w), *below = at + (size_t)2 * xs.w;
                *dx++ = (float)((double)at[0] + at[1] + below[0] + below[1]);
            }
    }
}
