/* The zip form of .pth (torch.save since 1.6): NAME/data.pkl, NAME/data/KEY for each storage, perhaps
 * NAME/byteorder. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "store/pth.h"
#include "store/pth_state.h"
#include "store/zip_bytes.h"

/* PyTorch stores without compression. Other writers may deflate, but nothing honest shrinks weights a hundredfold. */
#define MAX_GROWTH  ((zip_uint64_t)100)
#define MAX_PICKLE  ((zip_uint64_t)16 * 1024 * 1024)
#define FREE_GROWTH ((zip_uint64_t)1024 * 1024) /* always allowed, for small files */

enum { MAX_PATH = 1100 };

typedef struct archive {
    px_tensor_file *file;
    px_zip_bytes bytes;
    zip_t *zip;
    char prefix[MAX_PATH - 100]; /* "NAME/", or "" */
    bool big_endian;
    zip_uint64_t inflated, limit; /* bytes */
    pixcl_error *err;
} archive;

static pixcl_status fail_zip(const archive *a, const char *entry, const char *reason)
{
    return px_fail(a->err, PIXCL_ERROR_FORMAT, "%s: %s%scannot be read: %s; get or write the file again",
                   a->file->source, entry, *entry ? " " : "the zip archive ", reason);
}

static pixcl_status open_archive(archive *a)
{
    zip_error_t error;

    zip_error_init(&error);
    a->bytes = (px_zip_bytes){.bytes = a->file->bytes, .size = a->file->size};
    a->zip = px_zip_bytes_open(&a->bytes, &error);
    if (!a->zip)
        fail_zip(a, "", zip_error_strerror(&error));
    zip_error_fini(&error);
    return a->zip ? PIXCL_OK : PIXCL_ERROR_FORMAT;
}

/* Finds NAME/data.pkl and keeps "NAME/". */
static pixcl_status find_prefix(archive *a)
{
    zip_int64_t count = zip_get_num_entries(a->zip, 0);

    for (zip_int64_t i = 0; i < count; i++) {
        const char *path = zip_get_name(a->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        const char *name = path ? strchr(path, '/') : NULL;
        size_t length;

        if (!path)
            continue;
        name = name ? name + 1 : path;
        length = (size_t)(name - path);
        if (strcmp(name, "data.pkl") != 0 || length >= sizeof a->prefix)
            continue;
        memcpy(a->prefix, path, length);
        a->prefix[length] = '\0';
        return PIXCL_OK;
    }
    return px_fail(a->err, PIXCL_ERROR_FORMAT, "%s: a zip archive without a data.pkl: not a file of torch.save()",
                   a->file->source);
}

/* Index and size of the entry prefix + name; -1 when there is none. */
static zip_int64_t locate(const archive *a, const char *name, zip_uint64_t *size)
{
    char path[MAX_PATH];
    zip_int64_t index;
    zip_stat_t info;

    snprintf(path, sizeof path, "%s%s", a->prefix, name);
    index = zip_name_locate(a->zip, path, ZIP_FL_ENC_RAW);
    if (index < 0 || zip_stat_index(a->zip, (zip_uint64_t)index, 0, &info) != 0 || !(info.valid & ZIP_STAT_SIZE))
        return -1;
    *size = info.size;
    return index;
}

/* The next bytes of an entry of which `left` are to come, at most `room`: how many; 0 at its end, with its size and
 * checksum found right; -1 with an error. */
static zip_int64_t read_next(archive *a, zip_file_t *entry, const char *name, uint8_t *to, size_t room, size_t left)
{
    uint8_t beyond;
    /* After the last byte one more is asked for: only the end makes libzip compare the checksum. */
    const zip_int64_t got = left > 0 ? zip_fread(entry, to, room < left ? room : left) : zip_fread(entry, &beyond, 1);
    const char *wrong = got < 0                ? zip_file_strerror(entry)
                        : got == 0 && left > 0 ? "it is shorter than announced"
                        : got > 0 && left == 0 ? "it is longer than announced"
                                               : NULL;
    if (!wrong)
        return got;
    fail_zip(a, name, wrong);
    return -1;
}

static zip_file_t *open_entry(archive *a, zip_int64_t index, const char *name)
{
    zip_file_t *entry = zip_fopen_index(a->zip, (zip_uint64_t)index, 0);

    if (!entry)
        fail_zip(a, name, zip_strerror(a->zip));
    return entry;
}

/* All bytes of an entry. */
static pixcl_status read_entry(archive *a, zip_int64_t index, const char *name, uint8_t *out, size_t size)
{
    zip_file_t *entry = open_entry(a, index, name);
    zip_int64_t got = entry ? 0 : -1;
    size_t done = 0;

    while (entry && (got = read_next(a, entry, name, out + done, size - done, size - done)) > 0)
        done += (size_t)got;
    if (entry)
        zip_fclose(entry);
    return got == 0 ? PIXCL_OK : PIXCL_ERROR_FORMAT;
}

/* The bytes of an entry within the archive, where they are as they are, uncompressed, from one place on; else NULL with
 * the status PIXCL_OK. libzip reads them through for the checksum, and what it gives is compared with that place. */
static pixcl_status find_entry(archive *a, zip_int64_t index, const char *name, size_t size, const uint8_t **place)
{
    enum { SLICE = 16 * 1024 }; /* for the stack and the nearest cache */
    zip_file_t *entry = open_entry(a, index, name);
    zip_int64_t got = entry ? 0 : -1;
    uint8_t slice[SLICE];
    size_t done = 0;

    *place = NULL;
    while (entry && (got = read_next(a, entry, name, slice, SLICE, size - done)) > 0) {
        const uint8_t *here = a->bytes.bytes + a->bytes.last;

        if (done == 0)
            *place = here;
        if (here != *place + done || a->bytes.next - a->bytes.last < (zip_uint64_t)got ||
            memcmp(here, slice, (size_t)got) != 0) {
            *place = NULL;
            got = 0;
            break;
        }
        done += (size_t)got;
    }
    if (entry)
        zip_fclose(entry);
    return got == 0 ? PIXCL_OK : PIXCL_ERROR_FORMAT;
}

static pixcl_status read_pickle(archive *a, uint8_t **bytes, px_pickle *pickle)
{
    zip_uint64_t size = 0;
    zip_int64_t index;
    pixcl_status status;

    if (locate(a, "constants.pkl", &size) >= 0)
        return px_fail(a->err, PIXCL_ERROR_FORMAT,
                       "%s: a TorchScript program, not a state_dict; save torch.jit.load(path).state_dict()",
                       a->file->source);
    index = locate(a, "data.pkl", &size);
    if (index < 0 || size > MAX_PICKLE)
        return fail_zip(a, "data.pkl", index < 0 ? "it has no size" : "it has more than 16 MiB");
    *bytes = px_calloc((size_t)size, 1, a->err);
    if (!*bytes)
        return PIXCL_ERROR_MEMORY;
    status = read_entry(a, index, "data.pkl", *bytes, (size_t)size);
    return status == PIXCL_OK
               ? px_pickle_parse(*bytes, (size_t)size, px_pth_globals, a->file->source, pickle, NULL, a->err)
               : status;
}

/* NAME/byteorder came with PyTorch 2.1; without it, everything is little-endian. */
static pixcl_status read_byte_order(archive *a)
{
    char text[8] = "";
    zip_uint64_t size = 0;
    zip_int64_t index = locate(a, "byteorder", &size);

    if (index < 0)
        return PIXCL_OK;
    if (size >= sizeof text || read_entry(a, index, "byteorder", (uint8_t *)text, (size_t)size) != PIXCL_OK ||
        (strcmp(text, "little") != 0 && strcmp(text, "big") != 0))
        return px_fail(a->err, PIXCL_ERROR_FORMAT,
                       "%s: byteorder is neither \"little\" nor \"big\"; the file is damaged", a->file->source);
    a->big_endian = text[0] == 'b';
    return PIXCL_OK;
}

static void swap_bytes(uint8_t *bytes, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++, bytes += size) {
        for (size_t low = 0, high = size - 1; low < high; low++, high--) {
            uint8_t byte = bytes[low];

            bytes[low] = bytes[high];
            bytes[high] = byte;
        }
    }
}

/* A storage on its way. */
typedef struct reading {
    const archive *from;
    px_pth_storage *storage;
    zip_int64_t index;
    uint8_t *copy; /* memory to unpack to; NULL when not needed */
    pixcl_error err;
} reading;

static void storage_name(const px_pth_storage *storage, char *name, size_t size)
{
    snprintf(name, size, "data/%.*s", (int)storage->key_length, storage->key);
}

static size_t storage_bytes(const px_pth_storage *storage)
{
    return storage->count * px_dtype_size(storage->dtype);
}

static pixcl_status locate_storage(archive *a, px_pth_storage *storage, reading *task)
{
    const size_t bytes = storage_bytes(storage);
    zip_uint64_t found = 0;
    char name[100];

    storage_name(storage, name, sizeof name);
    *task = (reading){.from = a, .storage = storage, .index = locate(a, name, &found)};
    if (task->index < 0)
        return px_fail(a->err, PIXCL_ERROR_FORMAT, "%s: %s%s is missing; the file is damaged", a->file->source,
                       a->prefix, name);
    if (found != bytes)
        return px_fail(a->err, PIXCL_ERROR_FORMAT,
                       "%s: %s%s has %llu bytes, but its tensors need %zu; the file is damaged", a->file->source,
                       a->prefix, name, (unsigned long long)found, bytes);
    a->inflated += bytes; /* each at most the limit, and few enough: no overflow */
    if (a->inflated > a->limit)
        return px_fail(a->err, PIXCL_ERROR_FORMAT,
                       "%s: %s%s: the data is more than %llu times the file; it is not read", a->file->source,
                       a->prefix, name, (unsigned long long)MAX_GROWTH);
    return PIXCL_OK;
}

/* Looks for a storage that can stay where it is, or unpacks it, by an archive of its own: a zip_t is of one thread. */
static pixcl_status read_storage(reading *task)
{
    px_pth_storage *storage = task->storage;
    const size_t size = px_dtype_size(storage->dtype), bytes = storage_bytes(storage);
    archive a = {.file = task->from->file, .err = &task->err};
    const uint8_t *place = NULL;
    pixcl_status status;
    char name[100];

    if (open_archive(&a) != PIXCL_OK)
        return task->err.status;
    storage_name(storage, name, sizeof name);
    status = task->copy ? read_entry(&a, task->index, name, task->copy, bytes)
                        : find_entry(&a, task->index, name, bytes, &place);
    if (status == PIXCL_OK && task->copy && task->from->big_endian)
        swap_bytes(task->copy, storage->count, size);
    storage->data = task->copy ? task->copy : (uintptr_t)place % size == 0 ? place : NULL;
    zip_discard(a.zip);
    return status;
}

static void read_range(void *context, size_t begin, size_t end)
{
    reading *tasks = context;

    for (size_t i = begin; i < end; i++)
        if (!tasks[i].storage->data)
            tasks[i].err.status = read_storage(&tasks[i]);
}

/* By all cores. The first that fails is told. */
static pixcl_status read_all(reading *tasks, size_t count, pixcl_error *err)
{
    px_parallel(count, 1, read_range, tasks);
    for (size_t i = 0; i < count; i++)
        if (tasks[i].err.status != PIXCL_OK) {
            if (err)
                *err = tasks[i].err;
            return tasks[i].err.status;
        }
    return PIXCL_OK;
}

/* All storages that tensors want: where they are in the file when that is as memory wants it, else copied. */
static pixcl_status read_storages(archive *a, px_pth_state *state)
{
    reading *tasks = px_calloc(state->storage_count, sizeof *tasks, a->err);
    pixcl_status status = tasks ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    size_t count = 0;

    for (size_t i = 0; i < state->storage_count && status == PIXCL_OK; i++)
        if (state->storages[i].wanted)
            status = locate_storage(a, &state->storages[i], &tasks[count++]);
    if (status == PIXCL_OK && !a->big_endian)
        status = read_all(tasks, count, a->err);
    for (size_t i = 0; i < count && status == PIXCL_OK; i++) {
        px_pth_storage *storage = tasks[i].storage;

        tasks[i].copy = storage->data ? NULL : px_tensor_file_block(a->file, storage_bytes(storage), a->err);
        status = storage->data || tasks[i].copy ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    }
    if (status == PIXCL_OK)
        status = read_all(tasks, count, a->err);
    px_free(tasks);
    return status;
}

pixcl_status px_pth_read_zip(px_tensor_file *file, pixcl_error *err)
{
    archive a = {.file = file, .err = err};
    px_pickle pickle = {0};
    px_pth_state state = {0};
    uint8_t *bytes = NULL;
    pixcl_status status;

    file->format = "PyTorch (zip)";
    a.limit = FREE_GROWTH + MAX_GROWTH * file->size;
    status = open_archive(&a);
    if (status != PIXCL_OK)
        return status;
    status = find_prefix(&a);
    if (status == PIXCL_OK)
        status = read_pickle(&a, &bytes, &pickle);
    if (status == PIXCL_OK)
        status = read_byte_order(&a);
    if (status == PIXCL_OK)
        status = px_pth_collect(&pickle, file->source, &state, err);
    if (status == PIXCL_OK)
        status = read_storages(&a, &state);
    if (status == PIXCL_OK)
        status = px_pth_place(file, &state, err);
    px_pth_state_free(&state);
    px_pickle_free(&pickle);
    px_free(bytes);
    zip_discard(a.zip);
    return status;
}
