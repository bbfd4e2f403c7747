#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "store/safetensors.h"

#define LENGTH_SIZE 8

/* Whole numbers up to 2^53 are exact in JSON's doubles. */
static bool whole_number(const cJSON *json, int64_t *value)
{
    if (!cJSON_IsNumber(json) || !(json->valuedouble >= 0 && json->valuedouble <= 0x1p53) ||
        floor(json->valuedouble) != json->valuedouble)
        return false;
    *value = (int64_t)json->valuedouble;
    return true;
}

static pixcl_status read_metadata(px_tensor_file *file, const cJSON *json, pixcl_error *err)
{
    const cJSON *entry;

    if (!cJSON_IsObject(json))
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: \"__metadata__\" is not a map of texts; the file is damaged",
                       file->source);
    cJSON_ArrayForEach(entry, json)
    {
        pixcl_status status;

        if (strncmp(entry->string, PX_HASH_KEY, strlen(PX_HASH_KEY)) == 0)
            continue; /* read_hashes() */
        if (!cJSON_IsString(entry))
            return px_fail(err, PIXCL_ERROR_FORMAT, "%s: \"__metadata__\" has a value that is not a text for \"%.64s\"",
                           file->source, entry->string);
        status = px_tensor_list_add_metadata(&file->list, entry->string, entry->valuestring, err);
        if (status != PIXCL_OK)
            return status;
    }
    return PIXCL_OK;
}

/* The tensor of this name, looked for from `next` on: hashes are listed as the tensors are. */
static px_tensor *find_from(const px_tensor_list *list, size_t *next, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        px_tensor *tensor = &list->tensors[(*next + i) % list->count];

        if (strcmp(tensor->name, name) == 0) {
            *next = (*next + i + 1) % list->count;
            return tensor;
        }
    }
    return NULL;
}

/* Of tensors that are there; another program may have taken some out. */
static pixcl_status read_hashes(px_tensor_file *file, const cJSON *metadata, pixcl_error *err)
{
    const cJSON *entry;
    size_t next = 0;

    cJSON_ArrayForEach(entry, metadata)
    {
        static const char digits[] = "0123456789abcdef";
        const char *text = entry->valuestring;
        px_tensor *tensor;

        if (strncmp(entry->string, PX_HASH_KEY, strlen(PX_HASH_KEY)) != 0)
            continue;
        tensor = find_from(&file->list, &next, entry->string + strlen(PX_HASH_KEY));
        if (!tensor)
            continue;
        if (!cJSON_IsString(entry) || strlen(text) != 16 || strspn(text, digits) != 16)
            return px_fail(err, PIXCL_ERROR_FORMAT,
                           "%s: the hash of tensor \"%s\" is not 16 hexadecimal digits; the file is damaged",
                           file->source, tensor->name);
        tensor->hash = strtoull(text, NULL, 16);
        tensor->hashed = true;
    }
    return PIXCL_OK;
}

static pixcl_status read_tensor(px_tensor_file *file, const cJSON *json, const uint8_t *data, size_t data_size,
                                pixcl_error *err)
{
    const char *name = json->string;
    const cJSON *dtype_json = cJSON_GetObjectItemCaseSensitive(json, "dtype");
    const cJSON *shape_json = cJSON_GetObjectItemCaseSensitive(json, "shape");
    const cJSON *place_json = cJSON_GetObjectItemCaseSensitive(json, "data_offsets");
    const cJSON *item;
    char shown[64], dims[PX_DIMS_TEXT];
    int64_t shape[PX_MAX_RANK], begin, end;
    px_dtype dtype;
    size_t bytes;
    int rank = 0;
    pixcl_status status;

    px_printable(name, strlen(name), shown, sizeof shown);
    /* Three members, and each of the three: so none comes twice. */
    if (!cJSON_IsObject(json) || cJSON_GetArraySize(json) != 3 || !cJSON_IsString(dtype_json) ||
        !cJSON_IsArray(shape_json) || !cJSON_IsArray(place_json))
        return px_fail(
            err, PIXCL_ERROR_FORMAT,
            "%s: tensor \"%s\": expected exactly \"dtype\", \"shape\" and \"data_offsets\"; the file is damaged",
            file->source, shown);
    dtype = px_dtype_find(dtype_json->valuestring);
    if (dtype == PX_DTYPE_COUNT)
        return px_fail(
            err, PIXCL_ERROR_FORMAT,
            "%s: tensor \"%s\": dtype \"%.16s\" is not supported; expected F64, F32, F16, BF16, I64, I32, U8 or BOOL",
            file->source, shown, dtype_json->valuestring);
    cJSON_ArrayForEach(item, shape_json)
    {
        if (rank == PX_MAX_RANK)
            return px_fail(err, PIXCL_ERROR_FORMAT, "%s: tensor \"%s\" has more than %d dimensions", file->source,
                           shown, PX_MAX_RANK);
        if (!whole_number(item, &shape[rank++]))
            return px_fail(
                err, PIXCL_ERROR_FORMAT,
                "%s: tensor \"%s\": size %d of its shape is not a whole number from 0 to 2^53; the file is damaged",
                file->source, shown, rank);
    }
    if (cJSON_GetArraySize(place_json) != 2 || !whole_number(place_json->child, &begin) ||
        !whole_number(place_json->child->next, &end))
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: tensor \"%s\": \"data_offsets\" are not two whole numbers; the file is damaged",
                       file->source, shown);
    if (begin > end || (uint64_t)end > data_size)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: tensor \"%s\" should be bytes %lld to %lld of the data, which has %zu; the file is %s",
                       file->source, shown, (long long)begin, (long long)end, data_size,
                       begin > end ? "damaged" : "truncated: get or write it again");
    status = px_tensor_list_add(&file->list, file->source, name, strlen(name), dtype, rank, shape, data + begin, err);
    if (status != PIXCL_OK)
        return status;
    bytes = px_tensor_bytes(&file->list.tensors[file->list.count - 1]);
    if (bytes != (size_t)(end - begin))
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: tensor \"%s\", %s of shape %s, needs %zu bytes but has %lld; the file is damaged",
                       file->source, shown, px_dtype_name(dtype), px_dims_text(rank, shape, dims), bytes,
                       (long long)(end - begin));
    return PIXCL_OK;
}

/* Tensors by their place; of those that begin together, the empty ones first. */
static int by_place(const void *a, const void *b)
{
    const px_tensor *s = *(const px_tensor *const *)a, *t = *(const px_tensor *const *)b;

    if (s->data != t->data)
        return (const uint8_t *)s->data < (const uint8_t *)t->data ? -1 : 1;
    return (s->count > 0) - (t->count > 0);
}

/* Every byte of the data belongs to exactly one tensor. */
static pixcl_status check_cover(px_tensor_file *file, const uint8_t *data, size_t data_size, pixcl_error *err)
{
    const px_tensor_list *list = &file->list;
    const px_tensor **order = px_calloc(list->count, sizeof *order, err);
    const uint8_t *reached = data;
    const char *before = "the header";
    pixcl_status status = PIXCL_OK;

    if (!order)
        return PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < list->count; i++)
        order[i] = &list->tensors[i];
    if (list->count > 1)
        qsort(order, list->count, sizeof *order, by_place);
    for (size_t i = 0; i < list->count && status == PIXCL_OK; i++) {
        const uint8_t *begin = order[i]->data;

        if (begin != reached)
            status =
                px_fail(err, PIXCL_ERROR_FORMAT, "%s: tensor \"%.64s\" %s \"%.64s\" by %zu bytes; the file is damaged",
                        file->source, order[i]->name, begin < reached ? "overlaps" : "leaves a gap after", before,
                        begin < reached ? (size_t)(reached - begin) : (size_t)(begin - reached));
        reached = begin + px_tensor_bytes(order[i]);
        before = order[i]->name;
    }
    if (status == PIXCL_OK && reached != data + data_size)
        status = px_fail(err, PIXCL_ERROR_FORMAT, "%s: %zu bytes follow the last tensor; the file is damaged",
                         file->source, (size_t)(data + data_size - reached));
    px_free(order);
    return status;
}

pixcl_status px_safetensors_read(px_tensor_file *file, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    bool has_metadata = false;
    uint64_t length;
    const uint8_t *data;
    size_t data_size;
    const cJSON *entry;
    cJSON *json;

    file->format = "safetensors";
    if (file->size < LENGTH_SIZE)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: %zu bytes are too few for a safetensors file; it is truncated: get or write it again",
                       file->source, file->size);
    memcpy(&length, file->bytes, LENGTH_SIZE);
    if (length > file->size - LENGTH_SIZE)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: the header should have %llu bytes, but the file has %zu in all; it is truncated or not a "
                       "safetensors file",
                       file->source, (unsigned long long)length, file->size);
    if (length > PX_SAFETENSORS_MAX_HEADER)
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: the header has %llu bytes; at most %zu are read", file->source,
                       (unsigned long long)length, PX_SAFETENSORS_MAX_HEADER);
    data = file->bytes + LENGTH_SIZE + length;
    data_size = file->size - LENGTH_SIZE - (size_t)length;

    json = px_json_parse((const char *)file->bytes + LENGTH_SIZE, (size_t)length, file->source, err);
    if (!json)
        return err ? err->status : PIXCL_ERROR_FORMAT;
    if (!cJSON_IsObject(json))
        status =
            px_fail(err, PIXCL_ERROR_FORMAT, "%s: the header is not a JSON object; the file is damaged", file->source);
    cJSON_ArrayForEach(entry, json)
    {
        if (status != PIXCL_OK)
            break;
        if (strcmp(entry->string, "__metadata__") != 0)
            status = read_tensor(file, entry, data, data_size, err);
        else if (has_metadata)
            status = px_fail(err, PIXCL_ERROR_FORMAT, "%s: \"__metadata__\" is there twice", file->source);
        else
            status = read_metadata(file, entry, err);
        has_metadata = has_metadata || strcmp(entry->string, "__metadata__") == 0;
    }
    if (status == PIXCL_OK)
        status = read_hashes(file, cJSON_GetObjectItemCaseSensitive(json, "__metadata__"), err);
    cJSON_Delete(json);
    return status == PIXCL_OK ? check_cover(file, data, data_size, err) : status;
}
