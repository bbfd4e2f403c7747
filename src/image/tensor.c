#include "image/tensor.h"

#include "base/error.h"
#include "image/planes.h"

pixcl_status px_tensor_check(const pixcl_tensor *tensor, const char *name, int channels, pixcl_error *err)
{
    if (!tensor || !tensor->data)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%s is missing: a tensor of %d channels is needed", name, channels);
    if (tensor->dtype != PIXCL_UINT8 && tensor->dtype != PIXCL_FLOAT32)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%s has dtype %d, which is neither PIXCL_UINT8 nor PIXCL_FLOAT32",
                       name, (int)tensor->dtype);
    if (tensor->channels != channels)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "%s has %d channels, and the network has %d there", name,
                       tensor->channels, channels);
    if (tensor->n < 1 || tensor->height < 1 || tensor->width < 1 || tensor->height > PIXCL_IMAGE_MAX_SIDE ||
        tensor->width > PIXCL_IMAGE_MAX_SIDE || (int64_t)tensor->height * tensor->width > PIXCL_IMAGE_MAX_PIXELS)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "%s has %d pictures of %d x %d pixels: there must be one at least, with sides of 1 to %d and no "
                       "more than %d pixels",
                       name, tensor->n, tensor->width, tensor->height, PIXCL_IMAGE_MAX_SIDE, PIXCL_IMAGE_MAX_PIXELS);
    if (tensor->dtype == PIXCL_FLOAT32) {
        bool aligned = (uintptr_t)tensor->data % sizeof(float) == 0;
        for (int i = 0; i < 4; i++)
            aligned = aligned && tensor->strides[i] % (ptrdiff_t)sizeof(float) == 0;
        if (!aligned)
            return px_fail(err, PIXCL_ERROR_ARGUMENT, "%s has floats at addresses that are not multiples of 4", name);
    }
    return PIXCL_OK;
}

pixcl_tensor px_tensor_of_image(const pixcl_image *image)
{
    return pixcl_tensor_nhwc(image->pixels, PIXCL_UINT8, 1, image->height, image->width, image->channels);
}

static char *row_of(const pixcl_tensor *tensor, int n, int c, int y)
{
    return (char *)tensor->data + n * tensor->strides[0] + c * tensor->strides[1] + y * tensor->strides[2];
}

void px_tensor_row(const pixcl_tensor *tensor, int n, int c, int y, float *to, size_t step)
{
    const char *from = row_of(tensor, n, c, y);
    const ptrdiff_t stride = tensor->strides[3];
    if (tensor->dtype == PIXCL_FLOAT32) {
        for (int x = 0; x < tensor->width; x++, from += stride, to += step)
            *to = *(const float *)(const void *)from;
        return;
    }
    for (int x = 0; x < tensor->width; x++, from += stride, to += step)
        *to = px_value_of_byte(*(const unsigned char *)from);
}

void px_tensor_put(const pixcl_tensor *tensor, int n, const float *planes, int height, int width, bool truncate)
{
    for (int c = 0; c < tensor->channels; c++)
        for (int y = 0; y < tensor->height; y++) {
            const float *from = planes + ((size_t)c * (size_t)height + (size_t)y) * (size_t)width;
            char *to = row_of(tensor, n, c, y);
            for (int x = 0; x < tensor->width; x++, to += tensor->strides[3])
                if (tensor->dtype == PIXCL_FLOAT32)
                    *(float *)(void *)to = from[x];
                else
                    *(unsigned char *)to = px_byte_of_value(from[x], truncate);
        }
}
