/* Where a run begins: anew, or from which of its checkpoints. */
#ifndef PX_RUN_RESUME_H
#define PX_RUN_RESUME_H

#include "weights/checkpoint.h"

/* Under --continue_train opens the checkpoint that --epoch or --load_iter names, into *file (px_tensor_file_close()),
 * and takes from it the state of the run and the options that were not given. *file is NULL, and `state` as it was,
 * when the run begins anew: without --continue_train, or with it in a folder that has no checkpoint yet.
 * PIXCL_ERROR_ARGUMENT when that would overwrite another run, or for options that contradict the checkpoint;
 * PIXCL_ERROR_IO when there are checkpoints, but not this one; PIXCL_ERROR_FORMAT when it is damaged. */
pixcl_status px_resume(pixcl_options *options, px_run_state *state, px_tensor_file **file, pixcl_error *err);

/* Makes that checkpoint the run's latest: whatever ends this process, the run goes on from there, with the history up
 * to there. A latest.safetensors of more steps, from a course that the run leaves, gets the name
 * latest_STEP.safetensors, too. Before the history is cut. */
pixcl_status px_resume_from(const char *folder, const char *checkpoint, const px_run_state *state, pixcl_error *err);

#endif
