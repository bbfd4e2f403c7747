/* The test phase: every held-out picture translated, measured and shown on a page. */
#ifndef PIXCL_TEST_H
#define PIXCL_TEST_H

#include <stdbool.h>

#include "pixcl/compare.h"
#include "pixcl/distance.h"
#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the test phase found. */
typedef struct pixcl_test_result {
    int pictures;
    int measured;                               /* of these, how many have a target */
    pixcl_metrics mean;                         /* over the measured pictures; NaN when there are none */
    pixcl_swd_distance swd[2];                  /* from fake_B to real_B, and for a CycleGAN from fake_A to real_A; the
                                                 * mean is NaN where there is nothing to compare */
    char folder[3 * PIXCL_OPTION_TEXT_SIZE];    /* <results_dir>/<name>/<phase>_<epoch>: images/, metrics.csv */
    char page[3 * PIXCL_OPTION_TEXT_SIZE + 16]; /* the results page in it, index.html */
} pixcl_test_result;

/* Zero-initialise; every member may be NULL. Called on the thread that called pixcl_test(). */
typedef struct pixcl_test_callbacks {
    void *user;
    /* After every picture: 1..count, its name, and how near it came; NULL without a target. */
    void (*picture)(void *user, int index, int count, const char *name, const pixcl_metrics *metrics);
    /* Asked after every picture: true ends early with PIXCL_ERROR_INTERRUPTED; what was done so far is on disk. */
    bool (*should_stop)(void *user);
} pixcl_test_callbacks;

/* The test phase: opens the run's checkpoint, translates the pictures of options->phase, and writes images, metrics.csv
 * and index.html. What was not given in `options` comes from the checkpoint. `embed`: the page holds its pictures
 * itself and can be sent around as one file. `callbacks` may be NULL. */
PIXCL_API pixcl_status pixcl_test(const pixcl_options *options, bool embed, const pixcl_test_callbacks *callbacks,
                                  pixcl_test_result *evaluation, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
