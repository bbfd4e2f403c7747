/* An empty file in the cache folder for each set of programs that has run. */
#include "exec/opencl/plan_mark.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "exec/opencl/program_cache.h"

/* The file's path (px_free); NULL for other drivers, or without memory. */
static char *path_of(const px_cl_device *device, const px_plan *plan)
{
    if (!(device->quirks & PX_QUIRK_COSTLY_BINARIES))
        return NULL;
    char *identity = px_program_identity(device, "", "", NULL), *folder = px_cache_folder(NULL), *path = NULL;
    if (identity && folder) {
        uint64_t hash = px_hash(PX_HASH_START, identity, strlen(identity));
        for (size_t i = 0; i < plan->program_count; i++) {
            hash = px_hash(hash, plan->programs[i].kernel, strlen(plan->programs[i].kernel));
            hash = px_hash(hash, plan->programs[i].preamble, strlen(plan->programs[i].preamble));
        }
        path = px_format(NULL, "%s/programs/%016" PRIx64 ".ran", folder, hash);
    }
    px_free(identity);
    px_free(folder);
    return path;
}

void px_plan_has_run(const px_cl_device *device, const px_plan *plan)
{
    char *path = path_of(device, plan);
    char *folder = path ? px_format(NULL, "%.*s", (int)(px_path_name(path) - path), path) : NULL;
    if (folder && !px_path_is_file(path) && px_make_folders(folder, NULL) == PIXCL_OK)
        (void)px_file_write(path, "", 0, NULL);
    px_free(folder);
    px_free(path);
}

bool px_plan_ran_before(const px_cl_device *device, const px_plan *plan)
{
    char *path = path_of(device, plan);
    const bool found = path && px_path_is_file(path);
    px_free(path);
    return found;
}
