/* Plans to look at, with an estimate of a step, and their programs: for a device that is there, or for one known by its
 * data sheet. */
#include "pixcl/plan.h"

#include <string.h>

#include "base/context.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/program_files.h"
#include "exec/opencl/speed_file.h"
#include "measure/bench_step.h"
#include "plan/known_devices.h"

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

/* What pixcl_plan_describe and its like are asked for: a plan, and what belongs to it. */
typedef struct planned_step {
    const px_known_device *known; /* planned for this one, or for the next */
    px_cl_device *device;
    px_plan *plan;
} planned_step;

static void close_step(planned_step *step)
{
    px_plan_destroy(&step->plan);
    px_cl_device_close(&step->device);
}

static pixcl_status plan_for_known(planned_step *step, const px_training *training, pixcl_error *err)
{
    px_target target = px_known_device_target(step->known);
    px_target_default(&target);
    step->plan = px_plan_create(training->graph, &target, err);
    return step->plan ? PIXCL_OK : err->status;
}

static pixcl_status plan_for_present(planned_step *step, const px_training *training, const pixcl_options *options,
                                     pixcl_error *err)
{
    step->device = px_session_device_of(options, false, err);
    if (!step->device)
        return err->status;
    const px_target target = px_cl_target(step->device);
    step->plan = px_plan_create(training->graph, &target, err);
    if (!step->plan && err->status == PIXCL_ERROR_MEMORY)
        px_cl_explain_memory(step->device, err);
    return step->plan ? PIXCL_OK : err->status;
}

/* On failure there is nothing to close. */
static pixcl_status plan_step(const pixcl_options *options, const pixcl_plan_options *wanted, planned_step *step,
                              pixcl_error *err)
{
    *step = (planned_step){0};
    const bool named = wanted->on && *wanted->on;
    if (named && options->device[0])
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--on %.60s and --device %.60s: a plan is for one device; leave one out", wanted->on,
                       options->device);
    if (named && !(step->known = px_known_device_named(wanted->on, err)))
        return err->status;
    px_training *training = px_bench_training(options, wanted->part, err);
    pixcl_status status = !training     ? err->status
                          : step->known ? plan_for_known(step, training, err)
                                        : plan_for_present(step, training, options, err);
    px_training_destroy(&training);
    if (status != PIXCL_OK)
        close_step(step);
    return status;
}

static char *describe(const planned_step *step, px_dump_format format, pixcl_error *err)
{
    const px_speed speed = step->known ? px_known_device_speed(step->known) : measured_speed(step->device);
    px_estimate estimate;
    const bool estimated = px_estimate_step(step->plan, &speed, &estimate);
    return px_plan_dump(step->plan, format, estimated ? &estimate : NULL, err);
}

char *pixcl_plan_describe(pixcl_context *context, const pixcl_options *options, const pixcl_plan_options *plan,
                          pixcl_error *err)
{
    PX_ENTER(context);
    static const px_dump_format formats[] = {PX_DUMP_TEXT, PX_DUMP_DOT, PX_DUMP_JSON};
    planned_step step;
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
    if (plan_step(options, plan, &step, err) != PIXCL_OK)
        return NULL;
    char *text = describe(&step, formats[plan->format], err);
    close_step(&step);
    return text;
}

pixcl_status pixcl_plan_write_programs(pixcl_context *context, const pixcl_options *options,
                                       const pixcl_plan_options *plan, const char *folder, size_t *count,
                                       pixcl_error *err)
{
    PX_ENTER(context);
    planned_step step;
    pixcl_error local = {0};
    err = err ? err : &local;
    if (!options || !plan || !folder)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "pixcl_plan_write_programs needs options, what to plan, and a folder");
    pixcl_status status = plan_step(options, plan, &step, err);
    if (status != PIXCL_OK)
        return status;
    status = px_program_files_write(step.plan, folder, err);
    if (count)
        *count = step.plan->program_count;
    close_step(&step);
    return status;
}
