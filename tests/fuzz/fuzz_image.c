/* Any bytes as a picture file. */
#include "fuzz.h"

#include <stdlib.h>

#include "image/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pixcl_error err = {.message = ""};
    pixcl_image *image = px_image_decode(data, size, "input", &err);
    if (!image && !err.message[0])
        abort(); /* a failure must say why */
    pixcl_image_destroy(&image);
    return 0;
}
