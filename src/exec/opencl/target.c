/* What the planner is told of a device. */
#include "base/log.h"
#include "exec/opencl/exec.h"
#include "exec/opencl/gemm.h"
#include "exec/opencl/speed_file.h"
#include "exec/opencl/tuning_file.h"

px_target px_cl_target_of(px_device_class device_class, const px_cl_limits *limits)
{
    /* A group has one dimension, and some drivers allow less of one than of a whole group (Mali: 256 of 384). */
    const size_t along = limits->max_item_sizes[0];
    px_target target = {.device_class = device_class,
                        .max_allocation = limits->max_allocation,
                        .memory = limits->global_memory,
                        .max_work_group = along > 0 && along < limits->max_work_group ? along : limits->max_work_group,
                        .local_memory = limits->local_memory,
                        .compute_units = (int)limits->compute_units,
                        .sub_group = (int)limits->sub_group,
                        .alignment = limits->alignment};
    px_target_default(&target);
    return target;
}

/* How fast a GPU is decides how long its launches may be. A CPU's may be of any length, so that it is not measured
 * before something asks. */
static void add_speed(px_cl_device *device, px_target *target)
{
    px_cl_speed speed = {0};
    pixcl_error err = {0};
    if (!px_cl_speed_of(device, &speed, &err))
        px_log(PIXCL_LOG_WARNING, "the speed of %s cannot be measured, so its launches are kept short: %s",
               device->name, err.message);
    target->gflops = speed.gflops;
    target->gbps = speed.gbps;
    target->launch_seconds = speed.launch_seconds;
    px_target_default(target); /* once more, now that it is known */
}

px_target px_cl_target(px_cl_device *device)
{
    px_target target = px_cl_target_of(device->device_class, &device->limits);
    if (!target.single_groups)
        add_speed(device, &target);
    target.tuning = px_cl_tuning(device);
    target.gemm_scratch = px_cl_gemm_scratch;
    target.user = device;
    return target;
}
