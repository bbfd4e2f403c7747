/* Does a device compute right? Every operation of pixcl, in awkward shapes and in the combinations that training
 * makes, run on a device and compared with plain C loops that accumulate in double precision. `pixcl check` is a
 * page of code around this header. */
#ifndef PIXCL_CHECK_H
#define PIXCL_CHECK_H

#include <stdbool.h>

#include "pixcl/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One case in one lowering. The texts live until the callback returns. */
typedef struct pixcl_check_row {
    const char *group;    /* "convolution", "training", "pointwise", ... */
    const char *name;     /* the operations and the shape: "conv (2,3,7,5) 16 k4 s2 p1" */
    const char *lowering; /* how it ran: "direct, block 16" */
    double error;         /* the largest difference from the reference, relative to the result's largest value */
    double allowed;       /* what float arithmetic excuses */
    bool passed;
    const char *message; /* what is wrong, "" when passed */
} pixcl_check_row;

typedef struct pixcl_check_result {
    char device[128]; /* its name */
    char driver[128]; /* its driver's version */
    int rows, failed;
} pixcl_check_result;

/* Zero-initialise for the defaults. */
typedef struct pixcl_check_options {
    const char *device; /* as --device; NULL: $PIXCL_DEVICE, else the best usable device */
    const char *only;   /* only cases whose name contains this; NULL: all */
    void *user;
    void (*row)(void *user, const pixcl_check_row *row); /* called after every case; NULL: not */
} pixcl_check_options;

/* Runs every case from the layout block and in the lowering that the device gets by default (PIXCL_BLOCK and
 * PIXCL_CONV pick others), single convolutions in every lowering. Needs some megabytes on the device; takes seconds,
 * up to a minute where all kernels have to be compiled for the first time. `options` and `result` may be NULL.
 *
 * PIXCL_ERROR_NUMERIC when a case came out wrong or did not run (a kernel that does not build spoils its own case
 * only; the row tells); PIXCL_ERROR_ARGUMENT when no case's name contains options->only; PIXCL_ERROR_NO_DEVICE,
 * PIXCL_ERROR_DEVICE and PIXCL_ERROR_MEMORY when nothing could be run at all. Not thread-safe for the same device:
 * it opens its own. */
PIXCL_API pixcl_status pixcl_check(pixcl_context *context, const pixcl_check_options *options,
                                   pixcl_check_result *result, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
