/* Trying a device: how fast it is and whether it computes right. */
#ifndef PX_EXEC_OPENCL_PROBE_H
#define PX_EXEC_OPENCL_PROBE_H

#include "exec/opencl/device.h"
#include "exec/opencl/speed_file.h"

/* One kernel of ours (local memory, barriers) and one CLBlast Sgemm on small whole numbers, compared for equality with
 * the host. PIXCL_ERROR_NUMERIC when a result is wrong (the message says which), else what the failing call gave. */
pixcl_status px_cl_selftest(px_cl_device *device, pixcl_error *err);

/* Whether tiles are measured: on CPUs, but for rasterisers that call themselves one. */
bool px_cl_has_tiles(const px_cl_device *device);
/* Multiply-add peak and copy bandwidth, the best of several kernel shapes, and the time of a launch, in under half a
 * second once the kernels are compiled. Slow devices get less work, not more time. */
pixcl_status px_cl_measure(px_cl_device *device, px_cl_speed *speed, pixcl_error *err);

#endif
