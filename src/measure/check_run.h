/* Running check cases: on a device against the reference. */
#ifndef PX_MEASURE_CHECK_RUN_H
#define PX_MEASURE_CHECK_RUN_H

#include "exec/opencl/exec.h"
#include "measure/check_cases.h"
#include "pixcl/check.h"

/* What sources are filled with: real numbers of order one, or whole numbers, from which exact cases must make equal
 * results. */
typedef enum px_check_numbers { PX_CHECK_REAL, PX_CHECK_WHOLE } px_check_numbers;

/* Runs step `step` (from 1) with fresh inputs; the first step also sets the variables. */
pixcl_status px_check_step(const px_check_graph *cases, px_exec *exec, px_check_numbers numbers, int step,
                           pixcl_error *err);

/* All results, one after the other: px_check_value_count() floats. */
size_t px_check_value_count(const px_check_graph *cases);
pixcl_status px_check_read(const px_check_graph *cases, px_exec *exec, float *values, pixcl_error *err);

/* Runs the cases of a group whose names contain `only` (NULL: all) in the lowering that `target` describes, and
 * tells `listener` about each. Cases run together; when that fails, each by itself, so that the failing ones are
 * known. The status is about running at all; rows tell about the cases. */
typedef struct px_check_listener {
    void *user;
    void (*row)(void *user, const pixcl_check_row *row);
} px_check_listener;

pixcl_status px_check_group_run(px_cl_device *device, const px_target *target, px_check_group group, const char *only,
                                const px_check_listener *listener, pixcl_error *err);

/* The same for matrix products that are large enough for CLBlast's other method. */
void px_check_gemm_run(px_cl_device *device, const char *only, const px_check_listener *listener);

#endif
