/* Reading and writing whole files. The folder walk and path helpers are in path.c. */
#include "base/file.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"

#define BUFFER_BYTES ((size_t)64 * 1024)

/* What a file is that is not a regular one, for a message. */
static const char *kind_of(px_os_kind kind)
{
    return kind == PX_OS_FOLDER   ? "a folder"
           : kind == PX_OS_PIPE   ? "a pipe"
           : kind == PX_OS_SOCKET ? "a socket"
                                  : "a device";
}

int px_file_open_input(const char *path, px_os_info *info, pixcl_error *err)
{
    const int file = px_os_open(path, PX_OS_READ);

    if (file < 0) {
        px_fail_errno(err, "cannot open", path);
        return -1;
    }
    if (px_os_describe(file, info) != 0)
        px_fail_errno(err, "cannot read", path);
    else if (info->kind != PX_OS_REGULAR)
        px_fail(err, PIXCL_ERROR_IO, "cannot read %s: it is %s, expected a regular file", path, kind_of(info->kind));
    else
        return file;
    px_os_close(file);
    return -1;
}

pixcl_status px_file_read(const char *path, uint8_t **bytes, size_t *size, pixcl_error *err)
{
    uint8_t *data = NULL;
    size_t length = 0, capacity = 0, first;
    pixcl_status status = PIXCL_OK;
    px_os_info info;
    int file = px_file_open_input(path, &info, err);

    *bytes = NULL;
    *size = 0;
    if (file < 0)
        return PIXCL_ERROR_IO;
    /* The size is a hint only: it is 0 in /proc, and a file may grow meanwhile. */
    first = info.size > 0 ? (size_t)info.size + 2 : BUFFER_BYTES;
    for (;;) {
        ptrdiff_t got;

        if (length + 1 >= capacity) {
            status = px_grow(&data, &capacity, capacity ? capacity + 1 : first, 1, err);
            if (status != PIXCL_OK) {
                px_fail_context(err, "cannot read %s", path);
                goto cleanup;
            }
        }
        got = px_os_read(file, data + length, capacity - length - 1);
        if (got < 0) {
            status = px_fail_errno(err, "cannot read", path);
            goto cleanup;
        }
        if (got == 0)
            break;
        length += (size_t)got;
    }
    data[length] = 0;
    *bytes = data;
    *size = length;
    data = NULL;

cleanup:
    px_free(data);
    px_os_close(file);
    return status;
}

/* What follows the file's own name in a temporary one: machine, process and serial number. */
#define TEMPORARY_SUFFIX ".pixcl-%08x-%lld-%u.tmp"

static uint64_t hash_of(const char *text)
{
    return px_hash(PX_HASH_START, text, strlen(text));
}

/* Tells machines apart that share a folder, and containers, which have processes of their own. */
static unsigned machine_number(void)
{
    char name[256] = "";

    px_os_machine(name, sizeof name);
    return *name ? (unsigned)hash_of(name) : 0;
}

/* The first temporary file in a folder is preceded by what killed processes left there. */
static void remove_leftovers_once(const char *folder)
{
    enum { MOST_FOLDERS = 64 };
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t cleaned[MOST_FOLDERS];
    static int count;
    char *real = px_os_real_path(folder); /* not its number: a folder that is removed leaves it to the next one */
    const uint64_t hash = hash_of(real ? real : folder);
    bool known = false;

    px_free(real);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++)
        known = known || cleaned[i] == hash;
    known = known || count == MOST_FOLDERS;
    if (!known)
        cleaned[count++] = hash;
    pthread_mutex_unlock(&lock);
    if (!known)
        px_file_remove_leftovers(folder);
}

static char *folder_of(const char *path, pixcl_error *err)
{
    const size_t length = (size_t)(px_path_name(path) - path);

    return length ? px_format(err, "%.*s", (int)length, path) : px_strdup(".", err);
}

/* Makes a file under a fresh name beside `path`; its descriptor, or -1 with the error filled. */
static int open_temporary(const char *path, char **temporary, pixcl_error *err)
{
    static atomic_uint serial; /* tells this process's files apart; the process number tells processes apart */
    const int folder_length = (int)(px_path_name(path) - path);
    px_os_info info;
    int file = -1;

    *temporary = NULL;
    if (*px_path_name(path) == '\0') {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "cannot write \"%s\": it names no file", path);
        return -1;
    }
    /* Renaming onto a device or a pipe would replace it, /dev/null for one. */
    if (px_os_look(path, &info) == 0 && info.kind != PX_OS_REGULAR) {
        px_fail(err, PIXCL_ERROR_IO, "cannot write %s: it is not a regular file; choose another name", path);
        return -1;
    }
    char *folder = folder_of(path, err);
    if (!folder)
        return -1;
    remove_leftovers_once(folder);
    px_free(folder);
    for (int attempt = 0; attempt < 100 && file < 0; attempt++) {
        px_free(*temporary);
        *temporary = px_format(err, "%.*s" TEMPORARY_SUFFIX, folder_length, path, machine_number(),
                               (long long)px_os_process(), atomic_fetch_add(&serial, 1));
        if (!*temporary)
            return -1;
        file = px_os_open(*temporary, PX_OS_CREATE);
        if (file < 0 && errno != EEXIST)
            break;
    }
    if (file < 0) {
        px_fail_errno(err, "cannot write", path);
        px_free(*temporary);
        *temporary = NULL;
    }
    return file;
}

/* Whether it names a temporary file of a process of this machine that is no more, or one that libzip has made beside
 * it: a dot and six letters longer. */
static bool is_leftover(const char *name)
{
    enum { OF_LIBZIP = 7 };
    const char *suffix = strstr(name, ".pixcl-");
    long long process = 0;
    unsigned machine = 0, serial = 0;
    int end = 0;

    if (!suffix || sscanf(suffix, TEMPORARY_SUFFIX "%n", &machine, &process, &serial, &end) != 3 || end == 0 ||
        machine != machine_number() || (suffix[end] && (suffix[end] != '.' || strlen(suffix + end) != OF_LIBZIP)))
        return false;
    return process > 0 && px_os_is_gone(process);
}

void px_file_remove_leftovers(const char *folder)
{
    px_os_folder *entries = px_os_folder_open(folder);
    const char *name;
    px_os_kind kind;

    while (entries && (name = px_os_folder_next(entries, &kind))) {
        char *path = is_leftover(name) ? px_path_join(folder, name, NULL) : NULL;

        if (path && px_os_remove(path) == 0)
            px_log(PIXCL_LOG_DEBUG, "removed %s, which a killed process left", path);
        px_free(path);
    }
    if (entries)
        px_os_folder_close(entries);
}

bool px_folder_hold(const char *folder, int *hold)
{
    return px_os_hold(folder, hold) != 1;
}

void px_folder_release(int hold)
{
    if (hold >= 0)
        px_os_release(hold);
}

/* Makes the rename of a file itself durable. The file is whole either way, so a file system that cannot do it is no
 * failure. */
static void sync_folder_of(const char *path)
{
    char *folder = folder_of(path, NULL);

    if (folder && px_os_sync_folder(folder) != 0)
        px_log(PIXCL_LOG_WARNING, "folder %s cannot be synced: a power failure may undo the last file written to it",
               folder);
    px_free(folder);
}

/* Syncs, closes and renames an open temporary file; on failure removes it. */
static pixcl_status publish(int file, const char *temporary, const char *path, pixcl_error *err)
{
    bool synced = px_os_sync(file) == 0;
    int reason = errno;

    if (px_os_close(file) != 0 && synced) {
        synced = false;
        reason = errno;
    }
    if (synced && px_os_rename(temporary, path) == 0) {
        sync_folder_of(path);
        return PIXCL_OK;
    }
    if (!synced)
        errno = reason;
    px_fail_errno(err, "cannot write", path);
    px_os_remove(temporary);
    return PIXCL_ERROR_IO;
}

char *px_file_temporary(const char *path, pixcl_error *err)
{
    char *temporary;
    int file = open_temporary(path, &temporary, err);

    if (file >= 0)
        px_os_close(file);
    return temporary;
}

pixcl_status px_file_publish(const char *temporary, const char *path, pixcl_error *err)
{
    int file = px_os_open(temporary, PX_OS_FLUSH);

    if (file < 0) {
        px_fail_errno(err, "cannot write", path);
        px_os_remove(temporary);
        return PIXCL_ERROR_IO;
    }
    return publish(file, temporary, path, err);
}

struct px_file_writer {
    char *path, *temporary;
    int file; /* -1 once closed; the temporary file then no longer exists */
    size_t used;
    uint8_t buffer[BUFFER_BYTES];
};

/* Closes and removes the temporary file. */
static void drop_temporary(px_file_writer *writer)
{
    if (writer->file < 0)
        return;
    px_os_close(writer->file);
    writer->file = -1;
    px_os_remove(writer->temporary);
}

px_file_writer *px_file_writer_create(const char *path, pixcl_error *err)
{
    px_file_writer *writer = px_calloc(1, sizeof *writer, err);

    if (!writer)
        return NULL;
    writer->file = -1;
    writer->path = px_strdup(path, err);
    if (writer->path)
        writer->file = open_temporary(path, &writer->temporary, err);
    if (writer->file < 0)
        px_file_writer_abandon(&writer);
    return writer;
}

static pixcl_status write_all(px_file_writer *writer, const uint8_t *bytes, size_t size, pixcl_error *err)
{
    while (size > 0) {
        const ptrdiff_t wrote = px_os_write(writer->file, bytes, size);

        if (wrote < 0) {
            px_fail_errno(err, "cannot write", writer->path);
            drop_temporary(writer);
            return PIXCL_ERROR_IO;
        }
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return PIXCL_OK;
}

static pixcl_status flush_buffer(px_file_writer *writer, pixcl_error *err)
{
    size_t size = writer->used;

    writer->used = 0;
    return write_all(writer, writer->buffer, size, err);
}

static pixcl_status already_failed(const px_file_writer *writer, pixcl_error *err)
{
    return px_fail(err, PIXCL_ERROR_IO, "cannot write %s: an earlier write to it failed", writer->path);
}

pixcl_status px_file_writer_add(px_file_writer *writer, const void *bytes, size_t size, pixcl_error *err)
{
    pixcl_status status;

    if (writer->file < 0)
        return already_failed(writer, err);
    if (size <= BUFFER_BYTES - writer->used) {
        if (size)
            memcpy(writer->buffer + writer->used, bytes, size);
        writer->used += size;
        return PIXCL_OK;
    }
    status = flush_buffer(writer, err);
    if (status != PIXCL_OK)
        return status;
    if (size < BUFFER_BYTES)
        return px_file_writer_add(writer, bytes, size, err);
    return write_all(writer, bytes, size, err);
}

pixcl_status px_file_writer_replace(px_file_writer *writer, size_t offset, const void *bytes, size_t size,
                                    pixcl_error *err)
{
    pixcl_status status = writer->file < 0 ? already_failed(writer, err) : flush_buffer(writer, err);

    if (status != PIXCL_OK)
        return status;
    if (px_os_seek(writer->file, offset) != 0) {
        status = px_fail_errno(err, "cannot write", writer->path);
        drop_temporary(writer);
        return status;
    }
    status = write_all(writer, bytes, size, err);
    if (status == PIXCL_OK && px_os_seek(writer->file, PX_OS_END) != 0) {
        status = px_fail_errno(err, "cannot write", writer->path);
        drop_temporary(writer);
    }
    return status;
}

pixcl_status px_file_writer_commit(px_file_writer **handle, pixcl_error *err)
{
    px_file_writer *writer = *handle;
    pixcl_status status = writer->file < 0 ? already_failed(writer, err) : flush_buffer(writer, err);

    if (status == PIXCL_OK) {
        status = publish(writer->file, writer->temporary, writer->path, err);
        writer->file = -1;
    }
    px_file_writer_abandon(handle);
    return status;
}

void px_file_writer_abandon(px_file_writer **writer)
{
    if (!*writer)
        return;
    drop_temporary(*writer);
    px_free((*writer)->path);
    px_free((*writer)->temporary);
    px_free(*writer);
    *writer = NULL;
}

pixcl_status px_file_write(const char *path, const void *bytes, size_t size, pixcl_error *err)
{
    px_file_writer *writer = px_file_writer_create(path, err);
    pixcl_status status;

    if (!writer)
        return err ? err->status : PIXCL_ERROR_IO;
    status = px_file_writer_add(writer, bytes, size, err);
    if (status != PIXCL_OK) {
        px_file_writer_abandon(&writer);
        return status;
    }
    return px_file_writer_commit(&writer, err);
}

static pixcl_status copy_contents(const char *from, px_file_writer *writer, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    ptrdiff_t got = 1;
    uint8_t *buffer = px_calloc(BUFFER_BYTES, 1, err);
    px_os_info info;
    int file = buffer ? px_file_open_input(from, &info, err) : -1;

    if (!buffer)
        status = PIXCL_ERROR_MEMORY;
    else if (file < 0)
        status = PIXCL_ERROR_IO;
    while (status == PIXCL_OK && got != 0) {
        got = px_os_read(file, buffer, BUFFER_BYTES);
        if (got < 0)
            status = px_fail_errno(err, "cannot read", from);
        else if (got > 0)
            status = px_file_writer_add(writer, buffer, (size_t)got, err);
    }
    if (file >= 0)
        px_os_close(file);
    px_free(buffer);
    return status;
}

/* False where the file system has no hard links, or not between these two places. */
static bool link_to(const char *from, const char *path)
{
    char *temporary = px_file_temporary(path, NULL);
    bool linked = temporary && px_os_remove(temporary) == 0 && px_os_link(from, temporary) == 0 &&
                  px_os_rename(temporary, path) == 0;

    /* rename() leaves both names where they are one file already. */
    if (temporary)
        px_os_remove(temporary);
    if (linked)
        sync_folder_of(path);
    px_free(temporary);
    return linked;
}

pixcl_status px_file_duplicate(const char *from, const char *path, pixcl_error *err)
{
    px_file_writer *writer;
    pixcl_status status;

    if (link_to(from, path))
        return PIXCL_OK;
    writer = px_file_writer_create(path, err);
    if (!writer)
        return err ? err->status : PIXCL_ERROR_IO;
    status = copy_contents(from, writer, err);
    if (status == PIXCL_OK)
        return px_file_writer_commit(&writer, err);
    px_file_writer_abandon(&writer);
    return status;
}

pixcl_status px_file_append_line(const char *path, const char *line, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    char *text = px_format(err, "%s\n", line);
    size_t left = text ? strlen(text) : 0;
    const char *next = text;
    int file;

    if (!text)
        return PIXCL_ERROR_MEMORY;
    file = px_os_open(path, PX_OS_APPEND);
    if (file < 0) {
        status = px_fail_errno(err, "cannot append to", path);
        goto cleanup;
    }
    while (left > 0 && status == PIXCL_OK) {
        const ptrdiff_t wrote = px_os_write(file, next, left);

        if (wrote >= 0) {
            next += wrote;
            left -= (size_t)wrote;
        } else {
            status = px_fail_errno(err, "cannot append to", path);
        }
    }
    if (px_os_close(file) != 0 && status == PIXCL_OK)
        status = px_fail_errno(err, "cannot append to", path);

cleanup:
    px_free(text);
    return status;
}
