/* Batches of pictures in the caller's memory (pixcl/tensor.h): rows out of them and planes into them. */
#ifndef PX_IMAGE_TENSOR_H
#define PX_IMAGE_TENSOR_H

#include <stdbool.h>

#include "pixcl/image.h"
#include "pixcl/tensor.h"

/* PIXCL_ERROR_ARGUMENT, with `name`, unless it is a tensor of so many channels whose sides are a picture's. */
pixcl_status px_tensor_check(const pixcl_tensor *tensor, const char *name, int channels, pixcl_error *err);

/* An image as a batch of one. Its pixels are not changed through a tensor that is only read. */
pixcl_tensor px_tensor_of_image(const pixcl_image *image);

/* Element x of row y of channel c of picture n as what a network sees, at to[x * step]. */
void px_tensor_row(const pixcl_tensor *tensor, int n, int c, int y, float *to, size_t step);

/* The top left part of planes[channels][height][width] into picture n; `truncate` as in px_image_from_planes(). */
void px_tensor_put(const pixcl_tensor *tensor, int n, const float *planes, int height, int width, bool truncate);

#endif
