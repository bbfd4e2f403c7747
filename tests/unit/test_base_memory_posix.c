/* base/memory on Linux: what the system and its groups of processes leave free. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cgroup.h"
#include "base/file.h"
#include "base/memory.h"
#include "scratch_folder.h"

static void put(const char *folder, const char *name, const char *text)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A made-up tree of groups: the process is in job, which is in slice. */
static void limits_of_groups_are_read(void **state)
{
    char root[SCRATCH_PATH], list[256], folder[5][256];
    static const char *const folders[] = {"/slice", "/slice/job", "/memory", "/memory/slice", "/memory/slice/job"};

    (void)state;
    assert_int_equal(scratch_folder_make(root), 0);
    for (int i = 0; i < 5; i++) {
        snprintf(folder[i], sizeof folder[i], "%s%s", root, folders[i]);
        assert_int_equal(px_os_make_folder(folder[i]), 0);
    }
    snprintf(list, sizeof list, "%s/list", root);
    assert_true(px_cgroup_available(list, root) == SIZE_MAX); /* not Linux */

    put(root, "list", "0::/slice/job\n");
    assert_true(px_cgroup_available(list, root) == SIZE_MAX); /* no controller of memory */
    put(folder[1], "memory.max", "1000\n");
    put(folder[1], "memory.current", "700\n");
    put(folder[1], "memory.stat", "anon 400\ninactive_anon 5\ninactive_file 100\nactive_file 200\n");
    put(folder[0], "memory.max", "max\n");
    put(folder[0], "memory.current", "900\n");
    assert_int_equal(px_cgroup_available(list, root), 1000 - (700 - 100));
    put(folder[0], "memory.max", "950\n"); /* the group around it is nearly full */
    assert_int_equal(px_cgroup_available(list, root), 50);
    put(folder[0], "memory.max", "800\n"); /* lowered since */
    assert_int_equal(px_cgroup_available(list, root), 0);

    put(root, "list", "4:cpu,memory,io:/slice/job\n2:memory2:/slice\n1:name=systemd:/slice/job\n");
    put(folder[4], "memory.limit_in_bytes", "9223372036854771712\n");
    put(folder[4], "memory.usage_in_bytes", "700\n");
    put(folder[3], "memory.limit_in_bytes", "3000\n");
    put(folder[3], "memory.usage_in_bytes", "2000\n");
    put(folder[3], "memory.stat", "inactive_file 1\ntotal_inactive_file 500\n");
    assert_int_equal(px_cgroup_available(list, root), 1500);
    put(root, "list", "4:memory:/docker/of_the_host\n"); /* seen from inside a container */
    put(folder[2], "memory.limit_in_bytes", "600\n");
    put(folder[2], "memory.usage_in_bytes", "200\n");
    assert_int_equal(px_cgroup_available(list, root), 400);

    assert_int_equal(scratch_remove(root), 0);
}

/* Stands before the C library's: with a folder here, /proc/meminfo and the like are files of it. */
static const char *system_folder;

FILE *fopen(const char *path, const char *mode)
{
    FILE *(*next)(const char *, const char *);
    char moved[300];

    *(void **)&next = dlsym(RTLD_NEXT, "fopen");
    if (!system_folder || *path != '/')
        return next(path, mode);
    snprintf(moved, sizeof moved, "%s%s", system_folder, path);
    return next(moved, mode);
}

static void make_system_file(const char *folder, const char *path, const char *text)
{
    char *full = px_format(NULL, "%s%s", folder, path), *parent;

    parent = px_format(NULL, "%.*s", (int)(px_path_name(full) - full), full);
    assert_int_equal(px_make_folders(parent, NULL), PIXCL_OK);
    assert_int_equal(px_file_write(full, text, strlen(text), NULL), PIXCL_OK);
    px_free(parent);
    px_free(full);
}

static size_t available_in(const char *folder)
{
    size_t bytes;

    system_folder = folder;
    bytes = px_memory_available();
    system_folder = NULL;
    return bytes;
}

static void what_is_free_is_the_least_of_system_and_container(void **state)
{
    char folder[SCRATCH_PATH];

    (void)state;
    assert_int_equal(scratch_folder_make(folder), 0);
    make_system_file(folder, "/proc/meminfo",
                     "MemTotal:  900000 kB\nMemAvailable:   500000 kB\nSwapFree:    100000 kB\n");
    assert_int_equal(available_in(folder), 600000 * 1024);

    make_system_file(folder, "/proc/self/cgroup", "12:cpu:/other\n0::/box\n");
    make_system_file(folder, "/sys/fs/cgroup/box/memory.max", "300000000\n");
    make_system_file(folder, "/sys/fs/cgroup/box/memory.current", "200000000\n");
    make_system_file(folder, "/sys/fs/cgroup/box/memory.stat", "anon 150000000\ninactive_file 50000000\n");
    assert_int_equal(available_in(folder), 150000000); /* pages of files are given back */

    make_system_file(folder, "/sys/fs/cgroup/box/memory.max", "max\n");
    assert_int_equal(available_in(folder), 600000 * 1024);
    make_system_file(folder, "/sys/fs/cgroup/box/memory.max", "100000000\n");
    assert_int_equal(available_in(folder), 0);
    assert_int_equal(scratch_remove(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_groups_are_read),
        cmocka_unit_test(what_is_free_is_the_least_of_system_and_container),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
