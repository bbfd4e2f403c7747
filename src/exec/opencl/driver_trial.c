/* The trial of each driver: what the helper does, and what is made of it here. */
#include "exec/opencl/driver_trial.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/env.h"
#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/device.h"
#include "exec/opencl/driver_folder.h"
#include "exec/opencl/driver_mark.h"
#include "exec/opencl/helper.h"

#define DEFAULT_SECONDS 20

static const char *const phases[] = {"while its library was loaded", "while its devices were listed",
                                     "while its devices were opened"};
enum { PHASE_LOAD, PHASE_LIST, PHASE_OPEN };

/* A driver in trial. */
typedef struct trial {
    px_process process;
    bool started;
} trial;

/* Starts the trial of a driver that the loader finds in a folder of its own. */
static void start(trial *it, const px_cl_driver *driver, const char *root, size_t number)
{
    char name[32], *folder = NULL, *only = NULL;
    const char *const job[PX_HELPER_WORDS] = {"driver", driver->library};
    pixcl_error err = {0};

    if (strcmp(px_path_extension(driver->file), ".icd") == 0) {
        px_snprintf(name, sizeof name, "%zu", number);
        folder = px_driver_folder(root, name, driver, 1, &err);
        only = folder ? px_format(&err, "OCL_ICD_VENDORS=%s", folder) : NULL;
        it->started = only && px_helper_start(&it->process, job, only, true, &err) == PIXCL_OK;
    } else { /* what the loader finds without help */
        it->started = px_helper_start(&it->process, job, NULL, true, &err) == PIXCL_OK;
    }
    if (!it->started)
        px_log(PIXCL_LOG_DEBUG, "the OpenCL driver %s is not tried: %s", driver->file, err.message);
    px_free(only);
    px_free(folder);
}

/* Reads what came of it, until `end`, a time of px_now(). */
static void finish(trial *it, px_cl_driver *driver, double seconds, double end)
{
    union {
        char text[4096];
        pixcl_error err;
    } what;
    char path[PATH_MAX] = "", how[128] = "";
    px_helper_message message = {0};
    px_process_reading reading;
    int phase = PHASE_LOAD;

    do {
        const double left = end - px_now();
        memset(&what, 0, sizeof what);
        reading = px_helper_receive(&it->process, &message, &what, sizeof what - 1, left > 0 ? left : 0);
        if (reading != PX_PROCESS_READ)
            break;
        if (message.kind == PX_HELPER_AT)
            phase = message.phase;
        else if (message.kind == PX_HELPER_LIBRARY)
            px_snprintf(path, sizeof path, "%s", what.text);
        else if (message.kind == PX_HELPER_ABSENT)
            px_cl_driver_blame(driver, PX_DRIVER_ABSENT, "%s", what.text);
        else if (message.kind == PX_HELPER_FAILED)
            px_cl_driver_blame(driver, PX_DRIVER_HARMFUL, "gave nonsense %s: %s", phases[phase], what.err.message);
    } while (message.kind != PX_HELPER_DONE);
    px_process_end(&it->process, reading == PX_PROCESS_SILENT ? 0 : 5, how, sizeof how);
    if (reading == PX_PROCESS_SILENT)
        px_cl_driver_blame(driver, PX_DRIVER_HARMFUL, "gave no answer within %.0f seconds %s", seconds, phases[phase]);
    else if (reading == PX_PROCESS_ENDED)
        px_cl_driver_blame(driver, PX_DRIVER_HARMFUL, "%s %s", *how ? how : "ended the process", phases[phase]);
    else if (driver->state != PX_DRIVER_HARMFUL)
        px_driver_remember(driver, path);
}

pixcl_status px_cl_drivers_try(px_cl_drivers *drivers, bool anew, pixcl_error *err)
{
    const int64_t asked = px_env_number("PIXCL_DRIVER_SECONDS", DEFAULT_SECONDS);
    const double seconds = (double)(asked > 0 ? asked : DEFAULT_SECONDS);
    char *root = NULL;
    pixcl_error no_folder = {0};
    double end;
    trial *trials = px_calloc(drivers->count, sizeof *trials, err);

    if (!trials)
        return PIXCL_ERROR_MEMORY;
    if (!px_helper_exists())
        goto cleanup;
    for (size_t i = 0; i < drivers->count; i++) {
        px_cl_driver *driver = &drivers->items[i];
        if (!driver->library || (!anew && px_driver_recall(driver)))
            continue;
        if (!root && !(root = px_driver_folder_root(&no_folder))) {
            px_log(PIXCL_LOG_DEBUG, "OpenCL drivers are not tried: %s", no_folder.message);
            break;
        }
        start(&trials[i], driver, root, i);
    }
    end = px_now() + seconds; /* they start side by side */
    for (size_t i = 0; i < drivers->count; i++) {
        if (trials[i].started)
            finish(&trials[i], &drivers->items[i], seconds, end);
    }
cleanup:
    if (root)
        px_driver_folder_remove(root);
    px_free(root);
    px_free(trials);
    return PIXCL_OK;
}

/* Loads the library as the loader will, to tell why it does not where it does not. False when there is no driver. */
static bool load(const char *library)
{
    char why[sizeof((px_cl_driver *)0)->fault] = "", reason[sizeof why] = "", path[PATH_MAX];
    void *const handle = px_os_library_load(library, reason, sizeof reason);

    if (!handle) {
        px_snprintf(why, sizeof why, "cannot be loaded: %s", reason);
    } else if (!px_os_library_has(handle, "clGetExtensionFunctionAddress") &&
               !px_os_library_has(handle, "clIcdGetPlatformIDsKHR")) {
        px_snprintf(why, sizeof why, "holds a library that is no OpenCL driver");
    } else {
        px_os_library_path(handle, path, sizeof path);
        if (*path)
            px_helper_send(PX_HELPER_LIBRARY, 0, 0, path, strlen(path));
    }
    if (*why)
        px_helper_send(PX_HELPER_ABSENT, 0, 0, why, strlen(why));
    return !*why;
}

int px_cl_driver_serve(const char *library)
{
    static const char nothing[] = "has no device on this machine";
    px_cl_inventory *inventory = px_calloc(1, sizeof *inventory, NULL);
    pixcl_error err;

    memset(&err, 0, sizeof err); /* its padding is sent, too */
    if (!inventory)
        return 1;
    px_helper_send(PX_HELPER_AT, 0, PHASE_LOAD, NULL, 0);
    if (*library && !load(library)) {
        px_helper_send(PX_HELPER_DONE, 0, 0, NULL, 0);
        return 0;
    }
    px_helper_send(PX_HELPER_AT, 0, PHASE_LIST, NULL, 0);
    if (px_cl_inventory_take(inventory, &err) != PIXCL_OK)
        px_helper_send(PX_HELPER_FAILED, 0, 0, &err, sizeof err);
    else if (inventory->platform_count == 0 && *library) /* the loader without a driver is no driver with a fault */
        px_helper_send(PX_HELPER_ABSENT, 0, 0, nothing, sizeof nothing - 1);
    px_helper_send(PX_HELPER_AT, 0, PHASE_OPEN, NULL, 0);
    for (size_t i = 0; i < inventory->device_count; i++) {
        px_cl_device *device =
            inventory->devices[i].usable ? px_cl_device_open_description(&inventory->devices[i], false, NULL) : NULL;
        px_cl_device_close(&device);
    }
    px_helper_send(PX_HELPER_DONE, 0, 0, NULL, 0);
    px_free(inventory);
    return 0;
}
