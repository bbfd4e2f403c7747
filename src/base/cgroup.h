/* Linux's control groups: what the memory limit of a container, a service or a batch job leaves. */
#ifndef PX_BASE_CGROUP_H
#define PX_BASE_CGROUP_H

#include <stddef.h>

/* Bytes that the groups named in the file `list` (/proc/self/cgroup) and the groups around them still allow; `mount` is
 * where they are (/sys/fs/cgroup), of version 1, 2 or both. SIZE_MAX where there is no limit. */
size_t px_cgroup_available(const char *list, const char *mount);

#endif
