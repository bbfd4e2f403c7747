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

/* The header as text (px_free), padded with spaces so that the data is aligned. */
static char *print_header(const px_tensor_list *list, const size_t *begins, size_t *length, pixcl_error *err)
{
    cJSON *header = cJSON_CreateObject();
    cJSON *metadata = header && list->metadata_count ? cJSON_AddObjectToObject(header, "__metadata__") : NULL;
    bool added = header && (metadata || !list->metadata_count);
    px_text text = {0};
    char *json = NULL;

    for (size_t i = 0; i < list->metadata_count && added; i++)
        added = cJSON_AddStringToObject(metadata, list->metadata[i].key, list->metadata[i].value) != NULL;
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
    return px_file_writer_add(w->out, data, px_tensor_bytes(tensor), err);
}

pixcl_status px_safetensors_write(const char *path, const px_tensor_list *list, px_tensor_fetch fetch, void *user,
                                  pixcl_error *err)
{
    pixcl_error own;
    placing places = {.list = list};
    writing work = {.list = list, .fetch = fetch, .user = user};
    pixcl_status status = PIXCL_ERROR_MEMORY;
    char *header = NULL;
    size_t length = 0;
    uint64_t stored_length;

    err = err ? err : &own; /* a failed fetch reports its status through it */
    places.begins = px_calloc(list->count, sizeof *places.begins, err);
    if (!places.begins)
        goto cleanup;
    status = in_data_order(list, place, &places, err);
    if (status != PIXCL_OK)
        goto cleanup;
    header = print_header(list, places.begins, &length, err);
    work.out = header ? px_file_writer_create(path, err) : NULL;
    if (!work.out) {
        status = err->status;
        goto cleanup;
    }
    stored_length = length;
    status = px_file_writer_add(work.out, &stored_length, sizeof stored_length, err);
    if (status == PIXCL_OK)
        status = px_file_writer_add(work.out, header, length, err);
    if (status == PIXCL_OK)
        status = in_data_order(list, write_tensor, &work, err);
    if (status == PIXCL_OK)
        status = px_file_writer_commit(&work.out, err);
    px_file_writer_abandon(&work.out);

cleanup:
    px_free(header);
    px_free(places.begins);
    return status;
}
