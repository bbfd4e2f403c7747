/* Moving values between PyTorch's order on the host and a plan's layouts on the device. */
#ifndef PX_EXEC_OPENCL_TRANSFER_H
#define PX_EXEC_OPENCL_TRANSFER_H

#include "exec/exec.h"
#include "exec/opencl/opencl.h"
#include "plan/plan.h"

/* Where a value lies on the device. */
typedef struct px_place {
    cl_command_queue queue; /* in order */
    cl_mem buffer;
    size_t offset; /* bytes from the buffer's start */
    bool mapped;   /* values are moved by mapping, for memory that is the host's; else by copying */
} px_place;

/* Values of a node from PyTorch's order to the order of its place in memory: px_shape_count() floats. Only inputs,
 * variables and outputs are moved, and the planner makes none of them a view, so they are contiguous. The first for an
 * input whose rows are given one by one (px_exec_write_rows()). */
void px_rows_to_device_order(const px_plan *plan, px_node input, px_exec_rows rows, void *context, float *to);
pixcl_status px_to_device_order(const px_plan *plan, px_node node, const float *from, float *to, pixcl_error *err);

/* The same into the device's memory, and back; both wait until it is done. Mapped memory is converted where it lies, so
 * that nobody holds a copy. Other memory is copied, through a buffer of the value's size where the order differs: of a
 * map of a part, some drivers make a copy of the whole buffer on the host. */
pixcl_status px_write_value(const px_plan *plan, px_node node, const float *values, const px_place *to,
                            pixcl_error *err);
pixcl_status px_read_value(const px_plan *plan, px_node node, const px_place *from, float *values, pixcl_error *err);

/* Staging memory for uploads that do not wait: a few slots in turn, each reused when the device is done with it.
 *
 * With buffers ahead an upload goes through a queue of its own to one of two buffers on the device, while the step
 * before still computes, and from there to its place in the order of the plan's queue. */
enum { PX_STAGING_SLOTS = 3 };
typedef struct px_staging {
    float *slots[PX_STAGING_SLOTS];
    cl_event events[PX_STAGING_SLOTS]; /* of the upload from each slot */
    int next;
    cl_mem ahead[PX_UPLOADS_AHEAD];     /* NULL: uploads go to their place at once */
    cl_event emptied[PX_UPLOADS_AHEAD]; /* of the copy from each of them */
    int next_ahead;
} px_staging;

/* The next slot, with room for `count` floats; waits for its last upload. NULL on failure. */
float *px_staging_acquire(px_staging *staging, size_t count, pixcl_error *err);
/* Queues the upload of the slot acquired last. `uploads` is the queue for buffers ahead, not used without them. */
pixcl_status px_staging_upload(px_staging *staging, cl_command_queue uploads, const px_place *to, size_t bytes,
                               pixcl_error *err);
/* The upload queued last, the staging's own. */
cl_event px_staging_last(const px_staging *staging);
void px_staging_free(px_staging *staging);

#endif
