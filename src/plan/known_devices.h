/* Devices to plan for that need not be there: what their makers say of them. For estimates and for tests of plans. */
#ifndef PX_PLAN_KNOWN_DEVICES_H
#define PX_PLAN_KNOWN_DEVICES_H

#include "plan/estimate.h"

typedef struct px_known_device {
    const char *name;  /* "iris-xe" */
    const char *title; /* for people */
    px_device_class device_class;
    int units;          /* as drivers count compute units: Intel's execution units, multiprocessors, cores */
    int sub_group;      /* work-items that run in step */
    int multiply_adds;  /* of a unit, a clock */
    int mhz;            /* that it keeps up under load */
    double bus_gbps;    /* of its memory, as specified */
    int memory_mb;      /* that the driver offers */
    int allocation_mb;  /* the largest at once */
    int max_work_group; /* work-items */
    int local_kb;       /* memory of a work-group */
    int launch_us;      /* from one launch to the next */
} px_known_device;

/* The device at `index`, NULL past the end. */
const px_known_device *px_known_device_at(int index);
/* The device of that name. PIXCL_ERROR_ARGUMENT, with the names that there are, when it is none. */
const px_known_device *px_known_device_named(const char *name, pixcl_error *err);

/* What the planner should know of it (px_target_default is still to be asked). That CLBlast copies there what it copies
 * on most devices is a guess. */
px_target px_known_device_target(const px_known_device *device);
px_speed px_known_device_speed(const px_known_device *device);

#endif
