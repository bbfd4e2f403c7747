/* Which system this is, by its os-release file. */
#include "base/cure.h"
#include "base/file.h"
#include "base/memory.h"

px_system px_system_here(void)
{
    uint8_t *text;
    size_t size;

    if (px_file_read("/etc/os-release", &text, &size, NULL) != PIXCL_OK)
        return PX_SYSTEM_OTHER;
    const px_system found = px_system_of_release((const char *)text);
    px_free(text);
    return found;
}
