/* How far two sets of pictures are from one another. A pixcl_swd is used by one thread at a time. */
#ifndef PIXCL_DISTANCE_H
#define PIXCL_DISTANCE_H

#include <stdint.h>

#include "pixcl/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The sliced Wasserstein distance between two sets of pictures, which need not be pairs: how much their details differ,
 * at every scale. It sees blur, grain, contrast and colour, where L1 rewards a blurred compromise.
 *
 * After Karras, Aila, Laine and Lehtinen ("Progressive growing of GANs", 2018, section 5): patches of 7 x 7 pixels at
 * random places of each level of the Laplacian pyramid, on 128 random directions; the sorted projections of one set
 * against those of the other, or their quantiles where there are not as many. Other than there, a channel is normalised
 * by its mean and deviation over both sets together: normalised one by one, two sets that differ in contrast alone are
 * at distance 0.
 *
 * Up to 1024 patches a picture and 16384 a set and level (of colour, 9.6 MB); of many pictures, fewer each. The order
 * of a set's pictures matters through the places of the patches, that in which the two sets are mixed does not. Two
 * sets of one source do not come to 0: some 30 with 64 pictures each. */
#define PIXCL_SWD_MOST_LEVELS 12

typedef struct pixcl_swd pixcl_swd;

typedef struct pixcl_swd_distance {
    int levels;
    /* Times 1000, the finest first; every level has half the size of the one before. The last compares what is left of
     * the pictures, the others their details. NaN where a set has no picture that is large enough. */
    double level[PIXCL_SWD_MOST_LEVELS];
    double mean; /* over the levels that have a figure; NaN when none has */
} pixcl_swd_distance;

/* `levels` is 1 to PIXCL_SWD_MOST_LEVELS, or 0: as many as the first picture of at least 16 pixels has, being halved as
 * long as its shorter side stays at 16 or above (5 for 256 pixels). The same seed gives the same bits. NULL on
 * failure. */
PIXCL_API pixcl_swd *pixcl_swd_create(int levels, uint64_t seed, pixcl_error *err);

/* Adds a picture to set 0 or 1. Sizes may differ: levels are counted from the full size, so that a level is detail of
 * one size in pixels, and a picture takes part in those where its shorter side is still 16 pixels; a smaller picture
 * takes part in none. PIXCL_ERROR_ARGUMENT when its channels are not those of the first. */
PIXCL_API pixcl_status pixcl_swd_add(pixcl_swd *swd, int set, const pixcl_image *image, pixcl_error *err);

/* The distance between what the sets hold now; more may be added afterwards. */
PIXCL_API pixcl_status pixcl_swd_result(const pixcl_swd *swd, pixcl_swd_distance *distance, pixcl_error *err);

/* Frees everything and clears the pointer. *swd may be NULL. */
PIXCL_API void pixcl_swd_destroy(pixcl_swd **swd);

#ifdef __cplusplus
}
#endif
#endif
