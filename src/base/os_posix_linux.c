/* Linux, with glibc or musl. */
#include "base/os_posix.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/memory.h"
#include "base/os.h"

struct timespec px_posix_written(const struct stat *found)
{
    return found->st_mtim;
}

int px_posix_sync(int file)
{
    return fsync(file);
}

int px_posix_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC);
}

char **px_posix_environment(void)
{
    return environ;
}

const char *px_os_this_program(void)
{
    return "/proc/self/exe";
}

void px_os_memory_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

const char *px_os_driver_folder(void)
{
    return "/etc/OpenCL/vendors";
}

void px_os_library_path(void *library, char *path, size_t size)
{
    const struct link_map *map = NULL;

    *path = '\0';
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0)
        px_snprintf(path, size, "%s", map->l_name);
}
