/* The list of devices as text for a person and as JSON. */
#include "exec/opencl/device_list.h"

#include <string.h>

#include "base/cure.h"
#include "base/json.h"
#include "base/memory.h"
#include "exec/opencl/drivers.h"

static void add_bytes(px_text *text, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    int unit = 0;

    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    px_text_add(text, value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void add_limits(px_text *text, const pixcl_device_info *it)
{
    px_text_add(text, "    limits     %u compute unit%s", (unsigned)it->compute_units,
                it->compute_units == 1 ? "" : "s");
    if (it->clock_mhz)
        px_text_add(text, " at %u MHz", (unsigned)it->clock_mhz);
    px_text_add(text, ", float vectors of %u, work-groups up to %llu\n               memory ",
                (unsigned)it->vector_width, (unsigned long long)it->max_work_group);
    add_bytes(text, it->global_memory);
    px_text_add(text, "%s, largest buffer ", it->host_unified_memory ? " shared with the host" : "");
    add_bytes(text, it->max_allocation);
    px_text_add(text, ", local memory ");
    add_bytes(text, it->local_memory);
    px_text_add(text, "%s\n", it->dedicated_local_memory ? "" : " (a part of ordinary memory)");
}

/* Steps as "0.29 s pix2pix at 256x256", the latest first. */
static void add_steps(px_text *text, const pixcl_device_info *it)
{
    for (size_t i = it->step_count; i-- > 0;) {
        const pixcl_device_step *step = &it->steps[i];

        px_text_add(text, "    step       ");
        if (step->seconds > 0)
            px_text_add(text, "%.3g s", step->seconds);
        else
            px_text_add(text, "failed");
        px_text_add(text, ", %s at %dx%d", step->model, step->crop_size, step->crop_size);
        if (step->batch_size != 1)
            px_text_add(text, ", batches of %d", step->batch_size);
        px_text_add(text, "%s%s\n", *step->failure ? ": " : "", step->failure);
    }
}

/* Whether timing a step would tell more than a guess: two devices to choose from, and no two times. */
static bool steps_would_tell(const pixcl_device_list *list)
{
    size_t usable = 0, timed = 0;

    for (size_t i = 0; i < list->count; i++) {
        usable += list->devices[i].usable;
        timed += list->devices[i].usable && list->devices[i].step_count > 0;
    }
    return usable > 1 && timed < 2;
}

static void add_device(px_text *text, const pixcl_device_list *list, const pixcl_device_info *it)
{
    px_text_add(text, "\n[%d] %s%s\n", it->index, it->name,
                it != list->chosen ? ""
                : list->asked      ? "   <- chosen"
                                   : "   <- default");
    px_text_add(text, "    is         %s, %s, driver %s\n", it->kind, it->version, it->driver);
    if (!it->usable)
        px_text_add(text, "    usable     no: %s\n", it->reason);
    else
        px_text_add(text, "    usable     yes, with --device %d%s%s\n", it->index,
                    *list->also[it->index] ? " or --device " : "", list->also[it->index]);
    if (*it->note)
        px_text_add(text, "    note       %s\n", it->note);
    add_limits(text, it);
    if (it->measured)
        px_text_add(text, "    measured   %.*f GFLOP/s multiply-add, %.*f GB/s copy\n", it->gflops < 10 ? 3 : 0,
                    it->gflops, it->gbps < 10 ? 3 : 0, it->gbps);
    add_steps(text, it);
    if (it->selftest == PIXCL_SELFTEST_PASSED)
        px_text_add(text, "    self-test  passed (a kernel of pixcl, CLBlast Sgemm)\n");
    else if (it->selftest == PIXCL_SELFTEST_FAILED)
        px_text_add(text, "    self-test  FAILED: %s\n", it->selftest_message);
}

/* Drivers that are registered and not used, and why. */
static void add_useless_drivers(px_text *text)
{
    const px_cl_drivers *drivers = px_cl_drivers_found();

    for (size_t i = 0; i < drivers->count; i++) {
        const px_cl_driver *it = &drivers->items[i];
        if (it->state != PX_DRIVER_WORKS)
            px_text_add(text, "\nDriver %s, %s: it %s\n", it->file,
                        it->state == PX_DRIVER_HARMFUL ? "left out" : "not used", it->fault);
    }
}

char *px_device_list_write_text(const pixcl_device_list *list, pixcl_error *err)
{
    px_text text = {0};
    size_t next = 0;

    if (list->platform_count == 0)
        px_text_add(&text,
                    px_cl_drivers_found()->count ? "No OpenCL driver that works.\n" : "No OpenCL driver found.\n");
    for (size_t p = 0; p < list->platform_count; p++) {
        const px_cl_platform *platform = &list->platforms[p];

        px_text_add(&text, "%s%s, %s\n", p ? "\n" : "", platform->name, platform->version);
        if (platform->devices == 0)
            px_text_add(&text, "\n    no devices: %s\n", px_cl_platform_hint(platform));
        for (size_t d = 0; d < platform->devices && next < list->count; d++)
            add_device(&text, list, &list->devices[next++]);
    }
    add_useless_drivers(&text);
    if (list->chosen) {
        const char *cpu_driver = px_cure_cpu_driver(px_system_here());

        px_text_add(&text, "\n%s: %s (--device %d)\n", list->asked ? "Chosen" : "Default", list->chosen->name,
                    list->chosen->index);
        if (*list->reason)
            px_text_add(&text, "Why: %s\n", list->reason);
        if (!list->asked && steps_would_tell(list))
            px_text_add(&text, "`clinfo-check --step pix2pix` times a training step on each device; the default then "
                               "follows the times.\n");
        if (list->chosen->selftest == PIXCL_SELFTEST_FAILED && list->better)
            px_text_add(&text, "It failed its self-test: use --device %d (%s) instead, or set PIXCL_DEVICE=%d.\n",
                        list->better->index, list->better->name, list->better->index);
        else if (list->chosen->selftest == PIXCL_SELFTEST_FAILED)
            px_text_add(&text, "It failed its self-test, and nothing else here is usable: update its driver%s%s.\n",
                        cpu_driver ? ", or compute on the CPU: " : ", with the system", cpu_driver ? cpu_driver : "");
    }
    return px_text_take(&text, err);
}

/* Three decimals: a figure varies more than that from run to run. */
static double rounded(double value)
{
    return (double)(int64_t)(value * 1000 + 0.5) / 1000;
}

static void add_steps_json(cJSON *object, const pixcl_device_info *it)
{
    cJSON *steps = cJSON_AddArrayToObject(object, "steps");

    for (size_t i = 0; i < it->step_count; i++) {
        cJSON *step = cJSON_CreateObject();

        cJSON_AddItemToArray(steps, step);
        cJSON_AddStringToObject(step, "model", it->steps[i].model);
        cJSON_AddNumberToObject(step, "crop_size", it->steps[i].crop_size);
        cJSON_AddNumberToObject(step, "batch_size", it->steps[i].batch_size);
        if (it->steps[i].seconds > 0)
            cJSON_AddNumberToObject(step, "seconds", it->steps[i].seconds);
        else
            cJSON_AddStringToObject(step, "failure", it->steps[i].failure);
    }
}

static void add_device_json(cJSON *devices, const pixcl_device_list *list, const pixcl_device_info *it)
{
    static const char *const results[] = {"not run", "passed", "failed"};
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(devices, object);
    cJSON_AddNumberToObject(object, "index", it->index);
    cJSON_AddStringToObject(object, "name", it->name);
    cJSON_AddStringToObject(object, "vendor", it->vendor);
    cJSON_AddStringToObject(object, "platform", it->platform);
    cJSON_AddStringToObject(object, "driver", it->driver);
    cJSON_AddStringToObject(object, "version", it->version);
    cJSON_AddStringToObject(object, "kind", it->kind);
    cJSON_AddStringToObject(object, "note", it->note);
    cJSON_AddBoolToObject(object, "usable", it->usable);
    cJSON_AddStringToObject(object, "reason", it->reason);
    cJSON_AddBoolToObject(object, "default", it == list->chosen);
    cJSON_AddNumberToObject(object, "compute_units", it->compute_units);
    cJSON_AddNumberToObject(object, "clock_mhz", it->clock_mhz);
    cJSON_AddNumberToObject(object, "vector_width", it->vector_width);
    cJSON_AddNumberToObject(object, "max_work_group", (double)it->max_work_group);
    cJSON_AddNumberToObject(object, "global_memory", (double)it->global_memory);
    cJSON_AddNumberToObject(object, "max_allocation", (double)it->max_allocation);
    cJSON_AddNumberToObject(object, "local_memory", (double)it->local_memory);
    cJSON_AddBoolToObject(object, "dedicated_local_memory", it->dedicated_local_memory);
    cJSON_AddBoolToObject(object, "host_unified_memory", it->host_unified_memory);
    cJSON_AddBoolToObject(object, "half_arithmetic", it->half_arithmetic);
    if (it->measured) {
        cJSON_AddNumberToObject(object, "gflops", rounded(it->gflops));
        cJSON_AddNumberToObject(object, "gbps", rounded(it->gbps));
    } else {
        cJSON_AddNullToObject(object, "gflops");
        cJSON_AddNullToObject(object, "gbps");
    }
    cJSON_AddStringToObject(object, "selftest", results[it->selftest]);
    cJSON_AddStringToObject(object, "selftest_message", it->selftest_message);
    add_steps_json(object, it);
}

static void add_drivers_json(cJSON *root)
{
    static const char *const states[] = {"used", "absent", "left out"};
    const px_cl_drivers *found = px_cl_drivers_found();
    cJSON *drivers = cJSON_AddArrayToObject(root, "drivers");

    for (size_t i = 0; i < found->count; i++) {
        const px_cl_driver *it = &found->items[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(drivers, object);
        cJSON_AddStringToObject(object, "file", it->file);
        cJSON_AddStringToObject(object, "library", it->library ? it->library : "");
        cJSON_AddStringToObject(object, "state", states[it->state]);
        cJSON_AddStringToObject(object, "fault", it->fault);
    }
}

char *px_device_list_write_json(const pixcl_device_list *list, pixcl_error *err)
{
    cJSON *root = cJSON_CreateObject(), *platforms, *devices;
    char *printed, *text = NULL;

    cJSON_AddStringToObject(root, "pixcl", PIXCL_VERSION);
    add_drivers_json(root);
    platforms = cJSON_AddArrayToObject(root, "platforms");
    for (size_t p = 0; p < list->platform_count; p++) {
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(platforms, object);
        cJSON_AddStringToObject(object, "name", list->platforms[p].name);
        cJSON_AddStringToObject(object, "version", list->platforms[p].version);
        cJSON_AddNumberToObject(object, "devices", (double)list->platforms[p].devices);
        cJSON_AddStringToObject(object, "hint", px_cl_platform_hint(&list->platforms[p]));
    }
    devices = cJSON_AddArrayToObject(root, "devices");
    for (size_t i = 0; i < list->count; i++)
        add_device_json(devices, list, &list->devices[i]);
    if (list->chosen) {
        cJSON_AddNumberToObject(root, "chosen", list->chosen->index);
        cJSON_AddNullToObject(root, "error");
    } else {
        cJSON_AddNullToObject(root, "chosen");
        cJSON_AddStringToObject(root, "error", list->why.message);
    }
    cJSON_AddStringToObject(root, "why", list->reason);
    printed = px_json_print(root, 1, err);
    if (printed)
        text = px_format(err, "%s\n", printed);
    px_free(printed);
    cJSON_Delete(root);
    return text;
}
