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
    uint32_t native_vector_width; /* floats; 0 when the driver does not know */
    uint32_t sub_group; /* work-items that run in step (warp, wavefront, SIMD width); 0 when the driver tells none */
    bool required_sub_group;     /* a kernel may demand a sub-group of 16 by cl_intel_required_subgroup_size */
    uint32_t least_sub_group;    /* the narrowest that it may demand; 0 without that extension */
    uint32_t simd_lanes;         /* of a compute unit, by cl_amd_device_attribute_query; 0 without */
    uint32_t compute_capability; /* 61 for NVIDIA's 6.1, by cl_nv_device_attribute_query; 0 without */
} px_cl_limits;

/* Exceptions that type, extensions and limits do not tell; the table with the reasons is in classify.c. */
typedef enum px_cl_quirk {
    PX_QUIRK_CACHES_ITSELF = 1,   /* keeps built programs on disk by itself, ready to run */
    PX_QUIRK_SOFTWARE_GPU = 2,    /* calls itself a GPU or CPU but is a software rasteriser: the last choice */
    PX_QUIRK_SLOW_CHECKER = 4,    /* an interpreter that looks for errors: the last choice, never cached */
    PX_QUIRK_SHARES_MEMORY = 8,   /* has the host's memory, whatever its driver says */
    PX_QUIRK_COSTLY_BINARIES = 16 /* asking it for the binary of a program compiles: px_program_store_pending() */
} px_cl_quirk;

/* One device as found. Plain data. */
typedef struct px_cl_description {
    int index; /* as listed by `pixcl devices`, counted over all platforms */
    cl_platform_id platform;
    cl_device_id id;
    char platform_name[128], name[128], vendor[128];
    char driver[128];   /* driver version */
    char version[128];  /* device version, "OpenCL 1.2 pocl ..." */
    uint32_t vendor_id; /* CL_DEVICE_VENDOR_ID: the PCI vendor for most drivers, 0x8086 for Intel */
    cl_device_type type;
    px_device_class device_class;
    px_cl_limits limits;
    unsigned quirks;      /* px_cl_quirk bits */
    bool half_arithmetic; /* cl_khr_fp16 */
    bool subgroups;       /* cl_khr_subgroups or cl_intel_subgroups */
    bool usable;
    char reason[256]; /* why not usable, "" when it is */
    char note[256];   /* what a user should know, "" for nothing */
} px_cl_description;

/* One driver. */
typedef struct px_cl_platform {
    cl_platform_id id;
    char name[128], version[128];
    size_t devices;
} px_cl_platform;

/* Every platform and device in the order of the ICD loader, plain data of a fixed size so that a child process can hand
 * it over. What does not fit is left out and logged as a warning. */
enum { PX_CL_MAX_PLATFORMS = 16, PX_CL_MAX_DEVICES = 64 };
typedef struct px_cl_inventory {
    size_t platform_count, device_count;
    px_cl_platform platforms[PX_CL_MAX_PLATFORMS];
    px_cl_description devices[PX_CL_MAX_DEVICES];
} px_cl_inventory;

/* Lists what is there. No driver or no device at all is not an error: the counts are 0. A platform that fails to list
 * has no devices and a warning is logged. */
pixcl_status px_cl_inventory_take(px_cl_inventory *inventory, pixcl_error *err);
/* What to know about a platform without devices, "" for nothing. */
const char *px_cl_platform_hint(const px_cl_platform *platform);
/* For a PIXCL_ERROR_NO_DEVICE: says instead that a driver for any CPU is there and did not start, where that is so, or
 * puts before it what is wrong with the drivers that are registered. */
void px_cl_explain_no_device(const px_cl_inventory *inventory, pixcl_error *err);

/* "cpu", "integrated gpu", "discrete gpu", "accelerator". */
const char *px_device_class_name(px_device_class device_class);

struct px_cl_shared;
struct px_program_cache;
struct px_tuning;
struct px_cl_speed;

/* A device in use: read the fields, do not set them but for those that say so. One thread at a time per
 * px_cl_device. */
typedef struct px_cl_device {
    cl_platform_id platform;
    cl_device_id id;
    struct px_cl_shared *shared; /* shared.h's own: this holds the next */
    cl_context context;
    cl_command_queue queue;   /* in order; with CL_QUEUE_PROFILING_ENABLE when `profiling` */
    cl_command_queue uploads; /* for inputs of the next step while this one computes (px_target.uploads_ahead) */
    px_device_class device_class;
    px_cl_limits limits;
    char name[128];          /* the device's name */
    char platform_name[128]; /* its platform's name */
    char driver[128];        /* its driver's version */
    unsigned quirks;         /* px_cl_quirk bits */
    int index;               /* as listed by `pixcl devices` */
    bool profiling;
    int64_t process;                   /* that opened it: a fork has none of the driver's threads */
    struct px_program_cache *programs; /* program.c's own; shared.h's, too */
    bool shares_memory;                /* its memory is the host's */
    bool maps_memory;                  /* may be set before engines are made: its memory is the host's, so map it */
    bool tuning_off;                   /* may be set: plan with the defaults, whatever was measured */
    bool tuning_read;                  /* this and the next: tuning_file.c's own */
    struct px_tuning *tuning;
    struct px_cl_speed *speed; /* speed_file.c's own: NULL until first asked for */
} px_cl_device;

/* One lock for all of the process, around what the ICD loader and drivers do not do safely in several threads at once:
 * starting, listing, opening, building. Held for no longer than that, and by no one twice. */
void px_cl_lock(void);
void px_cl_unlock(void);

/* Opens the device that `spec` names: an index, `gpu`, `cpu`, `accelerator`, or part of a device or platform name; NULL
 * or "" means $PIXCL_DEVICE, else the best usable one (select.h). PIXCL_ERROR_NO_DEVICE when there is none, with the
 * packages to install; PIXCL_ERROR_ARGUMENT when `spec` names none, with the list of those there are. */
px_cl_device *px_cl_device_open(const char *spec, bool profiling, pixcl_error *err);

/* The same for a device of an inventory, usable or not. */
px_cl_device *px_cl_device_open_description(const px_cl_description *description, bool profiling, pixcl_error *err);

/* For a plan that does not fit the device: puts before its error which device has more memory, if one has. */
void px_cl_explain_memory(const px_cl_device *device, pixcl_error *err);

/* PIXCL_ERROR_ARGUMENT when this process is a fork of the one that opened the device: the driver would hang. */
pixcl_status px_cl_check_process(const px_cl_device *device, pixcl_error *err);

/* Waits for the queue, then releases programs, queue and context. Buffers and kernels made with it must be gone before.
 * In a fork of the process that opened it, frees the host's memory only. */
void px_cl_device_close(px_cl_device **device);

#endif
