/* Moving pixels without changing them. */
#ifndef PX_IMAGE_GEOMETRY_H
#define PX_IMAGE_GEOMETRY_H

#include "pixcl/image.h"

/* The rectangle of width x height whose top left corner is (x, y); it must lie inside the image. NULL on failure. */
pixcl_image *px_image_crop(const pixcl_image *image, int x, int y, int width, int height, pixcl_error *err);

/* Mirrors left and right, in place. */
void px_image_flip(pixcl_image *image);

/* The upright copy of a picture stored with EXIF orientation 1..8. NULL on failure. */
pixcl_image *px_image_orient(const pixcl_image *image, int orientation, pixcl_error *err);

#endif
