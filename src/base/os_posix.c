/* POSIX. What Linux and macOS do each in its own way is in os_posix_linux.c and os_posix_macos.c. */
#include "base/os_posix.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/os.h"

/* `result` of a call that may be interrupted. */
#define AGAIN(result, call)                                                                                            \
    do                                                                                                                 \
        result = (call);                                                                                               \
    while (result < 0 && errno == EINTR)

static int open_again(const char *path, int flags)
{
    int file;

    AGAIN(file, open(path, flags | O_CLOEXEC, 0666));
    return file;
}

int px_os_open(const char *path, px_os_way way)
{
    static const int flags[] = {
        [PX_OS_READ] = O_RDONLY | O_NONBLOCK | O_NOCTTY,
        [PX_OS_FLUSH] = O_RDONLY | O_NONBLOCK | O_NOCTTY,
        [PX_OS_CREATE] = O_WRONLY | O_CREAT | O_EXCL,
        [PX_OS_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
    };

    return px_os_shall_fail(way == PX_OS_READ || way == PX_OS_FLUSH ? EIO : ENOSPC) ? -1 : open_again(path, flags[way]);
}

int px_os_close(int file)
{
    const bool fail = px_os_shall_fail(EIO);
    const int result = close(file);

    if (fail)
        errno = EIO;
    return fail ? -1 : result;
}

static int fill(int result, const struct stat *found, px_os_info *info)
{
    if (result != 0)
        return -1;
    const struct timespec written = px_posix_written(found);
    *info = (px_os_info){.kind = S_ISREG(found->st_mode)    ? PX_OS_REGULAR
                                 : S_ISDIR(found->st_mode)  ? PX_OS_FOLDER
                                 : S_ISFIFO(found->st_mode) ? PX_OS_PIPE
                                 : S_ISSOCK(found->st_mode) ? PX_OS_SOCKET
                                                            : PX_OS_DEVICE,
                         .size = (uint64_t)found->st_size,
                         .written = written.tv_sec,
                         .nanoseconds = written.tv_nsec};
    return 0;
}

int px_os_describe(int file, px_os_info *info)
{
    struct stat found;

    return px_os_shall_fail(EIO) ? -1 : fill(fstat(file, &found), &found, info);
}

ptrdiff_t px_os_read(int file, void *bytes, size_t size)
{
    ptrdiff_t got;

    if (px_os_shall_fail(EIO))
        return -1;
    AGAIN(got, read(file, bytes, size));
    return got;
}

ptrdiff_t px_os_write(int file, const void *bytes, size_t size)
{
    ptrdiff_t wrote;

    if (px_os_shall_fail(ENOSPC)) {
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

    return px_os_shall_fail(EIO) || lseek(file, end ? 0 : (off_t)place, end ? SEEK_END : SEEK_SET) < 0 ? -1 : 0;
}

int px_os_sync(int file)
{
    int result;

    if (px_os_shall_fail(EIO))
        return -1;
    AGAIN(result, px_posix_sync(file));
    return result;
}

int px_os_sync_folder(const char *path)
{
    const int folder = px_os_shall_fail(EIO) ? -1 : open_again(path, O_RDONLY | O_DIRECTORY);

    if (folder < 0)
        return 0;
    const int result = px_os_sync(folder) == 0 || errno == EINVAL ? 0 : -1;
    px_os_close(folder);
    return result;
}

const void *px_os_map(int file, size_t size)
{
    void *bytes = px_os_shall_fail(ENOMEM) ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);

    return bytes == MAP_FAILED ? NULL : bytes;
}

void px_os_unmap(const void *bytes, size_t size)
{
    munmap((void *)(uintptr_t)bytes, size);
}

int px_os_rename(const char *from, const char *to)
{
    return px_os_shall_fail(EIO) ? -1 : rename(from, to);
}

int px_os_link(const char *from, const char *to)
{
    return px_os_shall_fail(EPERM) ? -1 : link(from, to);
}

int px_os_remove(const char *path)
{
    return px_os_shall_fail(EIO) ? -1 : unlink(path);
}

int px_os_make_folder(const char *path)
{
    return px_os_shall_fail(ENOSPC) ? -1 : mkdir(path, 0777);
}

int px_os_look(const char *path, px_os_info *info)
{
    struct stat found;

    return fill(stat(path, &found), &found, info);
}

bool px_os_separates(char c)
{
    return c == '/';
}

bool px_os_is_absolute(const char *path)
{
    return *path == '/';
}

char *px_os_real_path(const char *path)
{
    char *real = realpath(path, NULL), *result = real ? px_strdup(real, NULL) : NULL;

    free(real);
    return result;
}

/* A px_os_folder is the C library's stream. */
px_os_folder *px_os_folder_open(const char *path)
{
    return (px_os_folder *)opendir(path);
}

const char *px_os_folder_next(px_os_folder *folder, px_os_kind *kind)
{
    const struct dirent *entry;

    errno = 0;
    do
        entry = readdir((DIR *)folder);
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (!entry)
        return NULL;
    *kind = entry->d_type == DT_REG ? PX_OS_REGULAR : entry->d_type == DT_DIR ? PX_OS_FOLDER : PX_OS_UNKNOWN;
    return entry->d_name;
}

void px_os_folder_close(px_os_folder *folder)
{
    closedir((DIR *)folder);
}

int px_os_remove_folder(const char *path)
{
    return rmdir(path);
}

int px_os_make_private_folder(const char *path)
{
    return mkdir(path, 0700);
}

int px_os_make_temporary_folder(char *path)
{
    return mkdtemp(path) ? 0 : -1;
}

int px_os_link_by_name(const char *target, const char *path)
{
    return symlink(target, path);
}

const char *px_os_temporary_place(void)
{
    return "/tmp";
}

int px_os_hold(const char *folder, int *hold)
{
    *hold = px_os_shall_fail(EIO) ? -1 : open_again(folder, O_RDONLY | O_DIRECTORY);
    if (*hold < 0)
        return -1;
    if (flock(*hold, LOCK_EX | LOCK_NB) == 0)
        return 0;
    const bool held = errno == EWOULDBLOCK;
    px_os_close(*hold);
    *hold = -1;
    return held ? 1 : -1;
}

void px_os_release(int hold)
{
    px_os_close(hold);
}

int64_t px_os_process(void)
{
    return getpid();
}

bool px_os_is_gone(int64_t process)
{
    return kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

void px_os_end(int code)
{
    _exit(code);
}

void px_os_kill_this(void)
{
    raise(SIGKILL);
    _exit(1);
}

bool px_os_this_library(char *path, size_t size)
{
    static const char here;
    Dl_info library;

    return dladdr(&here, &library) != 0 && library.dli_fname &&
           (size_t)snprintf(path, size, "%s", library.dli_fname) < size;
}

bool px_os_is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

void px_os_set_variable(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

void px_os_machine(char *name, size_t size)
{
    memset(name, 0, size);
    if (gethostname(name, size - 1) != 0)
        *name = '\0';
}

size_t px_os_cores(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores > 0 ? (size_t)cores : 1;
}

double px_os_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool px_os_local_time(time_t seconds, struct tm *parts)
{
    return localtime_r(&seconds, parts) != NULL;
}

/* POSIX's strerror_r() fills the buffer and gives a number; GNU's gives the text, which may be one of its own. */
static const char *reason_filled(int result, const char *text)
{
    return result == 0 ? text : "unknown error";
}

static const char *reason_given(const char *result, const char *text)
{
    (void)text;
    return result;
}

const char *px_os_reason(int number, char *text, size_t size)
{
    return _Generic(strerror_r(number, text, size), int: reason_filled, char *: reason_given)(
        strerror_r(number, text, size), text);
}

static locale_t c_locale; /* 0 until it is made, and for uselocale "leave it as it is" */

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

px_locale px_os_locale_enter(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_locale);
    return (px_locale){.before = uselocale(c_locale)};
}

void px_os_locale_leave(px_locale before)
{
    uselocale((locale_t)before.before);
}

void *px_os_library_load(const char *name, char *why, size_t size)
{
    void *const library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

    if (!library)
        px_snprintf(why, size, "%s", dlerror());
    return library;
}

bool px_os_library_has(void *library, const char *name)
{
    return dlsym(library, name) != NULL;
}
