/* The zip form of .pth (torch.save since 1.6): NAME/data.pkl, NAME/data/KEY for each storage, perhaps
 * NAME/byteorder. */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "store/pth.h"
#include "store/pth_state.h"

/* PyTorch stores without compression. Other writers may deflate, but nothing honest shrinks weights a hundredfold. */
#define MAX_GROWTH  ((zip_uint64_t)100)
#define MAX_PICKLE  ((zip_uint64_t)16 * 1024 * 1024)
#define FREE_GROWTH ((zip_uint64_t)1024 * 1024) /* always allowed, for small files */

enum { MAX_PATH = 1100 };

typedef struct archive {
    px_tensor_file *file;
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
    zip_source_t *source;

    zip_error_init(&error);
    source = zip_source_buffer_create(a->file->bytes, a->file->size, 0, &error);
    if (source)
        a->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (!a->zip) {
        fail_zip(a, "", zip_error_strerror(&error));
        if (source)
            zip_source_free(source);
    }
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

/* All bytes of an entry, which then turned out to have its size and checksum. */
static pixcl_status read_entry(archive *a, zip_int64_t index, const char *name, uint8_t *out, size_t size)
{
    zip_file_t *entry = zip_fopen_index(a->zip, (zip_uint64_t)index, 0);
    pixcl_status status = PIXCL_OK;
    uint8_t beyond;
    size_t done = 0;

    if (!entry)
        return fail_zip(a, name, zip_strerror(a->zip));
    while (status == PIXCL_OK) {
        /* After the last byte one more is asked for: only the end makes libzip compare the checksum. */
        zip_int64_t got = done < size ? zip_fread(entry, out + done, size - done) : zip_fread(entry, &beyond, 1);

        if (got < 0)
            status = fail_zip(a, name, zip_file_strerror(entry));
        else if (got == 0 && done < size)
            status = fail_zip(a, name, "it is shorter than announced");
        else if (got > 0 && done == size)
            status = fail_zip(a, name, "it is longer than announced");
        else if (got == 0)
            break;
        else
            done += (size_t)got;
    }
    zip_fclose(entry);
    return status;
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
    const px_pth_storage *storage;
    zip_int64_t index;
    uint8_t *data;
    pixcl_error err;
} reading;

static void storage_name(const px_pth_storage *storage, char *name, size_t size)
{
    snprintf(name, size, "data/%.*s", (int)storage->key_length, storage->key);
}

/* Finds a storage and takes memory for it. */
static pixcl_status find_storage(archive *a, px_pth_storage *storage, reading *task)
{
    const size_t size = px_dtype_size(storage->dtype), bytes = storage->count * size;
    zip_uint64_t found = 0;
    zip_int64_t index;
    char name[100];

    storage_name(storage, name, sizeof name);
    index = locate(a, name, &found);
    if (index < 0)
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
    task->data = px_tensor_file_block(a->file, bytes, a->err);
    if (!task->data)
        return PIXCL_ERROR_MEMORY;
    task->index = index;
    storage->data = task->data;
    return PIXCL_OK;
}

/* Unpacks a storage, with an archive of its own: a zip_t is of one thread. */
static pixcl_status unpack(reading *task)
{
    const px_pth_storage *storage = task->storage;
    const size_t size = px_dtype_size(storage->dtype);
    archive a = {.file = task->from->file, .err = &task->err};
    char name[100];

    if (open_archive(&a) != PIXCL_OK)
        return task->err.status;
    storage_name(storage, name, sizeof name);
    const pixcl_status status = read_entry(&a, task->index, name, task->data, storage->count * size);
    if (status == PIXCL_OK && task->from->big_endian)
        swap_bytes(task->data, storage->count, size);
    zip_discard(a.zip);
    return status;
}

static void unpack_range(void *context, size_t begin, size_t end)
{
    reading *tasks = context;

    for (size_t i = begin; i < end; i++)
        tasks[i].err.status = unpack(&tasks[i]);
}

/* All storages that tensors want: each looked for, then unpacked by all cores. The first that fails is told. */
static pixcl_status read_storages(archive *a, px_pth_state *state)
{
    reading *tasks = px_calloc(state->storage_count, sizeof *tasks, a->err);
    pixcl_status status = tasks ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    size_t count = 0;

    for (size_t i = 0; i < state->storage_count && status == PIXCL_OK; i++) {
        if (!state->storages[i].wanted)
            continue;
        tasks[count] = (reading){.from = a, .storage = &state->storages[i]};
        status = find_storage(a, &state->storages[i], &tasks[count++]);
    }
    if (status == PIXCL_OK)
        px_parallel(count, 1, unpack_range, tasks);
    for (size_t i = 0; i < count && status == PIXCL_OK; i++) {
        status = tasks[i].err.status;
        if (status != PIXCL_OK && a->err)
            *a->err = tasks[i].err;
    }
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
