/* Finding an embedded kernel source. */
#include "exec/opencl/sources.h"

#include <string.h>

const char *px_kernel_source(const char *stem)
{
    for (const px_kernel_file *file = px_kernel_files; file->stem; file++) {
        if (strcmp(file->stem, stem) == 0)
            return file->text;
    }
    return NULL;
}
