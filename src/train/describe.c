/* Plans to look at, with an estimate of a step: for a device that is there, or for one known by its data sheet. */
#include "pixcl/plan.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/speed_file.h"
#include "plan/known_devices.h"
#include "train/bench_step.h"

const char *pixcl_plan_known_device(int index)
{
    const px_known_device *known = px_known_device_at(index);
    return known ? known->name : NULL;
}

/* What was measured of a device, or is now. A device that cannot be measured can be planned for all the same. */
static px_speed measured_speed(px_cl_device *device)
{
    px_cl_speed speed = {0};
    pixcl_error err = {0};
    if (!px_cl_speed_of(device, &speed, &err))
        px_log(PIXCL_LOG_WARNING, "there is no estimate, since the speed of %s cannot be measured: %s", device->name,
               err.message);
    return (px_speed){.device = device->name,
                      .measured = true,
                      .gflops = speed.gflops,
                      .gbps = speed.gbps,
                      .launch_seconds = speed.launch_seconds};
}

static char *describe(const px_training *training, const px_target *target, const px_speed *speed,
                      px_dump_format format, pixcl_error *err)
{
    px_estimate estimate;
    px_plan *plan = px_plan_create(training->graph, target, err);
    const bool estimated = plan && px_estimate_step(plan, speed, &estimate);
    char *text = plan ? px_plan_dump(plan, format, estimated ? &estimate : NULL, err) : NULL;
    px_plan_destroy(&plan);
    return text;
}

static char *describe_known(const px_training *training, const px_known_device *known, px_dump_format format,
                            pixcl_error *err)
{
    const px_speed speed = px_known_device_speed(known);
    px_target target = px_known_device_target(known);
    px_target_default(&target);
    return describe(training, &target, &speed, format, err);
}

static char *describe_present(const px_training *training, const pixcl_options *options, px_dump_format format,
                              pixcl_error *err)
{
    px_cl_device *device = px_session_device_of(options, false, err);
    if (!device)
        return NULL;
    const px_speed speed = measured_speed(device);
    const px_target target = px_cl_target(device);
    char *text = describe(training, &target, &speed, format, err);
    if (!text && err->status == PIXCL_ERROR_MEMORY)
        px_cl_explain_memory(device, err);
    px_cl_device_close(&device);
    return text;
}

char *pixcl_plan_describe(const pixcl_options *options, const pixcl_plan_options *plan, pixcl_error *err)
{
    static const px_dump_format formats[] = {PX_DUMP_TEXT, PX_DUMP_DOT, PX_DUMP_JSON};
    const px_known_device *known = NULL;
    pixcl_error local = {0};
    err = err ? err : &local;
    if (!options || !plan) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "pixcl_plan_describe needs options, and what to plan");
        return NULL;
    }
    if ((unsigned)plan->format >= sizeof formats / sizeof formats[0]) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no format %d of a plan", (int)plan->format);
        return NULL;
    }
    const bool named = plan->on && *plan->on;
    if (named && options->device[0]) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "--on %.60s and --device %.60s: a plan is for one device; leave one out",
                plan->on, options->device);
        return NULL;
    }
    if (named && !(known = px_known_device_named(plan->on, err)))
        return NULL;
    px_training *training = px_bench_training(options, plan->part, err);
    char *text = NULL;
    if (training && known)
        text = describe_known(training, known, formats[plan->format], err);
    else if (training)
        text = describe_present(training, options, formats[plan->format], err);
    px_training_destroy(&training);
    char *result = text ? strdup(text) : NULL; /* the public API's strings are malloc's */
    if (text && !result)
        px_fail(err, PIXCL_ERROR_MEMORY, "no memory for the plan's text");
    px_free(text);
    return result;
}
