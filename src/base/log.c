/* A context's log callback. The level is read without the lock, so an unheard message costs one load.
 *
 * The callback runs with no lock held, by one thread at a time: what others log meanwhile waits in a queue, which that
 * thread delivers afterwards. So nobody waits for a callback, and a callback may wait for anybody. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/format.h"
#include "base/memory.h"

typedef struct message {
    struct message *next;
    pixcl_log_level level;
    char text[];
} message;

enum { MOST_WAITING = 1000 }; /* messages; more are dropped, for a callback that never returns */

typedef struct px_log_queue {
    atomic_int loudest; /* greatest level that is heard; -1 when nobody listens */
    pthread_mutex_t lock;
    pthread_cond_t idle;
    pixcl_log_fn listener; /* this and all that follows under lock */
    void *user;
    bool delivering; /* some thread is in the callback, or about to be */
    message *first, **last;
    int waiting;
} px_log_queue;

static _Thread_local const px_log_queue *inside; /* whose callback this thread is in */

px_log_queue *px_log_create(pixcl_error *err)
{
    px_log_queue *log = px_calloc(1, sizeof *log, err);

    if (!log)
        return NULL;
    atomic_init(&log->loudest, -1);
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->idle, NULL);
    log->last = &log->first;
    return log;
}

void px_log_destroy(px_log_queue *log)
{
    if (!log)
        return;
    pthread_cond_destroy(&log->idle);
    pthread_mutex_destroy(&log->lock);
    px_free(log);
}

void pixcl_context_set_log(pixcl_context *context, pixcl_log_fn callback, void *user, pixcl_log_level least)
{
    px_log_queue *log = context ? context->log : NULL;

    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    while (log->delivering && inside != log)
        pthread_cond_wait(&log->idle, &log->lock);
    log->listener = callback;
    log->user = user;
    atomic_store(&log->loudest, callback ? (int)least : -1);
    pthread_mutex_unlock(&log->lock);
}

/* Calls the listener, with the lock held before and after, but not meanwhile. */
static void call(px_log_queue *log, pixcl_log_level level, const char *text)
{
    const pixcl_log_fn hear = log->listener;
    void *const user = log->user;
    const px_log_queue *const outer = inside;

    pthread_mutex_unlock(&log->lock);
    inside = log;
    if (hear)
        hear(user, level, text);
    inside = outer;
    pthread_mutex_lock(&log->lock);
}

static void append(px_log_queue *log, pixcl_log_level level, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    message *it = log->waiting < MOST_WAITING ? px_calloc(1, sizeof *it + bytes, NULL) : NULL;

    if (!it)
        return;
    it->level = level;
    memcpy(it->text, text, bytes);
    *log->last = it;
    log->last = &it->next;
    log->waiting++;
}

/* Calls the listener for all that waits. */
static void deliver_waiting(px_log_queue *log)
{
    while (log->first) {
        message *it = log->first;

        log->first = it->next;
        log->last = log->first ? log->last : &log->first;
        log->waiting--;
        call(log, it->level, it->text);
        px_free(it);
    }
}

void px_log(pixcl_log_level level, const char *format, ...)
{
    char small[512]; /* most fit, and are told when there is no memory, too */
    char *large = NULL;
    px_log_queue *log = px_context() ? px_context()->log : NULL;
    va_list arguments;

    /* A callback that makes the library log again is not called from within itself. */
    if (!log || (int)level > atomic_load(&log->loudest) || inside == log)
        return;

    va_start(arguments, format);
    const int length = px_vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof small && (large = px_calloc((size_t)length + 1, 1, NULL)) != NULL) {
        va_start(arguments, format);
        px_vsnprintf(large, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }

    pthread_mutex_lock(&log->lock);
    if (log->delivering) {
        append(log, level, large ? large : small);
    } else {
        log->delivering = true;
        call(log, level, large ? large : small);
        deliver_waiting(log);
        log->delivering = false;
        pthread_cond_broadcast(&log->idle);
    }
    pthread_mutex_unlock(&log->lock);
    px_free(large);
}
