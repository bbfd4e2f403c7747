/* Reading a file of named tensors: .safetensors, or PyTorch's .pth (zip and the older stream). The format is told by
 * the content, not by the name. A file is read-only once open: any number of threads may use it. */
#ifndef PX_STORE_TENSOR_FILE_H
#define PX_STORE_TENSOR_FILE_H

#include "store/tensor.h"

typedef struct px_tensor_file px_tensor_file;

/* Opens and checks the whole structure; the error names the file, the tensor, the value and the cure. The file is
 * mapped: nothing is read before it is used, and whoever shortens it in place while it is being read kills the process
 * (replace files by renaming, as pixcl does). */
px_tensor_file *px_tensor_file_open(const char *path, pixcl_error *err);
/* Before reading from a file that has been open for long: PIXCL_ERROR_IO when it was written to in place since then. */
pixcl_status px_tensor_file_check(const px_tensor_file *file, pixcl_error *err);
/* The same for bytes in memory, which must outlive the file; `source` names them in messages. */
px_tensor_file *px_tensor_file_parse(const void *bytes, size_t size, const char *source, pixcl_error *err);
void px_tensor_file_close(px_tensor_file **file);

/* "safetensors", "PyTorch (zip)" or "PyTorch (older stream)". */
const char *px_tensor_file_format(const px_tensor_file *file);
const char *px_tensor_file_source(const px_tensor_file *file);
/* Bytes of the whole file. */
size_t px_tensor_file_size(const px_tensor_file *file);

/* Tensors in the order in which the file lists them. A prefix "module." or "_orig_mod." that all names have is dropped.
 * Names and data live as long as the file is open. */
size_t px_tensor_file_count(const px_tensor_file *file);
const px_tensor *px_tensor_file_at(const px_tensor_file *file, size_t index);
/* NULL when there is none of this name. */
const px_tensor *px_tensor_file_find(const px_tensor_file *file, const char *name);

/* PIXCL_ERROR_FORMAT when the file has a hash of the tensor and its data have another one: a bit has changed since. A
 * file without hashes (another program's, or of pixcl before it had them) has nothing to hold it against. The two at
 * the end do it, too. */
pixcl_status px_tensor_file_verify(const px_tensor_file *file, const px_tensor *tensor, pixcl_error *err);

/* Metadata (safetensors only): texts by key, NULL when missing. */
const char *px_tensor_file_metadata(const px_tensor_file *file, const char *key);
size_t px_tensor_file_metadata_count(const px_tensor_file *file);
const char *px_tensor_file_metadata_at(const px_tensor_file *file, size_t index, const char **key);

/* Copies a tensor that must exist with this shape. get_f32 converts from F64, F16 and BF16; get wants exactly
 * `dtype`. */
pixcl_status px_tensor_file_get_f32(const px_tensor_file *file, const char *name, int rank, const int64_t *shape,
                                    float *out, pixcl_error *err);
pixcl_status px_tensor_file_get(const px_tensor_file *file, const char *name, px_dtype dtype, int rank,
                                const int64_t *shape, void *out, pixcl_error *err);

#endif
