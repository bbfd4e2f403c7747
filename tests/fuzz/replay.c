/* A fuzz target without a fuzzer, so that every build runs it: each file given, cut at every length (or some 1000 of
 * them), and with bytes flipped, spans repeated and left out at places drawn from a fixed seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "fuzz.h"

enum { CUTS = 1000, MUTATIONS = 2000 };

/* Runs the target on an exact copy, whose ends the sanitizers watch. */
static void try_bytes(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    if (size)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void try_mutations(const uint8_t *bytes, size_t size)
{
    px_rng rng = {.seed = 1, .stream = size};
    uint8_t *changed = malloc(2 * size);

    if (!changed)
        abort();
    for (int round = 0; round < MUTATIONS; round++) {
        size_t length = size, at = px_rng_below(&rng, (uint32_t)size);
        size_t span = 1 + px_rng_below(&rng, (uint32_t)(size - at < 16 ? size - at : 16));

        memcpy(changed, bytes, size);
        switch (px_rng_below(&rng, 5)) {
        case 0: /* one bit */
            changed[at] ^= (uint8_t)(1u << px_rng_below(&rng, 8));
            break;
        case 1: /* any byte */
            changed[at] = (uint8_t)px_rng_u32(&rng);
            break;
        case 2: /* a number at its ends */
            memset(changed + at, round & 1 ? 0xff : 0x00, span);
            break;
        case 3: /* a span twice */
            memmove(changed + at + span, changed + at, size - at);
            length += span;
            break;
        default: /* a span left out */
            memmove(changed + at, changed + at + span, size - at - span);
            length -= span;
        }
        try_bytes(changed, length);
    }
    free(changed);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        pixcl_error err = {0};
        uint8_t *bytes;
        size_t size;

        if (px_file_read(argv[i], &bytes, &size, &err) != PIXCL_OK) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        for (size_t length = 0; length <= size; length += 1 + size / CUTS)
            try_bytes(bytes, length);
        try_bytes(bytes, size);
        if (size)
            try_mutations(bytes, size);
        px_free(bytes);
    }
    return argc > 1 ? 0 : 1;
}
