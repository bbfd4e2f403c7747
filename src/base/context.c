/* Which context a thread works for, and whether that is to stop. */
#include "base/context.h"

#include <stddef.h>

#include "base/error.h"

static _Thread_local pixcl_context *current;

pixcl_context *px_context(void)
{
    return current;
}

pixcl_context *px_context_enter(pixcl_context *context)
{
    pixcl_context *former = current;
    current = context;
    return former;
}

void px_context_leave(pixcl_context **former)
{
    current = *former;
}

bool px_stopped(const char *where, pixcl_error *err)
{
    pixcl_context *context = current;
    if (!context)
        return false;
    pthread_mutex_lock(&context->lock);
    const pixcl_stop_fn stop = context->stop;
    void *const user = context->stop_user;
    pthread_mutex_unlock(&context->lock);
    if (!stop || !stop(user))
        return false;
    px_fail(err, PIXCL_ERROR_INTERRUPTED, "stopped %s", where);
    return true;
}
