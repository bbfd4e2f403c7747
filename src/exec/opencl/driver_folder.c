/* Folders of links to registrations. */
#include "exec/opencl/driver_folder.h"

#include <stdio.h>

#include "base/env.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/os.h"

char *px_driver_folder(const char *root, const char *name, const px_cl_driver *drivers, size_t count, pixcl_error *err)
{
    char *path = px_path_join(root, name, err);
    bool made = path && px_os_make_private_folder(path) == 0;

    for (size_t i = 0; i < count && made; i++) {
        char *target = px_os_real_path(drivers[i].file), *link_path;
        if (drivers[i].state == PX_DRIVER_HARMFUL || !target) {
            px_free(target);
            continue;
        }
        link_path = px_path_join(path, px_path_name(drivers[i].file), err);
        made = link_path && px_os_link_by_name(target, link_path) == 0;
        px_free(link_path);
        px_free(target);
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
    px_os_folder *stream = px_os_folder_open(path);
    px_os_kind kind;

    for (const char *name; stream && (name = px_os_folder_next(stream, &kind));) {
        char *inside = px_path_join(path, name, NULL);
        if (inside && remove(inside) != 0)
            px_driver_folder_remove(inside);
        px_free(inside);
    }
    if (stream)
        px_os_folder_close(stream);
    px_os_remove_folder(path);
}

char *px_driver_folder_root(pixcl_error *err)
{
    const char *root = px_env_text("TMPDIR");
    char *path = px_format(err, "%s/pixcl-drivers-XXXXXX", root ? root : px_os_temporary_place());

    if (path && px_os_make_temporary_folder(path) != 0) {
        px_fail_errno(err, "cannot make folder", path);
        px_free(path);
        path = NULL;
    }
    return path;
}
