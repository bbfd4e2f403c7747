/* What the launches of a plan took: sums over steps for `pixcl bench --profile`, and one step as a trace. */
#ifndef PX_MEASURE_PROFILE_H
#define PX_MEASURE_PROFILE_H

#include "exec/opencl/exec.h"
#include "pixcl/bench.h"

typedef struct px_profile {
    const px_plan *plan;
    double *seconds; /* of each launch, all steps together */
    double span;     /* from the first launch's begin to the last one's end, all steps together */
    int steps;
} px_profile;

/* The plan must outlive the profile; freed with px_profile_free(), also after a failure. */
pixcl_status px_profile_start(px_profile *profile, const px_plan *plan, pixcl_error *err);
/* Adds the step that the exec ran last. */
void px_profile_add(px_profile *profile, const px_exec *exec);
/* Fills the kernels and the shares of the result, whose peaks are known. */
pixcl_status px_profile_sum(const px_profile *profile, pixcl_bench_result *result, pixcl_error *err);
void px_profile_free(px_profile *profile);

/* Writes the exec's last step as Chrome trace events (chrome://tracing, ui.perfetto.dev): one event a launch, one track
 * a stage. */
pixcl_status px_trace_write(const px_exec *exec, const px_plan *plan, const char *path, pixcl_error *err);

#endif
