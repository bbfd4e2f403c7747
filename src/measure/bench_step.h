/* A step on made-up pictures: what every measurement of one runs. */
#ifndef PX_MEASURE_BENCH_STEP_H
#define PX_MEASURE_BENCH_STEP_H

#include "pixcl/bench.h"
#include "weights/session.h"

/* The program that a part of a step is; NULL on failure. */
px_training *px_bench_training(const pixcl_options *options, pixcl_bench_part part, pixcl_error *err);

/* Plans and loads `training`, which it takes over as px_session_open() does, with fresh weights and made-up pictures.
 * On failure the session is closed. */
pixcl_status px_bench_open(px_session *session, px_training *training, const pixcl_options *options,
                           px_cl_device *device, pixcl_error *err);

/* Runs step number `step` (from 1) and waits for it. */
pixcl_status px_bench_run_step(const px_session *session, const pixcl_options *options, int step, double *seconds,
                               pixcl_error *err);

/* The median; sorts. */
double px_bench_median(double *seconds, int count);

/* Operations of a step, 1e9. */
double px_bench_gflop(const px_plan *plan);

#endif
