/* Ops whose output element needs the same element of their inputs, and the ones that sum over pixels per channel.
 *
 * Activations and their gradients stand in pairs. A gradient takes the *output* y of its activation instead of the
 * input: y is kept anyway for the next layer, x then need not be.
 *
 *   leaky   y = x if x > 0, else a*x        dx = dy if y > 0, else a*dy     (a = 0: ReLU; at 0 the slope is a)
 *   tanh    y = tanh(x)                     dx = dy * (1 - y^2)
 *   bias    y[n,c,h,w] = x[n,c,h,w] + b[c]  db[c] = channel_sum(dy)[c] = sum over n,h,w of dy[n,c,h,w] */
#include <math.h>

#include "exec/reference/reference.h"

void reference_bias(const px_reference_call *call)
{
    const px_shape s = call->node->shape; /* x, y (N,C,H,W); b (1,C,1,1) */
    const size_t pixels = (size_t)s.h * s.w;
    size_t e = 0;

    for (int n = 0; n < s.n; n++)
        for (int c = 0; c < s.c; c++)
            for (size_t pixel = 0; pixel < pixels; pixel++, e++)
                call->y[e] = (float)((double)call->x[0][e] + call->x[1][c]);
}

void reference_channel_sum(const px_reference_call *call)
{
    const px_shape s = call->shape[0]; /* x (N,C,H,W), y (1,C,1,1) */
    const size_t pixels = (size_t)s.h * s.w;

    for (int c = 0; c < s.c; c++) {
        double sum = 0;
        for (int n = 0; n < s.n; n++) {
            const float *x = call->x[0] + ((size_t)n * s.c + c) * pixels;
            for (size_t pixel = 0; pixel < pixels; pixel++)
                sum += x[pixel];
        }
        call->y[c] = (float)sum;
    }
}

void reference_add(const px_reference_call *call)
{
    for (size_t e = 0; e < px_reference_count(call); e++)
        call->y[e] = (float)((double)call->x[0][e] + call->x[1][e]);
}

void reference_scale(const px_reference_call *call)
{
    const double factor = call->node->attrs.value;

    for (size_t e = 0; e < px_reference_count(call); e++)
        call->y[e] = (float)(factor * call->x[0][e]);
}

void reference_leaky(const px_reference_call *call)
{
    const double slope = call->node->attrs.value;

    for (size_t e = 0; e < px_reference_count(call); e++) {
        const float x = call->x[0][e];
        call->y[e] = x > 0 ? x : (float)(slope * x);
    }
}

void reference_leaky_grad(const px_reference_call *call)
{
    const double slope = call->node->attrs.value;

    for (size_t e = 0; e < px_reference_count(call); e++) {
        const float y = call->x[0][e], dy = call->x[1][e];
        call->y[e] = y > 0 ? dy : (float)(slope * dy);
    }
}

void reference_tanh(const px_reference_call *call)
{
    for (size_t e = 0; e < px_reference_count(call); e++)
        call->y[e] = (float)tanh(call->x[0][e]);
}

void reference_tanh_grad(const px_reference_call *call)
{
    for (size_t e = 0; e < px_reference_count(call); e++) {
        const double y = call->x[0][e], dy = call->x[1][e];
        call->y[e] = (float)(dy * (1 - y * y));
    }
}
