/* What pixcl asks of the system about files, a call each; what depends on the system stays behind this header. Results
 * and errno are those of POSIX, and a call that a signal interrupts is made again.
 *
 * Each of them can be made to fail, to see what becomes of the files (PIXCL_FAIL_IO in env.c). */
#ifndef PX_BASE_OS_H
#define PX_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Makes the n-th of these calls from now on (1 is the next one) fail once; 0 stops that. For tests; PIXCL_FAIL_IO does
 * the same from the start of the process. */
void px_os_fail(long n);

typedef enum px_os_way {
    PX_OS_READ,   /* without waiting for a pipe's writer or a device */
    PX_OS_CREATE, /* to write to a new file; fails when there is one of that name */
    PX_OS_APPEND, /* to write to the end of a file that is made where it is missing */
    PX_OS_FOLDER  /* a folder itself: to sync or lock it */
} px_os_way;

/* A descriptor, or -1. */
int px_os_open(const char *path, px_os_way way);
int px_os_close(int file);
int px_os_describe(int file, struct stat *info);
ptrdiff_t px_os_read(int file, void *bytes, size_t size);
ptrdiff_t px_os_write(int file, const void *bytes, size_t size);
/* To that place, or with PX_OS_END to the end. */
#define PX_OS_END UINT64_MAX
int px_os_seek(int file, uint64_t place);
/* Waits until what was written is on the disk. */
int px_os_sync(int file);
/* The file's bytes as memory that is not written to; NULL on failure. `size` is not 0. */
const void *px_os_map(int file, size_t size);
void px_os_unmap(const void *bytes, size_t size);

/* Takes the place of a file of that name in one step. */
int px_os_rename(const char *from, const char *to);
int px_os_link(const char *from, const char *to);
int px_os_remove(const char *path);
int px_os_make_folder(const char *path);

#endif
