/* A file for each driver: the path, size and time of its library, and in a last line its fault, empty for one that
 * works. */
#include "exec/opencl/driver_mark.h"

#include <inttypes.h>
#include <string.h>

#include "base/env.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/program_cache.h"

static uint64_t add(uint64_t hash, const char *text)
{
    return px_hash(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* The mark's path (px_free); NULL without memory or a home. */
static char *path_of(const px_cl_driver *driver)
{
    static const char *const variables[] = {"LD_LIBRARY_PATH", "LD_PRELOAD", "RUSTICL_ENABLE", "POCL_DEVICES"};
    uint64_t hash = add(add(add(PX_HASH_START, PIXCL_VERSION), driver->file), driver->library);
    char *folder = px_cache_folder(NULL), *path = NULL;
    uint8_t *boot = NULL;
    size_t size = 0;

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        hash = add(hash, px_env_text(variables[i]));
    if (px_file_read("/proc/sys/kernel/random/boot_id", &boot, &size, NULL) == PIXCL_OK)
        hash = px_hash(hash, boot, size);
    if (folder)
        path = px_format(NULL, "%s/drivers/%016" PRIx64, folder, hash);
    px_free(boot);
    px_free(folder);
    return path;
}

/* What a mark begins with (px_free). A library that is not there may come, by its path or by its name; the latter
 * changes the dynamic linker's list. */
static char *describe(const char *library)
{
    px_os_info info;

    if (!*library)
        library = "/etc/ld.so.cache";
    if (px_os_look(library, &info) != 0)
        return px_format(NULL, "%s\nmissing\n", library);
    return px_format(NULL, "%s\n%" PRIu64 " %" PRId64 ".%09ld\n", library, info.size, info.written, info.nanoseconds);
}

bool px_driver_recall(px_cl_driver *driver)
{
    char *path = path_of(driver), *library = NULL, *now = NULL;
    uint8_t *mark = NULL;
    size_t size = 0;
    bool known = false;

    /* Where drivers are not registered in files, nothing tells that one has changed: it is tried each time. */
    if (px_os_driver_folder() && path && px_path_is_file(path) && px_file_read(path, &mark, &size, NULL) == PIXCL_OK &&
        (library = px_strdup((char *)mark, NULL))) {
        library[strcspn(library, "\n")] = '\0';
        now = describe(library);
        known = now && size > strlen(now) && memcmp(mark, now, strlen(now)) == 0 && mark[size - 1] == '\n';
    }
    if (known && size - strlen(now) > 1)
        px_cl_driver_blame(driver, PX_DRIVER_ABSENT, "%.*s", (int)(size - strlen(now) - 1),
                           (const char *)mark + strlen(now));
    px_free(now);
    px_free(library);
    px_free(mark);
    px_free(path);
    return known;
}

void px_driver_remember(const px_cl_driver *driver, const char *path)
{
    char *mark = path_of(driver),
         *begin = describe(!*path && px_os_is_absolute(driver->library) ? driver->library : path);
    char *folder = mark ? px_format(NULL, "%.*s", (int)(px_path_name(mark) - mark), mark) : NULL;
    char *text = begin ? px_format(NULL, "%s%s\n", begin, driver->fault) : NULL;

    if (folder && text && px_make_folders(folder, NULL) == PIXCL_OK)
        (void)px_file_write(mark, text, strlen(text), NULL);
    px_free(text);
    px_free(folder);
    px_free(begin);
    px_free(mark);
}
