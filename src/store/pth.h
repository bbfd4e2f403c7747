/* PyTorch's files of a state_dict, read and written without PyTorch and without executing anything of them. */
#ifndef PX_STORE_PTH_H
#define PX_STORE_PTH_H

#include "store/formats.h"

/* The zip form (since PyTorch 1.6): NAME/data.pkl, NAME/data/0, NAME/data/1 ... Fills file->list. */
pixcl_status px_pth_read_zip(px_tensor_file *file, pixcl_error *err);

/* The older stream form: five pickles, then the storages one after the other. Fills file->list. */
pixcl_status px_pth_read_stream(px_tensor_file *file, pixcl_error *err);

/* The zip form, as an OrderedDict that torch.load also takes with weights_only=True. The metadata is left out. */
pixcl_status px_pth_write(const char *path, const px_tensor_list *list, px_tensor_fetch fetch, void *user,
                          pixcl_error *err);

#endif
