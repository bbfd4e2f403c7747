/* Inside store: what the readers of the formats fill, and where the writers take from. */
#ifndef PX_STORE_FORMATS_H
#define PX_STORE_FORMATS_H

#include "base/file.h"
#include "store/tensor.h"
#include "store/tensor_file.h"
#include "store/tensor_writer.h"

typedef struct px_metadata {
    char *key, *value;
} px_metadata;

/* A tensor's name, and which one it is. */
typedef struct px_tensor_name {
    const char *name;
    size_t index;
} px_tensor_name;

typedef struct px_tensor_list {
    px_tensor *tensors; /* names are owned */
    size_t count, capacity;
    px_tensor_name *by_name; /* sorted, once px_tensor_list_index() was called */
    px_metadata *metadata;
    size_t metadata_count, metadata_capacity;
} px_tensor_list;

/* Appends with a copy of the name; shape and data are taken as they are. `source` names the file in errors: a name
 * must be text without control characters, the rank at most PX_MAX_RANK, the number of bytes countable. */
pixcl_status px_tensor_list_add(px_tensor_list *list, const char *source, const char *name, size_t name_length,
                                px_dtype dtype, int rank, const int64_t *shape, const void *data, pixcl_error *err);
pixcl_status px_tensor_list_add_metadata(px_tensor_list *list, const char *key, const char *value, pixcl_error *err);
/* Sorts for lookup; an error when a name comes twice. */
pixcl_status px_tensor_list_index(px_tensor_list *list, const char *source, pixcl_error *err);
const px_tensor *px_tensor_list_find(const px_tensor_list *list, const char *name);
void px_tensor_list_free(px_tensor_list *list);

struct px_tensor_file {
    char *source;
    const char *format;
    const uint8_t *bytes;
    size_t size;
    bool mapped;
    int descriptor;    /* of what is mapped, -1 otherwise */
    px_os_info opened; /* what that was then */
    px_tensor_list list;
    /* Memory that holds the data of tensors which could not stay where the file has them. */
    void **blocks;
    size_t block_count, block_capacity;
};

/* A block that px_tensor_file_close() frees. */
void *px_tensor_file_block(px_tensor_file *file, size_t bytes, pixcl_error *err);

#endif
