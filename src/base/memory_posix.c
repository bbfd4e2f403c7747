/* How much memory there is to be had (declared in os.h): the least of what the system, the process's group and its
 * limits leave. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/os.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The first number in a small file; SIZE_MAX for "max", or when there is none. */
static size_t number_in(const char *path)
{
    unsigned long long value;
    FILE *file = fopen(path, "re");
    const bool found = file && fscanf(file, "%llu", &value) == 1;

    if (file)
        fclose(file);
    return found ? (size_t)value : SIZE_MAX;
}

/* What the kernel thinks can be had without pushing others out, and what it can push out to swap. */
static size_t of_system(void)
{
    unsigned long long available = 0, swap = 0;
    bool found = false;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "re");

    while (file && fgets(line, sizeof line, file)) {
        found = found || sscanf(line, "MemAvailable: %llu", &available) == 1;
        (void)sscanf(line, "SwapFree: %llu", &swap);
    }
    if (file)
        fclose(file);
    return found ? (size_t)(available + swap) * 1024 : SIZE_MAX;
}

/* Of `ulimit -v`. */
static size_t of_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    const size_t pages = number_in("/proc/self/statm");
    const size_t used = pages == SIZE_MAX ? 0 : pages * (size_t)sysconf(_SC_PAGESIZE);
    return limit.rlim_cur > used ? (size_t)limit.rlim_cur - used : 0;
}

size_t px_os_memory_available(void)
{
    return smaller(of_system(), smaller(px_cgroup_available("/proc/self/cgroup", "/sys/fs/cgroup"), of_limit()));
}
