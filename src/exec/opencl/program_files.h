/* The programs of a plan as files, for compilers that are not a driver's: what they make of a kernel can be read. */
#ifndef PX_EXEC_OPENCL_PROGRAM_FILES_H
#define PX_EXEC_OPENCL_PROGRAM_FILES_H

#include "plan/plan.h"

/* Writes into `folder`, which is made where it is missing:
 *
 *   NNN_<kernel>.cl   the source of program NNN, byte for byte what a driver gets
 *   programs.json     for each of them the kernel, the build options, and the launches that use it
 *
 * Files of an earlier call go. Fails with PIXCL_ERROR_IO, and changes nothing, when the folder holds anything else. */
pixcl_status px_program_files_write(const px_plan *plan, const char *folder, pixcl_error *err);

#endif
