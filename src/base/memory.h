/* Host memory: zeroed allocation that explains its failure, growing arrays, and growing text. */
#ifndef PX_BASE_MEMORY_H
#define PX_BASE_MEMORY_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

/* `count` zeroed elements of `size` bytes, aligned to 64 bytes; NULL (with *err filled, PIXCL_ERROR_MEMORY) when
 * there is not enough, or when count * size overflows. A count of 0 gives a valid pointer. Freed by px_free(). */
void *px_calloc(size_t count, size_t size, pixcl_error *err);
void px_free(void *pointer);
/* Bytes that this process can still take: what the system has free, and what its group (a container) and its limits
 * leave. SIZE_MAX where that cannot be told. */
size_t px_memory_available(void);
/* PIXCL_ERROR_MEMORY, with both numbers, when so many bytes for `what` ("for the plan") are not to be had. To be asked
 * before many are taken: a system that runs out of memory ends processes, this one or others. px_calloc() asks. */
pixcl_status px_memory_expect(size_t bytes, const char *what, pixcl_error *err);
/* Gives memory that was freed back to the system, where the C library can. */
void px_memory_trim(void);
char *px_strdup(const char *text, pixcl_error *err);
/* printf into fresh memory (px_free). */
char *px_format(pixcl_error *err, const char *format, ...) PX_PRINTF(2, 3);

/* Makes the n-th px_calloc from now on (1 is the next one) fail once; 0 stops that. For tests; PIXCL_FAIL_ALLOC does
 * the same from the start of the process. All allocations of this header go through px_calloc. */
void px_fail_allocation(long n);

/* Makes room for `need` elements in *array (of *capacity), at least doubling, new elements zeroed; `*(T **)array`. */
pixcl_status px_grow(void *array, size_t *capacity, size_t need, size_t size, pixcl_error *err);

/* Cuts an array that px_grow() made to `count` elements, no more than it has. */
pixcl_status px_shrink(void *array, size_t *capacity, size_t count, size_t size, pixcl_error *err);

/* A growing string. Zero-initialise it. The first failed allocation makes every later call a no-op: check `failed` (or
 * call px_text_take) once at the end. */
typedef struct px_text {
    char *data; /* NUL-terminated once anything was added, else NULL */
    size_t length, capacity;
    bool failed;
} px_text;

void px_text_add(px_text *text, const char *format, ...) PX_PRINTF(2, 3);
void px_text_add_bytes(px_text *text, const char *bytes, size_t count);
/* The string (px_free), leaving `text` empty; NULL with *err filled when an addition failed. "" when nothing was
 * added. */
char *px_text_take(px_text *text, pixcl_error *err);
void px_text_free(px_text *text);

#endif
