/* Folders of links to registrations. */
#include "exec/opencl/driver_folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/memory.h"

char *px_driver_folder(const char *root, const char *name, const px_cl_driver *drivers, size_t count, pixcl_error *err)
{
    char *path = px_path_join(root, name, err);
    bool made = path && mkdir(path, 0700) == 0;

    for (size_t i = 0; i < count && made; i++) {
        char *target = realpath(drivers[i].file, NULL), *link_path;
        if (drivers[i].state == PX_DRIVER_HARMFUL || !target) {
            free(target);
            continue;
        }
        link_path = px_path_join(path, px_path_name(drivers[i].file), err);
        made = link_path && symlink(target, link_path) == 0;
        px_free(link_path);
        free(target);
    }
    if (made)
        return path;
    if (path)
        px_fail_errno(err, "cannot make folder", path);
    px_free(path);
    return NULL;
}

void px_driver_folder_remove(const char *path)
{
    DIR *stream = opendir(path);

    for (const struct dirent *entry; stream && (entry = readdir(stream));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inside = px_path_join(path, entry->d_name, NULL);
        if (inside && unlink(inside) != 0)
            px_driver_folder_remove(inside);
        px_free(inside);
    }
    if (stream)
        closedir(stream);
    rmdir(path);
}

char *px_driver_folder_root(pixcl_error *err)
{
    const char *root = px_env_text("TMPDIR");
    char *path = px_format(err, "%s/pixcl-drivers-XXXXXX", root ? root : "/tmp");

    if (path && !mkdtemp(path)) {
        px_fail_errno(err, "cannot make folder", path);
        px_free(path);
        path = NULL;
    }
    return path;
}
