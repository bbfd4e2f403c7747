/* The inside of a pixcl_trainer: trainer_open.c makes it, trainer.c runs it, trainer_access.c shows it. */
#ifndef PX_RUN_TRAINER_STATE_H
#define PX_RUN_TRAINER_STATE_H

#include "data/loader.h"
#include "pixcl/trainer.h"
#include "report/history.h"
#include "run/watches.h"
#include "weights/checkpoint.h"

enum { PX_RUN_PATH_SIZE = 4 * PIXCL_OPTION_TEXT_SIZE };

struct pixcl_trainer {
    pixcl_context *context;
    pixcl_options options;
    pixcl_progress_fn progress;
    void *user;
    px_dataset *dataset; /* this and the next NULL when the caller gives the pictures */
    px_loader *loader;
    px_cl_device *device;
    px_session session;
    px_history *history;
    px_watches *watches;
    px_run_state state;
    char folder[PX_RUN_PATH_SIZE];
    int hold;        /* px_folder_hold() */
    long long iters; /* pictures of the current epoch that make whole batches */
    long long steps; /* of the whole run */
    float losses[PX_MAX_LOSSES];
    const char *loss_names[PX_MAX_LOSSES];
    bool losses_read;                 /* at least once */
    long long saved_step;             /* of the last checkpoint, by this process or continued from; -1: none yet */
    bool no_pictures;                 /* the run ends since pictures cannot be used */
    bool not_validated;               /* it was stopped during a validation */
    bool begun;                       /* this process has begun to train */
    bool in_epoch;                    /* the loader has begun with the epoch */
    bool stopped;                     /* the context has asked for an end */
    bool warm;                        /* the first step of this process is done */
    bool speed_known;                 /* images_per_second no longer counts that step */
    double begin;                     /* when this process began to train */
    double seconds_before;            /* of the run, in earlier processes */
    double storing_seconds;           /* spent on store_programs() */
    double window_begin, window_wait; /* since the last logged step: images per second, and waiting for pictures */
    long long window_step;
    double images_per_second;
};

/* Whether the caller gives the pictures. */
bool px_trainer_is_fed(const pixcl_trainer *t);
/* Reads the losses of the last step. PIXCL_ERROR_NUMERIC when one is no number. */
pixcl_status px_trainer_read_losses(pixcl_trainer *t, pixcl_error *err);
pixcl_progress px_trainer_progress(const pixcl_trainer *t, bool logged);
/* Writes <folder>/<which>.safetensors. */
pixcl_status px_trainer_save(pixcl_trainer *t, const char *which, pixcl_error *err);

/* Epochs of the whole run. */
long long px_trainer_epochs(const pixcl_trainer *t);

/* How many pictures of the current epoch are still to come in whole batches. */
long long px_trainer_pictures_left(const pixcl_trainer *t);

#endif
