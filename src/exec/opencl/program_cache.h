/* Where built programs are kept: in memory per device (program.c) and on disk (program_disk.c). */
#ifndef PX_EXEC_OPENCL_PROGRAM_CACHE_H
#define PX_EXEC_OPENCL_PROGRAM_CACHE_H

#include "base/hash.h"
#include "exec/opencl/device.h"

typedef struct px_program_cache px_program_cache;

px_program_cache *px_program_cache_create(pixcl_error *err);
/* Releases every program. Accepts NULL, clears the pointer. */
void px_program_cache_destroy(px_program_cache **cache);

/* Whether programs of this device go to disk: the driver gains by it, and PIXCL_NO_PROGRAM_CACHE is not set. */
bool px_program_disk_wanted(const px_cl_device *device);

/* All that decides whether a built program still fits: pixcl's version, device, driver, platform and its version,
 * options, and the source's length and hash, as text (px_free). */
char *px_program_identity(const px_cl_device *device, const char *source, const char *options, pixcl_error *err);

/* The file of an identity (px_free). */
char *px_program_path(const char *identity, pixcl_error *err);

/* The bytes of a file: packed with room for a binary, which is then filled in, and sealed with a hash of all. NULL when
 * there is no memory or no binary (px_free). */
uint8_t *px_program_pack(const char *identity, size_t binary_size, size_t *size, unsigned char **binary);
void px_program_seal(uint8_t *bytes, size_t size);
/* Where the binary starts in a file that is whole and of this identity; NULL otherwise. */
const unsigned char *px_program_unpack(const uint8_t *bytes, size_t size, const char *identity, size_t *binary_size);

/* The stored program, built and ready; NULL when there is none, or when it is damaged, of another identity or refused
 * by the driver (logged as PIXCL_LOG_DEBUG; the next store replaces it). */
cl_program px_program_load(const px_cl_device *device, const char *identity, const char *options);

/* Stores a built program. A failure costs only the cache and is logged, not returned. */
void px_program_store(const px_cl_device *device, const char *identity, cl_program program);

#endif
