/* The library's way to contexts: made, set, and ended. */
#include "base/context.h"
#include "base/env.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"

const char *pixcl_version(void)
{
    return PIXCL_VERSION;
}

static void free_environment(char **values)
{
    size_t count;
    px_env_table(&count);
    for (size_t i = 0; values && i < count; i++)
        px_free(values[i]);
    px_free(values);
}

/* The table's variables as they are now, for a context that has none yet. */
static char **copy_environment(pixcl_error *err)
{
    size_t count;
    const px_env_variable *table = px_env_table(&count);
    char **values = px_calloc(count, sizeof *values, err);
    for (size_t i = 0; values && i < count; i++) {
        const char *value = px_env_text(table[i].name);
        if (!value || (values[i] = px_strdup(value, err)))
            continue;
        free_environment(values);
        return NULL;
    }
    return values;
}

pixcl_context *pixcl_context_create(const pixcl_allocator *allocator, pixcl_error *err)
{
    pixcl_context begin = {0};
    if (allocator)
        begin.allocator = *allocator;
    if ((begin.allocator.allocate == NULL) != (begin.allocator.release == NULL)) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "an allocator needs both its functions: allocate and release");
        return NULL;
    }
    PX_ENTER(&begin); /* the context itself is of its allocator's memory */
    pixcl_context *context = px_calloc(1, sizeof *context, err);
    if (!context)
        return NULL;
    context->allocator = begin.allocator;
    pthread_mutex_init(&context->lock, NULL);
    context->environment = copy_environment(err);
    context->log = context->environment ? px_log_create(err) : NULL;
    if (!context->log)
        pixcl_context_destroy(&context);
    return context;
}

void pixcl_context_destroy(pixcl_context **context)
{
    if (!context || !*context)
        return;
    pixcl_context *it = *context;
    PX_ENTER(it);
    if (it->devices)
        it->free_devices(it->devices);
    px_log_destroy(it->log);
    free_environment(it->environment);
    px_free(it->cache_folder);
    px_free(it->device);
    pthread_mutex_destroy(&it->lock);
    px_free(it);
    *context = NULL;
}

void pixcl_context_set_stop(pixcl_context *context, pixcl_stop_fn callback, void *user)
{
    if (!context)
        return;
    pthread_mutex_lock(&context->lock);
    context->stop = callback;
    context->stop_user = user;
    pthread_mutex_unlock(&context->lock);
}

static pixcl_status set_text(pixcl_context *context, char **text, const char *value, pixcl_error *err)
{
    if (!context)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no context to set anything in");
    PX_ENTER(context);
    char *copy = value ? px_strdup(value, err) : NULL;
    if (value && !copy)
        return PIXCL_ERROR_MEMORY;
    pthread_mutex_lock(&context->lock);
    char *former = *text;
    *text = copy;
    pthread_mutex_unlock(&context->lock);
    px_free(former);
    return PIXCL_OK;
}

pixcl_status pixcl_context_set_cache(pixcl_context *context, const char *folder, pixcl_error *err)
{
    return set_text(context, &context->cache_folder, folder, err);
}

pixcl_status pixcl_context_set_device(pixcl_context *context, const char *device, pixcl_error *err)
{
    return set_text(context, &context->device, device, err);
}

static char *copy_text(char *const *text)
{
    pixcl_context *context = px_context();
    pthread_mutex_lock(&context->lock);
    char *copy = *text ? px_strdup(*text, NULL) : NULL;
    pthread_mutex_unlock(&context->lock);
    return copy;
}

char *px_context_cache_folder(void)
{
    return px_context() ? copy_text(&px_context()->cache_folder) : NULL;
}

char *px_context_device(void)
{
    return px_context() ? copy_text(&px_context()->device) : NULL;
}
