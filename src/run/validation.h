/* Validation between epochs: the set of --val_phase translated as the test phase does it, and which checkpoint is the
 * best one so far. */
#ifndef PX_RUN_VALIDATION_H
#define PX_RUN_VALIDATION_H

#include "inference/inference.h"
#include "report/metrics.h"
#include "weights/checkpoint.h"

/* Whether a validation follows an epoch. */
bool px_validation_due(const pixcl_options *options, int epoch);

/* Whether there are pictures to validate with: an error that names the folder and the cure, before training begins. */
pixcl_status px_validation_check(const pixcl_options *options, pixcl_error *err);

typedef struct px_validation {
    float figures[PX_FIGURES]; /* NaN where the set has none; of a CycleGAN, SWD is the mean of both ways */
    bool stopped;              /* by the context, before there were figures */
} px_validation;

/* Before a run goes on from `state`: a best.safetensors of later steps belongs to a course that the run leaves, and one
 * by another --val_metric or --val_phase cannot be compared. It gets the name best_EPOCH.safetensors, too, and the
 * first validation from here on is the best. */
pixcl_status px_validation_set_aside(const pixcl_options *options, const char *folder, px_run_state *state,
                                     pixcl_error *err);

/* Goes through the set with the networks of the run as they are, on their device. What it gives is what `pixcl test
 * --phase VAL_PHASE` says of a checkpoint of them, with the run's --preprocess and, where that scales by it,
 * --load_size. */
pixcl_status px_validation_run(const px_trained *trained, px_validation *validation, pixcl_error *err);

/* Enters the figures after state->epoch - 1 into the state of the run: the best so far, and what plateau observes.
 * *best: they are better than any before. PIXCL_ERROR_ARGUMENT when the figure of --val_metric is not among them. */
pixcl_status px_validation_take(const pixcl_options *options, const px_validation *validation, px_run_state *state,
                                bool *best, pixcl_error *err);

/* "L1 0.1234, PSNR 15.32 dB, ..", as far as there are figures. */
void px_validation_print(const px_validation *validation, char *text, size_t size);

#endif
