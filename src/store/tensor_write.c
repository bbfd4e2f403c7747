/* Collecting what a file shall hold; safetensors_write.c and pth_write.c put it there. */
#include "store/tensor_writer.h"

#include <string.h>

#include "base/memory.h"
#include "store/formats.h"
#include "store/pth.h"
#include "store/safetensors.h"

struct px_tensor_writer {
    char *path;
    px_tensor_format format;
    px_tensor_list list;
};

px_tensor_writer *px_tensor_writer_create(const char *path, px_tensor_format format, pixcl_error *err)
{
    px_tensor_writer *writer = px_calloc(1, sizeof *writer, err);

    if (!writer)
        return NULL;
    writer->format = format;
    writer->path = px_strdup(path, err);
    if (!writer->path)
        px_tensor_writer_abandon(&writer);
    return writer;
}

pixcl_status px_tensor_writer_metadata(px_tensor_writer *writer, const char *key, const char *value, pixcl_error *err)
{
    return px_tensor_list_add_metadata(&writer->list, key, value, err);
}

pixcl_status px_tensor_writer_declare(px_tensor_writer *writer, const char *name, px_dtype dtype, int rank,
                                      const int64_t *shape, const void *data, pixcl_error *err)
{
    return px_tensor_list_add(&writer->list, writer->path, name, strlen(name), dtype, rank, shape, data, err);
}

pixcl_status px_tensor_writer_commit(px_tensor_writer **writer, px_tensor_fetch fetch, void *user, pixcl_error *err)
{
    px_tensor_writer *w = *writer;
    pixcl_status status = px_tensor_list_index(&w->list, w->path, err);

    if (status == PIXCL_OK && w->format == PX_PTH)
        status = px_pth_write(w->path, &w->list, fetch, user, err);
    else if (status == PIXCL_OK)
        status = px_safetensors_write(w->path, &w->list, fetch, user, err);
    px_tensor_writer_abandon(writer);
    return status;
}

void px_tensor_writer_abandon(px_tensor_writer **writer)
{
    if (!*writer)
        return;
    px_tensor_list_free(&(*writer)->list);
    px_free((*writer)->path);
    px_free(*writer);
    *writer = NULL;
}
