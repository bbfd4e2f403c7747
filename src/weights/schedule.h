/* Learning rates over the epochs. */
#ifndef PX_WEIGHTS_SCHEDULE_H
#define PX_WEIGHTS_SCHEDULE_H

#include "options/fields.h"

/* What `plateau` has to remember between epochs; the other policies need nothing. Plain data: a checkpoint saves it.
 * Start it with px_schedule_start(). */
typedef struct px_schedule {
    double factor;  /* what the first learning rate is multiplied by now */
    double best;    /* metric so far; infinite before the first */
    int bad_epochs; /* validations since then */
} px_schedule;

void px_schedule_start(px_schedule *schedule);

/* The learning rate of an epoch, 1..n_epochs + n_epochs_decay, for options->lr_policy (REFERENCE: get_scheduler).
 * `schedule` may be NULL for every policy but plateau.
 *   linear  lr * (1 - max(0, epoch - n_epochs) / (n_epochs_decay + 1))
 *   step    lr * 0.1^((epoch - 1) / lr_decay_iters), whole division
 *   plateau lr * schedule->factor
 *   cosine  lr * (1 + cos(pi * (epoch - 1) / T)) / 2 with T = n_epochs + n_epochs_decay;
 *           cosine_reference: T = n_epochs */
double px_schedule_lr(const px_schedule *schedule, const pixcl_options *options, int epoch);

/* Tells plateau what a validation came to: without an improvement of 1 % for more than 5 validations the rate falls to
 * a fifth (PyTorch: ReduceLROnPlateau(factor=0.2, threshold=0.01, patience=5), mode "max" where higher is better). */
void px_schedule_observe(px_schedule *schedule, double metric, bool higher_is_better);

#endif
