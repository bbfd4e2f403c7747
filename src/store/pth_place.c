/* Tensors out of loaded storages: in place where they lie row-major, else copied (pth_state.h). */
#include <string.h>

#include "store/pth_state.h"

/* All tensors together may take this many times the bytes of the storages that they share: enough for weights that
 * stand under several names, and far from what would fill a disk. */
#define MAX_SHARES 8

typedef struct placer {
    px_tensor_file *file;
    size_t bytes, limit;
} placer;

/* True when element (i, j, ...) is the (i * shape[1] + j ...)-th, sizes of 1 aside. */
static bool is_row_major(const px_pth_view *view)
{
    int64_t expected = 1;

    for (int i = view->rank; i-- > 0;) {
        if (view->shape[i] != 1 && view->stride[i] != expected)
            return false;
        expected *= view->shape[i]; /* the count, which fits */
    }
    return true;
}

/* The last element lies within the storage. Only for tensors that have one. */
static bool is_inside(const px_pth_view *view, size_t storage_count)
{
    int64_t last = view->offset, span;

    for (int i = 0; i < view->rank; i++)
        if (__builtin_mul_overflow(view->shape[i] - 1, view->stride[i], &span) ||
            __builtin_add_overflow(last, span, &last))
            return false;
    return (uint64_t)last < storage_count;
}

/* Elements in row-major order into `to`: an odometer over the indices. */
static void gather(const px_pth_view *view, const uint8_t *storage, size_t size, size_t count, uint8_t *to)
{
    int64_t index[PX_MAX_RANK] = {0}, from = view->offset;

    for (size_t n = 0; n < count; n++) {
        memcpy(to + n * size, storage + (size_t)from * size, size);
        for (int i = view->rank; i-- > 0;) {
            from += view->stride[i];
            if (++index[i] < view->shape[i])
                break;
            from -= view->shape[i] * view->stride[i];
            index[i] = 0;
        }
    }
}

static pixcl_status place_view(placer *p, const px_pth_view *view, const px_pth_storage *storage, pixcl_error *err)
{
    const char *source = p->file->source;
    const size_t size = px_dtype_size(storage->dtype), name_length = strlen(view->name);
    char shown[64], shape[PX_DIMS_TEXT], stride[PX_DIMS_TEXT];
    const uint8_t *data = storage->data;
    uint8_t *copy;
    size_t count;

    px_printable(view->name, name_length, shown, sizeof shown);
    if (!px_tensor_count(storage->dtype, view->rank, view->shape, &count) ||
        (count > 0 && !is_inside(view, storage->count)))
        return px_fail(
            err, PIXCL_ERROR_FORMAT,
            "%s: tensor \"%s\" of shape %s with strides %s from element %lld reaches beyond its storage of %zu; the "
            "file is damaged",
            source, shown, px_dims_text(view->rank, view->shape, shape), px_dims_text(view->rank, view->stride, stride),
            (long long)view->offset, storage->count);
    if (count > storage->count)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: tensor \"%s\" of shape %s repeats the %zu elements of its storage; save a clone() of it",
                       source, shown, px_dims_text(view->rank, view->shape, shape), storage->count);
    if (__builtin_add_overflow(p->bytes, count * size, &p->bytes) || p->bytes > p->limit)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: the tensors up to \"%s\" would take more than %d times the file's data, which they share; "
                       "save clones of them",
                       source, shown, MAX_SHARES);
    if (count == 0 || is_row_major(view))
        return px_tensor_list_add(&p->file->list, source, view->name, name_length, storage->dtype, view->rank,
                                  view->shape, count ? data + (size_t)view->offset * size : data, err);

    copy = px_tensor_file_block(p->file, count * size, err);
    if (!copy)
        return PIXCL_ERROR_MEMORY;
    gather(view, data, size, count, copy);
    return px_tensor_list_add(&p->file->list, source, view->name, name_length, storage->dtype, view->rank, view->shape,
                              copy, err);
}

pixcl_status px_pth_place(px_tensor_file *file, const px_pth_state *state, pixcl_error *err)
{
    placer p = {.file = file};
    pixcl_status status = PIXCL_OK;

    for (size_t i = 0; i < state->storage_count; i++) {
        size_t bytes = state->storages[i].count * px_dtype_size(state->storages[i].dtype);

        if (__builtin_mul_overflow(bytes, (size_t)MAX_SHARES, &bytes) ||
            __builtin_add_overflow(p.limit, bytes, &p.limit))
            p.limit = SIZE_MAX;
    }
    for (size_t i = 0; i < state->view_count && status == PIXCL_OK; i++)
        status = place_view(&p, &state->views[i], &state->storages[state->views[i].storage], err);
    return status;
}
