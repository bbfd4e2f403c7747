/* Threads that take ranges in order until none is left. The caller is one of them. */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/os.h"
#include "base/thread.h"

enum { MOST_THREADS = 8 }; /* memory is the limit before that */

typedef struct job {
    px_range_work work;
    void *context;
    size_t count, grain, ranges;
    atomic_size_t next; /* the first range that nobody has taken */
} job;

static void *take_ranges(void *argument)
{
    job *j = argument;
    size_t range;
    while ((range = atomic_fetch_add(&j->next, 1)) < j->ranges) {
        const size_t begin = range * j->grain;
        j->work(j->context, begin, j->count - begin < j->grain ? j->count : begin + j->grain);
    }
    return NULL;
}

void px_parallel(size_t count, size_t grain, px_range_work work, void *context)
{
    job j = {.work = work, .context = context, .count = count, .grain = grain};
    j.ranges = count / grain + (count % grain != 0);
    pthread_t threads[MOST_THREADS - 1];
    const size_t cores = px_os_cores();
    const size_t helpers = cores < 2 ? 0 : (cores < MOST_THREADS ? cores : MOST_THREADS) - 1;
    size_t started = 0;
    while (started < helpers && started + 1 < j.ranges && px_thread_start(&threads[started], take_ranges, &j) == 0)
        started++;
    take_ranges(&j);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}
