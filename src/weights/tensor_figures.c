/* One pass in pieces. Mean and variance by Welford's recurrence, which does not lose small spreads around large
 * means. */
#include "weights/tensor_figures.h"

#include <math.h>
#include <string.h>

enum { PIECE = 1024 };

static double integer(px_dtype dtype, const uint8_t *from)
{
    int64_t wide;
    int32_t narrow;
    if (dtype == PX_DTYPE_I64) {
        memcpy(&wide, from, sizeof wide);
        return (double)wide;
    }
    if (dtype == PX_DTYPE_I32) {
        memcpy(&narrow, from, sizeof narrow);
        return narrow;
    }
    return *from; /* one byte: a small number or a truth value */
}

/* `count` elements from `from` as doubles. */
static void widen(px_dtype dtype, const uint8_t *from, size_t count, double *to)
{
    float floats[PIECE];
    if (dtype == PX_DTYPE_F64) {
        memcpy(to, from, count * sizeof *to);
    } else if (px_dtype_to_f32(dtype, from, count, floats)) {
        for (size_t i = 0; i < count; i++)
            to[i] = floats[i];
    } else {
        for (size_t i = 0; i < count; i++)
            to[i] = integer(dtype, from + i * px_dtype_size(dtype));
    }
}

px_figures px_tensor_figures(const px_tensor *tensor)
{
    px_figures f = {.mean = NAN, .std = NAN, .lowest = NAN, .highest = NAN};
    const size_t size = px_dtype_size(tensor->dtype);
    double values[PIECE], mean = 0, squares = 0;
    size_t finite = 0;
    for (size_t at = 0; at < tensor->count; at += PIECE) {
        size_t count = tensor->count - at < PIECE ? tensor->count - at : PIECE;
        widen(tensor->dtype, (const uint8_t *)tensor->data + at * size, count, values);
        for (size_t i = 0; i < count; i++) {
            if (!isfinite(values[i])) {
                f.not_finite++;
                continue;
            }
            double off = values[i] - mean;
            mean += off / (double)++finite;
            squares += off * (values[i] - mean);
            f.lowest = fmin(f.lowest, values[i]); /* fmin of NaN and a number is the number */
            f.highest = fmax(f.highest, values[i]);
        }
    }
    if (finite > 0) {
        f.mean = mean;
        f.std = sqrt(squares / (double)finite);
    }
    return f;
}
