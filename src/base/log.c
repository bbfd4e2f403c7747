/* The one log callback of the process. The level is read without the lock, so an unheard message costs one load.
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

#include "base/format.h"
#include "base/memory.h"

typedef struct message {
    struct message *next;
    pixcl_log_level level;
    char text[];
} message;

enum { MOST_WAITING = 1000 }; /* messages; more are dropped, for a callback that never returns */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static pixcl_log_fn listener; /* this and the next under lock */
static void *listener_user;
static bool delivering; /* some thread is in the callback, or about to be */
static message *first, **last = &first;
static int waiting;
static atomic_int loudest = -1;   /* greatest level that is heard; -1 when nobody listens */
static _Thread_local bool inside; /* this thread is in the callback */

void pixcl_log_set(pixcl_log_fn callback, void *user, pixcl_log_level least)
{
    pthread_mutex_lock(&lock);
    while (delivering && !inside)
        pthread_cond_wait(&idle, &lock);
    listener = callback;
    listener_user = user;
    atomic_store(&loudest, callback ? (int)least : -1);
    pthread_mutex_unlock(&lock);
}

/* Calls the listener, with the lock held before and after, but not meanwhile. */
static void call(pixcl_log_level level, const char *text)
{
    const pixcl_log_fn hear = listener;
    void *const user = listener_user;

    pthread_mutex_unlock(&lock);
    inside = true;
    if (hear)
        hear(user, level, text);
    inside = false;
    pthread_mutex_lock(&lock);
}

static void append(pixcl_log_level level, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    message *it = waiting < MOST_WAITING ? px_calloc(1, sizeof *it + bytes, NULL) : NULL;

    if (!it)
        return;
    it->level = level;
    memcpy(it->text, text, bytes);
    *last = it;
    last = &it->next;
    waiting++;
}

/* Calls the listener for all that waits. */
static void deliver_waiting(void)
{
    while (first) {
        message *it = first;

        first = it->next;
        last = first ? last : &first;
        waiting--;
        call(it->level, it->text);
        px_free(it);
    }
}

void px_log(pixcl_log_level level, const char *format, ...)
{
    char small[512]; /* most fit, and are told when there is no memory, too */
    char *large = NULL;
    va_list arguments;

    /* A callback that makes the library log again is not called from within itself. */
    if ((int)level > atomic_load(&loudest) || inside)
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

    pthread_mutex_lock(&lock);
    if (delivering) {
        append(level, large ? large : small);
    } else {
        delivering = true;
        call(level, large ? large : small);
        deliver_waiting();
        delivering = false;
        pthread_cond_broadcast(&idle);
    }
    pthread_mutex_unlock(&lock);
    px_free(large);
}
