/* The OpenCL engine: a plan bound to a device. */
#ifndef PX_EXEC_OPENCL_EXEC_H
#define PX_EXEC_OPENCL_EXEC_H

#include "exec/exec.h"
#include "exec/opencl/device.h"
#include "plan/plan.h"

/* What the planner should know of this device, defaults and environment applied (px_target_default). The device must
 * outlive plans made with it. */
px_target px_cl_target(px_cl_device *device);
/* The same from the facts alone: no tuning, no GEMM. Pure but for the environment. */
px_target px_cl_target_of(px_device_class device_class, const px_cl_limits *limits);

/* Allocates the plan's memory, builds its programs and binds every argument, so that a step is a loop over an array.
 * Device and plan must outlive the engine. Variables start as zeros. Building many programs for the first time can take
 * seconds: it is announced once through the log.
 *
 * `fill` (may be NULL) writes values with px_exec_write(), and does nothing else with the engine. Another thread calls
 * it while programs are built; what it returns is returned. */
typedef pixcl_status (*px_exec_fill)(void *context, px_exec *exec, pixcl_error *err);
px_exec *px_exec_create_opencl(px_cl_device *device, const px_plan *plan, px_exec_fill fill, void *context,
                               pixcl_error *err);

/* Copies a variable to one of another engine on the same device, of the same shape, behind what is queued there. */
pixcl_status px_exec_opencl_copy(px_exec *from, px_node variable, px_exec *to, px_node same, pixcl_error *err);

/* When each launch of the last run began and ended, in seconds on the device's own clock; for a device opened with
 * profiling, else NULL. A GEMM, which is several kernels, takes from the end of the launch before. The engine's. */
typedef struct px_launch_time {
    double begin, end;
} px_launch_time;
const px_launch_time *px_exec_opencl_times(const px_exec *exec);

/* Bytes of all buffers that the engine has, as the driver reports them: plan->bytes, if the planner is right. */
size_t px_exec_opencl_bytes(const px_exec *exec);

/* Where a node's value is: the buffer, and the byte at which it begins. NULL when it is not in memory. */
cl_mem px_exec_opencl_memory(const px_exec *exec, px_node node, size_t *offset);

#endif
