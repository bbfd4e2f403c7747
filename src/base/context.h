/* The context that this thread works for. Public calls enter theirs, threads that they start inherit it
 * (base/thread.h), and log, memory, environment and cache folder look here: so what a caller has set reaches every
 * function without being a parameter of all of them. */
#ifndef PX_BASE_CONTEXT_H
#define PX_BASE_CONTEXT_H

#include <pthread.h>

#include "pixcl/context.h"

struct px_log_queue;

struct pixcl_context {
    pixcl_allocator allocator; /* functions NULL: the C library's */
    struct px_log_queue *log;  /* log.c's own */
    char **environment;        /* by the table of env.c: the variables as they were */
    pthread_mutex_t lock;      /* around what follows */
    pixcl_stop_fn stop;
    void *stop_user;
    char *cache_folder, *device; /* NULL: by the environment */
    /* What all users of a device share, which only exec/opencl knows. */
    void *devices;
    void (*free_devices)(void *devices);
};

/* NULL outside of a call that was given one. */
pixcl_context *px_context(void);

/* From here to the end of the block this thread works for `context` (may be NULL). */
#define PX_ENTER(context)                                                                                              \
    pixcl_context *px_former __attribute__((cleanup(px_context_leave))) = px_context_enter(context)
pixcl_context *px_context_enter(pixcl_context *context);
void px_context_leave(pixcl_context **former);

/* Whether the caller wants an end. Then *err is PIXCL_ERROR_INTERRUPTED: "stopped <where>". */
bool px_stopped(const char *where, pixcl_error *err);

/* What pixcl_context_set_cache() and _device() have set (px_free), or NULL. */
char *px_context_cache_folder(void);
char *px_context_device(void);

#endif
