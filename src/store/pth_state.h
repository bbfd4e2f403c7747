/* Inside store: what a .pth file's pickle says, as storages (flat arrays) and the tensors that look into them. Both
 * forms of the file collect it, load the storages in their own way, and let it place the tensors. */
#ifndef PX_STORE_PTH_STATE_H
#define PX_STORE_PTH_STATE_H

#include "store/formats.h"
#include "store/pickle.h"

typedef struct px_pth_storage {
    const char *key; /* printable, within the pickle, not NUL-terminated */
    size_t key_length;
    px_dtype dtype;
    size_t count;     /* elements; count * px_dtype_size(dtype) is known not to overflow */
    bool wanted;      /* a collected tensor looks into it; others matter only for what lies behind them */
    const void *data; /* set by the loader */
} px_pth_storage;

typedef struct px_pth_view {
    char *name;
    size_t storage;
    int64_t offset; /* elements */
    int rank;
    int64_t shape[PX_MAX_RANK], stride[PX_MAX_RANK];
} px_pth_view;

typedef struct px_pth_state {
    px_pth_storage *storages;
    size_t storage_count, storage_capacity;
    px_pth_view *views;
    size_t view_count, view_capacity;
} px_pth_state;

/* The names that the pickle of a state_dict may use, for px_pickle_parse(). */
extern const char *const px_pth_globals[];

/* Finds the tensors: those of a dict, of the dicts within it (names joined by '.'), or, when the file is a training
 * script's with a "state_dict" among other things, of that one. *state is empty on failure. Storages are listed even
 * when no collected tensor looks into them. */
pixcl_status px_pth_collect(const px_pickle *pickle, const char *source, px_pth_state *state, pixcl_error *err);

/* Adds the tensors to file->list once every storage has its data; those that do not lie row-major in it are copied. */
pixcl_status px_pth_place(px_tensor_file *file, const px_pth_state *state, pixcl_error *err);

void px_pth_state_free(px_pth_state *state);

#endif
