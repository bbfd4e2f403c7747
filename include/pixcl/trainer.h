/* Training: pictures in, checkpoints, history and a training page out; as a whole, or step by step.
 *
 * A trainer is used by one thread at a time; its callback runs on that thread. It holds the device, the networks and
 * the threads that read pictures until it is destroyed.
 *
 * Where the pictures come from: with the option dataroot, from that folder, by pixcl_trainer_run() or
 * pixcl_trainer_step(). With dataroot "" the caller gives every batch to pixcl_trainer_feed(), and says where an epoch
 * ends with pixcl_trainer_end_epoch(). */
#ifndef PIXCL_TRAINER_H
#define PIXCL_TRAINER_H

#include <stdbool.h>

#include "pixcl/context.h"
#include "pixcl/image.h"
#include "pixcl/options.h"
#include "pixcl/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PIXCL_MAX_LOSSES 16

/* Where a training run stands. Counts are of the whole run, over every --continue_train. */
typedef struct pixcl_progress {
    int epoch, epochs;             /* 1..epochs; epochs is n_epochs + n_epochs_decay */
    long long step, steps;         /* optimiser steps done and in all; --max_steps lowers `steps`; 0: not known */
    long long iter, iters;         /* pictures of this epoch seen, and in an epoch; 0: not known */
    double lr;                     /* of this epoch */
    double seconds;                /* since this process began to train */
    double images_per_second;      /* over the last seconds; 0 before the first measurement */
    double eta_seconds;            /* until the run is done; below 0: not known yet */
    bool logged;                   /* this call's losses are new and were written to history.jsonl */
    int loss_count;                /* 0 before the first losses were read back */
    const char *const *loss_names; /* G_GAN, G_L1, D_real, D_fake for pix2pix; they live as long as the trainer */
    float losses[PIXCL_MAX_LOSSES];
} pixcl_progress;

/* After every step; cheap calls only. */
typedef void (*pixcl_progress_fn)(void *user, const pixcl_progress *progress);

typedef struct pixcl_trainer pixcl_trainer;

/* Reads the folder's names, opens the checkpoint under --continue_train (none there yet: starts from the beginning and
 * says so in the log), builds the networks and their plan, and reserves the device's memory. `options` are copied.
 * `progress` may be NULL. NULL on failure: PIXCL_ERROR_ARGUMENT for options that do not fit together or to the
 * checkpoint, PIXCL_ERROR_IO for folders and pictures, PIXCL_ERROR_FORMAT for a damaged checkpoint,
 * PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY, PIXCL_ERROR_DEVICE, PIXCL_ERROR_INTERRUPTED. */
PIXCL_API pixcl_trainer *pixcl_trainer_create(pixcl_context *context, const pixcl_options *options,
                                              pixcl_progress_fn progress, void *user, pixcl_error *err);

/* Frees everything and clears the pointer; what was not saved is lost. *trainer may be NULL. */
PIXCL_API void pixcl_trainer_destroy(pixcl_trainer **trainer);

/* Trains to the end, or to --max_steps, with all that the options say of checkpoints, pages and validation.
 * PIXCL_ERROR_INTERRUPTED when the context's stop function asked for it: then everything up to the last step is saved.
 * PIXCL_ERROR_NUMERIC when a loss stops being a number: the last good checkpoint stays. */
PIXCL_API pixcl_status pixcl_trainer_run(pixcl_trainer *trainer, pixcl_error *err);

/* The next step alone, with what run does after it; *over is true when there is none left, and nothing was done. Save
 * at the end: run would. */
PIXCL_API pixcl_status pixcl_trainer_step(pixcl_trainer *trainer, bool *over, pixcl_error *err);

/* A step on the caller's batch: batch_size pictures each for A and B, crop_size x crop_size, of input_nc and output_nc
 * channels (for a cycle_gan of any two pictures; --direction is the caller's business). Copied before it returns; the
 * device may still be busy. PIXCL_ERROR_ARGUMENT for another size, or when the trainer has a dataroot. */
PIXCL_API pixcl_status pixcl_trainer_feed(pixcl_trainer *trainer, const pixcl_tensor *A, const pixcl_tensor *B,
                                          pixcl_error *err);
/* The end of an epoch of batches that were fed: the learning rate goes on, a checkpoint is due. */
PIXCL_API pixcl_status pixcl_trainer_end_epoch(pixcl_trainer *trainer, pixcl_error *err);

/* Where it stands, with the losses of the last step, for which it waits. */
PIXCL_API pixcl_status pixcl_trainer_losses(pixcl_trainer *trainer, pixcl_progress *progress, pixcl_error *err);

/* Writes latest.safetensors of the run as it is now. PIXCL_ERROR_NUMERIC when a loss is no number: the checkpoint stays
 * as it was. */
PIXCL_API pixcl_status pixcl_trainer_save(pixcl_trainer *trainer, pixcl_error *err);

/* What the last step looked at: "real_A", "fake_B", "real_B" for pix2pix; NULL past the end. */
PIXCL_API const char *pixcl_trainer_visual_name(const pixcl_trainer *trainer, int index);
/* The first picture of the batch under that name (pixcl_image_destroy). NULL on failure. */
PIXCL_API pixcl_image *pixcl_trainer_visual(pixcl_trainer *trainer, const char *name, pixcl_error *err);

/* The networks: "G", "D"; "G_A", "G_B", "D_A", "D_B" for cycle_gan; NULL past the end. */
PIXCL_API const char *pixcl_trainer_network(const pixcl_trainer *trainer, int index);
/* Weights and running statistics of a network, as in pixcl/generator.h. They may be set between steps. */
PIXCL_API size_t pixcl_trainer_weight_count(const pixcl_trainer *trainer, const char *network);
PIXCL_API pixcl_status pixcl_trainer_weight_at(const pixcl_trainer *trainer, const char *network, size_t index,
                                               pixcl_weight *weight, pixcl_error *err);
PIXCL_API pixcl_status pixcl_trainer_weight_get(pixcl_trainer *trainer, const char *network, const char *name,
                                                float *values, size_t count, pixcl_error *err);
PIXCL_API pixcl_status pixcl_trainer_weight_set(pixcl_trainer *trainer, const char *network, const char *name,
                                                const float *values, size_t count, pixcl_error *err);

/* The options in force: those given and, under --continue_train, those of the checkpoint. Lives as long as the
 * trainer. */
PIXCL_API const pixcl_options *pixcl_trainer_options(const pixcl_trainer *trainer);

#ifdef __cplusplus
}
#endif
#endif
