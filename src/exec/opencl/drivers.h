/* The OpenCL drivers that are installed, and which of them this process may load.
 *
 * The ICD loader loads every driver that is registered, and one that crashes or hangs there takes the process and all
 * good drivers with it. So each is tried by itself in a helper first, and a harmful one is kept from the loader. */
#ifndef PX_EXEC_OPENCL_DRIVERS_H
#define PX_EXEC_OPENCL_DRIVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "exec/opencl/opencl.h"

typedef enum px_cl_driver_state {
    PX_DRIVER_WORKS,  /* or was not tried */
    PX_DRIVER_ABSENT, /* registered, but there is nothing to load or nothing that it is for: the loader passes it by */
    PX_DRIVER_HARMFUL /* ended or stalled its helper, or gave nonsense: left out */
} px_cl_driver_state;

typedef struct px_cl_driver {
    char *file;    /* of its registration, as /etc/OpenCL/vendors/pocl.icd, or what OCL_ICD_VENDORS says instead */
    char *library; /* what stands in it */
    px_cl_driver_state state;
    char fault[320]; /* "" for one that works, else what is wrong, to follow its file */
} px_cl_driver;

typedef struct px_cl_drivers {
    px_cl_driver *items;
    size_t count, capacity;
} px_cl_drivers;

/* Tries the drivers, the first time in a process, and warns of harmful ones; with px_cl_lock() held, before the loader
 * is first called. `anew`: also those that worked before since the system was started. Does nothing in a helper, and
 * tries nothing in programs that have none. PIXCL_ERROR_IO when a harmful driver cannot be left out. */
pixcl_status px_cl_drivers_prepare(bool anew, pixcl_error *err);
/* Has the loader load them, after px_cl_drivers_prepare(false), with px_cl_lock() held: the platforms, at most
 * `capacity`. No platform is no error. Where harmful drivers are left out, OCL_ICD_VENDORS of this process changes
 * meanwhile. PIXCL_ERROR_ARGUMENT in a fork of a process that has loaded them. */
pixcl_status px_cl_drivers_load(cl_platform_id *platforms, size_t capacity, size_t *count, pixcl_error *err);
/* For a process that is a fork of one that has loaded drivers. */
pixcl_status px_cl_fail_forked(pixcl_error *err);
/* What px_cl_drivers_prepare() found. */
const px_cl_drivers *px_cl_drivers_found(void);
/* "OCL_ICD_VENDORS=..." that keeps harmful drivers from the loader, NULL when there are none. */
const char *px_cl_drivers_variable(void);

/* Sets what is wrong with one. */
void px_cl_driver_blame(px_cl_driver *driver, px_cl_driver_state state, const char *format, ...) PX_PRINTF(3, 4);

#endif
