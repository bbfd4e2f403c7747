/* How near pictures are to what they should be, and the test phase: every held-out picture translated and measured. */
#ifndef PIXCL_EVALUATE_H
#define PIXCL_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pixcl/image.h"
#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Differences between a picture and what it should be. Colour values count as 0..255, all channels alike. */
typedef struct pixcl_metrics {
    double l1;   /* mean absolute difference, divided by 255: 0 (equal) to 1 */
    double psnr; /* 10 log10(255^2 / mean squared difference), dB; infinite for equal pictures */
    double ssim; /* structural similarity, -1 to 1 (equal); NaN when a side is below 11 pixels */
} pixcl_metrics;

/* Compares two pictures of the same size and channels.
 *
 * SSIM is that of Wang, Bovik, Sheikh and Simoncelli (IEEE Trans. Image Processing 13, 2004): Gaussian window of 11 x
 * 11 pixels and sigma 1.5, K1 = 0.01, K2 = 0.03, biased covariance, the mean over all places where the window fits, per
 * channel and then over channels. It equals scikit-image's structural_similarity(a, b, channel_axis=2,
 * gaussian_weights=True, use_sample_covariance=False, data_range=255). */
PIXCL_API pixcl_status pixcl_compare(const pixcl_image *a, const pixcl_image *b, pixcl_metrics *metrics,
                                     pixcl_error *err);

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

/* What the test phase found. */
typedef struct pixcl_evaluation {
    int pictures;
    int measured;                               /* of these, how many have a target */
    pixcl_metrics mean;                         /* over the measured pictures; NaN when there are none */
    pixcl_swd_distance swd[2];                  /* from fake_B to real_B, and for a CycleGAN from fake_A to real_A; the
                                                 * mean is NaN where there is nothing to compare */
    char folder[3 * PIXCL_OPTION_TEXT_SIZE];    /* <results_dir>/<name>/<phase>_<epoch>: images/, metrics.csv */
    char page[3 * PIXCL_OPTION_TEXT_SIZE + 16]; /* the results page in it, index.html */
} pixcl_evaluation;

/* Zero-initialise; every member may be NULL. Called on the thread that called pixcl_evaluate(). */
typedef struct pixcl_evaluation_callbacks {
    void *user;
    /* After every picture: 1..count, its name, and how near it came; NULL without a target. */
    void (*picture)(void *user, int index, int count, const char *name, const pixcl_metrics *metrics);
    /* Asked after every picture: true ends early with PIXCL_ERROR_INTERRUPTED; what was done so far is on disk. */
    bool (*should_stop)(void *user);
} pixcl_evaluation_callbacks;

/* The test phase: opens the run's checkpoint, translates the pictures of options->phase, and writes images, metrics.csv
 * and index.html. What was not given in `options` comes from the checkpoint. `embed`: the page holds its pictures
 * itself and can be sent around as one file. `callbacks` may be NULL. */
PIXCL_API pixcl_status pixcl_evaluate(const pixcl_options *options, bool embed,
                                      const pixcl_evaluation_callbacks *callbacks, pixcl_evaluation *evaluation,
                                      pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
