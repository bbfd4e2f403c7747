/* A fresh folder for a test, and away with it, on every system. */
#ifndef PX_TEST_SCRATCH_FOLDER_H
#define PX_TEST_SCRATCH_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { SCRATCH_PATH = 128 };

/* 0, and its path. */
static inline int scratch_folder_make(char path[SCRATCH_PATH])
{
    const char *place = px_os_temporary_place();
    const size_t length = strlen(place);

    snprintf(path, SCRATCH_PATH, "%s%spixcl-test-XXXXXX", place, px_os_separates(place[length - 1]) ? "" : "/");
    return px_os_make_temporary_folder(path);
}

/* A file, a link, or a folder with all that is in it. 0, or else something stayed. */
static inline int scratch_remove(const char *path)
{
    px_os_kind kind;

    if (px_os_remove(path) == 0)
        return 0;
    px_os_folder *folder = px_os_folder_open(path);
    if (!folder)
        return -1;
    for (const char *name; (name = px_os_folder_next(folder, &kind));) {
        char *inner = px_path_join(path, name, NULL);

        scratch_remove(inner);
        px_free(inner);
    }
    px_os_folder_close(folder);
    return px_os_remove_folder(path);
}

#endif
