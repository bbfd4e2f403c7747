/* The picture itself, its life, and its channels. */
#include "pixcl/image.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/planes.h"

pixcl_status px_image_check(const pixcl_image *image, pixcl_error *err)
{
    if (!image || !image->pixels)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no picture: %s",
                       image ? "its pixels are NULL" : "it is NULL");
    if (image->channels != 1 && image->channels != 3)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "an image has 1 (grey) or 3 (RGB) channels, not %d", image->channels);
    if (image->width < 1 || image->height < 1 || image->width > PIXCL_IMAGE_MAX_SIDE ||
        image->height > PIXCL_IMAGE_MAX_SIDE || (int64_t)image->width * image->height > PIXCL_IMAGE_MAX_PIXELS)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "an image of %d x %d pixels cannot be made: sides must be 1 to %d, and all pixels together at most %d",
            image->width, image->height, PIXCL_IMAGE_MAX_SIDE, PIXCL_IMAGE_MAX_PIXELS);
    return PIXCL_OK;
}

pixcl_image *pixcl_image_create(int width, int height, int channels, pixcl_error *err)
{
    uint8_t none;
    const pixcl_image wanted = {.width = width, .height = height, .channels = channels, .pixels = &none};
    if (px_image_check(&wanted, err) != PIXCL_OK)
        return NULL;
    pixcl_image *image = px_calloc(1, sizeof(*image), err);
    if (!image)
        return NULL;
    *image = (pixcl_image){.width = width, .height = height, .channels = channels};
    image->pixels = px_calloc((size_t)width * height, (size_t)channels, err);
    if (!image->pixels)
        pixcl_image_destroy(&image);
    return image;
}

void pixcl_image_destroy(pixcl_image **image)
{
    if (!image || !*image)
        return;
    px_free((*image)->pixels);
    px_free(*image);
    *image = NULL;
}

/* Luma in 16.16 fixed point; the three weights add up to 65536. */
static void grey_from_rgb(const uint8_t *rgb, uint8_t *grey, size_t count)
{
    for (size_t i = 0; i < count; i++)
        grey[i] = (uint8_t)((rgb[3 * i] * 19595u + rgb[3 * i + 1] * 38470u + rgb[3 * i + 2] * 7471u + 0x8000u) >> 16);
}

pixcl_image *pixcl_image_convert(const pixcl_image *image, int channels, pixcl_error *err)
{
    if (px_image_check(image, err) != PIXCL_OK)
        return NULL;
    pixcl_image *result = pixcl_image_create(image->width, image->height, channels, err);
    if (!result)
        return NULL;
    size_t count = (size_t)image->width * image->height;
    if (image->channels == channels)
        memcpy(result->pixels, image->pixels, count * channels);
    else if (channels == 1)
        grey_from_rgb(image->pixels, result->pixels, count);
    else
        for (size_t i = 0; i < count; i++)
            memset(result->pixels + 3 * i, image->pixels[i], 3);
    return result;
}
