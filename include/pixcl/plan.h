/* What pixcl will do, before it does it: the graph of a training step, its kernel launches, its memory. */
#ifndef PIXCL_PLAN_H
#define PIXCL_PLAN_H

#include <stddef.h>

#include "pixcl/bench.h"
#include "pixcl/context.h"
#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pixcl_plan_format {
    PIXCL_PLAN_TEXT = 0, /* tables for people */
    PIXCL_PLAN_DOT,      /* the graph for Graphviz: dot -Tsvg */
    PIXCL_PLAN_JSON      /* nodes, launches, bytes */
} pixcl_plan_format;

/* Zero-initialise for the defaults. */
typedef struct pixcl_plan_options {
    pixcl_plan_format format; /* PIXCL_PLAN_TEXT */
    pixcl_bench_part part;    /* PIXCL_BENCH_STEP */
    const char *on; /* a name below: plan for that device, which need not be here; NULL or "": options->device */
} pixcl_plan_options;

/* Plans one training step of options->model, or a part of it, at crop_size x crop_size, without running it, and
 * describes it; pixcl_free() the text. It ends with an estimate of the time that it takes, and of what binds it.
 *
 * For options->device the bytes stated are those that training will allocate there, and the estimate goes by the
 * device's speed, which is measured the first time (half a second) and kept in the cache folder. For a device by name
 * limits and speed are from data sheets, and what CLBlast copies, and needs memory for, is a guess.
 *
 * NULL on failure: PIXCL_ERROR_ARGUMENT, PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY when the plan does not fit the
 * device. */
PIXCL_API char *pixcl_plan_describe(pixcl_context *context, const pixcl_options *options,
                                    const pixcl_plan_options *plan, pixcl_error *err);

/* Writes the OpenCL programs of that plan into `folder`, which is made where it is missing, for compilers outside of a
 * driver: each as NNN_<kernel>.cl, byte for byte what the driver gets, and programs.json with the build options and the
 * launches of each. Files of an earlier call are replaced; a folder that holds anything else is left as it is
 * (PIXCL_ERROR_IO). Gives how many programs there are in *count, which may be NULL. plan->format does not matter. Fails
 * as the above does. */
PIXCL_API pixcl_status pixcl_plan_write_programs(pixcl_context *context, const pixcl_options *options,
                                                 const pixcl_plan_options *plan, const char *folder, size_t *count,
                                                 pixcl_error *err);

/* Names for `on`: "iris-xe" and so on; NULL past the end. */
PIXCL_API const char *pixcl_plan_known_device(int index);

#ifdef __cplusplus
}
#endif
#endif
