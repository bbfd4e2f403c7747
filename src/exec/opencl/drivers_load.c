/* Finding the drivers as the ICD loader does, trying each in a helper, and keeping the harmful ones from the loader. */
#include "exec/opencl/drivers.h"

#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/device.h"
#include "exec/opencl/driver_folder.h"
#include "exec/opencl/driver_trial.h"
#include "exec/opencl/helper.h"

#define VARIABLE   "OCL_ICD_VENDORS" /* where loaders look for registrations */
#define LINE_BYTES 1024              /* of a registration: the name of a library */
/* An extension token that CL/cl.h of 1.2 lacks. */
#define PLATFORM_NOT_FOUND_KHR (-1001)

static px_cl_drivers found;
static bool prepared;
static int64_t loaded_by; /* the process that loaded them, 0 for none */
/* Where harmful drivers were left out, else NULL: a folder for temporary files with the registrations of the others,
 * and the variable that shows it to the loader. */
static char *temporary;
static char *variable;

void px_cl_driver_blame(px_cl_driver *driver, px_cl_driver_state state, const char *format, ...)
{
    va_list values;

    driver->state = state;
    va_start(values, format);
    px_vsnprintf(driver->fault, sizeof driver->fault, format, values);
    va_end(values);
}

const px_cl_drivers *px_cl_drivers_found(void)
{
    return &found;
}

const char *px_cl_drivers_variable(void)
{
    return variable;
}

/* Reads the name of the library, the first line of a registration. What the loader would trip over, or wait for, is
 * harmful before anything is tried. */
static void read_registration(px_cl_driver *driver)
{
    char line[LINE_BYTES + 1] = "";
    pixcl_error err = {0};
    px_os_info info;
    const int file = px_file_open_input(driver->file, &info, &err);

    if (file < 0) {
        if (px_os_look(driver->file, &info) == 0 && info.kind != PX_OS_REGULAR)
            px_cl_driver_blame(driver, PX_DRIVER_HARMFUL, "is no regular file, which the OpenCL loader would wait for");
        else
            px_cl_driver_blame(driver, PX_DRIVER_ABSENT, "cannot be read: %s", err.message);
        return;
    }
    const ptrdiff_t length = px_os_read(file, line, LINE_BYTES);
    px_os_close(file);
    if (length > 0)
        line[length] = '\0';
    const size_t end = strcspn(line, "\r\n");
    bool is_text = length > 0 && end > 0 && end < LINE_BYTES && (end == (size_t)length || line[end] != '\0');
    for (size_t i = 0; i < end && is_text; i++)
        is_text = (unsigned char)line[i] >= ' ';
    if (!is_text) {
        px_cl_driver_blame(driver, PX_DRIVER_ABSENT, "does not hold the name of a driver's library in its first line");
        return;
    }
    line[end] = '\0';
    driver->library = px_strdup(line, NULL);
}

static pixcl_status add_driver(char *file, bool is_registration, pixcl_error *err)
{
    if (!file || px_grow(&found.items, &found.capacity, found.count + 1, sizeof *found.items, err) != PIXCL_OK) {
        px_free(file);
        return PIXCL_ERROR_MEMORY;
    }
    px_cl_driver *driver = &found.items[found.count++];
    driver->file = file;
    if (is_registration)
        read_registration(driver);
    else
        driver->library = px_strdup(file, NULL);
    return PIXCL_OK;
}

static int by_file(const void *a, const void *b)
{
    return strcmp(((const px_cl_driver *)a)->file, ((const px_cl_driver *)b)->file);
}

/* Where the loader looks, in its order of precedence. A value that is no folder names one registration or library.
 * Where drivers are not registered in folders, all that the loader finds is tried as if it were one driver. */
static pixcl_status find_drivers(pixcl_error *err)
{
    const char *vendors = px_env_text(VARIABLE), *folder = px_env_text("OPENCL_VENDOR_PATH");
    pixcl_status status = PIXCL_OK;

    if (!px_os_driver_folder())
        return add_driver(px_strdup("", err), false, err);
    if (vendors && !px_path_is_folder(vendors))
        return add_driver(px_strdup(vendors, err), strcmp(px_path_extension(vendors), ".icd") == 0, err);
    folder = vendors ? vendors : folder ? folder : px_os_driver_folder();
    px_os_folder *stream = px_os_folder_open(folder);
    /* Loaders are built with other folders, too. */
    if (!stream)
        return add_driver(px_strdup("", err), false, err);
    px_os_kind kind;
    for (const char *name; status == PIXCL_OK && (name = px_os_folder_next(stream, &kind));) {
        if (strcmp(px_path_extension(name), ".icd") == 0)
            status = add_driver(px_path_join(folder, name, err), true, err);
    }
    px_os_folder_close(stream);
    if (found.count > 1)
        qsort(found.items, found.count, sizeof *found.items, by_file);
    return status;
}

static void remove_temporary(void)
{
    px_driver_folder_remove(temporary);
}

static pixcl_status leave_out_harmful(pixcl_error *err)
{
    const px_cl_driver *worst = NULL;

    for (size_t i = 0; i < found.count; i++) {
        if (found.items[i].state == PX_DRIVER_HARMFUL) {
            worst = &found.items[i];
            px_log(PIXCL_LOG_WARNING, "the OpenCL driver %s is left out: it %s. Update its package or remove it",
                   *worst->file ? worst->file : "that the loader finds", worst->fault);
        }
    }
    if (!worst)
        return PIXCL_OK;
    temporary = px_driver_folder_root(err);
    if (temporary)
        atexit(remove_temporary);
    char *folder = temporary ? px_driver_folder(temporary, "drivers", found.items, found.count, err) : NULL;
    variable = folder ? px_format(err, VARIABLE "=%s", folder) : NULL;
    px_free(folder);
    if (variable)
        return PIXCL_OK;
    return px_fail_context(err, "the OpenCL driver %s, which %s, cannot be left out (TMPDIR names a folder for that)",
                           worst->file, worst->fault);
}

static void forget(void)
{
    for (size_t i = 0; i < found.count; i++) {
        px_free(found.items[i].file);
        px_free(found.items[i].library);
    }
    px_free(found.items);
    memset(&found, 0, sizeof found);
}

pixcl_status px_cl_drivers_prepare(bool anew, pixcl_error *err)
{
    pixcl_status status;

    if (prepared || px_helper_is_this())
        return PIXCL_OK;
    if ((status = find_drivers(err)) != PIXCL_OK || (status = px_cl_drivers_try(&found, anew, err)) != PIXCL_OK ||
        (status = leave_out_harmful(err)) != PIXCL_OK) {
        forget();
        return status;
    }
    prepared = true;
    return PIXCL_OK;
}

pixcl_status px_cl_fail_forked(pixcl_error *err)
{
    return px_fail(
        err, PIXCL_ERROR_ARGUMENT,
        "this process is a fork of one that has used OpenCL, and drivers do not survive a fork: begin to use "
        "pixcl after it, or start the process anew (in Python multiprocessing.set_start_method(\"spawn\"))");
}

pixcl_status px_cl_drivers_load(cl_platform_id *platforms, size_t capacity, size_t *count, pixcl_error *err)
{
    cl_uint all = 0;
    char *before = NULL;
    const pixcl_status status = px_cl_drivers_prepare(false, err);

    *count = 0;
    if (status != PIXCL_OK)
        return status;
    if (found.count == 1 && !*found.items[0].file && found.items[0].state == PX_DRIVER_HARMFUL)
        return PIXCL_OK; /* no driver can be kept from the loader by itself */
    if (loaded_by != 0 && loaded_by != px_os_process())
        return px_cl_fail_forked(err);
    loaded_by = px_os_process();
    if (variable) {
        const char *value = px_env_text(VARIABLE);
        before = value ? px_strdup(value, err) : NULL;
        if (value && !before)
            return PIXCL_ERROR_MEMORY;
        px_os_set_variable(VARIABLE, strchr(variable, '=') + 1);
    }
    const cl_int code = clGetPlatformIDs((cl_uint)capacity, platforms, &all); /* loads them, the first time */
    if (variable)
        px_os_set_variable(VARIABLE, before);
    px_free(before);
    if (code != CL_SUCCESS && code != PLATFORM_NOT_FOUND_KHR)
        return px_cl_fail(err, code, "clGetPlatformIDs", "the OpenCL drivers cannot be listed");
    if (all > capacity)
        px_log(PIXCL_LOG_WARNING, "%u OpenCL platforms: only the first %zu are used", (unsigned)all, capacity);
    *count = code != CL_SUCCESS ? 0 : all > capacity ? capacity : all;
    return PIXCL_OK;
}
