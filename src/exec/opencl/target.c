/* What the planner is told of a device. */
#include <math.h>

#include "base/log.h"
#include "base/memory.h"
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

/* The largest tile that is about as fast as the best: it loads least. One that does not fit in the registers is at
 * half the speed or less, and where all fit noise must not decide. 0 where nothing was measured. */
static int tile_sums_of(const px_cl_speed *speed)
{
    const double *rates = speed->tile_gflops;
    double best = 0;
    for (int i = 0; i < PX_TILE_KINDS; i++)
        best = fmax(best, rates[i]);
    for (int i = 0; best > 0 && i < PX_TILE_KINDS; i++)
        if (rates[i] > 0.85 * best)
            return px_tile_sums[i];
    return 0;
}

/* How fast a GPU is decides how long its launches may be; what is in a CPU's registers, its tiles. */
static void add_speed(px_cl_device *device, px_target *target)
{
    px_cl_speed speed = {0};
    pixcl_error err = {0};
    if (!px_cl_speed_of(device, &speed, &err))
        px_log(PIXCL_LOG_WARNING, "the speed of %s cannot be measured, so it is taken for a usual one: %s",
               device->name, err.message);
    target->gflops = speed.gflops;
    target->gbps = speed.gbps;
    target->launch_seconds = speed.launch_seconds;
    target->tile_sums = tile_sums_of(&speed);
    px_target_default(target); /* once more, now that it is known */
}

px_target px_cl_target(px_cl_device *device)
{
    px_target target = px_cl_target_of(device->device_class, &device->limits);
    if (device->shares_memory) {
        const size_t available = px_memory_available();
        target.memory = available < target.memory ? available : target.memory;
    }
    add_speed(device, &target);
    target.tuning = px_cl_tuning(device);
    target.gemm_scratch = px_cl_gemm_scratch;
    target.user = device;
    return target;
}
