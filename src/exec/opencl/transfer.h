/* Moving values between PyTorch's order on the host and a plan's layouts on the device. */
#ifndef PX_EXEC_OPENCL_TRANSFER_H
#define PX_EXEC_OPENCL_TRANSFER_H

#include "exec/opencl/opencl.h"
#include "plan/plan.h"

/* Values of a node from PyTorch's order to the order of its place in memory, and back: px_shape_count() floats. Only
 * inputs, variables and outputs are moved, and the planner makes none of them a view, so they are contiguous. */
void px_to_device_order(const px_plan *plan, px_node node, const float *from, float *to);
void px_from_device_order(const px_plan *plan, px_node node, const float *from, float *to);

/* Staging memory for uploads that do not wait: a few slots in turn, each reused when the device is done with it. */
enum { PX_STAGING_SLOTS = 3 };
typedef struct px_staging {
    float *slots[PX_STAGING_SLOTS];
    cl_event events[PX_STAGING_SLOTS];
    int next;
} px_staging;

/* The next slot, with room for `count` floats; waits for its last upload. NULL on failure. */
float *px_staging_acquire(px_staging *staging, size_t count, pixcl_error *err);
/* Queues the upload of the slot acquired last. */
pixcl_status px_staging_upload(px_staging *staging, cl_command_queue queue, cl_mem buffer, size_t offset_bytes,
                               size_t bytes, pixcl_error *err);
void px_staging_free(px_staging *staging);

#endif
