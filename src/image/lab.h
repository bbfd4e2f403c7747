/* CIE L*a*b* (D65, 2 degrees), the numbers of scikit-image's rgb2lab and lab2rgb, scaled to what a colorization network
 * sees and makes. */
#ifndef PX_IMAGE_LAB_H
#define PX_IMAGE_LAB_H

#include <stdbool.h>

#include "pixcl/image.h"

/* Of an RGB image, lightness[height][width] = L/50 - 1 and colour[2][height][width] = a/110 and b/110: all in [-1, 1]
 * (sRGB has L in 0..100, a in -86..98, green to red, and b in -108..94, blue to yellow). */
void px_image_to_lab(const pixcl_image *image, float *lightness, float *colour);

/* The RGB picture of such planes. Colours that sRGB does not have are clipped channel by channel; channels are rounded
 * to the nearest, or with `truncate` cut off as the PyTorch reference does. A NaN makes a black pixel. Rounded, what
 * px_image_to_lab made comes back bit for bit. NULL on failure. */
pixcl_image *px_image_from_lab(const float *lightness, const float *colour, int height, int width, bool truncate,
                               pixcl_error *err);

#endif
