/* Whether a plan has run on a device before. Where the driver keeps kernels that it compiles at their first launch
 * (PX_QUIRK_COSTLY_BINARIES), nothing else tells whether it has them; a user wants to know once what takes a minute. */
#ifndef PX_EXEC_OPENCL_PLAN_MARK_H
#define PX_EXEC_OPENCL_PLAN_MARK_H

#include "exec/opencl/device.h"
#include "plan/plan.h"

/* Remembers it in the cache folder; a failure costs a message the next time. */
void px_plan_has_run(const px_cl_device *device, const px_plan *plan);
/* False on other drivers. */
bool px_plan_ran_before(const px_cl_device *device, const px_plan *plan);

#endif
