/* Values that are there already, and copies between ranges of channels.
 *
 *   concat  y[n] = the channels of a[n], then those of b[n]     its gradient: two slices
 *   slice   y[n] = channels from .. from+count-1 of x[n] */
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
