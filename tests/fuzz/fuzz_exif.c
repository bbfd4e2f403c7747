/* Any bytes as the EXIF block of a JPEG, by themselves and inside a picture, which must come out turned accordingly. */
#include "fuzz.h"

#include <string.h>

#include "base/memory.h"
#include "image/codec.h"
#include "image/geometry.h"

static px_bytes plain;           /* a JPEG of 3 x 2 pixels without EXIF */
static pixcl_image *pictures[9]; /* its pixels as each orientation has them */

static void make_pictures(void)
{
    pixcl_image *image = pixcl_image_create(3, 2, 1, NULL);
    MUST_HOLD(image);
    for (int i = 0; i < 6; i++)
        image->pixels[i] = (uint8_t)(40 * i);
    MUST_HOLD(px_jpeg_encode(image, 100, "plain", &plain, NULL) == PIXCL_OK);
    pixcl_image_destroy(&image);
    image = px_jpeg_decode(plain.data, plain.size, "plain", NULL);
    for (int orientation = 1; orientation <= 8; orientation++)
        pictures[orientation] = px_image_orient(image, orientation, NULL);
    pixcl_image_destroy(&image);
}

/* The plain JPEG with `body` in an APP1 segment behind its first marker (px_free). */
static uint8_t *insert(const uint8_t *body, size_t size, size_t *length)
{
    const uint8_t head[] = {0xff, 0xe1, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2)};
    *length = plain.size + sizeof head + size;
    uint8_t *bytes = px_calloc(*length, 1, NULL);
    MUST_HOLD(bytes);
    memcpy(bytes, plain.data, 2);
    memcpy(bytes + 2, head, sizeof head);
    if (size)
        memcpy(bytes + 2 + sizeof head, body, size);
    memcpy(bytes + 2 + sizeof head + size, plain.data + 2, plain.size - 2);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LARGEST = 0xffff - 2 };
    const int orientation = px_exif_orientation(data, size);

    MUST_HOLD(orientation >= 1 && orientation <= 8);
    if (size > LARGEST)
        return 0;
    if (!plain.data)
        make_pictures();
    size_t length;
    uint8_t *bytes = insert(data, size, &length);
    pixcl_image *image = px_jpeg_decode(bytes, length, "input", NULL), *expected = pictures[orientation];
    MUST_HOLD(image); /* whatever EXIF says, the pixels are there */
    MUST_HOLD(image->width == expected->width && image->height == expected->height && image->channels == 1);
    MUST_HOLD(memcmp(image->pixels, expected->pixels, 6) == 0);
    pixcl_image_destroy(&image);
    px_free(bytes);
    return 0;
}
