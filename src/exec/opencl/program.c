/* Building programs, each once. */
#include "exec/opencl/program.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/program_cache.h"
#include "exec/opencl/sources.h"

/* A build log can be thousands of lines, one error repeated by every include of a macro; the first ones tell. */
#define LOG_LINES 40

typedef struct cached_program {
    uint64_t hash; /* of source and options */
    char *source, *options;
    cl_program program;
    bool pending; /* to be stored on disk by px_program_store_pending() */
} cached_program;

struct px_program_cache {
    pthread_mutex_t lock; /* around all of it: several users of a device may share it */
    cached_program *entries;
    size_t count, capacity;
    size_t settled; /* no entry before this one is pending */
    px_program_counts counts;
};

px_program_cache *px_program_cache_create(pixcl_error *err)
{
    px_program_cache *cache = px_calloc(1, sizeof *cache, err);

    if (cache)
        pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void px_program_cache_destroy(px_program_cache **cache)
{
    px_program_cache *it = *cache;

    if (!it)
        return;
    for (size_t i = 0; i < it->count; i++) {
        clReleaseProgram(it->entries[i].program);
        px_free(it->entries[i].source);
        px_free(it->entries[i].options);
    }
    px_free(it->entries);
    pthread_mutex_destroy(&it->lock);
    px_free(it);
    *cache = NULL;
}

px_program_counts px_program_counts_of(const px_cl_device *device)
{
    px_program_cache *cache = device->programs;

    pthread_mutex_lock(&cache->lock);
    const px_program_counts counts = cache->counts;
    pthread_mutex_unlock(&cache->lock);
    return counts;
}

static cl_program find(const px_program_cache *cache, uint64_t hash, const char *source, const char *options)
{
    for (size_t i = 0; i < cache->count; i++) {
        const cached_program *entry = &cache->entries[i];

        if (entry->hash == hash && strcmp(entry->options, options) == 0 && strcmp(entry->source, source) == 0)
            return entry->program;
    }
    return NULL;
}

/* Takes over the program. */
static pixcl_status keep(px_program_cache *cache, uint64_t hash, const char *source, const char *options,
                         cl_program program, bool pending, pixcl_error *err)
{
    cached_program *entry;
    pixcl_status status = px_grow(&cache->entries, &cache->capacity, cache->count + 1, sizeof *cache->entries, err);

    if (status == PIXCL_OK) {
        entry = &cache->entries[cache->count];
        entry->source = px_strdup(source, err);
        entry->options = px_strdup(options, err);
        if (entry->source && entry->options) {
            entry->hash = hash;
            entry->program = program;
            entry->pending = pending;
            cache->count++;
            return PIXCL_OK;
        }
        px_free(entry->source);
        px_free(entry->options);
        memset(entry, 0, sizeof *entry);
        status = PIXCL_ERROR_MEMORY;
    }
    clReleaseProgram(program);
    return status;
}

/* The driver's log of a build (px_free), without blank space at its ends; NULL when there is none. */
static char *build_log(const px_cl_device *device, cl_program program)
{
    size_t size = 0;
    char *log;

    if (clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size) != CL_SUCCESS || size < 2)
        return NULL;
    log = px_calloc(size + 1, 1, NULL);
    if (log && clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, size, log, NULL) != CL_SUCCESS)
        *log = '\0';
    if (log) {
        size_t first = strspn(log, " \t\r\n"), length = strlen(log);

        while (length > first && strchr(" \t\r\n", log[length - 1]))
            log[--length] = '\0';
        memmove(log, log + first, length - first + 1);
    }
    if (log && !*log) {
        px_free(log);
        log = NULL;
    }
    return log;
}

static pixcl_status fail_build(const px_cl_device *device, const char *label, const char *options, cl_int code,
                               const char *log, pixcl_error *err)
{
    const char *text = log ? log : "the driver gave no build log";
    size_t length = strlen(text);
    int lines = 0;
    bool cut = false;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' && ++lines == LOG_LINES) {
            length = i;
            cut = true;
        }
    }
    px_log(PIXCL_LOG_ERROR, "build log of kernel %s with options \"%s\" on %s:\n%.*s%s", label, options, device->name,
           (int)(length < INT_MAX ? length : INT_MAX), text, cut ? "\n..." : "");
    /* A message has a kilobyte: options and the start of the log, where compilers put the first error. */
    return px_fail(
        err, PIXCL_ERROR_DEVICE,
        "kernel %s does not build on %s (driver %s): clBuildProgram failed with %s (%d).\noptions: %.240s\n%s", label,
        device->name, device->driver, px_cl_error_name(code), (int)code, options, text);
}

static pixcl_status build(px_cl_device *device, const char *label, const char *source, const char *options,
                          cl_program *program, pixcl_error *err)
{
    double start = px_now();
    pixcl_status status = PIXCL_OK;
    cl_program made;
    char *log;
    cl_int code;

    made = clCreateProgramWithSource(device->context, 1, &source, NULL, &code);
    if (code != CL_SUCCESS)
        return px_cl_fail(err, code, "clCreateProgramWithSource", "kernel %s", label);
    code = clBuildProgram(made, 1, &device->id, options, NULL, NULL);
    log = build_log(device, made);
    if (code != CL_SUCCESS) {
        status = fail_build(device, label, options, code, log, err);
        clReleaseProgram(made);
    } else {
        if (log)
            px_log(PIXCL_LOG_DEBUG, "build log of kernel %s with options \"%s\":\n%s", label, options, log);
        px_log(PIXCL_LOG_DEBUG, "built kernel %s in %.0f ms with options \"%s\"", label, (px_now() - start) * 1e3,
               options);
        *program = made;
    }
    px_free(log);
    return status;
}

/* From disk, or else by the compiler. `pending`: to be stored on disk later. */
static pixcl_status load_or_build(px_cl_device *device, const char *label, const char *source, const char *options,
                                  cl_program *made, bool *pending, pixcl_error *err)
{
    px_program_cache *cache = device->programs;
    char *identity = NULL;
    pixcl_status status;

    *made = NULL;
    *pending = false;
    if (px_program_disk_wanted(device)) {
        identity = px_program_identity(device, source, options, err);
        if (!identity)
            return PIXCL_ERROR_MEMORY;
        *made = px_program_load(device, identity, options);
    }
    if (*made) {
        cache->counts.from_disk++;
        px_free(identity);
        return PIXCL_OK;
    }
    status = build(device, label, source, options, made, err);
    if (status == PIXCL_OK) {
        cache->counts.built++;
        *pending = identity && (device->quirks & PX_QUIRK_COSTLY_BINARIES);
        if (identity && !*pending)
            px_program_store(device, identity, *made);
    }
    px_free(identity);
    return status;
}

pixcl_status px_program_build_source(px_cl_device *device, const char *label, const char *source, const char *options,
                                     cl_program *program, pixcl_error *err)
{
    px_program_cache *cache = device->programs;
    pixcl_status status = PIXCL_OK;
    char *all_options;
    uint64_t hash;
    bool pending;

    *program = NULL;
    all_options = px_format(err, "%s%s%s", PX_PROGRAM_OPTIONS, options && *options ? " " : "", options ? options : "");
    if (!all_options)
        return PIXCL_ERROR_MEMORY;
    hash = px_hash(px_hash(PX_HASH_START, source, strlen(source)), all_options, strlen(all_options));
    pthread_mutex_lock(&cache->lock);
    *program = find(cache, hash, source, all_options);
    if (*program) {
        cache->counts.from_memory++;
    } else {
        px_cl_lock();
        status = load_or_build(device, label, source, all_options, program, &pending, err);
        px_cl_unlock();
        if (status == PIXCL_OK)
            status = keep(cache, hash, source, all_options, *program, pending, err);
        if (status != PIXCL_OK)
            *program = NULL; /* keep() has released it */
    }
    pthread_mutex_unlock(&cache->lock);
    px_free(all_options);
    return status;
}

double px_program_store_pending(px_cl_device *device, double seconds)
{
    px_program_cache *cache = device->programs;
    const double begin = px_now();
    double taken = 0;

    pthread_mutex_lock(&cache->lock);
    for (; cache->settled < cache->count && taken < seconds; cache->settled++) {
        cached_program *entry = &cache->entries[cache->settled];
        char *identity;

        if (!entry->pending)
            continue;
        identity = px_program_identity(device, entry->source, entry->options, NULL);
        px_cl_lock();
        if (identity)
            px_program_store(device, identity, entry->program);
        px_cl_unlock();
        px_free(identity);
        taken = px_now() - begin;
    }
    pthread_mutex_unlock(&cache->lock);
    if (taken > 0)
        px_memory_trim(); /* compilers leave much behind */
    return taken;
}

pixcl_status px_program_build(px_cl_device *device, const char *const *stems, size_t count, const char *options,
                              cl_program *program, pixcl_error *err)
{
    px_text source = {0}, label = {0};
    pixcl_status status = PIXCL_OK;

    *program = NULL;
    for (size_t i = 0; i < count && status == PIXCL_OK; i++) {
        const char *text = px_kernel_source(stems[i]);

        if (!text) {
            status = px_fail(err, PIXCL_ERROR_INTERNAL,
                             "there is no kernel source cl/%s.cl in this build: is it listed in "
                             "cl/meson.build?",
                             stems[i]);
            break;
        }
        px_text_add(&label, "%s%s", i ? "+" : "", stems[i]);
        /* Build logs then name the file of cl/ and its own lines. */
        px_text_add(&source, "#line 1 \"%s.cl\"\n", stems[i]);
        px_text_add_bytes(&source, text, strlen(text));
        px_text_add_bytes(&source, "\n", 1);
    }
    if (status == PIXCL_OK && (source.failed || label.failed || !source.data))
        status = px_fail(err, PIXCL_ERROR_MEMORY, "not enough memory for the source of kernel %s",
                         count ? stems[0] : "(none)");
    if (status == PIXCL_OK)
        status = px_program_build_source(device, label.data, source.data, options, program, err);
    px_text_free(&source);
    px_text_free(&label);
    return status;
}
