/* Any bytes as a picture file. */
#include "fuzz.h"

#include <string.h>

#include "base/memory.h"
#include "image/codec.h"

/* PNG keeps every bit. */
static void check_round_trip(const pixcl_image *image)
{
    px_bytes file = {0};
    if (px_image_encode(image, PX_IMAGE_PNG, 0, "copy", &file, NULL) == PIXCL_OK) {
        pixcl_image *copy = px_image_decode(file.data, file.size, "copy", NULL);
        MUST_HOLD(copy && copy->width == image->width && copy->height == image->height &&
                  copy->channels == image->channels);
        MUST_HOLD(memcmp(copy->pixels, image->pixels, (size_t)image->width * image->height * image->channels) == 0);
        pixcl_image_destroy(&copy);
    }
    px_free(file.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST_PIXELS = 64 * 64 }; /* of a picture that is looked at twice */
    pixcl_error err = {.message = ""};
    pixcl_image *image = px_image_decode(data, size, "input", &err);

    MUST_HOLD(image || (err.status != PIXCL_OK && err.message[0]));
    if (image) {
        MUST_HOLD(image->width >= 1 && image->height >= 1 && (image->channels == 1 || image->channels == 3));
        if ((int64_t)image->width * image->height <= MOST_PIXELS)
            check_round_trip(image);
    }
    pixcl_image_destroy(&image);
    return 0;
}
