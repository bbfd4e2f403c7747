/* Looking at every device, and trying each where a crash or a hang can do no harm. */
#ifndef PX_EXEC_OPENCL_SURVEY_H
#define PX_EXEC_OPENCL_SURVEY_H

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

/* Plain data of a fixed size, as a helper sends it. The OpenCL handles inside mean nothing outside of the process that
 * listed them. */
typedef struct px_survey {
    px_cl_inventory inventory;
    px_survey_result results[PX_CL_MAX_DEVICES];
} px_survey;

/* Lists without trying, in this process; but drivers are tried anew (drivers.h). */
pixcl_status px_survey_list(px_survey *survey, pixcl_error *err);

/* What is tried on each usable device, in a helper. */
typedef struct px_survey_trial {
    const char *name; /* by which the helper finds it */
    const char *const
        *phases; /* what it is at, to end the message about a device that died there ("in its self-test") */
    /* Fills *result. Begins with the first of the phases and tells of others by px_survey_at(). */
    void (*run)(const px_cl_description *device, px_survey_result *result, const char *argument);
} px_survey_trial;
void px_survey_at(int phase);

/* Opening, self-test and speed. */
extern const px_survey_trial px_survey_usual;

/* Lists and tries in a helper, which must know the trial (px_helper_main); a device that ends or stalls it has
 * PIXCL_SELFTEST_FAILED and a message, and the next helper goes on behind it. `seconds` is what one device may take,
 * `argument` a text for the trial. PIXCL_ERROR_ARGUMENT when there is no helper to start, PIXCL_ERROR_DEVICE when a
 * driver crashes or hangs while it is being listed. */
pixcl_status px_survey_try(px_survey *survey, double seconds, const px_survey_trial *trial, const char *argument,
                           pixcl_error *err);

/* Does the job of the helper: the devices from `first` on. Its exit code. */
int px_survey_serve(const px_survey_trial *trial, size_t first, const char *argument);

#endif
