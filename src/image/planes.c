#include "image/planes.h"

#include "base/memory.h"

void px_image_to_planes(const pixcl_image *image, float *planes)
{
    float value[256];
    for (int v = 0; v < 256; v++)
        value[v] = px_value_of_byte(v);
    size_t count = (size_t)image->width * image->height;
    if (image->channels == 1) {
        for (size_t i = 0; i < count; i++)
            planes[i] = value[image->pixels[i]];
        return;
    }
    for (size_t i = 0; i < count; i++) {
        planes[i] = value[image->pixels[3 * i]];
        planes[count + i] = value[image->pixels[3 * i + 1]];
        planes[2 * count + i] = value[image->pixels[3 * i + 2]];
    }
}

pixcl_image *px_image_from_planes(const float *planes, int channels, int height, int width, bool truncate,
                                  pixcl_error *err)
{
    pixcl_image *image = pixcl_image_create(width, height, channels, err);
    if (!image)
        return NULL;
    size_t count = (size_t)width * height;
    for (int c = 0; c < channels; c++) {
        for (size_t i = 0; i < count; i++)
            image->pixels[i * channels + c] = px_byte_of_value(planes[c * count + i], truncate);
    }
    return image;
}
