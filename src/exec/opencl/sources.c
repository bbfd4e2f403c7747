/* Finding an embedded kernel source, and the whole source of a program. */
#include "exec/opencl/sources.h"

#include <string.h>

#include "base/memory.h"

const char *px_kernel_source(const char *stem)
{
    for (const px_kernel_file *file = px_kernel_files; file->stem; file++) {
        if (strcmp(file->stem, stem) == 0)
            return file->text;
    }
    return NULL;
}

pixcl_status px_program_source(const px_kernel_program *program, char **source, pixcl_error *err)
{
    px_text whole = {0};
    *source = NULL;
    px_text_add(&whole, "%s", program->preamble);
    for (int i = 0; i < PX_MAX_SOURCES && program->sources[i]; i++) {
        const char *text = px_kernel_source(program->sources[i]);
        if (!text) {
            px_text_free(&whole);
            return px_fail(err, PIXCL_ERROR_INTERNAL, "there is no kernel source cl/%s.cl", program->sources[i]);
        }
        px_text_add_bytes(&whole, text, strlen(text));
    }
    *source = px_text_take(&whole, err);
    return *source ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}
