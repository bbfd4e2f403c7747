/* Work on large arrays by all cores. */
#ifndef PX_BASE_PARALLEL_H
#define PX_BASE_PARALLEL_H

#include <stddef.h>

/* Handles elements begin to end - 1. */
typedef void (*px_range_work)(void *context, size_t begin, size_t end);

/* Calls `work` for ranges that together are 0 to count - 1, each once, at the same time from several threads. A range
 * begins at a multiple of `grain` and has `grain` elements, but for the last. Returns when all is done. Where the
 * system gives no threads the caller's does everything. */
void px_parallel(size_t count, size_t grain, px_range_work work, void *context);

#endif
