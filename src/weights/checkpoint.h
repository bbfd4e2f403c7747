/* A run in one file: every variable of the session, and in the metadata every option and where the run stands.
 *
 *   tensors   "G.model.model.0.weight", "G.model.model.0.weight.exp_avg", ..
 *   metadata  "pixcl": version; "options": pixcl_options_to_json(); "state": px_run_state as JSON */
#ifndef PX_WEIGHTS_CHECKPOINT_H
#define PX_WEIGHTS_CHECKPOINT_H

#include "store/tensor_file.h"
#include "weights/run_state.h"
#include "weights/session.h"

/* PIXCL_ERROR_NUMERIC, and the file is as it was, when a variable has become infinite or NaN. */
pixcl_status px_checkpoint_save(const px_session *session, const pixcl_options *options, const px_run_state *state,
                                const char *path, pixcl_error *err);

/* Gives folder/WHICH.safetensors the name WHICH_NUMBER.safetensors, too, and says so: "`why`; its checkpoint stays
 * as ..". */
pixcl_status px_checkpoint_set_aside(const char *folder, const char *which, long long number, const char *why,
                                     pixcl_error *err);

/* What a person may give for a checkpoint: the file itself, or a run's folder, which stands for its latest
 * (px_free). */
char *px_checkpoint_locate(const char *path, pixcl_error *err);

/* Whether a file of tensors was written by px_checkpoint_save(). */
bool px_is_checkpoint(const px_tensor_file *file);

/* Options and state of a checkpoint (either may be NULL); a file that is no checkpoint of pixcl says so. */
pixcl_status px_checkpoint_read(const px_tensor_file *file, pixcl_options *options, px_run_state *state,
                                pixcl_error *err);

/* All three in one; `path` as px_checkpoint_locate() takes it. NULL on failure. */
px_tensor_file *px_checkpoint_open(const char *path, pixcl_options *options, px_run_state *state, pixcl_error *err);

#endif
