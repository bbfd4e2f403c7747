/* From a decoded picture to the size a network takes, in the order of the PyTorch reference: grey, resize, crop, flip.
 */
#ifndef PX_DATA_TRANSFORM_H
#define PX_DATA_TRANSFORM_H

#include "base/rng.h"
#include "data/options.h"
#include "pixcl/image.h"

/* What will be done to a picture, or to both of a pair. */
typedef struct px_transform {
    int width, height; /* before the crop */
    bool resize;       /* to that size; else the picture keeps its own */
    int crop;          /* side of the square that is cut out; 0: none */
    int x, y;          /* its top left corner */
    bool flip;         /* mirrored left and right */
} px_transform;

/* Decides for a picture of width x height, drawing the place of the crop and the flip from `rng` (always three
 * numbers). `name` is the file, for messages. PIXCL_ERROR_FORMAT when the picture is too small or too large for the
 * options. */
pixcl_status px_transform_draw(const px_data_options *options, int width, int height, px_rng *rng, const char *name,
                               px_transform *transform, pixcl_error *err);

/* Does it. The result has `channels` 1 or 3; NULL on failure. */
pixcl_image *px_transform_apply(const px_transform *transform, const pixcl_image *image, int channels,
                                pixcl_error *err);

#endif
