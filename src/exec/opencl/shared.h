/* What all users of a device in a pixcl_context share: its OpenCL context, and the programs that are built. Without a
 * pixcl_context each user has its own. */
#ifndef PX_EXEC_OPENCL_SHARED_H
#define PX_EXEC_OPENCL_SHARED_H

#include "base/error.h"
#include "exec/opencl/opencl.h"

struct px_program_cache;

typedef struct px_cl_shared {
    struct px_cl_shared *next; /* in the pixcl_context's list */
    bool listed;               /* false: of one user alone */
    cl_platform_id platform;
    cl_device_id id;
    cl_context context;
    struct px_program_cache *programs;
} px_cl_shared;

/* `name` is for messages. The caller holds px_cl_lock(). */
pixcl_status px_cl_shared_take(cl_platform_id platform, cl_device_id id, const char *name, px_cl_shared **shared,
                               pixcl_error *err);
/* The caller holds px_cl_lock(); *shared may be NULL. */
void px_cl_shared_give_back(px_cl_shared **shared);

#endif
