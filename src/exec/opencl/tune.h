/* Finding the fastest cut of a convolution on a device, by trying. */
#ifndef PX_EXEC_OPENCL_TUNE_H
#define PX_EXEC_OPENCL_TUNE_H

#include "exec/opencl/device.h"
#include "plan/tuning.h"

typedef struct px_tune_result {
    px_cut cut;   /* the fastest; algorithm PX_ALGORITHM_NONE when nothing beats the planner's own */
    double usual; /* seconds by the planner's own */
    double best;  /* and by `cut` */
    int tried;    /* cuts that were timed */
    int rejected; /* cuts whose result was wrong or that did not run */
} px_tune_result;

typedef struct px_tuner px_tuner;

/* `device` must have been opened for profiling and must outlive the tuner. */
px_tuner *px_tuner_create(px_cl_device *device, pixcl_error *err);
void px_tuner_destroy(px_tuner **tuner);
/* No cut is tried any more after that moment of px_now(). */
void px_tuner_until(px_tuner *tuner, double moment);
/* For tests: `spoil` may change what a cut computed (at some places of the result) before it is looked at. */
void px_tuner_spoil(px_tuner *tuner, void (*spoil)(void *user, const px_cut *cut, float *found, int count), void *user);

/* Seconds by the planner's own, whose result is checked: PIXCL_ERROR_NUMERIC when it is wrong. */
pixcl_status px_tuner_usual(px_tuner *tuner, const px_conv_problem *problem, double *seconds, pixcl_error *err);

/* Tries cuts for the problem. A cut is taken only if its result is right, and if it was clearly faster than the
 * planner's own when the two were timed in turns. Fails only when the planner's own cannot run or is wrong. */
pixcl_status px_tuner_run(px_tuner *tuner, const px_conv_problem *problem, px_tune_result *result, pixcl_error *err);

#endif
