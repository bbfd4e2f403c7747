/* What Linux and macOS do each in its own way, for the files that are the same on both. */
#ifndef PX_BASE_OS_POSIX_H
#define PX_BASE_OS_POSIX_H

#ifndef _WIN32
#include <sys/stat.h>
#include <time.h>

/* When a file was last written to. */
struct timespec px_posix_written(const struct stat *found);
/* fsync(), down to the disk itself. */
int px_posix_sync(int file);
/* A pipe that no program started later inherits; -1 and errno without one. */
int px_posix_pipe(int ends[2]);
/* The variables of this process, which a library may not name on every system. */
char **px_posix_environment(void);
#endif

#endif
