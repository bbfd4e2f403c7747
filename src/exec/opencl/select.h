/* Which device a name means. Pure but for the environment: works on any list of descriptions. */
#ifndef PX_EXEC_OPENCL_SELECT_H
#define PX_EXEC_OPENCL_SELECT_H

#include "exec/opencl/speed_file.h"

typedef struct px_cl_choice {
    size_t index;
    char why[160]; /* what set it apart from others that fit: "fastest measured step: 0.290 s ..."; "" without others */
} px_cl_choice;

/* Finds in devices[count] the one that `spec` names: an index as listed; gpu, cpu or accelerator; else a part of a
 * device's or platform's name, without regard to case. NULL or "" asks for the best. Among several that fit, the best
 * usable one as rank.h has it, by what was measured (`records`, one a device; NULL for nothing) or can be guessed; of
 * equals the first of the list.
 * PIXCL_ERROR_NO_DEVICE when nothing is usable at all, PIXCL_ERROR_ARGUMENT when `spec` fits nothing usable. */
pixcl_status px_cl_select(const px_cl_description *devices, const px_cl_record *records, size_t count, const char *spec,
                          px_cl_choice *choice, pixcl_error *err);

/* What was measured of each device before, into records[count]; nothing with PIXCL_TUNE=off. */
void px_cl_recall_all(const px_cl_description *devices, size_t count, px_cl_record *records);

/* `spec`, or when it is NULL or empty the device of the pixcl_context, which is copied to `text`, or $PIXCL_DEVICE, or
 * NULL: what px_cl_select() is to be given. */
enum { PX_CL_SPEC_SIZE = 256 };
const char *px_cl_default_spec(const char *spec, char text[PX_CL_SPEC_SIZE]);

#endif
