/* Opening a file of tensors, whatever its format, and taking tensors out of it. */
#include "store/tensor_file.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/os.h"
#include "store/formats.h"
#include "store/pth.h"
#include "store/safetensors.h"

/* What the first bytes say. */
static bool begins_with(const px_tensor_file *file, size_t at, const char *text)
{
    size_t length = strlen(text);

    return file->size >= at + length && memcmp(file->bytes + at, text, length) == 0;
}

static pixcl_status fail_unknown(const px_tensor_file *file, pixcl_error *err)
{
    const char *hint = "";
    char shown[17];

    if (begins_with(file, 0, "<"))
        hint = " It looks like a web page: download the file itself.";
    else if (begins_with(file, 0, "version https://git-lfs"))
        hint = " It is a Git LFS pointer: run git lfs pull.";
    return px_fail(err, PIXCL_ERROR_FORMAT,
                   "%s: neither a .safetensors nor a PyTorch .pth file: it begins with \"%s\" and has %zu bytes.%s",
                   file->source, px_printable((const char *)file->bytes, file->size, shown, sizeof shown), file->size,
                   hint);
}

static pixcl_status read_format(px_tensor_file *file, pixcl_error *err)
{
    if (file->size == 0)
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: the file is empty; get or write it again", file->source);
    /* First, as a header's length may begin with the bytes 80 02 or "PK". The others never have a '{' in ninth
     * place: in a zip it is a compression method, in a stream part of its magic number. */
    if (begins_with(file, 8, "{"))
        return px_safetensors_read(file, err);
    if (begins_with(file, 0, "PK"))
        return px_pth_read_zip(file, err);
    if (begins_with(file, 0, "\x80"))
        return px_pth_read_stream(file, err);
    if (strcmp(px_path_extension(file->source), ".safetensors") == 0)
        return px_safetensors_read(file, err);
    return fail_unknown(file, err);
}

/* Wrappers like DataParallel and torch.compile put their own name before every key. */
static void drop_prefix(px_tensor_list *list, const char *prefix)
{
    size_t length = strlen(prefix);

    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->tensors[i].name, prefix, length) != 0 || list->tensors[i].name[length] == '\0')
            return;
    for (size_t i = 0; i < list->count; i++) {
        char *name = (char *)list->tensors[i].name; /* owned by the list */

        memmove(name, name + length, strlen(name + length) + 1);
    }
}

/* Takes `source`, which may be NULL after a failed allocation. */
static px_tensor_file *parse(const void *bytes, size_t size, char *source, bool mapped, pixcl_error *err)
{
    px_tensor_file *file = source ? px_calloc(1, sizeof *file, err) : NULL;

    if (!file) {
        px_free(source);
        if (mapped)
            px_os_unmap(bytes, size);
        return NULL;
    }
    *file = (px_tensor_file){.source = source, .bytes = bytes, .size = size, .mapped = mapped, .descriptor = -1};
    if (read_format(file, err) != PIXCL_OK)
        goto failed;
    drop_prefix(&file->list, "module.");
    drop_prefix(&file->list, "_orig_mod.");
    if (px_tensor_list_index(&file->list, file->source, err) != PIXCL_OK)
        goto failed;
    return file;

failed:
    px_tensor_file_close(&file);
    return NULL;
}

px_tensor_file *px_tensor_file_parse(const void *bytes, size_t size, const char *source, pixcl_error *err)
{
    return parse(bytes, size, px_strdup(source, err), false, err);
}

px_tensor_file *px_tensor_file_open(const char *path, pixcl_error *err)
{
    px_tensor_file *result = NULL;
    px_os_info info;
    const void *bytes = NULL;
    size_t size;
    int file = px_file_open_input(path, &info, err);

    if (file < 0)
        return NULL;
    size = (size_t)info.size;
    if (size > 0) {
        bytes = px_os_map(file, size);
        if (!bytes) {
            px_fail_errno(err, "cannot map", path);
            goto cleanup;
        }
    }
    result = parse(bytes, size, px_strdup(path, err), size > 0, err);
    if (result) {
        result->descriptor = file;
        result->opened = info;
        return result;
    }

cleanup:
    px_os_close(file);
    return result;
}

pixcl_status px_tensor_file_check(const px_tensor_file *file, pixcl_error *err)
{
    px_os_info now;

    if (file->descriptor < 0)
        return PIXCL_OK;
    if (px_os_describe(file->descriptor, &now) != 0)
        return px_fail_errno(err, "cannot read", file->source);
    if (now.size == file->opened.size && now.written == file->opened.written &&
        now.nanoseconds == file->opened.nanoseconds)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_IO,
                   "%s was written to since it was opened: open it again, and replace such files by renaming a new one",
                   file->source);
}

void px_tensor_file_close(px_tensor_file **handle)
{
    px_tensor_file *file = *handle;

    if (!file)
        return;
    if (file->mapped)
        px_os_unmap(file->bytes, file->size);
    if (file->descriptor >= 0)
        px_os_close(file->descriptor);
    for (size_t i = 0; i < file->block_count; i++)
        px_free(file->blocks[i]);
    px_free(file->blocks);
    px_tensor_list_free(&file->list);
    px_free(file->source);
    px_free(file);
    *handle = NULL;
}

void *px_tensor_file_block(px_tensor_file *file, size_t bytes, pixcl_error *err)
{
    void *block;

    if (px_grow(&file->blocks, &file->block_capacity, file->block_count + 1, sizeof *file->blocks, err) != PIXCL_OK)
        return NULL;
    block = px_calloc(bytes, 1, err);
    if (block)
        file->blocks[file->block_count++] = block;
    return block;
}

const char *px_tensor_file_format(const px_tensor_file *file)
{
    return file->format;
}

const char *px_tensor_file_source(const px_tensor_file *file)
{
    return file->source;
}

size_t px_tensor_file_size(const px_tensor_file *file)
{
    return file->size;
}

size_t px_tensor_file_count(const px_tensor_file *file)
{
    return file->list.count;
}

const px_tensor *px_tensor_file_at(const px_tensor_file *file, size_t index)
{
    return &file->list.tensors[index];
}

const px_tensor *px_tensor_file_find(const px_tensor_file *file, const char *name)
{
    return px_tensor_list_find(&file->list, name);
}

const char *px_tensor_file_metadata(const px_tensor_file *file, const char *key)
{
    for (size_t i = 0; i < file->list.metadata_count; i++)
        if (strcmp(file->list.metadata[i].key, key) == 0)
            return file->list.metadata[i].value;
    return NULL;
}

size_t px_tensor_file_metadata_count(const px_tensor_file *file)
{
    return file->list.metadata_count;
}

const char *px_tensor_file_metadata_at(const px_tensor_file *file, size_t index, const char **key)
{
    *key = file->list.metadata[index].key;
    return file->list.metadata[index].value;
}

pixcl_status px_tensor_file_verify(const px_tensor_file *file, const px_tensor *tensor, pixcl_error *err)
{
    if (!tensor->hashed || px_tensor_hash(tensor, tensor->data) == tensor->hash)
        return PIXCL_OK;
    return px_fail(
        err, PIXCL_ERROR_FORMAT,
        "%s: tensor \"%s\" is damaged: its data are not those that were written (their hash is another one). "
        "Take an older checkpoint or another copy of the file, and have a look at the disk",
        file->source, tensor->name);
}

/* The tensor of this name and shape, undamaged, or NULL with an error that shows what is there instead. */
static const px_tensor *expect(const px_tensor_file *file, const char *name, int rank, const int64_t *shape,
                               pixcl_error *err)
{
    const px_tensor *tensor = px_tensor_file_find(file, name);
    char found[PX_DIMS_TEXT], expected[PX_DIMS_TEXT];

    if (!tensor && file->list.count == 0) {
        px_fail(err, PIXCL_ERROR_FORMAT, "%s: tensor \"%s\" is missing: the file holds no tensors", file->source, name);
        return NULL;
    }
    if (!tensor) {
        px_fail(err, PIXCL_ERROR_FORMAT,
                "%s: tensor \"%s\" is missing: the file holds %zu, the first is \"%.100s\". Was it made for another "
                "network?",
                file->source, name, file->list.count, file->list.tensors[0].name);
        return NULL;
    }
    if (tensor->rank != rank || (rank && memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) != 0)) {
        px_fail(err, PIXCL_ERROR_FORMAT,
                "%s: tensor \"%s\" has shape %s, expected %s. Was it made with other options (channels, ngf, ndf, "
                "size, upsample)?",
                file->source, name, px_dims_text(tensor->rank, tensor->shape, found),
                px_dims_text(rank, shape, expected));
        return NULL;
    }
    return px_tensor_file_verify(file, tensor, err) == PIXCL_OK ? tensor : NULL;
}

pixcl_status px_tensor_file_get_f32(const px_tensor_file *file, const char *name, int rank, const int64_t *shape,
                                    float *out, pixcl_error *err)
{
    const px_tensor *tensor = expect(file, name, rank, shape, err);

    if (!tensor)
        return PIXCL_ERROR_FORMAT;
    if (!px_dtype_to_f32(tensor->dtype, tensor->data, tensor->count, out))
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: tensor \"%s\" holds %s values, expected floating point (F32, F16, BF16, F64)", file->source,
                       name, px_dtype_name(tensor->dtype));
    return PIXCL_OK;
}

pixcl_status px_tensor_file_get(const px_tensor_file *file, const char *name, px_dtype dtype, int rank,
                                const int64_t *shape, void *out, pixcl_error *err)
{
    const px_tensor *tensor = expect(file, name, rank, shape, err);

    if (!tensor)
        return PIXCL_ERROR_FORMAT;
    if (tensor->dtype != dtype)
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: tensor \"%s\" holds %s values, expected %s", file->source, name,
                       px_dtype_name(tensor->dtype), px_dtype_name(dtype));
    if (tensor->count)
        memcpy(out, tensor->data, px_tensor_bytes(tensor));
    return PIXCL_OK;
}
