/* Reading the limits of control groups, from the process's own up to the root. */
#include "base/cgroup.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"

/* What the files of a version are called. */
typedef struct version {
    const char *folder; /* below the mount */
    const char *most, *used;
    const char *cached; /* in memory.stat: pages of files, which a group counts too, and gives back */
} version;

static const version first_version = {"/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                      "total_inactive_file %llu"};
static const version second_version = {"", "memory.max", "memory.current", "inactive_file %llu"};

/* The first value in a small file that a line of it has by this format. */
static bool read_value(const char *folder, const char *name, const char *format, unsigned long long *value)
{
    char path[PATH_MAX + 64], line[256];
    bool found = false;

    px_snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = sscanf(line, format, value) == 1;
    if (file)
        fclose(file);
    return found;
}

/* What one group leaves. "max" is no number, and no limit. */
static size_t left_in(const char *folder, const version *of)
{
    unsigned long long most = 0, used = 0, cached = 0;

    if (!read_value(folder, of->most, "%llu", &most) || !read_value(folder, of->used, "%llu", &used))
        return SIZE_MAX;
    (void)read_value(folder, "memory.stat", of->cached, &cached);
    const unsigned long long held = used > cached ? used - cached : 0;
    return most <= held ? 0 : most - held < SIZE_MAX ? (size_t)(most - held) : SIZE_MAX;
}

/* What a group and those around it leave. In a container the root is the container's own group, and the names are those
 * of the host, which are not there. */
static size_t left_from(const char *mount, const char *group, const version *of)
{
    char folder[PATH_MAX];
    size_t least = SIZE_MAX;

    px_snprintf(folder, sizeof folder, "%s%s%s", mount, of->folder, group);
    const size_t root = strlen(mount) + strlen(of->folder);
    for (char *end = folder + strlen(folder); end; end = strrchr(folder + root, '/')) {
        *end = '\0';
        const size_t left = left_in(folder, of);
        least = left < least ? left : least;
        if (strlen(folder) <= root)
            break;
    }
    return least;
}

/* Whether a list of words with commas between them has this one. */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (; list; list = strchr(list, ',')) {
        list += *list == ',';
        if (strncmp(list, word, length) == 0 && (list[length] == ',' || list[length] == '\0'))
            return true;
    }
    return false;
}

size_t px_cgroup_available(const char *list, const char *mount)
{
    char line[PATH_MAX];
    size_t least = SIZE_MAX;
    FILE *file = fopen(list, "re");

    while (file && fgets(line, sizeof line, file)) { /* NUMBER:CONTROLLERS:GROUP */
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        size_t left = SIZE_MAX;

        if (!group)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (controllers[1] == '\0')
            left = left_from(mount, group, &second_version);
        else if (has_word(controllers + 1, "memory"))
            left = left_from(mount, group, &first_version);
        least = left < least ? left : least;
    }
    if (file)
        fclose(file);
    return least;
}
