/* How near two pictures are, and the test phase: every held-out picture translated and measured. */
#ifndef PIXCL_EVALUATE_H
#define PIXCL_EVALUATE_H

#include <stdbool.h>

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

/* What the test phase found. */
typedef struct pixcl_evaluation {
    int pictures;
    pixcl_metrics mean;                         /* over the pictures */
    char folder[3 * PIXCL_OPTION_TEXT_SIZE];    /* <results_dir>/<name>/<phase>_<epoch>: images/, metrics.csv */
    char page[3 * PIXCL_OPTION_TEXT_SIZE + 16]; /* the results page in it, index.html */
} pixcl_evaluation;

/* Zero-initialise; every member may be NULL. Called on the thread that called pixcl_evaluate(). */
typedef struct pixcl_evaluation_callbacks {
    void *user;
    /* After every picture: 1..count, its name, and how near it came. */
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
