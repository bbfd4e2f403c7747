/* From a file of any kind to an image: looks at the first bytes and hands over. */
#include "image/codec.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* What else people have in their folders, so that the message can say what it is. */
static const struct {
    size_t offset;
    const char *magic;
    const char *name;
} others[] = {
    {0, "GIF8", "a GIF picture"},       {0, "BM", "a BMP picture"},    {0, "II*", "a TIFF picture"},
    {0, "MM", "a TIFF picture"},        {8, "WEBP", "a WebP picture"}, {4, "ftypheic", "a HEIC picture"},
    {4, "ftypavif", "an AVIF picture"}, {0, "<svg", "an SVG drawing"}, {0, "%PDF", "a PDF document"},
};

/* What memory there was not enough for. */
static pixcl_image *named(pixcl_image *image, const char *name, pixcl_error *err)
{
    if (!image && err && err->status == PIXCL_ERROR_MEMORY)
        px_fail_context(err, "'%s' cannot be decoded", name);
    return image;
}

pixcl_image *px_image_decode(const uint8_t *bytes, size_t size, const char *name, pixcl_error *err)
{
    if (size == 0) {
        px_fail(err, PIXCL_ERROR_FORMAT, "'%s' is empty (0 bytes): replace or remove it", name);
        return NULL;
    }
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return named(px_jpeg_decode(bytes, size, name, err), name, err);
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return named(px_png_decode(bytes, size, name, err), name, err);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        size_t length = strlen(others[i].magic);
        if (size >= others[i].offset + length && memcmp(bytes + others[i].offset, others[i].magic, length) == 0) {
            px_fail(err, PIXCL_ERROR_FORMAT, "'%s' is %s; pixcl reads JPEG and PNG: convert it", name, others[i].name);
            return NULL;
        }
    }
    px_fail(err, PIXCL_ERROR_FORMAT,
            "'%s' is neither a JPEG nor a PNG file (its first bytes are of neither): replace or remove it", name);
    return NULL;
}

pixcl_image *pixcl_image_load(const char *path, pixcl_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (px_file_read(path, &bytes, &size, err) != PIXCL_OK)
        return NULL;
    pixcl_image *image = px_image_decode(bytes, size, path, err);
    px_free(bytes);
    return image;
}
