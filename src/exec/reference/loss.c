/* Losses: means over all elements, and their gradients. Each gradient is multiplied with g, the scalar that arrives
 * from above (1 at the loss itself, lambda behind a scale). E is the number of elements, t the target, the same
 * everywhere.
 *
 *   bce  L = 1/E sum max(x,0) - x*t + log(1 + exp(-|x|))     dL/dx = (sigmoid(x) - t) / E
 *        binary cross-entropy -t*log(sigmoid(x)) - (1-t)*log(1-sigmoid(x)) of logits x; no exp overflows here
 *   mse  L = 1/E sum (x - t)^2                               dL/dx = 2 (x - t) / E
 *   l1   L = 1/E sum |a - b|                                 dL/da = sign(a - b) / E,  with sign(0) = 0
 *   l2   L = 1/E sum (a - b)^2                               dL/da = 2 (a - b) / E
 *   smooth_l1  the same of d*d / 2b where d = |a - b| < b, else of d - b/2
 *                                                            dL/da = (a - b) / b / E, at most 1/E either way
 *   mean L = 1/E sum x                                       dL/dx = 1 / E
 *
 * And what a loss of gradients begins with, the length of each sample, with s = 1e-16 or so, that zeros have a slope:
 *
 *   sample_norm   y[n] = sqrt(sum of (x + s)^2 over c,h,w)   dx = g[n] (x + s) / y[n] */
#include <math.h>

#include "exec/reference/reference.h"

void reference_bce(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]);
    const double t = call->node->attrs.value;
    double sum = 0;

    for (size_t e = 0; e < count; e++) {
        const double x = call->x[0][e];
        sum += fmax(x, 0) - x * t + log1p(exp(-fabs(x)));
    }
    call->y[0] = (float)(sum / (double)count);
}

void reference_bce_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call);
    const double t = call->node->attrs.value, g = call->x[1][0];

    for (size_t e = 0; e < count; e++) {
        const double x = call->x[0][e], sigmoid = 1 / (1 + exp(-x)); /* exp(-x) = infinity gives the right 0 */
        call->y[e] = (float)(g * (sigmoid - t) / (double)count);
    }
}

void reference_mse(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]);
    const double t = call->node->attrs.value;
    double sum = 0;

    for (size_t e = 0; e < count; e++)
        sum += (call->x[0][e] - t) * (call->x[0][e] - t);
    call->y[0] = (float)(sum / (double)count);
}

void reference_mse_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call);
    const double t = call->node->attrs.value, g = call->x[1][0];

    for (size_t e = 0; e < count; e++)
        call->y[e] = (float)(g * 2 * (call->x[0][e] - t) / (double)count);
}

void reference_l1(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]);
    double sum = 0;

    for (size_t e = 0; e < count; e++)
        sum += fabs((double)call->x[0][e] - call->x[1][e]);
    call->y[0] = (float)(sum / (double)count);
}

void reference_l1_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call);
    const double g = call->x[2][0];

    for (size_t e = 0; e < count; e++) {
        const float a = call->x[0][e], b = call->x[1][e];
        call->y[e] = (float)(g * ((a > b) - (a < b)) / (double)count);
    }
}

void reference_l2(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]);
    double sum = 0;

    for (size_t e = 0; e < count; e++) {
        const double difference = (double)call->x[0][e] - call->x[1][e];
        sum += difference * difference;
    }
    call->y[0] = (float)(sum / (double)count);
}

void reference_l2_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call);
    const double g = call->x[2][0];

    for (size_t e = 0; e < count; e++)
        call->y[e] = (float)(g * 2 * ((double)call->x[0][e] - call->x[1][e]) / (double)count);
}

void reference_smooth_l1(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]);
    const double beta = call->node->attrs.value;
    double sum = 0;

    for (size_t e = 0; e < count; e++) {
        const double difference = fabs((double)call->x[0][e] - call->x[1][e]);
        sum += difference < beta ? difference * difference / (2 * beta) : difference - beta / 2;
    }
    call->y[0] = (float)(sum / (double)count);
}

void reference_smooth_l1_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call);
    const double g = call->x[2][0], beta = call->node->attrs.value;

    for (size_t e = 0; e < count; e++) {
        const double slope = ((double)call->x[0][e] - call->x[1][e]) / beta;
        call->y[e] = (float)(g * fmax(-1, fmin(1, slope)) / (double)count);
    }
}

void reference_mean(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]);
    double sum = 0;

    for (size_t e = 0; e < count; e++)
        sum += call->x[0][e];
    call->y[0] = (float)(sum / (double)count);
}

void reference_mean_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call);
    const double g = call->x[1][0];

    for (size_t e = 0; e < count; e++)
        call->y[e] = (float)(g / (double)count);
}

void reference_sample_norm(const px_reference_call *call)
{
    const size_t count = px_shape_count(call->shape[0]) / (size_t)call->shape[0].n;
    const double small = call->node->attrs.value;

    for (int n = 0; n < call->shape[0].n; n++) {
        const float *x = call->x[0] + n * count;
        double sum = 0;
        for (size_t e = 0; e < count; e++)
            sum += (x[e] + small) * (x[e] + small);
        call->y[n] = (float)sqrt(sum);
    }
}

void reference_sample_norm_grad(const px_reference_call *call)
{
    const size_t count = px_reference_count(call) / (size_t)call->node->shape.n;
    const double small = call->node->attrs.value;

    for (size_t e = 0; e < px_reference_count(call); e++) {
        const double norm = call->x[1][e / count], g = call->x[2][e / count];
        call->y[e] = (float)(g * (call->x[0][e] + small) / norm);
    }
}
