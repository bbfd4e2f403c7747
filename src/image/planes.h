/* Between pictures (bytes, channel last) and what networks see (floats in [-1, 1], one plane per channel). */
#ifndef PX_IMAGE_PLANES_H
#define PX_IMAGE_PLANES_H

#include <stdbool.h>

#include "pixcl/image.h"

/* planes[channels][height][width] = (v/255 - 0.5)/0.5 in float, the very bits of torchvision's ToTensor +
 * Normalize(0.5, 0.5). */
void px_image_to_planes(const pixcl_image *image, float *planes);

/* The picture of planes[channels][height][width]: (v + 1)/2*255, clamped to 0..255 and rounded to the nearest, or with
 * `truncate` cut off as the PyTorch reference does. NaN becomes 0. `channels` is 1 or 3. NULL on failure. */
pixcl_image *px_image_from_planes(const float *planes, int channels, int height, int width, bool truncate,
                                  pixcl_error *err);

#endif
