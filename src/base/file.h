/* Files and paths. Writing is atomic: a reader, or a kill at any moment, sees the old file or the whole new one. */
#ifndef PX_BASE_FILE_H
#define PX_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/os.h"

/* Opens a file that is to be read, the only way in which that is done. It must be a regular file: a pipe, a device or a
 * socket is refused without waiting for it, also one that came into the place of a file since. *info is what it is.
 * The descriptor, or -1 with the error filled. */
int px_file_open_input(const char *path, px_os_info *info, pixcl_error *err);
/* The whole file as bytes, plus a NUL that *size does not count (px_free). */
pixcl_status px_file_read(const char *path, uint8_t **bytes, size_t *size, pixcl_error *err);

/* Writes a file in pieces under a temporary name beside `path`; commit syncs and renames it into place. */
typedef struct px_file_writer px_file_writer;
px_file_writer *px_file_writer_create(const char *path, pixcl_error *err);
pixcl_status px_file_writer_add(px_file_writer *writer, const void *bytes, size_t size, pixcl_error *err);
/* Writes over `size` bytes that were added before, from `offset` on. */
pixcl_status px_file_writer_replace(px_file_writer *writer, size_t offset, const void *bytes, size_t size,
                                    pixcl_error *err);
/* Ends the writer either way: on failure, and with abandon, the temporary file is gone and `path` is as it was. */
pixcl_status px_file_writer_commit(px_file_writer **writer, pixcl_error *err);
void px_file_writer_abandon(px_file_writer **writer);
/* The three above in one. */
pixcl_status px_file_write(const char *path, const void *bytes, size_t size, pixcl_error *err);
/* The same for a library that writes to a path by itself: makes an empty file under a temporary name beside `path`
 * and gives the name (px_free) ... */
char *px_file_temporary(const char *path, pixcl_error *err);
/* ... and, once it was written, syncs it and renames it to `path`. On failure it is gone and `path` is as it was. */
pixcl_status px_file_publish(const char *temporary, const char *path, pixcl_error *err);
/* Puts the file `from` under another name, too: by a hard link, so that it costs nothing, or else as a copy. `path` has
 * the old content or the new at any moment. */
pixcl_status px_file_duplicate(const char *from, const char *path, pixcl_error *err);
/* Holds a folder for this process, until px_folder_release(*hold) or its end, however it ends. False when another one
 * holds it. Where the file system does not know such locks, *hold is -1 and nobody is kept out. */
bool px_folder_hold(const char *folder, int *hold);
void px_folder_release(int hold);
/* Removes the temporary files in `folder` of processes of this machine that were killed while writing. */
void px_file_remove_leftovers(const char *folder);
/* Appends one line and flushes it (for histories and logs). The newline is added. */
pixcl_status px_file_append_line(const char *path, const char *line, pixcl_error *err);

bool px_path_is_file(const char *path);
bool px_path_is_folder(const char *path);
/* "folder/name" (px_free). */
char *px_path_join(const char *folder, const char *name, pixcl_error *err);
/* The part after the last separator ('/', on Windows also '\\'), and where its extension's '.' stands (the end of the
 * string when there is none). */
const char *px_path_name(const char *path);
const char *px_path_extension(const char *path);
/* Makes the folder and its parents; no error when it exists. */
pixcl_status px_make_folders(const char *path, pixcl_error *err);

/* All regular files below `folder` (recursively, links followed, hidden ones left out), as paths relative to it,
 * sorted by byte value. `keep` (may be NULL) says which names count. */
typedef struct px_file_list {
    char **paths;
    size_t count, capacity;
} px_file_list;
pixcl_status px_list_files(const char *folder, bool (*keep)(const char *name), px_file_list *list, pixcl_error *err);
/* The folders in `folder` by their names, sorted, hidden ones left out. */
pixcl_status px_list_folders(const char *folder, px_file_list *list, pixcl_error *err);
void px_file_list_free(px_file_list *list);

/* Folder for pixcl's own caches: $PIXCL_CACHE_DIR, else $XDG_CACHE_HOME/pixcl, else ~/.cache/pixcl, else
 * $LOCALAPPDATA/pixcl (px_free). */
char *px_cache_folder(pixcl_error *err);

#endif
