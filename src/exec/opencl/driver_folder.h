/* Folders that take the place of /etc/OpenCL/vendors: they show a loader some of the drivers only. */
#ifndef PX_EXEC_OPENCL_DRIVER_FOLDER_H
#define PX_EXEC_OPENCL_DRIVER_FOLDER_H

#include "exec/opencl/drivers.h"

/* A new folder for temporary files (px_free), in $TMPDIR or /tmp. */
char *px_driver_folder_root(pixcl_error *err);
/* Makes the folder `name` in it, with links to the registrations of these drivers but for harmful ones. Its path
 * (px_free). */
char *px_driver_folder(const char *root, const char *name, const px_cl_driver *drivers, size_t count, pixcl_error *err);
/* Removes a folder of links and of such folders. */
void px_driver_folder_remove(const char *path);

#endif
