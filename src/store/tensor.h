/* A named tensor as files hold it. */
#ifndef PX_STORE_TENSOR_H
#define PX_STORE_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum px_dtype {
    PX_DTYPE_F64 = 0,
    PX_DTYPE_F32,
    PX_DTYPE_F16,
    PX_DTYPE_BF16,
    PX_DTYPE_I64,
    PX_DTYPE_I32,
    PX_DTYPE_U8,
    PX_DTYPE_BOOL, /* one byte each, 0 or 1 */
    PX_DTYPE_COUNT
} px_dtype;

enum { PX_MAX_RANK = 8, PX_DIMS_TEXT = 192, PX_MAX_TENSOR_NAME = 1000 };

typedef struct px_tensor {
    const char *name;
    px_dtype dtype;
    int rank;                   /* 0 is a scalar */
    int64_t shape[PX_MAX_RANK]; /* each >= 0 */
    size_t count;               /* elements */
    const void *data;           /* row-major, little-endian, perhaps not aligned to its elements */
    bool hashed;                /* whether the file has a hash of the data, and it */
    uint64_t hash;
} px_tensor;

/* Bytes of one element; the name safetensors uses ("F32"). */
size_t px_dtype_size(px_dtype dtype);
const char *px_dtype_name(px_dtype dtype);
/* PX_DTYPE_COUNT when the name is none. */
px_dtype px_dtype_find(const char *name);

/* Elements of a shape: false when a size is negative or count * px_dtype_size(dtype) overflows. */
bool px_tensor_count(px_dtype dtype, int rank, const int64_t *shape, size_t *count);
size_t px_tensor_bytes(const px_tensor *tensor);
/* XXH3 of the data (xxhash.h), which may be elsewhere than tensor->data. */
uint64_t px_tensor_hash(const px_tensor *tensor, const void *data);

/* "(64,3,4,4)" into text; returns it. Ranks above PX_MAX_RANK are cut. */
const char *px_dims_text(int rank, const int64_t *dims, char text[PX_DIMS_TEXT]);

/* Shows bytes of a file in a message: unprintable ones as '?', at most capacity - 1 of them. Returns `text`. */
const char *px_printable(const char *bytes, size_t length, char *text, size_t capacity);

/* `count` elements of a floating-point dtype at any address, as float. False for other dtypes. */
bool px_dtype_to_f32(px_dtype dtype, const void *from, size_t count, float *to);

#endif
