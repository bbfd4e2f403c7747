#include "image/geometry.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"

pixcl_image *px_image_crop(const pixcl_image *image, int x, int y, int width, int height, pixcl_error *err)
{
    if (x < 0 || y < 0 || width < 1 || height < 1 || width > image->width - x || height > image->height - y) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "cannot cut %d x %d pixels at (%d, %d) out of an image of %d x %d", width,
                height, x, y, image->width, image->height);
        return NULL;
    }
    pixcl_image *result = pixcl_image_create(width, height, image->channels, err);
    if (!result)
        return NULL;
    size_t from = (size_t)image->width * image->channels, to = (size_t)width * image->channels;
    for (int row = 0; row < height; row++)
        memcpy(result->pixels + row * to, image->pixels + (size_t)(y + row) * from + (size_t)x * image->channels, to);
    return result;
}

void px_image_flip(pixcl_image *image)
{
    int channels = image->channels;
    for (int y = 0; y < image->height; y++) {
        uint8_t *left = image->pixels + (size_t)y * image->width * channels;
        uint8_t *right = left + (size_t)(image->width - 1) * channels;
        for (; left < right; left += channels, right -= channels) {
            for (int c = 0; c < channels; c++) {
                uint8_t keep = left[c];
                left[c] = right[c];
                right[c] = keep;
            }
        }
    }
}

/* EXIF 2.3, tag 0x0112: where row 0 and column 0 of the stored picture belong. 5 to 8 swap rows and columns. */
pixcl_image *px_image_orient(const pixcl_image *image, int orientation, pixcl_error *err)
{
    bool swap = orientation >= 5 && orientation <= 8;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int width = swap ? image->height : image->width, height = swap ? image->width : image->height;
    pixcl_image *result = pixcl_image_create(width, height, image->channels, err);
    if (!result)
        return NULL;
    uint8_t *out = result->pixels;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++, out += image->channels) {
            int column = swap ? y : x, row = swap ? x : y;
            if (from_right)
                column = image->width - 1 - column;
            if (from_bottom)
                row = image->height - 1 - row;
            memcpy(out, image->pixels + ((size_t)row * image->width + column) * image->channels,
                   (size_t)image->channels);
        }
    }
    return result;
}
