/* The test phase: every held-out picture translated, measured and shown on a page. */
#ifndef PIXCL_TEST_H
#define PIXCL_TEST_H

#include <stdbool.h>

#include "pixcl/compare.h"
#include "pixcl/context.h"
#include "pixcl/distance.h"
#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the test phase found. */
typedef struct pixcl_test_result {
    int pictures;
    int measured;              /* of these, how many have a target */
    pixcl_metrics mean;        /* over the measured pictures; NaN when there are none */
    pixcl_swd_distance swd[2]; /* from fake_B to real_B, and for a CycleGAN from fake_A to real_A; the
                                                 * mean is NaN where there is nothing to compare */
    char folder[2048];         /* <results_dir>/<name>/<phase>_<epoch>: images/, metrics.csv */
    char page[2064];           /* the results page in it, index.html */
} pixcl_test_result;

/* After every picture, on the thread that called pixcl_test(): 1..count, its name, and how near it came; NULL without a
 * target. */
typedef void (*pixcl_test_fn)(void *user, int index, int count, const char *name, const pixcl_metrics *metrics);

/* The test phase: opens the run's checkpoint, translates the pictures of options->phase, and writes images, metrics.csv
 * and index.html. What was not given in `options` comes from the checkpoint. `embed`: the page holds its pictures
 * itself and can be sent around as one file. `picture` may be NULL. PIXCL_ERROR_INTERRUPTED when the context's stop
 * function ended it: what was done so far is on disk. */
PIXCL_API pixcl_status pixcl_test(pixcl_context *context, const pixcl_options *options, bool embed,
                                  pixcl_test_fn picture, void *user, pixcl_test_result *result, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
