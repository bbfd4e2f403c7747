/* The OpenCL devices of this machine: what they are, whether pixcl can use them, and one opened for use. */
#ifndef PX_EXEC_OPENCL_DEVICE_H
#define PX_EXEC_OPENCL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exec/opencl/opencl.h"
#include "plan/device_class.h"

/* Limits that matter to pixcl, already lowered by PIXCL_MAX_WORK_GROUP, PIXCL_MAX_LOCAL_MEMORY and PIXCL_MAX_ALLOCATION
 * (bytes where they are memory), so that tests can play a small device. */
typedef struct px_cl_limits {
    uint32_t compute_units;
    uint32_t clock_mhz;          /* 0 when the driver does not know */
    uint32_t vector_width;       /* preferred float vector width, 1 or more */
    uint32_t alignment;          /* bytes: sub-buffer offsets and the largest vector type fit a multiple of it */
    size_t max_work_group;       /* work-items */
    size_t max_item_sizes[3];    /* work-items of a group along each dimension */
    uint64_t max_allocation;     /* bytes of one buffer */
    uint64_t global_memory;      /* bytes */
    uint64_t local_memory;       /* bytes a work-group may use */
    bool dedicated_local_memory; /* false: local memory is ordinary memory, staging through it gains nothing */
    bool host_unified_memory;
} px_cl_limits;

/* Exceptions that type, extensions and limits do not tell; the table with the reasons is in quirks.c. */
typedef enum px_cl_quirk {
    PX_QUIRK_CACHES_ITSELF = 1, /* keeps built programs on disk by itself; asking it for binaries compiles once more */
    PX_QUIRK_SOFTWARE_GPU = 2,  /* calls itself a GPU or CPU but is a software rasteriser: the last choice */
    PX_QUIRK_SLOW_CHECKER = 4,  /* an interpreter that looks for errors: measure little, never cache */
    PX_QUIRK_REJECTED = 8       /* known not to compute right: not usable */
} px_cl_quirk;

/* One device as found. Plain data. */
typedef struct px_cl_description {
    int index; /* as listed by `pixcl devices`, counted over all platforms */
    cl_platform_id platform;
    cl_device_id id;
    char platform_name[128], name[128], vendor[128];
    char driver[128];  /* driver version */
    char version[128]; /* device version, "OpenCL 1.2 pocl ..." */
    cl_device_type type;
    px_device_class device_class;
    px_cl_limits limits;
    unsigned quirks;      /* px_cl_quirk bits */
    bool half_arithmetic; /* cl_khr_fp16 */
    bool subgroups;       /* cl_khr_subgroups or cl_intel_subgroups */
    bool usable;
    char reason[256]; /* why not usable, "" when it is */
} px_cl_description;

/* All devices of all platforms in the order of the ICD loader (px_free). No platform or no device at all is not an error:
 * *count is 0. A platform that fails to list is left out and logged as a warning. */
pixcl_status px_cl_devices(px_cl_description **devices, size_t *count, pixcl_error *err);

/* "cpu", "integrated gpu", "discrete gpu", "accelerator". */
const char *px_device_class_name(px_device_class device_class);

struct px_program_cache;

/* A device in use: read the fields, do not set them. One thread at a time per px_cl_device. */
typedef struct px_cl_device {
    cl_platform_id platform;
    cl_device_id id;
    cl_context context;
    cl_command_queue queue; /* in order; with CL_QUEUE_PROFILING_ENABLE when `profiling` */
    px_device_class device_class;
    px_cl_limits limits;
    char name[128];          /* the device's name */
    char platform_name[128]; /* its platform's name */
    char driver[128];        /* its driver's version */
    unsigned quirks;         /* px_cl_quirk bits */
    int index;               /* as listed by `pixcl devices` */
    bool profiling;
    struct px_program_cache *programs; /* program.c's own */
} px_cl_device;

/* Opens the device that `spec` names: an index, `gpu`, `cpu`, `accelerator`, or part of a device or platform name; NULL or ""
 * means $PIXCL_DEVICE, else the best usable one (select.h). PIXCL_ERROR_NO_DEVICE when there is none, with the packages to
 * install; PIXCL_ERROR_ARGUMENT when `spec` names none, with the list of those there are. */
px_cl_device *px_cl_device_open(const char *spec, bool profiling, pixcl_error *err);

/* Waits for the queue, then releases programs, queue and context. Buffers and kernels made with it must be gone before. */
void px_cl_device_close(px_cl_device **device);

#endif
