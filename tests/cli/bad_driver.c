/* An OpenCL driver that misbehaves, by the name of its file: ACT-PLACE.so.
 *
 *   ACT    crash, abort, exit or hang, or lie: gives nonsense
 *   PLACE  load: when the library is loaded; list: when its platform is asked for; devices: when its devices are;
 *          text: when the device's name is; open: when a context is made
 *
 * Elsewhere it is a driver with one device, and it can do nothing with it. */
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CL/cl.h>
#include <CL/cl_ext.h>
#include <CL/cl_icd.h>

#define EXPORT __attribute__((visibility("default")))

static cl_icd_dispatch functions;

struct _cl_platform_id {
    cl_icd_dispatch *dispatch;
};
struct _cl_device_id {
    cl_icd_dispatch *dispatch;
};
static struct _cl_platform_id the_platform = {&functions};
static struct _cl_device_id the_device = {&functions};

/* Whether it is to give nonsense here; the other acts are done. */
static int misbehave(const char *place)
{
    Dl_info info;
    const char *name, *dash;

    if (!dladdr((void *)(uintptr_t)&misbehave, &info) || !(name = strrchr(info.dli_fname, '/')) ||
        !(dash = strchr(++name, '-')) || strncmp(dash + 1, place, strlen(place)) != 0)
        return 0;
    if (strncmp(name, "crash", 5) == 0)
        raise(SIGSEGV);
    if (strncmp(name, "abort", 5) == 0)
        abort();
    if (strncmp(name, "exit", 4) == 0)
        exit(0); /* what looks like an ordinary end */
    while (strncmp(name, "hang", 4) == 0)
        pause();
    return 1;
}

__attribute__((constructor)) static void load(void)
{
    misbehave("load");
}

static cl_int give(const void *bytes, size_t length, size_t size, void *value, size_t *needed)
{
    if (needed)
        *needed = length;
    if (value && size < length)
        return CL_INVALID_VALUE;
    if (value)
        memcpy(value, bytes, length);
    return CL_SUCCESS;
}

static cl_int CL_API_CALL platform_info(cl_platform_id platform, cl_platform_info what, size_t size, void *value,
                                        size_t *needed)
{
    (void)platform;
    if (what == CL_PLATFORM_EXTENSIONS)
        return give("cl_khr_icd", 11, size, value, needed);
    if (what == CL_PLATFORM_ICD_SUFFIX_KHR)
        return give("BAD", 4, size, value, needed);
    return give("Bad driver", 11, size, value, needed);
}

static cl_int CL_API_CALL device_ids(cl_platform_id platform, cl_device_type type, cl_uint entries, cl_device_id *ids,
                                     cl_uint *count)
{
    const int lie = misbehave("devices");

    (void)platform;
    (void)type;
    if (ids && entries > 0)
        ids[0] = &the_device;
    if (count)
        *count = lie ? 4000000000u : 1;
    return CL_SUCCESS;
}

static cl_int CL_API_CALL device_info(cl_device_id device, cl_device_info what, size_t size, void *value,
                                      size_t *needed)
{
    const cl_ulong much = (cl_ulong)1 << 40; /* of all that is counted: it looks like the best device there is */
    const cl_device_type type = CL_DEVICE_TYPE_GPU;

    (void)device;
    switch (what) {
    case CL_DEVICE_NAME:
        if (misbehave("text")) {
            *needed = SIZE_MAX / 2;
            return CL_SUCCESS;
        }
        return give("Bad device", 11, size, value, needed);
    case CL_DEVICE_VENDOR:
    case CL_DRIVER_VERSION:
        return give("1.0", 4, size, value, needed);
    case CL_DEVICE_VERSION:
        return give("OpenCL 3.0 bad", 15, size, value, needed);
    case CL_DEVICE_OPENCL_C_VERSION:
        return give("OpenCL C 1.2 bad", 17, size, value, needed);
    case CL_DEVICE_PROFILE:
        return give("FULL_PROFILE", 13, size, value, needed);
    case CL_DEVICE_EXTENSIONS:
        return give("", 1, size, value, needed);
    case CL_DEVICE_TYPE:
        return give(&type, sizeof type, size, value, needed);
    default:
        memset(value, 0, size);
        return give(size >= 8 ? (const void *)&much : (const void *)"\1\1\0", size < 8 ? size : 8, size, value, needed);
    }
}

static cl_context CL_API_CALL create_context(const cl_context_properties *properties, cl_uint count,
                                             const cl_device_id *devices,
                                             void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *),
                                             void *user, cl_int *code)
{
    (void)properties;
    (void)count;
    (void)devices;
    (void)notify;
    (void)user;
    misbehave("open");
    *code = CL_OUT_OF_RESOURCES;
    return NULL;
}

EXPORT cl_int CL_API_CALL clIcdGetPlatformIDsKHR(cl_uint entries, cl_platform_id *platforms, cl_uint *count)
{
    const int lie = misbehave("list");

    functions.clGetPlatformInfo = platform_info;
    functions.clGetDeviceIDs = device_ids;
    functions.clGetDeviceInfo = device_info;
    functions.clCreateContext = create_context;
    if (platforms && entries > 0)
        platforms[0] = lie ? (cl_platform_id)(uintptr_t)8 : &the_platform;
    if (count)
        *count = lie ? 1000 : 1;
    return CL_SUCCESS;
}

EXPORT void *CL_API_CALL clGetExtensionFunctionAddress(const char *name)
{
    return strcmp(name, "clIcdGetPlatformIDsKHR") == 0 ? (void *)(uintptr_t)&clIcdGetPlatformIDsKHR : NULL;
}

EXPORT cl_int CL_API_CALL clGetPlatformInfo(cl_platform_id platform, cl_platform_info what, size_t size, void *value,
                                            size_t *needed)
{
    return platform_info(platform, what, size, value, needed);
}
