/* From an image to a file or a data URI. */
#include "image/codec.h"

#include <strings.h>

#include "base/file.h"
#include "base/memory.h"
#include "image/planes.h"

pixcl_status px_image_encode(const pixcl_image *image, px_image_format format, int quality, const char *name,
                             px_bytes *out, pixcl_error *err)
{
    if (format == PX_IMAGE_PNG)
        return px_png_encode(image, name, out, err);
    if (quality < 0 || quality > 100)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "JPEG quality %d is not in 1..100 (0 stands for 95)", quality);
    return px_jpeg_encode(image, quality ? quality : 95, name, out, err);
}

pixcl_status pixcl_image_save(const pixcl_image *image, const char *path, int quality, pixcl_error *err)
{
    const char *extension = px_path_extension(path);
    px_image_format format;
    if (strcasecmp(extension, ".png") == 0)
        format = PX_IMAGE_PNG;
    else if (strcasecmp(extension, ".jpg") == 0 || strcasecmp(extension, ".jpeg") == 0)
        format = PX_IMAGE_JPEG;
    else
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "cannot tell the picture format of '%s': the name must end in .png, .jpg or .jpeg", path);
    px_bytes bytes = {0};
    pixcl_status status = px_image_check(image, err);
    if (status == PIXCL_OK)
        status = px_image_encode(image, format, quality, path, &bytes, err);
    if (status == PIXCL_OK)
        status = px_file_write(path, bytes.data, bytes.size, err);
    px_free(bytes.data);
    return status;
}

static void add_base64(px_text *text, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char piece[4096];
    size_t used = 0;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group =
            (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        piece[used++] = digits[group >> 18];
        piece[used++] = digits[group >> 12 & 63];
        piece[used++] = '=';
        piece[used++] = '=';
        if (left > 1)
            piece[used - 2] = digits[group >> 6 & 63];
        if (left > 2)
            piece[used - 1] = digits[group & 63];
        if (used == sizeof(piece)) {
            px_text_add_bytes(text, piece, used);
            used = 0;
        }
    }
    px_text_add_bytes(text, piece, used);
}

char *px_image_data_uri(const pixcl_image *image, px_image_format format, int quality, pixcl_error *err)
{
    px_bytes bytes = {0};
    px_text text = {0};
    char *uri = NULL;
    if (px_image_encode(image, format, quality, "a picture for a page", &bytes, err) == PIXCL_OK) {
        px_text_add(&text, "data:image/%s;base64,", format == PX_IMAGE_PNG ? "png" : "jpeg");
        add_base64(&text, bytes.data, bytes.size);
        uri = px_text_take(&text, err);
    }
    px_text_free(&text);
    px_free(bytes.data);
    return uri;
}
