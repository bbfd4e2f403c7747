/* The speed of a device in use: remembered, or else measured. */
#include "base/memory.h"
#include "exec/opencl/probe.h"
#include "exec/opencl/speed_file.h"

/* A device that was measured as if it were a GPU (PIXCL_DEVICE_CLASS) has no tiles. */
static bool is_known(const px_cl_device *device, const px_cl_speed *speed)
{
    return speed->gflops > 0 && speed->gbps > 0 && speed->launch_seconds > 0 &&
           (!px_cl_has_tiles(device) || speed->tile_gflops[0] > 0);
}

bool px_cl_speed_of(px_cl_device *device, px_cl_speed *speed, pixcl_error *err)
{
    const px_cl_identity identity = {device->platform_name, device->name, device->driver, device->limits.compute_units};
    px_cl_record record = {0};
    *speed = (px_cl_speed){0};
    if (device->quirks & PX_QUIRK_SLOW_CHECKER)
        return true;
    if (device->speed) {
        *speed = *device->speed;
        return true;
    }
    px_cl_record_recall(&identity, &record);
    if (!is_known(device, &record.speed)) {
        if (px_cl_measure(device, &record.speed, err) != PIXCL_OK)
            return false;
        px_cl_record_keep_speed(&identity, &record.speed);
    }
    *speed = record.speed;
    device->speed = px_calloc(1, sizeof *device->speed, NULL); /* without it, the file is read once more */
    if (device->speed)
        *device->speed = *speed;
    return true;
}
