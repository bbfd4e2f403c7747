/* Status codes and errors: what every other pixcl header builds on.
 *
 * The library never prints, exits or aborts. A call that can fail returns a pixcl_status (or a handle that is NULL on
 * failure) and fills a pixcl_error with a message written for a person: the option, file or kernel concerned, the value
 * found, what was expected, and the cure. */
#ifndef PIXCL_ERROR_H
#define PIXCL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* What the library exports. Building it for Windows says so by another word (src/meson.build). */
#ifndef PIXCL_API
#if defined(__GNUC__)
#define PIXCL_API __attribute__((visibility("default")))
#else
#define PIXCL_API
#endif
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

/* Frees a text or another thing that the library made and whose documentation says so. Accepts NULL. */
PIXCL_API void pixcl_free(void *made);

#ifdef __cplusplus
}
#endif
#endif
