/* The list of tensors that readers fill and writers empty (formats.h). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/formats.h"

static bool is_clean_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return length > 0 && length <= PX_MAX_TENSOR_NAME;
}

pixcl_status px_tensor_list_add(px_tensor_list *list, const char *source, const char *name, size_t name_length,
                                px_dtype dtype, int rank, const int64_t *shape, const void *data, pixcl_error *err)
{
    px_tensor tensor = {.dtype = dtype, .rank = rank, .data = data};
    char shown[64], dims[PX_DIMS_TEXT];
    pixcl_status status;

    if (!is_clean_name(name, name_length))
        return px_fail(
            err, PIXCL_ERROR_FORMAT,
            "%s: a tensor is named \"%s\" (%zu bytes); expected 1 to %d bytes of text without control characters",
            source, px_printable(name, name_length, shown, sizeof shown), name_length, PX_MAX_TENSOR_NAME);
    px_printable(name, name_length, shown, sizeof shown);
    if (rank > PX_MAX_RANK)
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: tensor \"%s\" has %d dimensions; at most %d are read", source,
                       shown, rank, PX_MAX_RANK);
    if (!px_tensor_count(dtype, rank, shape, &tensor.count))
        return px_fail(
            err, PIXCL_ERROR_FORMAT,
            "%s: tensor \"%s\" has shape %s: a size is negative or the bytes are too many to count; the file is "
            "damaged",
            source, shown, px_dims_text(rank, shape, dims));
    if (rank)
        memcpy(tensor.shape, shape, (size_t)rank * sizeof *shape);

    status = px_grow(&list->tensors, &list->capacity, list->count + 1, sizeof *list->tensors, err);
    if (status != PIXCL_OK)
        return status;
    tensor.name = px_format(err, "%.*s", (int)name_length, name);
    if (!tensor.name)
        return PIXCL_ERROR_MEMORY;
    list->tensors[list->count++] = tensor;
    return PIXCL_OK;
}

pixcl_status px_tensor_list_add_metadata(px_tensor_list *list, const char *key, const char *value, pixcl_error *err)
{
    px_metadata *entry;
    pixcl_status status =
        px_grow(&list->metadata, &list->metadata_capacity, list->metadata_count + 1, sizeof *list->metadata, err);

    if (status != PIXCL_OK)
        return status;
    entry = &list->metadata[list->metadata_count++]; /* counted at once: the list frees what it holds */
    entry->key = px_strdup(key, err);
    entry->value = entry->key ? px_strdup(value, err) : NULL;
    return entry->value ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const px_tensor_name *)a)->name, ((const px_tensor_name *)b)->name);
}

pixcl_status px_tensor_list_index(px_tensor_list *list, const char *source, pixcl_error *err)
{
    px_free(list->by_name);
    list->by_name = px_calloc(list->count, sizeof *list->by_name, err);
    if (!list->by_name)
        return PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < list->count; i++)
        list->by_name[i] = (px_tensor_name){list->tensors[i].name, i};
    if (list->count > 1)
        qsort(list->by_name, list->count, sizeof *list->by_name, by_name);
    for (size_t i = 1; i < list->count; i++)
        if (by_name(&list->by_name[i - 1], &list->by_name[i]) == 0)
            return px_fail(err, PIXCL_ERROR_FORMAT, "%s: tensor \"%.64s\" is there twice; expected unique names",
                           source, list->by_name[i].name);
    return PIXCL_OK;
}

const px_tensor *px_tensor_list_find(const px_tensor_list *list, const char *name)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const px_tensor *tensor = &list->tensors[list->by_name[middle].index];
        int order = strcmp(name, tensor->name);

        if (order == 0)
            return tensor;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void px_tensor_list_free(px_tensor_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        px_free((char *)list->tensors[i].name);
    for (size_t i = 0; i < list->metadata_count; i++) {
        px_free(list->metadata[i].key);
        px_free(list->metadata[i].value);
    }
    px_free(list->tensors);
    px_free(list->by_name);
    px_free(list->metadata);
    *list = (px_tensor_list){0};
}
