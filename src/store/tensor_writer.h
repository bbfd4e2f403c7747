/* Writing a file of named tensors, atomically: until commit has succeeded, `path` is as it was. Same input, same
 * bytes. One thread at a time. */
#ifndef PX_STORE_TENSOR_WRITER_H
#define PX_STORE_TENSOR_WRITER_H

#include "store/tensor.h"

typedef enum px_tensor_format { PX_SAFETENSORS = 0, PX_PTH } px_tensor_format;

typedef struct px_tensor_writer px_tensor_writer;

px_tensor_writer *px_tensor_writer_create(const char *path, px_tensor_format format, pixcl_error *err);

/* One text of the safetensors metadata (UTF-8; .pth has no place for it and leaves it out). */
pixcl_status px_tensor_writer_metadata(px_tensor_writer *writer, const char *key, const char *value, pixcl_error *err);

/* The next tensor of the file; the name is copied. `data` either stays valid until commit, or is NULL: commit then
 * asks for it, so that a model need never be in memory as a whole. */
pixcl_status px_tensor_writer_declare(px_tensor_writer *writer, const char *name, px_dtype dtype, int rank,
                                      const int64_t *shape, const void *data, pixcl_error *err);

/* Gives the bytes of a tensor that was declared without data, valid until the next call; NULL with *err filled on
 * failure. */
typedef const void *(*px_tensor_fetch)(void *user, const px_tensor *tensor, pixcl_error *err);

/* Writes the file and ends the writer, also on failure. fetch may be NULL when every tensor came with its data. */
pixcl_status px_tensor_writer_commit(px_tensor_writer **writer, px_tensor_fetch fetch, void *user, pixcl_error *err);
void px_tensor_writer_abandon(px_tensor_writer **writer);

#endif
