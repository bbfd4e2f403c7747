/* A device opened for use. */
#include "exec/opencl/device.h"

#include <pthread.h>
#include <stdio.h>

#include "base/env.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/classify.h"
#include "exec/opencl/drivers.h"
#include "exec/opencl/select.h"
#include "exec/opencl/shared.h"
#include "plan/tuning.h"

static pthread_mutex_t drivers = PTHREAD_MUTEX_INITIALIZER;

void px_cl_lock(void)
{
    pthread_mutex_lock(&drivers);
}

void px_cl_unlock(void)
{
    pthread_mutex_unlock(&drivers);
}

static pixcl_status create_queue(const px_cl_device *device, cl_command_queue_properties properties,
                                 cl_command_queue *queue, pixcl_error *err)
{
    cl_int code;

    *queue = clCreateCommandQueue(device->context, device->id, properties, &code);
    if (code == CL_SUCCESS)
        return PIXCL_OK;
    *queue = NULL;
    return px_cl_fail(err, code, "clCreateCommandQueue", "device %s", device->name);
}

static pixcl_status create_objects(px_cl_device *device, pixcl_error *err)
{
    pixcl_status status = px_cl_shared_take(device->platform, device->id, device->name, &device->shared, err);

    if (status != PIXCL_OK)
        return status;
    device->context = device->shared->context;
    device->programs = device->shared->programs;
    status = create_queue(device, device->profiling ? CL_QUEUE_PROFILING_ENABLE : 0, &device->queue, err);
    return status == PIXCL_OK ? create_queue(device, 0, &device->uploads, err) : status;
}

px_cl_device *px_cl_device_open_description(const px_cl_description *description, bool profiling, pixcl_error *err)
{
    px_cl_device *device = px_calloc(1, sizeof *device, err);
    pixcl_status status;

    if (!device)
        return NULL;
    device->platform = description->platform;
    device->id = description->id;
    device->device_class = px_cl_dressed_class(description->device_class);
    device->limits = description->limits;
    snprintf(device->name, sizeof device->name, "%s", description->name);
    snprintf(device->platform_name, sizeof device->platform_name, "%s", description->platform_name);
    snprintf(device->driver, sizeof device->driver, "%s", description->driver);
    device->quirks = description->quirks;
    device->index = description->index;
    device->profiling = profiling;
    device->process = px_os_process();
    device->shares_memory = device->device_class == PX_DEVICE_CPU ||
                            (device->limits.host_unified_memory && device->device_class != PX_DEVICE_GPU_DISCRETE);
    device->maps_memory = device->shares_memory;
    px_cl_lock();
    status = create_objects(device, err);
    px_cl_unlock();
    if (status == PIXCL_OK)
        return device;
    px_cl_device_close(&device);
    return NULL;
}

/* Opens the device that `spec` names. Where none is asked for and the best does not open, the next best is taken: a
 * driver that is broken must not hide one that works. */
static px_cl_device *open_choice(px_cl_inventory *inventory, const px_cl_record *records, const char *spec,
                                 bool profiling, px_cl_choice *choice, pixcl_error *err)
{
    pixcl_error first = {0}, now = {0};

    for (;;) {
        const pixcl_status status =
            px_cl_select(inventory->devices, records, inventory->device_count, spec, choice, &now);
        px_cl_description *chosen = status == PIXCL_OK ? &inventory->devices[choice->index] : NULL;
        px_cl_device *device = chosen ? px_cl_device_open_description(chosen, profiling, &now) : NULL;

        if (status == PIXCL_ERROR_NO_DEVICE)
            px_cl_explain_no_device(inventory, &now);
        if (!first.status)
            first = now;
        if (device || !chosen || spec || now.status == PIXCL_ERROR_MEMORY) {
            if (!device)
                px_fail(err, first.status, "%s", first.message);
            return device;
        }
        px_log(PIXCL_LOG_WARNING, "device %d, %s, cannot be used: %s", chosen->index, chosen->name, now.message);
        chosen->usable = false;
    }
}

px_cl_device *px_cl_device_open(const char *spec, bool profiling, pixcl_error *err)
{
    px_cl_inventory *inventory = px_calloc(1, sizeof *inventory, err);
    px_cl_record *records = px_calloc(PX_CL_MAX_DEVICES, sizeof *records, err);
    px_cl_device *device = NULL;
    px_cl_choice choice = {0};
    char text[PX_CL_SPEC_SIZE];

    if (inventory && records && px_cl_inventory_take(inventory, err) == PIXCL_OK) {
        px_cl_recall_all(inventory->devices, inventory->device_count, records);
        device = open_choice(inventory, records, px_cl_default_spec(spec, text), profiling, &choice, err);
    }
    px_free(records);
    px_free(inventory);
    if (device)
        px_log(PIXCL_LOG_DEBUG, "device %d: %s (%s), %s %s%s%s", device->index, device->name,
               px_device_class_name(device->device_class), device->platform_name, device->driver,
               *choice.why ? "; " : "", choice.why);
    return device;
}

void px_cl_explain_memory(const px_cl_device *device, pixcl_error *err)
{
    px_cl_inventory *inventory = px_calloc(1, sizeof *inventory, NULL);
    const px_cl_description *roomiest = NULL;

    if (inventory && px_env_number("PIXCL_MEMORY_LIMIT", 0) <= 0 && px_cl_inventory_take(inventory, NULL) == PIXCL_OK) {
        for (size_t i = 0; i < inventory->device_count; i++) {
            const px_cl_description *other = &inventory->devices[i];

            if (other->usable && !(other->quirks & (PX_QUIRK_SOFTWARE_GPU | PX_QUIRK_SLOW_CHECKER)) &&
                other->limits.global_memory > device->limits.global_memory &&
                (!roomiest || other->limits.global_memory > roomiest->limits.global_memory))
                roomiest = other;
        }
    }
    if (roomiest)
        px_fail_context(err, "device %d, %s, is too small (--device %d, %s, has %.1f GB)", device->index, device->name,
                        roomiest->index, roomiest->name, (double)roomiest->limits.global_memory * 1e-9);
    px_free(inventory);
}

pixcl_status px_cl_check_process(const px_cl_device *device, pixcl_error *err)
{
    if (device->process == px_os_process())
        return PIXCL_OK;
    return px_cl_fail_forked(err);
}

void px_cl_device_close(px_cl_device **device)
{
    px_cl_device *it = *device;

    if (!it)
        return;
    if (px_cl_check_process(it, NULL) != PIXCL_OK) {
        px_free(it); /* all else belongs to the other process, too */
        *device = NULL;
        return;
    }
    if (it->queue)
        clFinish(it->queue);
    px_cl_lock();
    px_tuning_destroy(&it->tuning);
    px_free(it->speed);
    if (it->uploads)
        clReleaseCommandQueue(it->uploads);
    if (it->queue)
        clReleaseCommandQueue(it->queue);
    px_cl_shared_give_back(&it->shared);
    px_cl_unlock();
    px_free(it);
    *device = NULL;
}
