/* Any bytes as the file of a built program: as they are, and with the hash that belongs to them, which no fuzzer would
 * find. */
#include "fuzz.h"

#include <string.h>

#include "base/memory.h"
#include "exec/opencl/program_cache.h"

static const char identity[] = "pixcl 1\ndevice none\n";

/* The binary of an accepted file is within the file, and packing it again gives the same file. */
static void check_taken(const uint8_t *bytes, size_t size, const unsigned char *binary, size_t binary_size)
{
    MUST_HOLD(binary_size >= 1 && binary > bytes && binary + binary_size == bytes + size);
    size_t packed_size;
    unsigned char *room;
    uint8_t *packed = px_program_pack(identity, binary_size, &packed_size, &room);
    if (!packed)
        return; /* no memory */
    MUST_HOLD(packed_size == size);
    memcpy(room, binary, binary_size);
    px_program_seal(packed, packed_size);
    MUST_HOLD(memcmp(packed, bytes, size) == 0);
    px_free(packed);
}

/* No byte of it may change unnoticed, and none may be missing. */
static void check_watched(uint8_t *bytes, size_t size)
{
    size_t binary_size;
    for (size_t i = 0; i < size; i += 1 + size / 100) {
        bytes[i] ^= 0x10;
        MUST_HOLD(!px_program_unpack(bytes, size, identity, &binary_size));
        bytes[i] ^= 0x10;
        MUST_HOLD(!px_program_unpack(bytes, i, identity, &binary_size));
    }
    MUST_HOLD(!px_program_unpack(bytes, size, "pixcl 1\ndevice some\n", &binary_size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t binary_size = 0, packed_size;
    unsigned char *room;
    const unsigned char *binary = px_program_unpack(data, size, identity, &binary_size);
    if (binary)
        check_taken(data, size, binary, binary_size);

    uint8_t *header = px_program_pack("", 1, &packed_size, &room);
    uint8_t *bytes = px_calloc(size, 1, NULL);
    if (header && bytes && size >= packed_size) {
        memcpy(bytes, data, size);
        px_program_seal(bytes, size);
        binary = px_program_unpack(bytes, size, identity, &binary_size);
        if (binary) {
            check_taken(bytes, size, binary, binary_size);
            check_watched(bytes, size);
        }
    }
    px_free(bytes);
    px_free(header);
    return 0;
}
