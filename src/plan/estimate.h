/* How long a step of a plan takes, from the plan and the speed of the device alone: a model, not a measurement. A
 * launch takes as long as its multiply-adds or as its bytes, whichever takes longer, and launches follow one another.
 * How near kernels come to the device's speed is in estimate.c, and for convolutions in px_conv_method.density. */
#ifndef PX_PLAN_ESTIMATE_H
#define PX_PLAN_ESTIMATE_H

#include "plan/plan.h"

/* A device's speed, in the units of px_target. */
typedef struct px_speed {
    const char *device;    /* whose, for people; must outlive estimates */
    bool measured;         /* else modelled from its maker's figures */
    double gflops, gbps;   /* multiply-adds count two; a copy counts what it reads and what it writes */
    double launch_seconds; /* what one more launch costs */
} px_speed;

typedef struct px_estimate {
    px_speed speed;
    double seconds; /* of a step: the sum of these three */
    double arithmetic, memory,
        launching; /* of launches that multiply-adds bind, that bytes bind, and between launches */
    double flops, bytes;
    size_t launches; /* kernels, those of CLBlast included */
} px_estimate;

/* False, with an estimate of zeros, when the speed is not known. */
bool px_estimate_step(const px_plan *plan, const px_speed *speed, px_estimate *estimate);

/* "arithmetic", "memory" or "launches": what takes most of the step. */
const char *px_estimate_bound(const px_estimate *estimate);

#endif
