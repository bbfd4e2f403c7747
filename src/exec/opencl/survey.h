/* Looking at every device, and trying each where a crash or a hang can do no harm. */
#ifndef PX_EXEC_OPENCL_SURVEY_H
#define PX_EXEC_OPENCL_SURVEY_H

#include <stdatomic.h>

#include "exec/opencl/device.h"
#include "exec/opencl/speed_file.h"
#include "pixcl/device.h"

/* What trying one device gave. */
typedef struct px_survey_result {
    bool measured;
    px_cl_speed speed;
    px_cl_step step; /* filled by trials that time one */
    pixcl_selftest selftest;
    char message[256];
} px_survey_result;

/* Plain data of a fixed size, as it lies in memory that the trying child shares with its parent. The OpenCL handles
 * inside mean nothing outside of the process that listed them. */
typedef struct px_survey {
    px_cl_inventory inventory;
    px_survey_result results[PX_CL_MAX_DEVICES];
} px_survey;

/* Lists without trying, in this process. */
pixcl_status px_survey_list(px_survey *survey, pixcl_error *err);

/* Lists and tries in a child process; a device that ends or stalls it is noted as failed, and the next child goes on
 * behind it. `seconds` is what one device may take. PIXCL_ERROR_ARGUMENT when this process has loaded the drivers
 * already: their threads and locks would not survive the fork. PIXCL_ERROR_DEVICE when a driver crashes or hangs while
 * it is being listed. */
pixcl_status px_survey_try(px_survey *survey, double seconds, pixcl_error *err);

/* Something else to try on each usable device. `run` fills *result and stores where it is in *phase, an index of
 * `phases`, which end the message about a device that died there ("while it was opened"). It runs in a child process,
 * on a copy of `user`. */
typedef struct px_survey_trial {
    void (*run)(const px_cl_description *device, px_survey_result *result, atomic_int *phase, const void *user);
    const void *user;
    const char *const *phases;
} px_survey_trial;
/* px_survey_try() with that. A device that dies has PIXCL_SELFTEST_FAILED and the message. */
pixcl_status px_survey_try_with(px_survey *survey, double seconds, const px_survey_trial *trial, pixcl_error *err);

#endif
