/* Batch and instance normalisation (Ioffe and Szegedy, 1502.03167; Ulyanov et al., 1607.08022).
 *
 *   xhat[n,c,h,w] = (x[n,c,h,w] - mean[s,c]) / sqrt(var[s,c] + eps)          y = gamma[c] * xhat + beta[c]
 *
 * The two differ only in which elements share a mean and a variance. Batch: all N*H*W of a channel, so there is one
 * row, s = 0. Instance: the H*W of one picture, so s = n. Statistics are (S,2,1,C): for each s the means, then the
 * biased variances.
 *
 * Backward. mean and var depend on x too; with M elements behind each of them, the chain rule leaves
 *
 *   dx = gamma / sqrt(var + eps) * ( dy  -  sum(dy) / M  -  xhat * sum(dy * xhat) / M )
 *
 * where the sums run over the elements that share the statistics. norm_sums makes the two sums, norm_grad the
 * formula. Summed over s they are at the same time the gradients of beta and gamma, which norm_row picks out.
 *
 * Backward once more, for a loss that is made of gradients. Let P(v) = v - mean(v) - xhat * mean(v * xhat), and
 * r = 1 / sqrt(var + eps), so that dx = gamma r P(dy). With u the loss's gradient towards dx, its gradients are
 *
 *   towards dy      gamma r P(u)                                 which is norm_grad again
 *   towards gamma   sum over s of r * dot                        dot = sum(u * P(dy))
 *   towards x       -gamma r^2 (xhat * dot / M  +  mean(dy * xhat) P(u)  +  mean(u * xhat) P(dy)) */
#include <math.h>
#include <string.h>

#include "exec/reference/reference.h"

/* Where the two rows of picture n stand in statistics of S rows. */
static float *stats_of(float *stats, px_shape shape, int n)
{
    return stats + (shape.n == 1 ? 0 : (size_t)n * 2 * shape.w);
}

/* The pictures first <= n < last whose elements share row s of the statistics: all of them with batch normalisation,
 * picture s alone with instance normalisation. */
typedef struct group {
    int first, last;
    double elements; /* M */
} group;

static group group_of(px_shape x, px_shape stats, int s)
{
    int first = stats.n == 1 ? 0 : s, last = stats.n == 1 ? x.n : s + 1;
    return (group){first, last, (double)(last - first) * x.h * x.w};
}

static const float *plane_of(const float *x, px_shape shape, int n, int c)
{
    return x + ((size_t)n * shape.c + c) * shape.h * shape.w;
}

void reference_norm_stats(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ss = call->node->shape; /* x (N,C,H,W), y (S,2,1,C) */
    const size_t pixels = (size_t)xs.h * xs.w;

    for (int s = 0; s < ss.n; s++)
        for (int c = 0; c < xs.c; c++) {
            const group g = group_of(xs, ss, s);
            double sum = 0, squares = 0;
            for (int n = g.first; n < g.last; n++) {
                const float *x = plane_of(call->x[0], xs, n, c);
                for (size_t e = 0; e < pixels; e++)
                    sum += x[e];
            }
            const double mean = sum / g.elements;
            for (int n = g.first; n < g.last; n++) {
                const float *x = plane_of(call->x[0], xs, n, c);
                for (size_t e = 0; e < pixels; e++)
                    squares += (x[e] - mean) * (x[e] - mean);
            }
            call->y[((size_t)s * 2 + 0) * xs.c + c] = (float)mean;
            call->y[((size_t)s * 2 + 1) * xs.c + c] = (float)(squares / g.elements);
        }
}

/* Evaluation mode: the running means and variances take the place of the batch's. */
void reference_norm_running(const px_reference_call *call)
{
    const size_t channels = (size_t)call->shape[0].c; /* two of (1,C,1,1), y (1,2,1,C) */

    memcpy(call->y, call->x[0], channels * sizeof *call->y);
    memcpy(call->y + channels, call->x[1], channels * sizeof *call->y);
}

void reference_norm(const px_reference_call *call)
{
    const px_shape xs = call->shape[0]; /* x, y (N,C,H,W); gamma, beta (1,C,1,1) or none */
    const size_t pixels = (size_t)xs.h * xs.w;
    const bool affine = call->node->input_count == 4;
    float *y = call->y;

    for (int n = 0; n < xs.n; n++)
        for (int c = 0; c < xs.c; c++) {
            const float *x = plane_of(call->x[0], xs, n, c);
            const float *stats = stats_of(call->x[1], call->shape[1], n);
            const double mean = stats[c], deviation = sqrt((double)stats[xs.c + c] + call->node->attrs.value);
            const double gamma = affine ? call->x[2][c] : 1, beta = affine ? call->x[3][c] : 0;
            for (size_t e = 0; e < pixels; e++)
                *y++ = (float)((x[e] - mean) / deviation * gamma + beta);
        }
}

void reference_norm_sums(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ss = call->node->shape; /* x, dy (N,C,H,W); y (S,2,1,C) */
    const size_t pixels = (size_t)xs.h * xs.w;

    for (int s = 0; s < ss.n; s++)
        for (int c = 0; c < xs.c; c++) {
            const group g = group_of(xs, ss, s);
            const float *stats = stats_of(call->x[1], ss, s);
            const double mean = stats[c], deviation = sqrt((double)stats[xs.c + c] + call->node->attrs.value);
            double sum_dy = 0, sum_dy_xhat = 0;
            for (int n = g.first; n < g.last; n++) {
                const float *x = plane_of(call->x[0], xs, n, c), *dy = plane_of(call->x[2], xs, n, c);
                for (size_t e = 0; e < pixels; e++) {
                    sum_dy += dy[e];
                    sum_dy_xhat += dy[e] * ((x[e] - mean) / deviation);
                }
            }
            call->y[((size_t)s * 2 + 0) * xs.c + c] = (float)sum_dy;
            call->y[((size_t)s * 2 + 1) * xs.c + c] = (float)sum_dy_xhat;
        }
}

/* P(v) of an element, by the sums of v that belong to it. */
static double project(double v, double xhat, const float *sums, int c, int channels, double elements)
{
    return v - sums[c] / elements - xhat * sums[channels + c] / elements;
}

void reference_norm_grad(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ss = call->shape[1]; /* x, dy, y (N,C,H,W); stats, sums (S,2,1,C) */
    const size_t pixels = (size_t)xs.h * xs.w;
    const bool affine = call->node->input_count == 5;
    float *dx = call->y;

    for (int n = 0; n < xs.n; n++)
        for (int c = 0; c < xs.c; c++) {
            const float *x = plane_of(call->x[0], xs, n, c), *dy = plane_of(call->x[2], xs, n, c);
            const float *stats = stats_of(call->x[1], ss, n), *sums = stats_of(call->x[3], ss, n);
            const double mean = stats[c], deviation = sqrt((double)stats[xs.c + c] + call->node->attrs.value);
            const double gamma = affine ? call->x[4][c] : 1, elements = group_of(xs, ss, n).elements;
            for (size_t e = 0; e < pixels; e++) {
                const double xhat = (x[e] - mean) / deviation;
                *dx++ = (float)(gamma / deviation * project(dy[e], xhat, sums, c, xs.c, elements));
            }
        }
}

void reference_norm_grad_dot(const px_reference_call *call)
{
    const px_shape xs = call->shape[0],
                   ss = call->shape[1]; /* x, dy, u (N,C,H,W); stats, sums (S,2,1,C); y (S,1,1,C) */
    const size_t pixels = (size_t)xs.h * xs.w;

    for (int s = 0; s < ss.n; s++)
        for (int c = 0; c < xs.c; c++) {
            const group g = group_of(xs, ss, s);
            const float *stats = stats_of(call->x[1], ss, s), *sums = stats_of(call->x[3], ss, s);
            const double mean = stats[c], deviation = sqrt((double)stats[xs.c + c] + call->node->attrs.value);
            double sum = 0;
            for (int n = g.first; n < g.last; n++) {
                const float *x = plane_of(call->x[0], xs, n, c), *dy = plane_of(call->x[2], xs, n, c);
                const float *u = plane_of(call->x[4], xs, n, c);
                for (size_t e = 0; e < pixels; e++)
                    sum += u[e] * project(dy[e], (x[e] - mean) / deviation, sums, c, xs.c, g.elements);
            }
            call->y[(size_t)s * xs.c + c] = (float)sum;
        }
}

void reference_norm_grad_x(const px_reference_call *call)
{
    const px_shape xs = call->shape[0], ss = call->shape[1]; /* as in norm_grad_dot; dot (S,1,1,C), y (N,C,H,W) */
    const size_t pixels = (size_t)xs.h * xs.w;
    const bool affine = call->node->input_count == 8;
    float *y = call->y;

    for (int n = 0; n < xs.n; n++)
        for (int c = 0; c < xs.c; c++) {
            const float *x = plane_of(call->x[0], xs, n, c), *dy = plane_of(call->x[2], xs, n, c);
            const float *u = plane_of(call->x[4], xs, n, c), *stats = stats_of(call->x[1], ss, n);
            const float *dy_sums = stats_of(call->x[3], ss, n), *u_sums = stats_of(call->x[5], ss, n);
            const double dot = call->x[6][(ss.n == 1 ? 0 : (size_t)n * xs.c) + c], gamma = affine ? call->x[7][c] : 1;
            const double mean = stats[c], variance = (double)stats[xs.c + c] + call->node->attrs.value;
            const double elements = group_of(xs, ss, n).elements;
            for (size_t e = 0; e < pixels; e++) {
                const double xhat = (x[e] - mean) / sqrt(variance);
                const double of_u = dy_sums[xs.c + c] * project(u[e], xhat, u_sums, c, xs.c, elements);
                const double of_dy = u_sums[xs.c + c] * project(dy[e], xhat, dy_sums, c, xs.c, elements);
                *y++ = (float)(-gamma / variance * (xhat * dot + of_u + of_dy) / elements);
            }
        }
}

void reference_norm_grad_gamma(const px_reference_call *call)
{
    const px_shape ss = call->shape[0]; /* stats (S,2,1,C), dot (S,1,1,C), y (1,C,1,1) */

    for (int c = 0; c < ss.w; c++) {
        double sum = 0;
        for (int s = 0; s < ss.n; s++)
            sum += call->x[1][(size_t)s * ss.w + c] /
                   sqrt((double)stats_of(call->x[0], ss, s)[ss.w + c] + call->node->attrs.value);
        call->y[c] = (float)sum;
    }
}

void reference_norm_row(const px_reference_call *call)
{
    const px_shape ss = call->shape[0]; /* sums (S,2,1,C), y (1,C,1,1) */

    for (int c = 0; c < ss.w; c++) {
        double sum = 0;
        for (int s = 0; s < ss.n; s++)
            sum += call->x[0][((size_t)s * 2 + call->node->attrs.from) * ss.w + c];
        call->y[c] = (float)sum;
    }
}

/* What evaluation mode will use: a moving average of the statistics. The variance goes in unbiased, M/(M-1) times
 * the biased one, though normalisation itself uses the biased one: PyTorch does so. */
void reference_norm_update(const px_reference_call *call)
{
    const double momentum = call->node->attrs.value, m = call->node->attrs.count;
    const double unbiased = m > 1 ? m / (m - 1) : 1;
    const int channels = call->shape[0].c; /* two of (1,C,1,1), stats (1,2,1,C) */
    float *running_mean = call->x[0], *running_var = call->x[1];
    const float *mean = call->x[2], *var = call->x[2] + channels;

    for (int c = 0; c < channels; c++) {
        running_mean[c] = (float)((1 - momentum) * running_mean[c] + momentum * mean[c]);
        running_var[c] = (float)((1 - momentum) * running_var[c] + momentum * var[c] * unbiased);
    }
}
