/* Pictures as bytes: JPEG and PNG, both ways. Each format is one file; decode.c and encode.c choose. */
#ifndef PX_IMAGE_CODEC_H
#define PX_IMAGE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "pixcl/image.h"

typedef enum px_image_format { PX_IMAGE_PNG = 0, PX_IMAGE_JPEG } px_image_format;

/* Decodes a whole file in memory. `name` (a path) is used in messages only. */
pixcl_image *px_image_decode(const uint8_t *bytes, size_t size, const char *name, pixcl_error *err);
pixcl_image *px_jpeg_decode(const uint8_t *bytes, size_t size, const char *name, pixcl_error *err);
pixcl_image *px_png_decode(const uint8_t *bytes, size_t size, const char *name, pixcl_error *err);

/* Orientation 1..8 from the body of a JPEG's APP1 marker ("Exif\0\0" and a TIFF header); 1 when it says none. */
int px_exif_orientation(const uint8_t *bytes, size_t size);

/* Bytes that grow; zero-initialise, then px_free(bytes.data). */
typedef struct px_bytes {
    uint8_t *data;
    size_t size, capacity;
} px_bytes;

/* Appends the encoded picture to `out`. `name` is used in messages only; JPEG quality 1..100, 0 for 95. */
pixcl_status px_image_encode(const pixcl_image *image, px_image_format format, int quality, const char *name,
                             px_bytes *out, pixcl_error *err);
pixcl_status px_jpeg_encode(const pixcl_image *image, int quality, const char *name, px_bytes *out, pixcl_error *err);
pixcl_status px_png_encode(const pixcl_image *image, const char *name, px_bytes *out, pixcl_error *err);

/* "data:image/png;base64,..." for a page that needs no other file (px_free); NULL on failure. */
char *px_image_data_uri(const pixcl_image *image, px_image_format format, int quality, pixcl_error *err);

#endif
