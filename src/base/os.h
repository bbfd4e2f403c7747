/* What pixcl asks of the system, a call each: what depends on it stays behind this header (and process.h), in a pair of
 * files, os_posix.c and os_windows.c. Results and errno are those of POSIX, paths are UTF-8, and a call that a signal
 * interrupts is made again. */
#ifndef PX_BASE_OS_H
#define PX_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* ---- Files. Each of these calls can be made to fail, to see what becomes of the files (PIXCL_FAIL_IO in env.c). */

/* Makes the n-th of these calls from now on (1 is the next one) fail once; 0 stops that. For tests; PIXCL_FAIL_IO does
 * the same from the start of the process. */
void px_os_fail(long n);
/* For os_*.c: whether this call is to fail, with that errno. */
bool px_os_shall_fail(int number);

typedef enum px_os_way {
    PX_OS_READ,   /* without waiting for a pipe's writer or a device */
    PX_OS_FLUSH,  /* to sync what others wrote to it */
    PX_OS_CREATE, /* to write to a new file; fails when there is one of that name */
    PX_OS_APPEND  /* to write to the end of a file that is made where it is missing */
} px_os_way;

typedef enum px_os_kind {
    PX_OS_UNKNOWN, /* only of px_os_folder_next() */
    PX_OS_REGULAR,
    PX_OS_FOLDER,
    PX_OS_PIPE,
    PX_OS_SOCKET,
    PX_OS_DEVICE
} px_os_kind;

typedef struct px_os_info {
    px_os_kind kind;
    uint64_t size;
    int64_t written;  /* last, in seconds ... */
    long nanoseconds; /* ... and what is over */
} px_os_info;

/* A descriptor, or -1. */
int px_os_open(const char *path, px_os_way way);
int px_os_close(int file);
int px_os_describe(int file, px_os_info *info);
ptrdiff_t px_os_read(int file, void *bytes, size_t size);
ptrdiff_t px_os_write(int file, const void *bytes, size_t size);
/* To that place, or with PX_OS_END to the end. */
#define PX_OS_END UINT64_MAX
int px_os_seek(int file, uint64_t place);
/* Waits until what was written is on the disk. */
int px_os_sync(int file);
/* Waits until the names in a folder are; 0 also where the system or the file system knows no such thing. */
int px_os_sync_folder(const char *path);
/* The file's bytes as memory that is not written to; NULL on failure. `size` is not 0. */
const void *px_os_map(int file, size_t size);
void px_os_unmap(const void *bytes, size_t size);

/* Takes the place of a file of that name in one step. */
int px_os_rename(const char *from, const char *to);
int px_os_link(const char *from, const char *to);
int px_os_remove(const char *path);
int px_os_make_folder(const char *path);

/* ---- Paths and folders. */

/* What is there, links followed; -1 when nothing is. */
int px_os_look(const char *path, px_os_info *info);
/* Whether a character separates the parts of a path. */
bool px_os_separates(char c);
/* Whether a path does not depend on the working folder. */
bool px_os_is_absolute(const char *path);
/* The path without links and dots (px_free); NULL when there is nothing. */
char *px_os_real_path(const char *path);
/* The names in a folder, in no order, without "." and "..". NULL, and errno, where it cannot be read. A name holds
 * until the next call; NULL at the end, with errno 0, or when reading failed. `kind` is that of the name itself where
 * it costs nothing to know. */
typedef struct px_os_folder px_os_folder;
px_os_folder *px_os_folder_open(const char *path);
const char *px_os_folder_next(px_os_folder *folder, px_os_kind *kind);
void px_os_folder_close(px_os_folder *folder);
int px_os_remove_folder(const char *path);
/* The same as px_os_make_folder(), for this user alone. */
int px_os_make_private_folder(const char *path);
/* Makes a folder for this user alone, of that name with XXXXXX at its end replaced. */
int px_os_make_temporary_folder(char *path);
int px_os_link_by_name(const char *target, const char *path);
/* Where temporary files belong, when no variable says so. */
const char *px_os_temporary_place(void);
/* Holds a folder for this process, until it is released or the process ends, however that happens: 0 and *hold. 1 when
 * another one holds it, -1 where that cannot be told. */
int px_os_hold(const char *folder, int *hold);
void px_os_release(int hold);

/* ---- This process and this machine. */

int64_t px_os_process(void);
bool px_os_is_gone(int64_t process);
/* Ends this process at once, without what libraries do at its end; the second, as if it were killed. */
_Noreturn void px_os_end(int code);
_Noreturn void px_os_kill_this(void);
/* This program's file, to start it anew. */
const char *px_os_this_program(void);
bool px_os_is_program(const char *path);
/* The file of the library that this code is in, or of the program where it is linked in. False when that is not known
 * or too long. */
bool px_os_this_library(char *path, size_t size);
/* Sets a variable of the environment, or with NULL removes it. */
void px_os_set_variable(const char *name, const char *value);
/* A text that tells machines, and containers, apart. */
void px_os_machine(char *name, size_t size);
size_t px_os_cores(void);
/* Bytes that this process can still take; SIZE_MAX where that cannot be told. */
size_t px_os_memory_available(void);
/* Gives memory that was freed back to the system, where the C library can. */
void px_os_memory_trim(void);
/* Seconds of a clock that nobody sets. */
double px_os_clock(void);
bool px_os_local_time(time_t seconds, struct tm *parts);
/* What an errno means, for a message. */
const char *px_os_reason(int number, char *text, size_t size);

/* This thread in the C locale, from enter, which says where it was, to leave. */
typedef struct px_locale {
    void *before;
    int mode;
} px_locale;
px_locale px_os_locale_enter(void);
void px_os_locale_leave(px_locale before);

/* ---- Shared libraries. */

/* The folder that registers drivers of OpenCL; NULL where they are not registered in a folder. */
const char *px_os_driver_folder(void);

/* NULL where it cannot be loaded, with the reason in `why`. */
void *px_os_library_load(const char *name, char *why, size_t size);
bool px_os_library_has(void *library, const char *name);
/* The file that it was loaded from, "" where that is not known. */
void px_os_library_path(void *library, char *path, size_t size);

#endif
