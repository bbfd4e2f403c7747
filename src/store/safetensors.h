/* The safetensors format: the length of a JSON header (8 bytes, little-endian), the header, the data. The header
 * maps each tensor's name to its dtype, shape and place in the data, and "__metadata__" to a map of texts.
 * (https://github.com/huggingface/safetensors, "Format") */
#ifndef PX_STORE_SAFETENSORS_H
#define PX_STORE_SAFETENSORS_H

#include "store/formats.h"

/* A tensor's entry has about 150 bytes; a header of this size would describe 50000. Larger is damage, or meant to harm:
 * parsed JSON takes many times its text. */
#define PX_SAFETENSORS_MAX_HEADER ((size_t)8 * 1024 * 1024)

/* In the metadata, behind this and before a tensor's name, is the key of the tensor's hash (px_tensor_hash), 16
 * hexadecimal digits. Other programs take no notice of it. */
#define PX_HASH_KEY "xxh3 "

/* Fills file->list from file->bytes. Checked: the header's length, its JSON, each dtype, rank, size and place, and
 * that the tensors cover the data exactly, without overlap or gap, as the format demands. */
pixcl_status px_safetensors_read(px_tensor_file *file, pixcl_error *err);

/* The data of wider dtypes comes first, else in the order of the list, so that every tensor is aligned to its elements
 * although the format has no room for padding. */
pixcl_status px_safetensors_write(const char *path, const px_tensor_list *list, px_tensor_fetch fetch, void *user,
                                  pixcl_error *err);

#endif
