/* Programs: sources from cl/, specialised by -D options, built once per process and kept on disk where that helps. */
#ifndef PX_EXEC_OPENCL_PROGRAM_H
#define PX_EXEC_OPENCL_PROGRAM_H

#include <stddef.h>

#include "exec/opencl/device.h"

/* Builds the sources cl/<stem>.cl, concatenated in the order given, with `options` ("-DCB=16 -DTILE=4", may be NULL)
 * behind PX_PROGRAM_OPTIONS. Asking again for the same program gives the one already built. *program belongs to the
 * device and lives until px_cl_device_close(): do not release it (kernels made from it hold their own reference).
 *
 * Errors: PIXCL_ERROR_INTERNAL for a stem that does not exist; PIXCL_ERROR_DEVICE when it does not build, with stems,
 * options and the first lines of the build log (its first 40 lines go to px_log as PIXCL_LOG_ERROR). */
pixcl_status px_program_build(px_cl_device *device, const char *const *stems, size_t count, const char *options,
                              cl_program *program, pixcl_error *err);

/* The same for a source that is not embedded: generated code, and tests. `label` names it in messages. */
pixcl_status px_program_build_source(px_cl_device *device, const char *label, const char *source, const char *options,
                                     cl_program *program, pixcl_error *err);

/* Given to every build. Never -cl-fast-relaxed-math: with it isnan() folds to false, and NaN checks vanish. Denormals
 * go to zero because moments and gradients decay into them and then cost: an Adam-like kernel on PoCL takes 1.3 ms with
 * zeros and 2.1 ms with denormals, while values below 1e-38 change no result beside an epsilon of 1e-8. The host's own
 * arithmetic and programs built without the option are not touched (checked on PoCL 3.1). */
#define PX_PROGRAM_OPTIONS "-cl-std=CL1.2 -cl-mad-enable -cl-no-signed-zeros -cl-denorms-are-zero"

/* Where asking for a binary compiles (PX_QUIRK_COSTLY_BINARIES), building stores nothing on disk. This does: programs
 * that were built from source, one after the other until `seconds` (> 0) are over, at least one where any is left.
 * Returns the seconds it took. A program that cannot be stored is logged and not tried again. */
double px_program_store_pending(px_cl_device *device, double seconds);

/* How often programs were asked for, and where they came from. For tests and `--verbose`. */
typedef struct px_program_counts {
    unsigned from_memory, from_disk, built;
} px_program_counts;
px_program_counts px_program_counts_of(const px_cl_device *device);

#endif
