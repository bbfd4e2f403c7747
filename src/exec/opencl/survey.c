/* Trying devices in helpers.
 *
 * A driver runs inside the process that uses it, and some crash or hang on correct programs. So a helper lists, tries
 * one device after the other, and tells. When it ends early or stays silent for too long, the device it was at is the
 * culprit; the next helper starts behind it. */
#include "exec/opencl/survey.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/memory.h"
#include "exec/opencl/drivers.h"
#include "exec/opencl/helper.h"
#include "exec/opencl/probe.h"

/* What the usual trial is at, for the message when it dies there. */
static const char *const phases[] = {"while it was opened", "in its self-test", "while its speed was measured",
                                     "while it was closed"};
enum { PHASE_SELFTEST = 1, PHASE_MEASURE, PHASE_CLOSE };

#define LISTING (-1) /* in place of a device */

static int device_in_trial; /* of a helper */

void px_survey_at(int phase)
{
    px_helper_send(PX_HELPER_AT, device_in_trial, phase, NULL, 0);
}

static void try_device(const px_cl_description *description, px_survey_result *result, const char *argument)
{
    const px_cl_identity identity = px_cl_identity_of(description);
    pixcl_error err = {0};
    px_cl_device *device = px_cl_device_open_description(description, false, &err);

    (void)argument;
    if (device) {
        px_survey_at(PHASE_SELFTEST);
        result->selftest = px_cl_selftest(device, &err) == PIXCL_OK ? PIXCL_SELFTEST_PASSED : PIXCL_SELFTEST_FAILED;
        px_survey_at(PHASE_MEASURE);
        /* Also after wrong results: speed is still worth knowing. An error here is worth less than that of the test. */
        result->measured =
            px_cl_measure(device, &result->speed, result->selftest == PIXCL_SELFTEST_PASSED ? &err : NULL) == PIXCL_OK;
        if (result->measured && !(description->quirks & PX_QUIRK_SLOW_CHECKER))
            px_cl_record_keep_speed(&identity, &result->speed);
        else if (!result->measured)
            result->selftest = PIXCL_SELFTEST_FAILED;
        px_survey_at(PHASE_CLOSE);
        px_cl_device_close(&device);
    } else {
        result->selftest = PIXCL_SELFTEST_FAILED;
    }
    if (result->selftest == PIXCL_SELFTEST_FAILED)
        px_snprintf(result->message, sizeof result->message, "%s", err.message);
}

const px_survey_trial px_survey_usual = {"usual", phases, try_device};

int px_survey_serve(const px_survey_trial *trial, size_t first, const char *argument)
{
    px_cl_inventory *inventory = px_calloc(1, sizeof *inventory, NULL);
    pixcl_error err;

    memset(&err, 0, sizeof err); /* its padding is sent, too */
    if (!inventory)
        return 1;
    if (px_cl_inventory_take(inventory, &err) != PIXCL_OK) {
        px_helper_send(PX_HELPER_FAILED, LISTING, 0, &err, sizeof err);
        px_free(inventory);
        return 1;
    }
    px_helper_send(PX_HELPER_INVENTORY, LISTING, 0, inventory, sizeof *inventory);
    for (size_t i = first; i < inventory->device_count; i++) {
        px_survey_result result;

        memset(&result, 0, sizeof result);
        device_in_trial = (int)i;
        px_survey_at(0);
        if (inventory->devices[i].usable)
            trial->run(&inventory->devices[i], &result, argument);
        px_helper_send(PX_HELPER_RESULT, device_in_trial, 0, &result, sizeof result);
    }
    px_helper_send(PX_HELPER_DONE, LISTING, 0, NULL, 0);
    px_free(inventory);
    return 0;
}

/* What a helper may send. */
typedef union payload {
    px_cl_inventory inventory;
    px_survey_result result;
    pixcl_error err;
    char log[PX_HELPER_LOG_BYTES];
} payload;

/* Tries the devices from *first on with one helper; *first is where the next one is to begin. */
static pixcl_status try_from(px_survey *survey, size_t *first, double seconds, const px_survey_trial *trial,
                             const char *argument, payload *what, pixcl_error *err)
{
    char from[24], how[128];
    const char *const job[PX_HELPER_WORDS] = {"survey", trial->name, from, argument};
    px_helper_message message = {0};
    px_process helper;
    px_process_reading reading;
    pixcl_status status;
    int device = LISTING, phase = 0;
    double end = px_now() + seconds;

    px_snprintf(from, sizeof from, "%zu", *first);
    if ((status = px_helper_start(&helper, job, px_cl_drivers_variable(), false, err)) != PIXCL_OK)
        return status;
    do {
        const double left = end - px_now();

        reading = px_helper_receive(&helper, &message, what, sizeof *what, left > 0 ? left : 0);
        if (reading != PX_PROCESS_READ)
            break;
        if (message.kind == PX_HELPER_INVENTORY && *first == 0) {
            survey->inventory = what->inventory;
        } else if (message.kind == PX_HELPER_AT && message.device >= 0 && message.device < PX_CL_MAX_DEVICES) {
            phase = message.phase;
            if (message.device != device)
                end = px_now() + seconds;
            device = message.device;
        } else if (message.kind == PX_HELPER_RESULT && device >= 0) {
            survey->results[device] = what->result;
        } else if (message.kind == PX_HELPER_FAILED) {
            status = px_fail(err, what->err.status, "%s", what->err.message);
        }
    } while (status == PIXCL_OK && message.kind != PX_HELPER_DONE);
    px_process_end(&helper, reading == PX_PROCESS_SILENT ? 0 : 5, how, sizeof how);
    if (status != PIXCL_OK)
        return status;
    if (reading == PX_PROCESS_SILENT)
        px_snprintf(how, sizeof how, "gave no answer within %.0f seconds", seconds);
    else if (reading == PX_PROCESS_ENDED && !*how)
        px_snprintf(how, sizeof how, "ended the process");
    *first = reading == PX_PROCESS_READ ? survey->inventory.device_count : (size_t)device + 1;
    if (reading == PX_PROCESS_READ)
        return PIXCL_OK;
    if (device == LISTING)
        return px_fail(err, PIXCL_ERROR_DEVICE, "an OpenCL driver %s while the devices were listed", how);
    survey->results[device].selftest = PIXCL_SELFTEST_FAILED;
    px_snprintf(survey->results[device].message, sizeof survey->results[device].message, "the driver %s %s", how,
                trial->phases[phase]);
    return PIXCL_OK;
}

/* Whoever looks at the devices wants to know what is wrong now. */
static pixcl_status try_drivers_anew(pixcl_error *err)
{
    px_cl_lock();
    const pixcl_status status = px_cl_drivers_prepare(true, err);
    px_cl_unlock();
    return status;
}

pixcl_status px_survey_try(px_survey *survey, double seconds, const px_survey_trial *trial, const char *argument,
                           pixcl_error *err)
{
    payload *what = px_calloc(1, sizeof *what, err);
    pixcl_status status = what ? try_drivers_anew(err) : PIXCL_ERROR_MEMORY;
    size_t first = 0;

    memset(survey, 0, sizeof *survey);
    do {
        if (status == PIXCL_OK)
            status = try_from(survey, &first, seconds, trial, argument, what, err);
    } while (status == PIXCL_OK && first < survey->inventory.device_count);
    px_free(what);
    return status;
}

pixcl_status px_survey_list(px_survey *survey, pixcl_error *err)
{
    const pixcl_status status = try_drivers_anew(err);

    memset(survey->results, 0, sizeof survey->results);
    return status == PIXCL_OK ? px_cl_inventory_take(&survey->inventory, err) : status;
}
