/* Pictures in memory and in files: 8 bits a channel, grey or RGB.
 *
 * A pixcl_image owns its pixels. Two threads may read the same image; changing one needs the caller's own lock. Every
 * function here is otherwise thread-safe and keeps no state between calls. */
#ifndef PIXCL_IMAGE_H
#define PIXCL_IMAGE_H

#include <stdint.h>

#include "pixcl/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Largest side and largest number of pixels of an image; above these, PIXCL_ERROR_FORMAT or PIXCL_ERROR_ARGUMENT. */
#define PIXCL_IMAGE_MAX_SIDE   65535
#define PIXCL_IMAGE_MAX_PIXELS (1 << 28)

typedef struct pixcl_image {
    int width, height; /* pixels, at least 1 */
    int channels;      /* 1: grey, 3: red, green, blue */
    uint8_t *pixels;   /* [height][width][channels], the top row first, rows without padding; owned by the image */
} pixcl_image;

/* A black image; NULL on failure. */
PIXCL_API pixcl_image *pixcl_image_create(int width, int height, int channels, pixcl_error *err);

/* Frees the image and clears the pointer. *image may be NULL. */
PIXCL_API void pixcl_image_destroy(pixcl_image **image);

/* Reads a JPEG or PNG file; which one is told by its first bytes, not by its name. NULL on failure.
 *
 * Grey files give 1 channel, all others 3. As in Pillow's convert("RGB"): transparency is dropped, 16 bits keep the
 * high byte, palettes are looked up, gamma and colour profiles are not applied, Adobe CMYK is converted. Unlike
 * Pillow's open(), a JPEG is turned upright as its EXIF orientation says. A damaged or cut-off file is an error, never
 * half a picture. */
PIXCL_API pixcl_image *pixcl_image_load(const char *path, pixcl_error *err);

/* Writes a .png, .jpg or .jpeg file, by the name's extension. The file appears whole or not at all; its folder must
 * exist. `quality` is the JPEG quality 1..100 (0: 95, with full colour resolution); PNG has no loss and ignores it. */
PIXCL_API pixcl_status pixcl_image_save(const pixcl_image *image, const char *path, int quality, pixcl_error *err);

/* The image at another size by bicubic interpolation (a = -0.5), bit for bit as Pillow's Image.resize(size, BICUBIC):
 * the kernel widens when shrinking, and values are rounded to 8 bits between the horizontal and the vertical pass. NULL
 * on failure. */
PIXCL_API pixcl_image *pixcl_image_resize(const pixcl_image *image, int width, int height, pixcl_error *err);

/* A copy with 1 channel (luma as in ITU-R BT.601, Pillow's convert("L")) or 3 (grey repeated). NULL on failure. */
PIXCL_API pixcl_image *pixcl_image_convert(const pixcl_image *image, int channels, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
