/* One convolution by itself on a device, planned in one way: a graph of a node or two, of whose plan only the
 * convolution's own launches are kept. What it computes is compared with the definition at some places. */
#ifndef PX_EXEC_OPENCL_TUNE_TRIAL_H
#define PX_EXEC_OPENCL_TUNE_TRIAL_H

#include "exec/opencl/exec.h"

/* What trials on one device share. Zero-initialise but for the device, which must have been opened for profiling. */
typedef struct px_trial_stand {
    px_cl_device *device;
    float *numbers; /* random, in [-1,1): the maps and weights of every trial, in the order of the device */
    size_t number_count;
    cl_mem sweep; /* written before each run, to clear the caches as the rest of a step would */
} px_trial_stand;
void px_trial_stand_free(px_trial_stand *stand);

typedef struct px_trial {
    px_trial_stand *stand;
    px_conv_problem problem;
    px_graph *graph;
    px_node a, b, result; /* the convolution and what it reads */
    px_tuning table;      /* of one entry, or of none */
    px_tuned entry;
    px_plan *plan;
    px_exec *exec;
    px_conv_algorithm algorithm; /* as planned */
} px_trial;

/* Plans the problem with the cut, NULL for the planner's own. The cut must suit the problem. The trial must not be
 * moved and is closed also after a failure. */
pixcl_status px_trial_plan(px_trial *trial, px_trial_stand *stand, const px_conv_problem *problem, const px_cut *cut,
                           pixcl_error *err);
/* A hash of what is launched: trials with the same do the same. */
uint64_t px_trial_hash(const px_trial *trial);
/* Builds the kernels and runs them once, untimed. */
pixcl_status px_trial_load(px_trial *trial, pixcl_error *err);
/* Runs once more and gives the seconds from the begin of the first launch to the end of the last. */
pixcl_status px_trial_run(px_trial *trial, double *seconds, pixcl_error *err);
void px_trial_close(px_trial *trial);

/* Places of the result and what stands there by definition, in double. */
enum { PX_SAMPLES = 64 };
typedef struct px_samples {
    int count;
    size_t at[PX_SAMPLES]; /* in the result as the device stores it */
    double expected[PX_SAMPLES];
    double largest; /* of |expected| */
    int terms;      /* products that are summed, at most */
} px_samples;

pixcl_status px_trial_expect(const px_trial *trial, px_samples *samples, pixcl_error *err);
/* Reads what the last run left at those places. */
pixcl_status px_trial_read(const px_trial *trial, const px_samples *samples, float *found, pixcl_error *err);
/* Whether that is right, up to rounding as `pixcl check` allows it. */
bool px_samples_agree(const px_samples *samples, const float *found, px_op op, px_conv_algorithm algorithm);

#endif
