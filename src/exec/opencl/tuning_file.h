/* The tuning file of a device: what `pixcl tune` measured on it, one JSON file in pixcl's cache folder.
 *
 * A file says which device, driver, pixcl and kernels it was made with, and is only read for the same; whatever is
 * wrong with it, it is ignored as a whole, with one warning. */
#ifndef PX_EXEC_OPENCL_TUNING_FILE_H
#define PX_EXEC_OPENCL_TUNING_FILE_H

#include "exec/opencl/device.h"
#include "plan/tuning.h"

/* Where the device's file is, whether it exists or not (px_free). */
char *px_tuning_path(const px_cl_device *device, pixcl_error *err);

/* The table of the file. NULL, with the reason, when it cannot be used. */
px_tuning *px_tuning_read(const px_cl_device *device, const char *path, pixcl_error *err);
/* The same from the file's bytes; `path` is for messages. */
px_tuning *px_tuning_parse(const px_cl_device *device, const uint8_t *bytes, size_t size, const char *path,
                           pixcl_error *err);
/* The file's text (px_free). */
char *px_tuning_print(const px_cl_device *device, const px_tuning *tuning, pixcl_error *err);
/* Writes the table, atomically. The folder is made. */
pixcl_status px_tuning_write(const px_cl_device *device, const px_tuning *tuning, const char *path, pixcl_error *err);

/* The device's table, read when first asked for; NULL when it has none, or when device->tuning_off or PIXCL_TUNE=off
 * says so. */
const px_tuning *px_cl_tuning(px_cl_device *device);

#endif
