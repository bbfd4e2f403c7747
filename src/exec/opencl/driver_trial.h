/* Trying drivers in helpers, each as the only one that the loader knows there. */
#ifndef PX_EXEC_OPENCL_DRIVER_TRIAL_H
#define PX_EXEC_OPENCL_DRIVER_TRIAL_H

#include "exec/opencl/drivers.h"

/* Tries all that have a library, side by side, and sets state and fault of each; `anew`: also those that worked
 * before. Does nothing in programs without helpers. */
pixcl_status px_cl_drivers_try(px_cl_drivers *drivers, bool anew, pixcl_error *err);

/* Does the job of the helper: loads that library, lists and opens its devices. Its exit code. */
int px_cl_driver_serve(const char *library);

#endif
