/* Adam (Kingma and Ba, 1412.6980) in PyTorch's form: eps is added after the bias correction.
 *
 *   m = b1*m + (1-b1)*g              first moment: the gradient, smoothed
 *   v = b2*v + (1-b2)*g^2            second moment: its square, smoothed
 *   p = p - lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps)
 *
 * t counts the steps from 1. m and v start at 0, so after t steps they hold the fraction 1-b^t of what they would in
 * the long run; the divisions put that right. */
#include <math.h>

#include "exec/reference/reference.h"

void reference_adam(const px_reference_call *call)
{
    const px_optimiser *optimiser = &call->optimisers[call->node->attrs.id];
    const double b1 = optimiser->beta1, b2 = optimiser->beta2, t = (double)call->step->step;
    const double lr = call->step->lr[call->node->attrs.id] / (1 - pow(b1, t)), root = sqrt(1 - pow(b2, t));
    float *p = call->x[0], *m = call->x[2], *v = call->x[3];
    const float *g = call->x[1];

    for (size_t e = 0; e < px_reference_count(call); e++) {
        const double first = b1 * m[e] + (1 - b1) * g[e];
        const double second = b2 * v[e] + (1 - b2) * g[e] * g[e];
        p[e] = (float)(p[e] - lr * first / (sqrt(second) / root + optimiser->epsilon));
        m[e] = (float)first;
        v[e] = (float)second;
    }
}
