/* What calls of the library share: where messages go, which files are kept between runs, which device is meant, who
 * gives memory, and who may stop what takes long. Two contexts know nothing of each other, and nothing of this is
 * process-wide.
 *
 * Every call that works for a context may be given NULL: no messages, the environment's cache folder and device,
 * malloc(), no stopping. Any number of threads may use one context at the same time, with a generator, trainer or set
 * of pictures each; its functions here, but for pixcl_context_create() and _destroy(), are thread-safe, too.
 *
 * OpenCL's drivers are of the process. They are loaded once, at the first use by any context, and stay. */
#ifndef PIXCL_CONTEXT_H
#define PIXCL_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "pixcl/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is loaded, "0.1.0". */
PIXCL_API const char *pixcl_version(void);

typedef struct pixcl_context pixcl_context;

/* Memory of the host. Both functions are called from any thread. They must work for as long as anything lives that was
 * made with the context, a picture or a text, say. */
typedef struct pixcl_allocator {
    void *user;
    /* `bytes` bytes, aligned as malloc() does; NULL when there are none. */
    void *(*allocate)(void *user, size_t bytes);
    void (*release)(void *user, void *memory);
} pixcl_allocator;

/* A context with the environment as it is now: later changes to variables pass it by. `allocator` is copied; NULL:
 * malloc() and free(). NULL without memory. */
PIXCL_API pixcl_context *pixcl_context_create(const pixcl_allocator *allocator, pixcl_error *err);

/* Frees everything and clears the pointer. All that was made with the context must be gone before, but for pictures and
 * texts. *context may be NULL. */
PIXCL_API void pixcl_context_destroy(pixcl_context **context);

typedef enum pixcl_log_level {
    PIXCL_LOG_ERROR = 0,
    PIXCL_LOG_WARNING,
    PIXCL_LOG_INFO, /* what takes long, what was chosen */
    PIXCL_LOG_DEBUG
} pixcl_log_level;

/* Receives one message without a trailing newline. Called from any thread that works for the context, never
 * concurrently and with no lock held: what other threads log meanwhile is delivered after it returns, by the same
 * thread. What it makes the library log itself is not delivered. */
typedef void (*pixcl_log_fn)(void *user, pixcl_log_level level, const char *message);

/* Sets the log callback and the least important level it receives. NULL silences (the default). When it returns, the
 * former callback is not running any more, unless it is called from within it. */
PIXCL_API void pixcl_context_set_log(pixcl_context *context, pixcl_log_fn callback, void *user, pixcl_log_level least);

/* Asked on the thread of a call that takes long: between kernels that are compiled, training steps, pictures, cases,
 * convolutions that are tuned. True ends the call with PIXCL_ERROR_INTERRUPTED; what is on disk is whole, and a
 * training run is saved up to its last step. */
typedef bool (*pixcl_stop_fn)(void *user);

/* Sets who is asked; NULL: nobody (the default). */
PIXCL_API void pixcl_context_set_stop(pixcl_context *context, pixcl_stop_fn callback, void *user);

/* Where built programs and measurements of devices are kept between runs; made when it is not there. NULL (the
 * default): $PIXCL_CACHE_DIR, else $XDG_CACHE_HOME/pixcl, else ~/.cache/pixcl, else $LOCALAPPDATA/pixcl
 * (Windows). */
PIXCL_API pixcl_status pixcl_context_set_cache(pixcl_context *context, const char *folder, pixcl_error *err);

/* Which device is meant where no other is named: as --device. NULL (the default): $PIXCL_DEVICE, else the best one. */
PIXCL_API pixcl_status pixcl_context_set_device(pixcl_context *context, const char *device, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
