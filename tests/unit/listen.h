/* Hearing what the library logs on this thread. */
#ifndef LISTEN_H
#define LISTEN_H

#include "base/context.h"

/* From now on, until listen(NULL, ..), messages go to the callback. */
static void listen(pixcl_log_fn callback, void *user, pixcl_log_level least)
{
    pixcl_context *context = px_context();
    if (!callback) {
        px_context_enter(NULL);
        pixcl_context_destroy(&context);
        return;
    }
    if (!context)
        context = pixcl_context_create(NULL, NULL);
    pixcl_context_set_log(context, callback, user, least);
    px_context_enter(context);
}

#endif
