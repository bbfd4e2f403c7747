/* Which device a name means. Pure: works on any list of descriptions. */
#ifndef PX_EXEC_OPENCL_SELECT_H
#define PX_EXEC_OPENCL_SELECT_H

#include "exec/opencl/device.h"

/* Finds in devices[count] the one that `spec` names: an index as listed; gpu, cpu or accelerator; else a part of a
 * device's or platform's name, without regard to case. NULL or "" asks for the best. Among several that fit, the best
 * usable one: discrete GPU, integrated GPU, accelerator, CPU; software rasterisers after all of these; then compute
 * units times clock; then the order of the list.
 * PIXCL_ERROR_NO_DEVICE when nothing is usable at all, PIXCL_ERROR_ARGUMENT when `spec` fits nothing usable. */
pixcl_status px_cl_select(const px_cl_description *devices, size_t count, const char *spec, size_t *chosen,
                          pixcl_error *err);

/* `spec`, or $PIXCL_DEVICE when it is NULL or empty, or NULL: what px_cl_select() is to be given. */
const char *px_cl_default_spec(const char *spec);

#endif
