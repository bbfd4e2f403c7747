#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "store/safetensors.h"

#define ALIGNMENT 8 /* of the data in the file: the widest element */

/* Calls `each` for the list's tensors in the order of their data: the widest elements first. */
static pixcl_status in_data_order(const px_tensor_list *list,
                                  pixcl_status (*each)(void *user, size_t index, pixcl_error *err), void *user,
                                  pixcl_error *err)
{
    for (size_t width = ALIGNMENT; width > 0; width /= 2) {
        for (size_t i = 0; i < list->count; i++) {
            pixcl_status status;

            if (px_dtype_size(list->tensors[i].dtype) != width)
                continue;
            status = each(user, i, err);
            if (status != PIXCL_OK)
                return status;
        }
    }
    return PIXCL_OK;
}

typedef struct placing {
    const px_tensor_list *list;
    size_t *begins;
    size_t end;
} placing;

static pixcl_status place(void *user, size_t index, pixcl_error *err)
{
    placing *p = user;

    p->begins[index] = p->end;
    if (__builtin_add_overflow(p->end, px_tensor_bytes(&p->list->tensors[index]), &p->end))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "the tensors have more bytes than a file can");
    return PIXCL_OK;
}

static bool add_entry(cJSON *header, const px_tensor *tensor, size_t begin)
{
    cJSON *entry = cJSON_AddObjectToObject(header, tensor->name);
    cJSON *shape, *offsets;
    bool added;

    if (!entry || !cJSON_AddStringToObject(entry, "dtype", px_dtype_name(tensor->dtype)))
        return false;
    shape = cJSON_AddArrayToObject(entry, "shape");
    added = shape != NULL;
    for (int i = 0; i < tensor->rank && added; i++)
        added = cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensor->shape[i]));
    offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    return added && offsets && cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)begin)) &&
           cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(begin + px_tensor_bytes(tensor))));
}

enum { HASH_DIGITS = 16 };

/* Stands for a tensor's hash until its data was written: "xxh3#" and its index. No name can look like that, since a
 * name's quotes are escaped. */
static void print_place(size_t index, char text[HASH_DIGITS + 1])
{
    snprintf(text, HASH_DIGITS + 1, "xxh3#");
    for (int i = HASH_DIGITS; i-- > 5; index /= 10)
        text[i] = (char)('0' + index % 10);
    text[HASH_DIGITS] = '\0';
}

static bool add_hash_place(cJSON *metadata, const px_tensor *tensor, size_t index, pixcl_error *err)
{
    char *key = px_format(err, PX_HASH_KEY "%s", tensor->name), place[HASH_DIGITS + 1];
    bool added;

    print_place(index, place);
    added = key && cJSON_AddStringToObject(metadata, key, place);
    px_free(key);
    return added;
}

/* Where in the header the hashes go, in the order of the list; 0: the tensor has no data. */
static bool find_hash_places(const px_tensor_list *list, const char *header, size_t *places)
{
    const char *from = header;

    for (size_t i = 0; i < list->count; i++) {
        char place[HASH_DIGITS + 1], text[HASH_DIGITS + 4];
        const char *found;

        if (list->tensors[i].count == 0)
            continue;
        print_place(i, place);
        snprintf(text, sizeof text, ":\"%s\"", place);
        found = strstr(from, text);
        if (!found)
            return false;
        places[i] = (size_t)(found + 2 - header);
        from = found;
    }
    return true;
}

/* The header as text (px_free), padded with spaces so that the data is aligned. */
static char *print_header(const px_tensor_list *list, const size_t *begins, size_t *length, pixcl_error *err)
{
    cJSON *header = cJSON_CreateObject();
    cJSON *metadata =
        header && list->metadata_count + list->count ? cJSON_AddObjectToObject(header, "__metadata__") : NULL;
    bool added = header && (metadata || !(list->metadata_count + list->count));
    px_text text = {0};
    char *json = NULL;

    for (size_t i = 0; i < list->metadata_count && added; i++)
        added = cJSON_AddStringToObject(metadata, list->metadata[i].key, list->metadata[i].value) != NULL;
    for (size_t i = 0; i < list->count && added; i++)
        added = list->tensors[i].count == 0 || add_hash_place(metadata, &list->tensors[i], i, err);
    for (size_t i = 0; i < list->count && added; i++)
        added = add_entry(header, &list->tensors[i], begins[i]);
    if (!added)
        px_fail(err, PIXCL_ERROR_MEMORY, "out of memory: cannot build the header of a safetensors file");
    else
        json = px_json_print(header, 0, err);
    cJSON_Delete(header);
    if (!json)
        return NULL;

    px_text_add(&text, "%s", json);
    px_free(json);
    while (text.length % ALIGNMENT && !text.failed)
        px_text_add_bytes(&text, " ", 1);
    *length = text.length;
    if (text.length > PX_SAFETENSORS_MAX_HEADER) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "the names and metadata need %zu bytes; a header has at most %zu",
                text.length, PX_SAFETENSORS_MAX_HEADER);
        px_text_free(&text);
        return NULL;
    }
    return px_text_take(&text, err);
}

typedef struct writing {
    const px_tensor_list *list;
    px_file_writer *out;
    px_tensor_fetch fetch;
    void *user;
    char *header;
    size_t *hash_places;
} writing;

static pixcl_status write_tensor(void *user, size_t index, pixcl_error *err)
{
    writing *w = user;
    const px_tensor *tensor = &w->list->tensors[index];
    const void *data = tensor->data;

    if (tensor->count == 0)
        return PIXCL_OK;
    if (!data && !w->fetch)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "tensor \"%s\" was declared without data and nothing fetches it",
                       tensor->name);
    if (!data)
        data = w->fetch(w->user, tensor, err);
    if (!data)
        return err ? err->status : PIXCL_ERROR_INTERNAL;
    char digits[HASH_DIGITS + 1];
    snprintf(digits, sizeof digits, "%016" PRIx64, px_tensor_hash(tensor, data));
    memcpy(w->header + w->hash_places[index], digits, HASH_DIGITS);
    return px_file_writer_add(w->out, data, px_tensor_bytes(tensor), err);
}

pixcl_status px_safetensors_write(const char *path, const px_tensor_list *list, px_tensor_fetch fetch, void *user,
                                  pixcl_error *err)
{
    pixcl_error own;
    placing places = {.list = list};
    writing work = {.list = list, .fetch = fetch, .user = user};
    pixcl_status status = PIXCL_ERROR_MEMORY;
    size_t length = 0;
    uint64_t stored_length;

    err = err ? err : &own; /* a failed fetch reports its status through it */
    places.begins = px_calloc(list->count, sizeof *places.begins, err);
    if (!places.begins)
        goto cleanup;
    status = in_data_order(list, place, &places, err);
    if (status != PIXCL_OK)
        goto cleanup;
    work.header = print_header(list, places.begins, &length, err);
    work.hash_places = work.header ? px_calloc(list->count, sizeof *work.hash_places, err) : NULL;
    if (work.hash_places && !find_hash_places(list, work.header, work.hash_places))
        px_fail(err, PIXCL_ERROR_INTERNAL, "%s: the header has no place for a tensor's hash", path);
    else if (work.hash_places)
        work.out = px_file_writer_create(path, err);
    if (!work.out) {
        status = err->status;
        goto cleanup;
    }
    stored_length = length;
    status = px_file_writer_add(work.out, &stored_length, sizeof stored_length, err);
    if (status == PIXCL_OK)
        status = px_file_writer_add(work.out, work.header, length, err);
    if (status == PIXCL_OK)
        status = in_data_order(list, write_tensor, &work, err);
    if (status == PIXCL_OK) /* once more, with the hashes */
        status = px_file_writer_replace(work.out, sizeof stored_length, work.header, length, err);
    if (status == PIXCL_OK)
        status = px_file_writer_commit(&work.out, err);
    px_file_writer_abandon(&work.out);

cleanup:
    px_free(work.header);
    px_free(work.hash_places);
    px_free(places.begins);
    return status;
}
