/* One list a pixcl_context, which lives as long as that. */
#include "exec/opencl/shared.h"

#include <clblast_c.h>

#include "base/context.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/device.h"
#include "exec/opencl/drivers.h"
#include "exec/opencl/program_cache.h"

typedef struct list {
    px_cl_shared *first;
    int64_t process; /* that opened them: a fork has none of the driver's threads */
} list;

/* Drivers call this from threads of their own, with details that no return code carries. */
static void CL_CALLBACK on_driver_message(const char *message, const void *detail, size_t size, void *user)
{
    (void)detail;
    (void)size;
    PX_ENTER(user);
    px_log(PIXCL_LOG_DEBUG, "OpenCL driver: %s", message);
}

static void destroy(px_cl_shared *shared)
{
    px_program_cache_destroy(&shared->programs);
    if (shared->context) {
        /* CLBlast keeps its programs, and through them this context, alive until told otherwise. Whoever else uses it
         * builds its own anew. */
        CLBlastClearCache();
        clReleaseContext(shared->context);
    }
    px_free(shared);
}

static px_cl_shared *create(cl_platform_id platform, cl_device_id id, const char *name, pixcl_error *err)
{
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)platform, 0};
    px_cl_shared *shared = px_calloc(1, sizeof *shared, err);
    cl_int code;

    if (!shared)
        return NULL;
    shared->platform = platform;
    shared->id = id;
    shared->context = clCreateContext(properties, 1, &id, on_driver_message, px_context(), &code);
    if (code != CL_SUCCESS) {
        shared->context = NULL;
        px_cl_fail(err, code, "clCreateContext", "device %s", name);
    }
    if (!shared->context || !(shared->programs = px_program_cache_create(err))) {
        destroy(shared);
        return NULL;
    }
    return shared;
}

static void free_list(void *devices)
{
    list *all = devices;

    px_cl_lock();
    for (px_cl_shared *next, *it = all->first; it && all->process == px_os_process(); it = next) {
        next = it->next;
        destroy(it);
    }
    px_cl_unlock();
    px_free(all);
}

/* The list of the thread's pixcl_context; NULL without one, or without memory. */
static list *list_of(pixcl_context *context)
{
    if (!context)
        return NULL;
    if (!context->devices) {
        list *fresh = px_calloc(1, sizeof *fresh, NULL);

        if (fresh)
            fresh->process = px_os_process();
        context->free_devices = free_list;
        context->devices = fresh;
    }
    return context->devices;
}

pixcl_status px_cl_shared_take(cl_platform_id platform, cl_device_id id, const char *name, px_cl_shared **shared,
                               pixcl_error *err)
{
    list *all = list_of(px_context());

    if (all && all->process != px_os_process())
        return px_cl_fail_forked(err);
    for (*shared = all ? all->first : NULL; *shared; *shared = (*shared)->next) {
        if ((*shared)->id == id)
            return PIXCL_OK;
    }
    *shared = create(platform, id, name, err);
    if (!*shared)
        return err ? err->status : PIXCL_ERROR_DEVICE;
    if (all) {
        (*shared)->listed = true;
        (*shared)->next = all->first;
        all->first = *shared;
    }
    return PIXCL_OK;
}

void px_cl_shared_give_back(px_cl_shared **shared)
{
    if (*shared && !(*shared)->listed)
        destroy(*shared);
    *shared = NULL;
}
