/* Status codes, errors and log messages: what every other pixcl header builds on.
 *
 * The library never prints, exits or aborts. A call that can fail returns a pixcl_status (or a handle that is NULL on
 * failure) and fills a pixcl_error with a message written for a person: the option, file or kernel concerned, the value
 * found, what was expected, and the cure. */
#ifndef PIXCL_ERROR_H
#define PIXCL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PIXCL_API __attribute__((visibility("default")))
#else
#define PIXCL_API
#endif

typedef enum pixcl_status {
    PIXCL_OK = 0,
    PIXCL_ERROR_ARGUMENT,    /* a value given by the caller is wrong (the command exits with 2) */
    PIXCL_ERROR_IO,          /* a file or folder cannot be read or written */
    PIXCL_ERROR_FORMAT,      /* a file is damaged or is not what it should be */
    PIXCL_ERROR_MEMORY,      /* the host or the device has too little memory */
    PIXCL_ERROR_DEVICE,      /* an OpenCL call failed or a kernel did not build */
    PIXCL_ERROR_NO_DEVICE,   /* no usable OpenCL device (the command exits with 3) */
    PIXCL_ERROR_NUMERIC,     /* a loss became NaN or infinite, or a result is wrong */
    PIXCL_ERROR_INTERRUPTED, /* stopped by the caller's request */
    PIXCL_ERROR_INTERNAL     /* a defect in pixcl itself: please report it */
} pixcl_status;

/* Filled by a failing call. Callers may pass NULL where an error is asked for and lose only the message. */
typedef struct pixcl_error {
    pixcl_status status;
    char message[1024]; /* one or more sentences, no trailing newline, never empty after a failure */
} pixcl_error;

/* The status as a lower-case word, "no device" for PIXCL_ERROR_NO_DEVICE. Never NULL. */
PIXCL_API const char *pixcl_status_name(pixcl_status status);

typedef enum pixcl_log_level {
    PIXCL_LOG_ERROR = 0,
    PIXCL_LOG_WARNING,
    PIXCL_LOG_INFO, /* what takes long, what was chosen */
    PIXCL_LOG_DEBUG
} pixcl_log_level;

/* Frees a text or another thing that the library made and whose documentation says so. Accepts NULL. */
PIXCL_API void pixcl_free(void *made);

/* Receives one message without a trailing newline. Called from any thread that uses the library, never concurrently and
 * with no lock held: what other threads log meanwhile is delivered after it returns, by the same thread. What it makes
 * the library log itself is not delivered. */
typedef void (*pixcl_log_fn)(void *user, pixcl_log_level level, const char *message);

/* Sets the process-wide log callback and the least important level it receives. NULL silences (the default). When it
 * returns, the former callback is not running any more, unless it is called from within it. */
PIXCL_API void pixcl_log_set(pixcl_log_fn callback, void *user, pixcl_log_level least);

#ifdef __cplusplus
}
#endif
#endif
