/* The one log callback of the process. The level is read without the lock, so an unheard message costs one load. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/format.h"
#include "base/memory.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pixcl_log_fn listener;     /* under lock */
static void *listener_user;       /* under lock */
static atomic_int loudest = -1;   /* greatest level that is heard; -1 when nobody listens */
static _Thread_local bool inside; /* this thread is in the callback and holds the lock */

void pixcl_log_set(pixcl_log_fn callback, void *user, pixcl_log_level least)
{
    bool take = !inside;

    if (take)
        pthread_mutex_lock(&lock);
    listener = callback;
    listener_user = user;
    atomic_store(&loudest, callback ? (int)least : -1);
    if (take)
        pthread_mutex_unlock(&lock);
}

void px_log(pixcl_log_level level, const char *format, ...)
{
    char small[512];
    char *large = NULL;
    const char *message = small;
    va_list arguments;
    int length;

    /* A callback that makes the library log again is not called from within itself. */
    if ((int)level > atomic_load(&loudest) || inside)
        return;

    va_start(arguments, format);
    length = px_vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof small && (large = px_calloc((size_t)length + 1, 1, NULL)) != NULL) {
        va_start(arguments, format);
        px_vsnprintf(large, (size_t)length + 1, format, arguments);
        va_end(arguments);
        message = large;
    }

    pthread_mutex_lock(&lock);
    if (listener) {
        inside = true;
        listener(listener_user, level, message);
        inside = false;
    }
    pthread_mutex_unlock(&lock);
    px_free(large);
}
