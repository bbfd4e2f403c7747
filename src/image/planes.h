/* Pictures (bytes, channel last), and what networks see of them (floats in [-1, 1], one plane per channel). */
#ifndef PX_IMAGE_PLANES_H
#define PX_IMAGE_PLANES_H

#include <stdbool.h>

#include "pixcl/image.h"

/* PIXCL_ERROR_ARGUMENT unless it is a picture as pixcl/image.h says: a program may have put it together itself. */
pixcl_status px_image_check(const pixcl_image *image, pixcl_error *err);

/* What a network sees of a byte, and the byte of what it makes: see below. */
static inline float px_value_of_byte(int v)
{
    return ((float)v / 255.0f - 0.5f) / 0.5f;
}

static inline uint8_t px_byte_of_value(float value, bool truncate)
{
    const float v = (value + 1.0f) / 2.0f * 255.0f + (truncate ? 0.0f : 0.5f);
    return (uint8_t)(!(v > 0.0f) ? 0 : v >= 255.0f ? 255 : (int)v); /* NaN fails the first comparison */
}

/* planes[channels][height][width] = (v/255 - 0.5)/0.5 in float, the very bits of torchvision's ToTensor +
 * Normalize(0.5, 0.5). */
void px_image_to_planes(const pixcl_image *image, float *planes);

/* The picture of planes[channels][height][width]: (v + 1)/2*255, clamped to 0..255 and rounded to the nearest, or with
 * `truncate` cut off as the PyTorch reference does. NaN becomes 0. `channels` is 1 or 3. NULL on failure. */
pixcl_image *px_image_from_planes(const float *planes, int channels, int height, int width, bool truncate,
                                  pixcl_error *err);

#endif
