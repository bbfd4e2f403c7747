/* Built programs on disk, one file each in pixcl's cache folder. A file is a header of fixed size, the identity it was
 * built for, and the driver's binary, with a hash over both: a truncated, damaged or foreign file is never given to a
 * driver, some of which crash on one. */
#include "exec/opencl/program_cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#define MAGIC "PIXCLPG1"

/* As on disk. Written and read by the same machine (the identity holds its device), so in its byte order. */
typedef struct file_header {
    char magic[8];
    uint64_t identity_size, binary_size; /* bytes */
    uint64_t hash;                       /* of identity and binary */
} file_header;

bool px_program_disk_wanted(const px_cl_device *device)
{
    if (device->quirks & (PX_QUIRK_CACHES_ITSELF | PX_QUIRK_SLOW_CHECKER))
        return false;
    return !px_env_flag("PIXCL_NO_PROGRAM_CACHE");
}

char *px_program_identity(const px_cl_device *device, const char *source, const char *options, pixcl_error *err)
{
    size_t length = strlen(source);
    char version[256];

    /* PoCL's names the LLVM that compiled. */
    if (clGetPlatformInfo(device->platform, CL_PLATFORM_VERSION, sizeof version, version, NULL) != CL_SUCCESS)
        snprintf(version, sizeof version, "unknown");
    return px_format(err,
                     "pixcl %s\nplatform %s, %s\ndevice %s\ndriver %s\noptions %s\nsource %zu bytes, %016" PRIx64 "\n",
                     PIXCL_VERSION, device->platform_name, version, device->name, device->driver, options, length,
                     px_hash(PX_HASH_START, source, length));
}

char *px_program_path(const char *identity, pixcl_error *err)
{
    char *folder = px_cache_folder(err), *path = NULL;

    if (folder)
        path = px_format(err, "%s/programs/%016" PRIx64 ".bin", folder,
                         px_hash(PX_HASH_START, identity, strlen(identity)));
    px_free(folder);
    return path;
}

const unsigned char *px_program_unpack(const uint8_t *bytes, size_t size, const char *identity, size_t *binary_size)
{
    file_header header;
    size_t identity_size = strlen(identity);

    if (size < sizeof header)
        return NULL;
    memcpy(&header, bytes, sizeof header);
    size -= sizeof header;
    if (memcmp(header.magic, MAGIC, sizeof header.magic) != 0 || header.identity_size != identity_size ||
        header.identity_size > size || header.binary_size != size - header.identity_size || header.binary_size == 0)
        return NULL;
    bytes += sizeof header;
    if (memcmp(bytes, identity, identity_size) != 0 || px_hash(PX_HASH_START, bytes, size) != header.hash)
        return NULL;
    *binary_size = (size_t)header.binary_size;
    return bytes + identity_size;
}

cl_program px_program_load(const px_cl_device *device, const char *identity, const char *options)
{
    char *path = px_program_path(identity, NULL);
    uint8_t *bytes = NULL;
    const unsigned char *binary;
    cl_program program = NULL;
    size_t size = 0, binary_size = 0;
    cl_int code, binary_code = CL_SUCCESS;

    if (!path || !px_path_is_file(path) || px_file_read(path, &bytes, &size, NULL) != PIXCL_OK)
        goto cleanup;
    binary = px_program_unpack(bytes, size, identity, &binary_size);
    if (!binary) {
        px_log(PIXCL_LOG_DEBUG, "cached program %s is damaged or of another device or version: it is built anew", path);
        goto cleanup;
    }
    program = clCreateProgramWithBinary(device->context, 1, &device->id, &binary_size, &binary, &binary_code, &code);
    if (code != CL_SUCCESS) {
        program = NULL;
    } else if (binary_code == CL_SUCCESS) {
        code = clBuildProgram(program, 1, &device->id, options, NULL, NULL);
    } else {
        code = binary_code;
    }
    if (code != CL_SUCCESS) {
        px_log(PIXCL_LOG_DEBUG, "the driver refuses cached program %s with %s (%d): it is built anew", path,
               px_cl_error_name(code), (int)code);
        if (program)
            clReleaseProgram(program);
        program = NULL;
    } else {
        px_log(PIXCL_LOG_DEBUG, "loaded a built program from %s", path);
    }
cleanup:
    px_free(bytes);
    px_free(path);
    return program;
}

uint8_t *px_program_pack(const char *identity, size_t binary_size, size_t *size, unsigned char **binary)
{
    size_t identity_size = strlen(identity);
    file_header header = {.identity_size = identity_size, .binary_size = binary_size};
    uint8_t *bytes;

    if (binary_size == 0 || binary_size > SIZE_MAX / 2)
        return NULL;
    *size = sizeof header + identity_size + binary_size;
    bytes = px_calloc(*size, 1, NULL);
    if (!bytes)
        return NULL;
    memcpy(header.magic, MAGIC, sizeof header.magic); /* without the NUL */
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, identity, identity_size);
    *binary = bytes + sizeof header + identity_size;
    return bytes;
}

void px_program_seal(uint8_t *bytes, size_t size)
{
    uint64_t hash = px_hash(PX_HASH_START, bytes + sizeof(file_header), size - sizeof(file_header));

    memcpy(bytes + offsetof(file_header, hash), &hash, sizeof hash);
}

/* The file of a program (px_free); NULL when the driver gives no binary. */
static uint8_t *pack(cl_program program, const char *identity, size_t *size)
{
    size_t binary_size = 0;
    unsigned char *binary;
    uint8_t *bytes;

    if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof binary_size, &binary_size, NULL) != CL_SUCCESS)
        return NULL;
    bytes = px_program_pack(identity, binary_size, size, &binary);
    if (!bytes)
        return NULL;
    if (clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) != CL_SUCCESS) {
        px_free(bytes);
        return NULL;
    }
    px_program_seal(bytes, *size);
    return bytes;
}

void px_program_store(const px_cl_device *device, const char *identity, cl_program program)
{
    pixcl_error why = {0};
    char *path = px_program_path(identity, &why), *folder = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (path) {
        bytes = pack(program, identity, &size);
        if (!bytes)
            px_fail(&why, PIXCL_ERROR_DEVICE, "%s gives no binary", device->name);
    }
    if (bytes)
        folder = px_format(&why, "%.*s", (int)(px_path_name(path) - path - 1), path);
    if (folder && px_make_folders(folder, &why) == PIXCL_OK)
        px_file_write(path, bytes, size, &why);
    if (why.status != PIXCL_OK)
        px_log(PIXCL_LOG_DEBUG, "a built program is not kept on disk: %s", why.message);
    px_free(folder);
    px_free(bytes);
    px_free(path);
}
