/* Host memory. Everything goes through px_calloc, so that one counter can make any allocation of the library fail. */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/env.h"
#include "base/format.h"
#include "base/os.h"

#define ALIGNMENT 64 /* a cache line, and the widest host vector */

/* Allocations until one fails: NOT_READ until PIXCL_FAIL_ALLOC was looked at, OFF when none shall fail. */
#define NOT_READ INT64_MIN
#define OFF      0
static _Atomic int64_t countdown = NOT_READ;

void px_fail_allocation(long n)
{
    atomic_store(&countdown, n > 0 ? n : OFF);
}

static bool shall_fail(void)
{
    int64_t left = atomic_load(&countdown);

    if (left == NOT_READ) {
        const int64_t wanted = px_env_number("PIXCL_FAIL_ALLOC", OFF);
        atomic_compare_exchange_strong(&countdown, &left, wanted > 0 ? wanted : OFF);
        left = atomic_load(&countdown);
    }
    while (left > 0)
        if (atomic_compare_exchange_weak(&countdown, &left, left - 1))
            return left == 1;
    return false;
}

/* In front of what a caller gets. */
typedef struct block {
    void *memory; /* as it was allocated */
    void (*release)(void *user, void *memory);
    void *user;
} block;

static void release_to_libc(void *user, void *memory)
{
    (void)user;
    free(memory);
}

/* Zeroed bytes. The C library knows pages that are fresh from the system, which are zeros already: weights of hundreds
 * of megabytes are then not touched before they are used. */
static void *allocate(size_t bytes)
{
    const pixcl_context *context = px_context();
    const size_t whole = bytes + sizeof(block) + ALIGNMENT;
    block head = {.release = release_to_libc};

    if (context && context->allocator.allocate) {
        head = (block){.release = context->allocator.release, .user = context->allocator.user};
        head.memory = context->allocator.allocate(head.user, whole);
        if (head.memory)
            memset(head.memory, 0, whole);
    } else {
        head.memory = calloc(whole, 1);
    }
    if (!head.memory)
        return NULL;
    const uintptr_t first = (uintptr_t)head.memory + sizeof head;
    char *pointer = (char *)head.memory + sizeof head + (ALIGNMENT - first % ALIGNMENT) % ALIGNMENT;
    memcpy(pointer - sizeof head, &head, sizeof head);
    return pointer;
}

void *px_calloc(size_t count, size_t size, pixcl_error *err)
{
    void *pointer = NULL;
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX - 2 * ALIGNMENT) {
        px_fail(err, PIXCL_ERROR_MEMORY, "cannot allocate %zu x %zu bytes: more than an address can count", count,
                size);
        return NULL;
    }
    if (px_memory_expect(bytes, "for one block", err) != PIXCL_OK)
        return NULL;
    if (shall_fail() || !(pointer = allocate(bytes))) {
        px_fail(err, PIXCL_ERROR_MEMORY, "out of memory: cannot allocate %zu bytes (%.1f MiB)", bytes,
                (double)bytes / (1024.0 * 1024.0));
        return NULL;
    }
    return pointer;
}

void px_memory_trim(void)
{
    px_os_memory_trim();
}

void px_free(void *pointer)
{
    block head;

    if (!pointer)
        return;
    memcpy(&head, (char *)pointer - sizeof head, sizeof head);
    head.release(head.user, head.memory);
}

void pixcl_free(void *made)
{
    px_free(made);
}

char *px_strdup(const char *text, pixcl_error *err)
{
    size_t bytes = strlen(text) + 1;
    char *copy = px_calloc(bytes, 1, err);

    if (copy)
        memcpy(copy, text, bytes);
    return copy;
}

char *px_format(pixcl_error *err, const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = px_vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        px_fail(err, PIXCL_ERROR_INTERNAL, "cannot format the text \"%s\"", format);
        return NULL;
    }
    text = px_calloc((size_t)length + 1, 1, err);
    if (!text)
        return NULL;
    va_start(arguments, format);
    px_vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

/* Moves an array of *capacity elements to one of `wanted`. */
static pixcl_status resize(void *array, size_t *capacity, size_t wanted, size_t size, pixcl_error *err)
{
    void *old, *fresh = px_calloc(wanted, size, err);

    if (!fresh)
        return PIXCL_ERROR_MEMORY;
    memcpy(&old, array, sizeof old); /* the caller's T *, whatever T is */
    if (old)
        memcpy(fresh, old, (wanted < *capacity ? wanted : *capacity) * size);
    memcpy(array, &fresh, sizeof fresh);
    px_free(old);
    *capacity = wanted;
    return PIXCL_OK;
}

pixcl_status px_grow(void *array, size_t *capacity, size_t need, size_t size, pixcl_error *err)
{
    size_t wanted = *capacity < 4 ? 8 : *capacity <= SIZE_MAX / 2 ? *capacity * 2 : SIZE_MAX;

    if (need <= *capacity)
        return PIXCL_OK;
    return resize(array, capacity, wanted < need ? need : wanted, size, err);
}

pixcl_status px_shrink(void *array, size_t *capacity, size_t count, size_t size, pixcl_error *err)
{
    return count < *capacity ? resize(array, capacity, count, size, err) : PIXCL_OK;
}

/* Room for `count` more bytes and the NUL. */
static bool text_reserve(px_text *text, size_t count)
{
    if (!text->failed && (count >= SIZE_MAX - text->length ||
                          px_grow(&text->data, &text->capacity, text->length + count + 1, 1, NULL) != PIXCL_OK))
        text->failed = true;
    return !text->failed;
}

void px_text_add(px_text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = px_vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        text->failed = true;
    if (!text_reserve(text, length < 0 ? 0 : (size_t)length))
        return;
    va_start(arguments, format);
    px_vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void px_text_add_bytes(px_text *text, const char *bytes, size_t count)
{
    if (!text_reserve(text, count))
        return;
    if (count)
        memcpy(text->data + text->length, bytes, count);
    text->length += count;
    text->data[text->length] = '\0';
}

char *px_text_take(px_text *text, pixcl_error *err)
{
    char *data;

    px_text_add_bytes(text, "", 0);
    if (text->failed) {
        px_fail(err, PIXCL_ERROR_MEMORY, "out of memory: cannot grow a text of %zu bytes", text->length);
        px_text_free(text);
        return NULL;
    }
    data = text->data;
    *text = (px_text){0};
    return data;
}

void px_text_free(px_text *text)
{
    px_free(text->data);
    *text = (px_text){0};
}
