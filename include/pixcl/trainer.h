/* Training: pictures in, checkpoints, history and a training page out.
 *
 * A trainer is used by one thread at a time; its callbacks run on that thread. It holds the device, the networks and
 * the threads that read pictures until it is destroyed. */
#ifndef PIXCL_TRAINER_H
#define PIXCL_TRAINER_H

#include <stdbool.h>

#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PIXCL_MAX_LOSSES 16

/* Where a training run stands. Counts are of the whole run, over every --continue_train. */
typedef struct pixcl_progress {
    int epoch, epochs;             /* 1..epochs; epochs is n_epochs + n_epochs_decay */
    long step, steps;              /* optimiser steps done and in all; --max_steps lowers `steps` */
    long iter, iters;              /* pictures of this epoch seen, and in an epoch */
    double lr;                     /* of this epoch */
    double seconds;                /* since this process began to train */
    double images_per_second;      /* over the last seconds; 0 before the first measurement */
    double eta_seconds;            /* until the run is done; below 0: not known yet */
    bool logged;                   /* this call's losses are new and were written to history.jsonl */
    int loss_count;                /* 0 before the first losses were read back */
    const char *const *loss_names; /* G_GAN, G_L1, D_real, D_fake for pix2pix */
    float losses[PIXCL_MAX_LOSSES];
} pixcl_progress;

/* Zero-initialise; every member may be NULL. */
typedef struct pixcl_trainer_callbacks {
    void *user;
    /* After every step; cheap calls only. What *progress points at lives until the call returns. */
    void (*progress)(void *user, const pixcl_progress *progress);
    /* Asked after every step: true ends the run after saving. May be set from a signal handler's flag. */
    bool (*should_stop)(void *user);
} pixcl_trainer_callbacks;

typedef struct pixcl_trainer pixcl_trainer;

/* Reads the folder's names, opens the checkpoint under --continue_train (none there yet: starts from the beginning and
 * says so in the log), builds the networks and their plan, and reserves the device's memory. `options` and `callbacks`
 * (may be NULL) are copied. NULL on failure: PIXCL_ERROR_ARGUMENT for options that do not fit together or to the
 * checkpoint, PIXCL_ERROR_IO for folders and pictures, PIXCL_ERROR_FORMAT for a damaged checkpoint,
 * PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY, PIXCL_ERROR_DEVICE. */
PIXCL_API pixcl_trainer *pixcl_trainer_create(const pixcl_options *options, const pixcl_trainer_callbacks *callbacks,
                                              pixcl_error *err);

/* Trains to the end, or to --max_steps. PIXCL_ERROR_INTERRUPTED when should_stop() asked for it: then everything up to
 * the last step is saved. PIXCL_ERROR_NUMERIC when a loss stops being a number: the last good checkpoint stays. */
PIXCL_API pixcl_status pixcl_trainer_run(pixcl_trainer *trainer, pixcl_error *err);

/* The options in force: those given and, under --continue_train, those of the checkpoint. Lives as long as the
 * trainer. */
PIXCL_API const pixcl_options *pixcl_trainer_options(const pixcl_trainer *trainer);

/* Frees everything and clears the pointer. *trainer may be NULL. */
PIXCL_API void pixcl_trainer_destroy(pixcl_trainer **trainer);

#ifdef __cplusplus
}
#endif
#endif
