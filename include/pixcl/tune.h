/* Tuning: which way of doing each convolution of a model is the fastest on a device, found by trying, and kept in a
 * file per device that training and translation then use. */
#ifndef PIXCL_TUNE_H
#define PIXCL_TUNE_H

#include <stdbool.h>

#include "pixcl/context.h"
#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One convolution of the model: all those of a training step with the same shapes count as one. The texts live until
 * the callback returns. */
typedef struct pixcl_tune_row {
    const char *problem;  /* "conv 4x4/2 (1,64,128,128) -> (1,128,64,64)" */
    const char *cut;      /* the fastest: "direct 6x4, 16 rows by 2 blocks"; "as it was" */
    int calls;            /* in a step */
    double usual_seconds; /* of one call by default */
    double tuned_seconds; /* and by `cut`: the same when nothing was clearly faster */
    int tried, rejected;  /* ways that were timed; that were wrong or did not run */
    int index, count;     /* this is row `index`, from 0, of `count` */
} pixcl_tune_row;

/* Zero-initialise for the defaults. */
typedef struct pixcl_tune_options {
    double seconds; /* after so many nothing new is tried, and what is left stays at its defaults; 0: 100 */
    void *user;
    void (*row)(void *user, const pixcl_tune_row *row); /* after every convolution; NULL: not */
} pixcl_tune_options;

typedef struct pixcl_tune_result {
    char device[128];
    char path[1024];        /* the file */
    int problems, improved; /* convolutions of the model; those that are faster now */
    int untried;            /* those that time did not suffice for */
    int rejected;           /* wrong results and failures, of all convolutions together */
    double usual_seconds;   /* all convolutions of a step by default */
    double tuned_seconds;   /* and as tuned */
    double seconds;         /* what tuning took */
} pixcl_tune_result;

/* Tunes the convolutions of a training step with the networks of options at crop_size and batch_size on
 * options->device, the longest first, and writes what it found to the device's tuning file, beside what the file held
 * for other shapes. Every result is compared with the definition in double precision at some places before it may win.
 * `tune` may be NULL. A stop that the context's function asks for keeps what was found so far and is no failure.
 *
 * PIXCL_ERROR_ARGUMENT, PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY; PIXCL_ERROR_NUMERIC when a convolution is wrong
 * even by default (pixcl check tells more); PIXCL_ERROR_IO when the file cannot be written. Not thread-safe for the
 * same device. */
PIXCL_API pixcl_status pixcl_tune(pixcl_context *context, const pixcl_options *options, const pixcl_tune_options *tune,
                                  pixcl_tune_result *result, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
