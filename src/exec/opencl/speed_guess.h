/* How fast a device should be, from what its driver tells of it. Pure functions, for choosing a device before any was
 * measured: right in order of size, not in the last half. */
#ifndef PX_EXEC_OPENCL_SPEED_GUESS_H
#define PX_EXEC_OPENCL_SPEED_GUESS_H

#include "exec/opencl/device.h"

/* Peak of multiply-adds, 1e9 operations a second: compute units x lanes of a unit x 2 x clock. */
double px_cl_guess_peak(const px_cl_description *device);

/* What of it a training step should reach, 1e9 operations a second. */
double px_cl_guess_step(const px_cl_description *device);

#endif
