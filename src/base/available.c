/* Whether memory is to be had (declared in memory.h). */
#include "base/memory.h"

#include <stdint.h>

#include "base/env.h"
#include "base/os.h"

size_t px_memory_available(void)
{
    const int64_t pretended = px_env_number("PIXCL_FREE_MEMORY", 0);

    return pretended > 0 ? (size_t)pretended : px_os_memory_available();
}

pixcl_status px_memory_expect(size_t bytes, const char *what, pixcl_error *err)
{
    /* Less than this is not worth a look at the system, and does not bring it down. */
    const size_t worth_a_look = (size_t)64 << 20;
    size_t available;

    if (bytes < worth_a_look || (available = px_memory_available()) >= bytes)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_MEMORY, "not enough memory %s: it needs %.1f MB, and %.1f MB are free", what,
                   (double)bytes / 1e6, (double)available / 1e6);
}
