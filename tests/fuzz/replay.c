/* A fuzz target without a fuzzer, so that every build runs it: each file given, and each in a folder given, cut at
 * every length (or some 1000 of them), and with bytes flipped, spans repeated and left out at places drawn from a fixed
 * seed. */
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

/* False when it cannot be read, which is said. */
static bool try_file(const char *path)
{
    pixcl_error err = {0};
    uint8_t *bytes;
    size_t size;

    if (px_file_read(path, &bytes, &size, &err) != PIXCL_OK) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    for (size_t length = 0; length <= size; length += 1 + size / CUTS)
        try_bytes(bytes, length);
    try_bytes(bytes, size);
    if (size)
        try_mutations(bytes, size);
    px_free(bytes);
    return true;
}

/* The same for all files in a folder, of which there must be one. */
static bool try_folder(const char *folder)
{
    pixcl_error err = {.message = "no file"};
    px_file_list list = {0};
    bool done = px_list_files(folder, NULL, &list, &err) == PIXCL_OK && list.count > 0;

    if (!done)
        fprintf(stderr, "%s: %s\n", folder, err.message);
    for (size_t i = 0; done && i < list.count; i++) {
        char *path = px_path_join(folder, list.paths[i], NULL);
        done = path && try_file(path);
        px_free(path);
    }
    px_file_list_free(&list);
    return done;
}

int main(int argc, char **argv)
{
    bool done = argc > 1;

    for (int i = 1; done && i < argc; i++)
        done = px_path_is_folder(argv[i]) ? try_folder(argv[i]) : try_file(argv[i]);
    return !done;
}
