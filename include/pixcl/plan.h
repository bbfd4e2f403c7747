/* What pixcl will do, before it does it: the graph of a training step, its kernel launches, its memory. */
#ifndef PIXCL_PLAN_H
#define PIXCL_PLAN_H

#include "pixcl/options.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pixcl_plan_format {
    PIXCL_PLAN_TEXT = 0, /* tables for people */
    PIXCL_PLAN_DOT,      /* the graph for Graphviz: dot -Tsvg */
    PIXCL_PLAN_JSON      /* nodes, launches, bytes */
} pixcl_plan_format;

/* Plans one training step of options->model at crop_size x crop_size for options->device, without running it, and
 * describes it; free() the text. The bytes it states are the bytes training will allocate on the device. NULL on
 * failure: PIXCL_ERROR_ARGUMENT, PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY when the plan does not fit the device. */
PIXCL_API char *pixcl_plan_describe(const pixcl_options *options, pixcl_plan_format format, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
