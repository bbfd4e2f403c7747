/* Paths and folders (declared in file.h). */
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/env.h"
#include "base/memory.h"
#include "base/os.h"

#define MAX_DEPTH 32 /* folders within folders; more is a link that leads back up */

bool px_path_is_file(const char *path)
{
    px_os_info info;

    return px_os_look(path, &info) == 0 && info.kind == PX_OS_REGULAR;
}

bool px_path_is_folder(const char *path)
{
    px_os_info info;

    return px_os_look(path, &info) == 0 && info.kind == PX_OS_FOLDER;
}

char *px_path_join(const char *folder, const char *name, pixcl_error *err)
{
    size_t length = strlen(folder);

    return px_format(err, length == 0 || px_os_separates(folder[length - 1]) ? "%s%s" : "%s/%s", folder, name);
}

const char *px_path_name(const char *path)
{
    const char *name = path + strlen(path);

    while (name > path && !px_os_separates(name[-1]))
        name--;
    return name;
}

const char *px_path_extension(const char *path)
{
    const char *name = px_path_name(path);
    const char *dot = strrchr(name, '.');

    return dot && dot != name ? dot : name + strlen(name);
}

pixcl_status px_make_folders(const char *path, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    char *partial = px_strdup(path, err);

    if (!partial)
        return PIXCL_ERROR_MEMORY;
    if (*path == '\0')
        status = px_fail(err, PIXCL_ERROR_ARGUMENT, "cannot make a folder: its name is empty");
    for (size_t end = 1; *path && status == PIXCL_OK; end++) {
        if (!px_os_separates(path[end]) && path[end] != '\0')
            continue;
        partial[end] = '\0';
        const int reason = px_os_make_folder(partial) == 0 ? 0 : errno;
        if (reason != 0 && !px_path_is_folder(partial)) {
            errno = reason; /* which looking for the folder has overwritten */
            if (reason == EEXIST || reason == ENOTDIR)
                status = px_fail(err, PIXCL_ERROR_IO, "cannot make folder %s: %s is not a folder", path, partial);
            else
                status = px_fail_errno(err, "cannot make folder", partial);
        }
        partial[end] = path[end];
        if (path[end] == '\0')
            break;
    }
    px_free(partial);
    return status;
}

static pixcl_status list_add(px_file_list *list, char *path, pixcl_error *err)
{
    pixcl_status status = px_grow(&list->paths, &list->capacity, list->count + 1, sizeof *list->paths, err);

    if (status == PIXCL_OK)
        list->paths[list->count++] = path;
    return status;
}

/* Adds what is in folder/inside ("" for the folder itself). */
static pixcl_status walk(const char *folder, const char *inside, int depth, bool (*keep)(const char *name),
                         px_file_list *list, pixcl_error *err)
{
    char *here = *inside ? px_path_join(folder, inside, err) : px_strdup(folder, err);
    pixcl_status status = here ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    px_os_folder *entries = NULL;

    if (!here)
        goto cleanup;
    if (depth > MAX_DEPTH) {
        status = px_fail(err, PIXCL_ERROR_IO, "folder %s is more than %d levels deep; does a link lead back up?", here,
                         MAX_DEPTH);
        goto cleanup;
    }
    entries = px_os_folder_open(here);
    if (!entries) {
        status = px_fail_errno(err, "cannot read folder", here);
        goto cleanup;
    }
    while (status == PIXCL_OK) {
        px_os_kind kind;
        const char *name = px_os_folder_next(entries, &kind);
        char *relative, *full;
        bool is_folder, is_file;

        if (!name) {
            if (errno)
                status = px_fail_errno(err, "cannot read folder", here);
            break;
        }
        if (name[0] == '.')
            continue;
        relative = *inside ? px_path_join(inside, name, err) : px_strdup(name, err);
        full = relative ? px_path_join(folder, relative, err) : NULL;
        if (!full) {
            px_free(relative);
            status = PIXCL_ERROR_MEMORY;
            break;
        }
        is_file = kind == PX_OS_REGULAR || px_path_is_file(full);
        is_folder = !is_file && (kind == PX_OS_FOLDER || px_path_is_folder(full));
        px_free(full);
        if (is_folder)
            status = walk(folder, relative, depth + 1, keep, list, err);
        else if (is_file && (!keep || keep(name)) && (status = list_add(list, relative, err)) == PIXCL_OK)
            relative = NULL;
        px_free(relative);
    }

cleanup:
    if (entries)
        px_os_folder_close(entries);
    px_free(here);
    return status;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

pixcl_status px_list_files(const char *folder, bool (*keep)(const char *name), px_file_list *list, pixcl_error *err)
{
    pixcl_status status;

    *list = (px_file_list){0};
    status = walk(folder, "", 0, keep, list, err);
    if (status != PIXCL_OK)
        px_file_list_free(list);
    else if (list->count > 1)
        qsort(list->paths, list->count, sizeof *list->paths, by_bytes);
    return status;
}

pixcl_status px_list_folders(const char *folder, px_file_list *list, pixcl_error *err)
{
    px_os_folder *entries = px_os_folder_open(folder);
    pixcl_status status = entries ? PIXCL_OK : px_fail_errno(err, "cannot read folder", folder);
    const char *name;
    px_os_kind kind;

    *list = (px_file_list){0};
    while (status == PIXCL_OK && (name = px_os_folder_next(entries, &kind))) {
        char *path = px_path_join(folder, name, err), *copy = px_strdup(name, err);
        const bool wanted = copy && path && *name != '.' && px_path_is_folder(path);

        status = !copy || !path ? PIXCL_ERROR_MEMORY : wanted ? list_add(list, copy, err) : PIXCL_OK;
        if (!wanted || status != PIXCL_OK)
            px_free(copy);
        px_free(path);
    }
    if (entries)
        px_os_folder_close(entries);
    if (status != PIXCL_OK)
        px_file_list_free(list);
    else if (list->count > 1)
        qsort(list->paths, list->count, sizeof *list->paths, by_bytes);
    return status;
}

void px_file_list_free(px_file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        px_free(list->paths[i]);
    px_free(list->paths);
    *list = (px_file_list){0};
}

char *px_cache_folder(pixcl_error *err)
{
    char *set = px_context_cache_folder();
    const char *folder = px_env_text("PIXCL_CACHE_DIR");

    if (set)
        return set;
    if (folder)
        return px_strdup(folder, err);
    folder = px_env_text("XDG_CACHE_HOME");
    if (folder)
        return px_path_join(folder, "pixcl", err);
    folder = px_env_text("HOME");
    if (folder)
        return px_path_join(folder, ".cache/pixcl", err);
    folder = px_env_text("LOCALAPPDATA");
    if (folder)
        return px_path_join(folder, "pixcl", err);
    px_fail(err, PIXCL_ERROR_IO, "no cache folder: none of PIXCL_CACHE_DIR, XDG_CACHE_HOME and HOME is set; set one");
    return NULL;
}
