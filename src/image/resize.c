/* Bicubic resampling, the arithmetic of Pillow's Image.resize(size, BICUBIC) for 8-bit images.
 *
 * The networks of the reference were trained on pictures that Pillow resized, so the same bits matter more here than
 * another kernel's quality. Each output sample is a weighted sum of input samples under Keys' cubic (a = -0.5; R. Keys,
 * "Cubic convolution interpolation for digital image processing", 1981), stretched by the scale when shrinking. Weights
 * are made in double, normalised to a sum of 1, and rounded to fixed point with 22 fractional bits. */
#include "pixcl/image.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/planes.h"

#define SUPPORT        2.0
#define PRECISION_BITS (32 - 8 - 2) /* 8 for the sample, 2 for the overshoot of the negative lobes */

/* The weights of one axis: output i reads inputs first[i] .. first[i] + count[i] - 1. */
typedef struct axis {
    int32_t *weight; /* [outputs][taps] */
    int *first, *count;
    int taps;
} axis;

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    if (x < 2.0)
        return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
    return 0.0;
}

static void axis_free(axis *a)
{
    px_free(a->weight);
    px_free(a->first);
    px_free(a->count);
}

static pixcl_status axis_create(axis *a, int inputs, int outputs, pixcl_error *err)
{
    double scale = (double)inputs / outputs;
    double stretch = scale < 1.0 ? 1.0 : scale;
    double support = SUPPORT * stretch;
    double *exact = NULL;
    pixcl_status status = PIXCL_ERROR_MEMORY;

    a->taps = (int)ceil(support) * 2 + 1;
    exact = px_calloc((size_t)a->taps, sizeof(*exact), err);
    a->weight = px_calloc((size_t)outputs * a->taps, sizeof(*a->weight), err);
    a->first = px_calloc((size_t)outputs, sizeof(*a->first), err);
    a->count = px_calloc((size_t)outputs, sizeof(*a->count), err);
    if (!exact || !a->weight || !a->first || !a->count)
        goto cleanup;

    for (int i = 0; i < outputs; i++) {
        double centre = (i + 0.5) * scale, sum = 0.0;
        int first = (int)(centre - support + 0.5), last = (int)(centre + support + 0.5);
        if (first < 0)
            first = 0;
        if (last > inputs)
            last = inputs;
        int32_t *weight = a->weight + (size_t)i * a->taps;
        for (int k = 0; k < last - first; k++) {
            /* A multiplication by the reciprocal, as in Pillow: a division would differ in the last bit. */
            exact[k] = cubic((k + first - centre + 0.5) * (1.0 / stretch));
            sum += exact[k];
        }
        for (int k = 0; k < last - first; k++) {
            double w = (sum != 0.0 ? exact[k] / sum : exact[k]) * (1 << PRECISION_BITS);
            weight[k] = (int32_t)(w < 0.0 ? w - 0.5 : w + 0.5);
        }
        a->first[i] = first;
        a->count[i] = last - first;
    }
    status = PIXCL_OK;

cleanup:
    px_free(exact);
    return status;
}

static inline uint8_t to_byte(int32_t sum)
{
    int32_t value = sum >> PRECISION_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void horizontal(const pixcl_image *from, pixcl_image *to, const axis *a)
{
    int channels = from->channels;
    for (int y = 0; y < to->height; y++) {
        const uint8_t *row = from->pixels + (size_t)y * from->width * channels;
        uint8_t *out = to->pixels + (size_t)y * to->width * channels;
        for (int x = 0; x < to->width; x++, out += channels) {
            const int32_t *weight = a->weight + (size_t)x * a->taps;
            const uint8_t *in = row + (size_t)a->first[x] * channels;
            int32_t sum[3] = {1 << (PRECISION_BITS - 1), 1 << (PRECISION_BITS - 1), 1 << (PRECISION_BITS - 1)};
            if (channels == 3) {
                for (int k = 0; k < a->count[x]; k++, in += 3) {
                    sum[0] += in[0] * weight[k];
                    sum[1] += in[1] * weight[k];
                    sum[2] += in[2] * weight[k];
                }
                out[1] = to_byte(sum[1]);
                out[2] = to_byte(sum[2]);
            } else {
                for (int k = 0; k < a->count[x]; k++)
                    sum[0] += in[k] * weight[k];
            }
            out[0] = to_byte(sum[0]);
        }
    }
}

/* Row by row, so that the inner loop runs along memory and the compiler can use vectors; `sums` holds one row. */
static void vertical(const pixcl_image *from, pixcl_image *to, const axis *a, int32_t *sums)
{
    size_t row = (size_t)from->width * from->channels;
    for (int y = 0; y < to->height; y++) {
        for (size_t i = 0; i < row; i++)
            sums[i] = 1 << (PRECISION_BITS - 1);
        for (int k = 0; k < a->count[y]; k++) {
            const uint8_t *in = from->pixels + (size_t)(a->first[y] + k) * row;
            int32_t weight = a->weight[(size_t)y * a->taps + k];
            for (size_t i = 0; i < row; i++)
                sums[i] += in[i] * weight;
        }
        uint8_t *out = to->pixels + (size_t)y * row;
        for (size_t i = 0; i < row; i++)
            out[i] = to_byte(sums[i]);
    }
}

pixcl_image *pixcl_image_resize(const pixcl_image *image, int width, int height, pixcl_error *err)
{
    axis across = {0}, down = {0};
    int32_t *sums = NULL;
    pixcl_image *wide = NULL; /* after the horizontal pass; NULL where the width stays */
    pixcl_image *result =
        px_image_check(image, err) == PIXCL_OK ? pixcl_image_create(width, height, image->channels, err) : NULL;
    bool done = false;
    if (!result)
        goto cleanup;
    if (width == image->width && height == image->height) {
        memcpy(result->pixels, image->pixels, (size_t)width * height * image->channels);
        done = true;
        goto cleanup;
    }
    if (width != image->width) {
        if (axis_create(&across, image->width, width, err) != PIXCL_OK)
            goto cleanup;
        if (height == image->height) {
            horizontal(image, result, &across);
            done = true;
            goto cleanup;
        }
        wide = pixcl_image_create(width, image->height, image->channels, err);
        if (!wide)
            goto cleanup;
        horizontal(image, wide, &across);
    }
    sums = px_calloc((size_t)width * image->channels, sizeof(*sums), err);
    if (!sums || axis_create(&down, image->height, height, err) != PIXCL_OK)
        goto cleanup;
    vertical(wide ? wide : image, result, &down, sums);
    done = true;

cleanup:
    axis_free(&across);
    axis_free(&down);
    px_free(sums);
    pixcl_image_destroy(&wide);
    if (!done)
        pixcl_image_destroy(&result);
    return result;
}
