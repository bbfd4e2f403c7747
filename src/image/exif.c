/* The one thing pixcl wants from EXIF: which way up the picture is. The data is untrusted; every offset is checked. */
#include "image/codec.h"

#include <stdbool.h>
#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3

static uint32_t number(const uint8_t *bytes, int count, bool little)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[little ? count - 1 - i : i];
    return value;
}

int px_exif_orientation(const uint8_t *bytes, size_t size)
{
    if (size < 6 + 8 || memcmp(bytes, "Exif\0\0", 6) != 0)
        return 1;
    const uint8_t *tiff = bytes + 6;
    size_t length = size - 6;
    bool little = tiff[0] == 'I';
    if (memcmp(tiff, little ? "II" : "MM", 2) != 0 || number(tiff + 2, 2, little) != 42)
        return 1;
    size_t directory = number(tiff + 4, 4, little);
    if (directory > length - 2)
        return 1;
    size_t entries = number(tiff + directory, 2, little);
    const uint8_t *entry = tiff + directory + 2;
    for (size_t room = (length - directory - 2) / 12; entries > 0 && room > 0; entries--, room--, entry += 12) {
        if (number(entry, 2, little) != TAG_ORIENTATION || number(entry + 2, 2, little) != TYPE_SHORT)
            continue;
        uint32_t value = number(entry + 8, 2, little);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
