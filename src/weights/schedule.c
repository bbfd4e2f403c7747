/* Learning rates over the epochs. */
#include "weights/schedule.h"

#include <math.h>
#include <string.h>

#include "base/math.h"

void px_schedule_start(px_schedule *schedule)
{
    *schedule = (px_schedule){.factor = 1, .best = INFINITY, .bad_epochs = 0};
}

double px_schedule_lr(const px_schedule *schedule, const pixcl_options *options, int epoch)
{
    const char *policy = options->lr_policy;
    int done = epoch - 1;
    if (strcmp(policy, "step") == 0)
        return options->lr * px_power(0.1, (uint64_t)(done / options->lr_decay_iters));
    if (strcmp(policy, "plateau") == 0)
        return options->lr * schedule->factor;
    if (strncmp(policy, "cosine", 6) == 0) {
        int period = options->n_epochs + (strcmp(policy, "cosine") == 0 ? options->n_epochs_decay : 0);
        return period > 0 ? options->lr * (1 + px_cos_pi((double)done / period)) / 2 : options->lr;
    }
    int late = epoch > options->n_epochs ? epoch - options->n_epochs : 0;
    return options->lr * (1 - (double)late / (options->n_epochs_decay + 1));
}

void px_schedule_observe(px_schedule *schedule, double metric, bool higher_is_better)
{
    const double threshold = 0.01, factor = 0.2;
    const int patience = 5;
    const double goal = schedule->best * (1 + (higher_is_better ? threshold : -threshold));
    if (isinf(schedule->best) || (higher_is_better ? metric > goal : metric < goal)) {
        schedule->best = metric;
        schedule->bad_epochs = 0;
    } else if (++schedule->bad_epochs > patience) {
        schedule->factor *= factor;
        schedule->bad_epochs = 0;
    }
}
