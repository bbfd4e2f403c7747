/* libFuzzer main of the picture decoders. Seed it with a few small JPEG and PNG files. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "image/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pixcl_error err = {.message = ""};
    pixcl_image *image = px_image_decode(data, size, "input", &err);
    if (!image && !err.message[0])
        abort(); /* a failure must say why */
    pixcl_image_destroy(&image);
    return 0;
}
