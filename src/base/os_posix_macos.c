/* macOS. */
#include "base/os_posix.h"

#include <crt_externs.h>
#include <errno.h>
#include <fcntl.h>
#include <mach-o/dyld.h>
#include <mach/mach.h>
#include <pthread.h>
#include <unistd.h>

#include "base/cure.h"
#include "base/os.h"

struct timespec px_posix_written(const struct stat *found)
{
    return found->st_mtimespec;
}

/* fsync() leaves what was written in the disk's own cache, which is lost with the power. Not every file system can do
 * more. */
int px_posix_sync(int file)
{
    if (fsync(file) != 0)
        return -1;
    return fcntl(file, F_FULLFSYNC) == 0 || errno == ENOTSUP || errno == EINVAL || errno == ENOTTY ? 0 : -1;
}

/* There is no pipe2(): a program that another thread starts between these calls inherits the ends. */
int px_posix_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0)
        return 0;
    const int number = errno;
    close(ends[0]);
    close(ends[1]);
    errno = number;
    return -1;
}

char **px_posix_environment(void)
{
    return *_NSGetEnviron();
}

static char program[4096];

static void find_program(void)
{
    uint32_t size = sizeof program;

    if (_NSGetExecutablePath(program, &size) != 0)
        *program = '\0'; /* too long a path: it cannot be started */
}

const char *px_os_this_program(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, find_program);
    return program;
}

/* What is free, and what the system can take without writing it out. */
size_t px_os_memory_available(void)
{
    vm_statistics64_data_t pages;
    mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
    const mach_port_t host = mach_host_self();
    const bool known = host_statistics64(host, HOST_VM_INFO64, (host_info64_t)&pages, &count) == KERN_SUCCESS;

    mach_port_deallocate(mach_task_self(), host);
    return known ? ((size_t)pages.free_count + pages.inactive_count) * (size_t)vm_kernel_page_size : SIZE_MAX;
}

void px_os_memory_trim(void)
{
    /* its heap gives large blocks back */
}

const char *px_os_driver_folder(void)
{
    return NULL; /* Apple's OpenCL has its drivers in it */
}

void px_os_library_path(void *library, char *path, size_t size)
{
    (void)library;
    (void)size;
    *path = '\0';
}

px_system px_system_here(void)
{
    return PX_SYSTEM_MACOS;
}
