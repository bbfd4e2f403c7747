/* L1, PSNR and SSIM of two pictures, and their means. */
#include "report/metrics.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/planes.h"

enum { WINDOW = 11 };

static void gaussian(double weights[WINDOW])
{
    const double sigma = 1.5;
    double sum = 0;
    for (int i = 0; i < WINDOW; i++) {
        double x = i - WINDOW / 2;
        weights[i] = exp(-x * x / (2 * sigma * sigma));
        sum += weights[i];
    }
    for (int i = 0; i < WINDOW; i++)
        weights[i] /= sum;
}

/* The five windowed means SSIM is made of. */
typedef struct moments {
    double a, b, aa, bb, ab;
} moments;

static double similarity(const moments *m)
{
    const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
    double variance_a = m->aa - m->a * m->a, variance_b = m->bb - m->b * m->b, covariance = m->ab - m->a * m->b;
    return (2 * m->a * m->b + c1) * (2 * covariance + c2) /
           ((m->a * m->a + m->b * m->b + c1) * (variance_a + variance_b + c2));
}

/* The window's horizontal pass over one row of one channel; out[x] belongs to the window that begins at x. */
static void filter_row(const uint8_t *a, const uint8_t *b, int channels, int width, const double *weights, moments *out)
{
    for (int x = 0; x + WINDOW <= width; x++) {
        moments m = {0};
        for (int i = 0; i < WINDOW; i++) {
            double va = a[(x + i) * channels], vb = b[(x + i) * channels], w = weights[i];
            m.a += w * va;
            m.b += w * vb;
            m.aa += w * va * va;
            m.bb += w * vb * vb;
            m.ab += w * va * vb;
        }
        out[x] = m;
    }
}

static pixcl_status ssim(const pixcl_image *a, const pixcl_image *b, double *result, pixcl_error *err)
{
    int places_x = a->width - WINDOW + 1, places_y = a->height - WINDOW + 1;
    if (places_x < 1 || places_y < 1) {
        *result = NAN;
        return PIXCL_OK;
    }
    /* The last 11 filtered rows of a channel, used as a ring. */
    moments *rows = px_calloc((size_t)places_x * WINDOW, sizeof *rows, err);
    if (!rows)
        return PIXCL_ERROR_MEMORY;
    double weights[WINDOW], sum = 0;
    gaussian(weights);
    for (int c = 0; c < a->channels; c++) {
        for (int y = 0; y < a->height; y++) {
            size_t at = (size_t)y * a->width * a->channels + c;
            filter_row(a->pixels + at, b->pixels + at, a->channels, a->width, weights,
                       rows + (size_t)(y % WINDOW) * places_x);
            if (y < WINDOW - 1)
                continue;
            for (int x = 0; x < places_x; x++) {
                moments m = {0};
                for (int i = 0; i < WINDOW; i++) {
                    const moments *row = &rows[(size_t)((y + 1 + i) % WINDOW) * places_x + x];
                    m.a += weights[i] * row->a;
                    m.b += weights[i] * row->b;
                    m.aa += weights[i] * row->aa;
                    m.bb += weights[i] * row->bb;
                    m.ab += weights[i] * row->ab;
                }
                sum += similarity(&m);
            }
        }
    }
    *result = sum / ((double)places_x * places_y * a->channels);
    px_free(rows);
    return PIXCL_OK;
}

pixcl_status pixcl_compare(const pixcl_image *a, const pixcl_image *b, pixcl_metrics *metrics, pixcl_error *err)
{
    if (px_image_check(a, err) != PIXCL_OK || px_image_check(b, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (a->width != b->width || a->height != b->height || a->channels != b->channels)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "Two pictures of %dx%d with %d channels and %dx%d with %d cannot be compared: they must be alike.",
            a->width, a->height, a->channels, b->width, b->height, b->channels);
    size_t count = (size_t)a->width * a->height * a->channels;
    double absolute = 0, squared = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)a->pixels[i] - b->pixels[i];
        absolute += fabs(difference);
        squared += difference * difference;
    }
    metrics->l1 = absolute / (double)count / 255;
    metrics->psnr = squared > 0 ? 10 * log10(255.0 * 255.0 * (double)count / squared) : INFINITY;
    return ssim(a, b, &metrics->ssim, err);
}

void px_metrics_add(px_metrics_sum *sum, const pixcl_metrics *metrics)
{
    sum->count++;
    sum->sum.l1 += metrics->l1;
    sum->sum.psnr += metrics->psnr;
    if (isnan(metrics->ssim))
        return;
    sum->sum.ssim += metrics->ssim;
    sum->with_ssim++;
}

pixcl_metrics px_metrics_mean(const px_metrics_sum *sum)
{
    return (pixcl_metrics){.l1 = sum->count ? sum->sum.l1 / (double)sum->count : NAN,
                           .psnr = sum->count ? sum->sum.psnr / (double)sum->count : NAN,
                           .ssim = sum->with_ssim ? sum->sum.ssim / (double)sum->with_ssim : NAN};
}

const px_figure_info *px_figure_at(px_figure figure)
{
    static const px_figure_info INFO[PX_FIGURES] = {
        {"l1", "L1", "", false}, {"psnr", "PSNR", " dB", true}, {"ssim", "SSIM", "", true}, {"swd", "SWD", "", false}};
    return &INFO[figure];
}

px_figure px_figure_find(const char *name)
{
    for (px_figure figure = PX_FIGURE_L1; figure < PX_FIGURES; figure++)
        if (strcmp(px_figure_at(figure)->name, name) == 0)
            return figure;
    return PX_FIGURE_L1;
}
