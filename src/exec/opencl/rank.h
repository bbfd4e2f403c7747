/* Which of several devices is the fastest, by what was measured or by what can be guessed. Pure.
 *
 *  1. Where a training step of the same model and sizes was timed on two usable devices or more, as by
 *     `clinfo-check --step`, devices rank by its seconds. If there are several such steps, that of the most devices
 *     counts, of equals the one with the most operations.
 *  2. A device without that time ranks by its guess (speed_guess.h), lowered as much as the guess was too high for the
 *     worst of those that were timed: it goes ahead of a timed device only where it very likely is faster.
 *  3. Without two such times, all rank by their guesses: one time alone compares to nothing.
 *
 * Behind all others, whatever their speed, and in this order: devices whose memory is too small for a training step,
 * devices on which every step that was tried failed, software rasterisers and checkers. A step that was timed lifts a
 * device out of these. */
#ifndef PX_EXEC_OPENCL_RANK_H
#define PX_EXEC_OPENCL_RANK_H

#include "exec/opencl/speed_file.h"

typedef enum px_cl_tier {
    PX_TIER_UNUSABLE,
    PX_TIER_SOFTWARE, /* software rasterisers and checkers */
    PX_TIER_FAILED,   /* every training step that was tried failed */
    PX_TIER_SMALL,    /* too little memory */
    PX_TIER_FULL
} px_cl_tier;

typedef struct px_cl_rank {
    px_cl_tier tier;         /* first: higher is better */
    double speed;            /* then: 1e9 operations a second in a step, timed or guessed */
    const px_cl_step *timed; /* the step of rule 1 in the device's record, NULL without */
} px_cl_rank;

/* What a step of unet_256 at 256x256 takes in the smallest plan, the least of the models' defaults. */
#define PX_CL_LEAST_MEMORY UINT64_C(760000000)

/* Fills ranks[count]. `records` (may be NULL: nothing is known) is what was measured of each. */
void px_cl_rank_devices(const px_cl_description *devices, const px_cl_record *records, size_t count, px_cl_rank *ranks);
bool px_cl_is_better(const px_cl_rank *a, const px_cl_rank *b);

#endif
