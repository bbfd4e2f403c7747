/* POSIX. */
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/env.h"

/* PIXCL_FAIL_IO: calls until one fails, 0 after that, OFF; and how it fails. */
enum { OFF = -1 };
static atomic_long left = OFF;
static char how; /* 0: that one; '+': it and all after it; '!': the process is killed there */
static pthread_once_t variable_read = PTHREAD_ONCE_INIT;

static void read_variable(void)
{
    const char *text = px_env_text("PIXCL_FAIL_IO");
    char *end = NULL;
    const long wanted = text ? strtol(text, &end, 10) : 0;

    how = end ? *end : 0;
    atomic_store(&left, wanted > 0 ? wanted : OFF);
}

void px_os_fail(long n)
{
    pthread_once(&variable_read, read_variable);
    how = 0;
    atomic_store(&left, n > 0 ? n : OFF);
}

/* Whether this call is to fail, with that errno. */
static bool shall_fail(int number)
{
    pthread_once(&variable_read, read_variable);
    long now = atomic_load(&left);
    while (now > 0 && !atomic_compare_exchange_weak(&left, &now, now - 1)) {
    }
    if (now < 0 || now > 1 || (now == 0 && how != '+'))
        return false;
    if (how == '!')
        raise(SIGKILL);
    errno = number;
    return true;
}

/* `result` of a call that may be interrupted. */
#define AGAIN(result, call)                                                                                            \
    do                                                                                                                 \
        result = (call);                                                                                               \
    while (result < 0 && errno == EINTR)

int px_os_open(const char *path, px_os_way way)
{
    static const int flags[] = {
        [PX_OS_READ] = O_RDONLY | O_NONBLOCK | O_NOCTTY,
        [PX_OS_CREATE] = O_WRONLY | O_CREAT | O_EXCL,
        [PX_OS_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [PX_OS_FOLDER] = O_RDONLY | O_DIRECTORY,
    };
    int file;

    if (shall_fail(way == PX_OS_READ || way == PX_OS_FOLDER ? EIO : ENOSPC))
        return -1;
    AGAIN(file, open(path, flags[way] | O_CLOEXEC, 0666));
    return file;
}

int px_os_close(int file)
{
    const bool fail = shall_fail(EIO);
    const int result = close(file);

    if (fail)
        errno = EIO;
    return fail ? -1 : result;
}

int px_os_describe(int file, struct stat *info)
{
    return shall_fail(EIO) ? -1 : fstat(file, info);
}

ptrdiff_t px_os_read(int file, void *bytes, size_t size)
{
    ptrdiff_t got;

    if (shall_fail(EIO))
        return -1;
    AGAIN(got, read(file, bytes, size));
    return got;
}

ptrdiff_t px_os_write(int file, const void *bytes, size_t size)
{
    ptrdiff_t wrote;

    if (shall_fail(ENOSPC)) {
        /* A disk that is nearly full takes a part. */
        AGAIN(wrote, write(file, bytes, size / 2));
        errno = ENOSPC;
        return -1;
    }
    AGAIN(wrote, write(file, bytes, size));
    return wrote;
}

int px_os_seek(int file, uint64_t place)
{
    const bool end = place == PX_OS_END;

    return shall_fail(EIO) || lseek(file, end ? 0 : (off_t)place, end ? SEEK_END : SEEK_SET) < 0 ? -1 : 0;
}

int px_os_sync(int file)
{
    int result;

    if (shall_fail(EIO))
        return -1;
    AGAIN(result, fsync(file));
    return result;
}

const void *px_os_map(int file, size_t size)
{
    void *bytes = shall_fail(ENOMEM) ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);

    return bytes == MAP_FAILED ? NULL : bytes;
}

void px_os_unmap(const void *bytes, size_t size)
{
    munmap((void *)(uintptr_t)bytes, size);
}

int px_os_rename(const char *from, const char *to)
{
    return shall_fail(EIO) ? -1 : rename(from, to);
}

int px_os_link(const char *from, const char *to)
{
    return shall_fail(EPERM) ? -1 : link(from, to);
}

int px_os_remove(const char *path)
{
    return shall_fail(EIO) ? -1 : unlink(path);
}

int px_os_make_folder(const char *path)
{
    return shall_fail(ENOSPC) ? -1 : mkdir(path, 0777);
}
