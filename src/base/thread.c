/* Handing the context over. */
#include "base/thread.h"

#include <errno.h>

#include "base/context.h"
#include "base/memory.h"

typedef struct start {
    void *(*work)(void *argument);
    void *argument;
    pixcl_context *context;
} start;

static void *begin(void *argument)
{
    const start s = *(start *)argument;
    px_free(argument);
    px_context_enter(s.context);
    return s.work(s.argument);
}

int px_thread_start(pthread_t *thread, void *(*work)(void *argument), void *argument)
{
    start *s = px_calloc(1, sizeof *s, NULL);
    if (!s)
        return ENOMEM;
    *s = (start){work, argument, px_context()};
    const int code = pthread_create(thread, NULL, begin, s);
    if (code != 0)
        px_free(s);
    return code;
}
