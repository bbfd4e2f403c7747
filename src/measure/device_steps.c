/* A training step timed on every device, in helpers: what the choice of a default follows. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/context.h"
#include "exec/opencl/survey.h"
#include "measure/bench_step.h"
#include "measure/device_steps.h"
#include "pixcl/bench.h"

#define DEFAULT_SECONDS 600.0

static const char *const phases[] = {"while it was opened", "while a training step was prepared", "in a training step"};
enum { PHASE_PREPARE = 1, PHASE_STEP };

/* The median of some steps, after one that compiles and one that warms up; fewer where a step is long. */
static pixcl_status time_steps(const px_session *session, const pixcl_options *options, px_cl_step *step,
                               pixcl_error *err)
{
    enum { MOST = 7 };
    const double enough = 5;
    double seconds[MOST], warm = 0, spent = 0;
    int count = 0;
    pixcl_status status = px_bench_run_step(session, options, 1, &warm, err);
    px_survey_at(PHASE_STEP);
    if (status == PIXCL_OK)
        status = px_bench_run_step(session, options, 2, &warm, err);
    while (status == PIXCL_OK && count < MOST && (count == 0 || spent < enough)) {
        status = px_bench_run_step(session, options, 3 + count, &seconds[count], err);
        spent += seconds[count++];
    }
    if (status != PIXCL_OK)
        return status;
    step->seconds = px_bench_median(seconds, count);
    step->gflop = px_bench_gflop(session->plan);
    return PIXCL_OK;
}

/* Slow enough for hours, and the last choice whatever they take. */
static bool is_for_tests(const px_cl_description *description)
{
    return (description->quirks & (PX_QUIRK_SOFTWARE_GPU | PX_QUIRK_SLOW_CHECKER)) != 0;
}

/* `argument`: the options, as JSON. */
static void try_step(const px_cl_description *description, px_survey_result *result, const char *argument)
{
    pixcl_options options;
    pixcl_error err = {0};
    px_session session = {0};
    if (is_for_tests(description))
        return;
    px_options_default(&options, PIXCL_FOR_BENCH);
    pixcl_status status = px_options_from_json(&options, argument, strlen(argument), &err);
    px_cl_device *device = status == PIXCL_OK ? px_cl_device_open_description(description, false, &err) : NULL;
    px_survey_at(PHASE_PREPARE);
    px_training *training = device ? px_bench_training(&options, PIXCL_BENCH_STEP, &err) : NULL;
    status = training ? px_bench_open(&session, training, &options, device, &err) : err.status;
    if (status == PIXCL_OK)
        status = time_steps(&session, &options, &result->step, &err);
    if (status != PIXCL_OK) {
        result->selftest = PIXCL_SELFTEST_FAILED;
        snprintf(result->message, sizeof result->message, "%.*s", (int)sizeof result->message - 1, err.message);
    }
    px_session_close(&session);
    px_cl_device_close(&device);
}

const px_survey_trial px_survey_step = {"step", phases, try_step};

/* What came of a device, kept for the choice to follow. */
static void keep(const px_cl_description *device, const px_survey_result *result, const pixcl_options *options,
                 pixcl_bench_device *to)
{
    const px_cl_identity identity = px_cl_identity_of(device);
    px_cl_step step = result->step;
    to->index = device->index;
    snprintf(to->name, sizeof to->name, "%s", device->name);
    if (!device->usable || is_for_tests(device)) {
        snprintf(to->failure, sizeof to->failure, "%s", device->usable ? device->note : device->reason);
        return;
    }
    if (result->selftest == PIXCL_SELFTEST_FAILED) {
        step = (px_cl_step){0};
        /* what went wrong; what to do about it is for now, not for every later list */
        size_t length = strcspn(result->message, ";");
        length = length < sizeof step.failure ? length : sizeof step.failure - 1;
        snprintf(step.failure, sizeof step.failure, "%.*s", (int)length, result->message);
        snprintf(to->failure, sizeof to->failure, "%s", result->message);
    }
    to->seconds = step.seconds;
    snprintf(step.model, sizeof step.model, "%s", options->model);
    step.crop_size = options->crop_size;
    step.batch_size = options->batch_size;
    px_cl_record_keep_step(&identity, &step);
}

pixcl_status pixcl_bench_devices(pixcl_context *context, const pixcl_options *options, double timeout_seconds,
                                 pixcl_bench_device *devices, size_t capacity, size_t *count, pixcl_error *err)
{
    PX_ENTER(context);
    pixcl_error local;
    err = err ? err : &local;
    if (!options || !count || (!devices && capacity > 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "pixcl_bench_devices needs options, and room for what it finds");
    *count = 0;
    pixcl_status status = pixcl_options_check(options, PIXCL_FOR_BENCH, err);
    px_survey *survey = status == PIXCL_OK ? px_calloc(1, sizeof *survey, err) : NULL;
    char *json = survey ? pixcl_options_to_json(options, err) : NULL;
    if (!json) {
        px_free(survey);
        return err->status;
    }
    status = px_survey_try(survey, timeout_seconds > 0 ? timeout_seconds : DEFAULT_SECONDS, &px_survey_step, json, err);
    px_free(json);
    for (size_t i = 0; status == PIXCL_OK && i < survey->inventory.device_count; i++) {
        pixcl_bench_device device = {0};
        keep(&survey->inventory.devices[i], &survey->results[i], options, &device);
        if (*count < capacity)
            devices[(*count)++] = device;
    }
    px_free(survey);
    return status;
}
