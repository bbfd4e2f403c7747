/* The OpenCL C sources of cl/, embedded when pixcl is built (tools/embed.c writes the table). */
#ifndef PX_EXEC_OPENCL_SOURCES_H
#define PX_EXEC_OPENCL_SOURCES_H

#include <stddef.h>

#include "plan/plan.h"

typedef struct px_kernel_file {
    const char *stem; /* "probe" for cl/probe.cl */
    const char *text; /* NUL-terminated */
    size_t length;    /* without the NUL */
} px_kernel_file;

/* Ended by an entry with a NULL stem. */
extern const px_kernel_file px_kernel_files[];

/* The source of cl/<stem>.cl, NULL when there is none of that name. */
const char *px_kernel_source(const char *stem);

/* What the driver gets for a program of a plan: the preamble, then its files (px_free). */
pixcl_status px_program_source(const px_kernel_program *program, char **source, pixcl_error *err);

#endif
