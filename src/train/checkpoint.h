/* A run in one file: every variable of the session, and in the metadata every option and where the run stands.
 *
 *   tensors   "G.model.model.0.weight", "G.model.model.0.weight.exp_avg", ..
 *   metadata  "pixcl": version; "options": pixcl_options_to_json(); "state": px_run_state as JSON */
#ifndef PX_TRAIN_CHECKPOINT_H
#define PX_TRAIN_CHECKPOINT_H

#include "store/tensor_file.h"
#include "train/schedule.h"
#include "train/session.h"

/* The best validation of a run so far, without that of the very checkpoint that holds this. */
typedef struct px_best {
    char metric[PIXCL_OPTION_CHOICE_SIZE]; /* --val_metric, "" before the first validation */
    char phase[PIXCL_OPTION_TEXT_SIZE];    /* --val_phase */
    double value;
    int epoch; /* after which; 0: none yet */
} px_best;

/* Where a run stands: all that the next step depends on besides the variables. Random numbers depend on seed, step,
 * epoch and position alone. */
typedef struct px_run_state {
    long step;       /* done */
    int epoch;       /* the current one, from 1 */
    long iter;       /* pictures of it seen */
    long pictures;   /* seen in the whole run; what the frequencies count */
    long pool_begin; /* of these, seen when the pools of old pictures were last empty */
    px_schedule schedule;
    px_best best;
} px_run_state;

/* PIXCL_ERROR_NUMERIC, and the file is as it was, when a variable has become infinite or NaN. */
pixcl_status px_checkpoint_save(const px_session *session, const pixcl_options *options, const px_run_state *state,
                                const char *path, pixcl_error *err);

/* Gives folder/WHICH.safetensors the name WHICH_NUMBER.safetensors, too, and says so: "`why`; its checkpoint stays
 * as ..". */
pixcl_status px_checkpoint_set_aside(const char *folder, const char *which, long number, const char *why,
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
