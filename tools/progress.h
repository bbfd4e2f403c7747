/* Progress of training: one line redrawn on a terminal, else a line whenever losses were logged. */
#ifndef PIXCL_TOOLS_PROGRESS_H
#define PIXCL_TOOLS_PROGRESS_H

#include "pixcl/trainer.h"

/* What is remembered between two calls. Zero-initialise. */
typedef struct progress_state {
    double drawn; /* progress->seconds of the last drawing */
} progress_state;

/* For pixcl_trainer_create(); `user` is a progress_state. */
void progress_show(void *user, const pixcl_progress *progress);

/* The line itself, what matters most first because a narrow terminal cuts its end:
 * "epoch 3/200  step 812/219200  1.21 images/s  50:12:03 left  G_GAN 1.04 G_L1 23.1 D_real 0.61 D_fake 0.58". */
void progress_format(const pixcl_progress *progress, char *text, size_t size);

#endif
