/* OpenCL's and CLBlast's codes by name, what they mean for a caller and what a user can do about them. */
#include "exec/opencl/opencl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/format.h"

typedef struct code_entry {
    cl_int code;
    const char *name;
    const char *cure;
} code_entry;

#define CURE_MEMORY                                                                                                    \
    "The device has too little free memory: lower --batch_size or --crop_size, or choose another --device."
#define CURE_RESOURCES                                                                                                 \
    "The driver ran out of memory, registers or time: lower --batch_size or --crop_size, close other programs that "   \
    "use "                                                                                                             \
    "this device, or choose another --device."
#define CURE_DRIVER "Update the device's OpenCL driver, or choose another --device."
#define CURE_REPORT "This is likely a defect in pixcl or in the driver: please report it with `clinfo-check --json`."

static const code_entry codes[] = {
    {0, "CL_SUCCESS", ""},
    {-1, "CL_DEVICE_NOT_FOUND", "`clinfo-check` lists the devices that are there."},
    {-2, "CL_DEVICE_NOT_AVAILABLE",
     "Another program may hold the device exclusively, or your user may lack access to it (group render or video)."},
    {-3, "CL_COMPILER_NOT_AVAILABLE",
     "The driver cannot compile OpenCL C: install the vendor's full package, not only the runtime."},
    {-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE", CURE_MEMORY},
    {-5, "CL_OUT_OF_RESOURCES", CURE_RESOURCES},
    {-6, "CL_OUT_OF_HOST_MEMORY", "The machine has too little memory: lower --batch_size, or close other programs."},
    {-7, "CL_PROFILING_INFO_NOT_AVAILABLE", ""},
    {-8, "CL_MEM_COPY_OVERLAP", CURE_REPORT},
    {-9, "CL_IMAGE_FORMAT_MISMATCH", CURE_REPORT},
    {-10, "CL_IMAGE_FORMAT_NOT_SUPPORTED", CURE_REPORT},
    {-11, "CL_BUILD_PROGRAM_FAILURE", CURE_DRIVER},
    {-12, "CL_MAP_FAILURE", CURE_MEMORY},
    {-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET", CURE_REPORT},
    {-14, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", CURE_DRIVER},
    {-15, "CL_COMPILE_PROGRAM_FAILURE", CURE_DRIVER},
    {-16, "CL_LINKER_NOT_AVAILABLE", CURE_DRIVER},
    {-17, "CL_LINK_PROGRAM_FAILURE", CURE_DRIVER},
    {-18, "CL_DEVICE_PARTITION_FAILED", ""},
    {-19, "CL_KERNEL_ARG_INFO_NOT_AVAILABLE", ""},
    {-30, "CL_INVALID_VALUE", CURE_REPORT},
    {-31, "CL_INVALID_DEVICE_TYPE", CURE_REPORT},
    {-32, "CL_INVALID_PLATFORM", CURE_REPORT},
    {-33, "CL_INVALID_DEVICE", CURE_REPORT},
    {-34, "CL_INVALID_CONTEXT", CURE_REPORT},
    {-35, "CL_INVALID_QUEUE_PROPERTIES", "The device cannot measure kernel times: leave out --profile."},
    {-36, "CL_INVALID_COMMAND_QUEUE",
     "The driver gave up on an earlier command, often a kernel that ran too long for a GPU that also draws the "
     "desktop."},
    {-37, "CL_INVALID_HOST_PTR", CURE_REPORT},
    {-38, "CL_INVALID_MEM_OBJECT", CURE_REPORT},
    {-39, "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR", CURE_REPORT},
    {-40, "CL_INVALID_IMAGE_SIZE", CURE_REPORT},
    {-41, "CL_INVALID_SAMPLER", CURE_REPORT},
    {-42, "CL_INVALID_BINARY", "Remove pixcl's cache folder: a built program in it is not this driver's."},
    {-43, "CL_INVALID_BUILD_OPTIONS", CURE_DRIVER},
    {-44, "CL_INVALID_PROGRAM", CURE_REPORT},
    {-45, "CL_INVALID_PROGRAM_EXECUTABLE", CURE_REPORT},
    {-46, "CL_INVALID_KERNEL_NAME", CURE_REPORT},
    {-47, "CL_INVALID_KERNEL_DEFINITION", CURE_REPORT},
    {-48, "CL_INVALID_KERNEL", CURE_REPORT},
    {-49, "CL_INVALID_ARG_INDEX", CURE_REPORT},
    {-50, "CL_INVALID_ARG_VALUE", CURE_REPORT},
    {-51, "CL_INVALID_ARG_SIZE", CURE_REPORT},
    {-52, "CL_INVALID_KERNEL_ARGS", CURE_REPORT},
    {-53, "CL_INVALID_WORK_DIMENSION", CURE_REPORT},
    {-54, "CL_INVALID_WORK_GROUP_SIZE", CURE_REPORT},
    {-55, "CL_INVALID_WORK_ITEM_SIZE", CURE_REPORT},
    {-56, "CL_INVALID_GLOBAL_OFFSET", CURE_REPORT},
    {-57, "CL_INVALID_EVENT_WAIT_LIST", CURE_REPORT},
    {-58, "CL_INVALID_EVENT", CURE_REPORT},
    {-59, "CL_INVALID_OPERATION", CURE_REPORT},
    {-60, "CL_INVALID_GL_OBJECT", CURE_REPORT},
    {-61, "CL_INVALID_BUFFER_SIZE", CURE_MEMORY},
    {-62, "CL_INVALID_MIP_LEVEL", CURE_REPORT},
    {-63, "CL_INVALID_GLOBAL_WORK_SIZE", CURE_REPORT},
    {-64, "CL_INVALID_PROPERTY", CURE_REPORT},
    {-65, "CL_INVALID_IMAGE_DESCRIPTOR", CURE_REPORT},
    {-66, "CL_INVALID_COMPILER_OPTIONS", CURE_DRIVER},
    {-67, "CL_INVALID_LINKER_OPTIONS", CURE_DRIVER},
    {-68, "CL_INVALID_DEVICE_PARTITION_COUNT", ""},
    {-1001, "CL_PLATFORM_NOT_FOUND_KHR",
     "No OpenCL driver is installed: `clinfo-check` says which package to install."},
    {-9999, "an illegal read or write in a kernel (NVIDIA)", CURE_REPORT},
    {-1024, "CLBlastNotImplemented", CURE_REPORT},
    {-1022, "CLBlastInvalidMatrixA", CURE_REPORT},
    {-1021, "CLBlastInvalidMatrixB", CURE_REPORT},
    {-1020, "CLBlastInvalidMatrixC", CURE_REPORT},
    {-1019, "CLBlastInvalidVectorX", CURE_REPORT},
    {-1018, "CLBlastInvalidVectorY", CURE_REPORT},
    {-1017, "CLBlastInvalidDimension", CURE_REPORT},
    {-1016, "CLBlastInvalidLeadDimA", CURE_REPORT},
    {-1015, "CLBlastInvalidLeadDimB", CURE_REPORT},
    {-1014, "CLBlastInvalidLeadDimC", CURE_REPORT},
    {-1013, "CLBlastInvalidIncrementX", CURE_REPORT},
    {-1012, "CLBlastInvalidIncrementY", CURE_REPORT},
    {-1011, "CLBlastInsufficientMemoryA", CURE_REPORT},
    {-1010, "CLBlastInsufficientMemoryB", CURE_REPORT},
    {-1009, "CLBlastInsufficientMemoryC", CURE_REPORT},
    {-1008, "CLBlastInsufficientMemoryX", CURE_REPORT},
    {-1007, "CLBlastInsufficientMemoryY", CURE_REPORT},
    {-2050, "CLBlastInsufficientMemoryTemp", CURE_REPORT},
    {-2049, "CLBlastInvalidBatchCount", CURE_REPORT},
    {-2048, "CLBlastInvalidOverrideKernel", CURE_REPORT},
    {-2047, "CLBlastMissingOverrideParameter", CURE_REPORT},
    {-2046, "CLBlastInvalidLocalMemUsage",
     "CLBlast needs more local memory than this device has: set PIXCL_CONV=direct."},
    {-2045, "CLBlastNoHalfPrecision", CURE_REPORT},
    {-2044, "CLBlastNoDoublePrecision", CURE_REPORT},
    {-2043, "CLBlastInvalidVectorScalar", CURE_REPORT},
    {-2042, "CLBlastInsufficientMemoryScalar", CURE_REPORT},
    {-2041, "CLBlastDatabaseError", CURE_DRIVER},
    {-2040, "CLBlastUnknownError", CURE_DRIVER},
    {-2039, "CLBlastUnexpectedError", CURE_DRIVER},
};

static const code_entry *find(cl_int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].code == code)
            return &codes[i];
    }
    return NULL;
}

const char *px_cl_error_name(cl_int code)
{
    const code_entry *entry = find(code);

    return entry ? entry->name : "an unknown OpenCL error";
}

const char *px_cl_cure(cl_int code)
{
    const code_entry *entry = find(code);

    return entry ? entry->cure : CURE_DRIVER;
}

pixcl_status px_cl_status(cl_int code)
{
    switch (code) {
    case CL_SUCCESS:
        return PIXCL_OK;
    case CL_MEM_OBJECT_ALLOCATION_FAILURE:
    case CL_OUT_OF_HOST_MEMORY:
    case CL_INVALID_BUFFER_SIZE:
    case CL_MAP_FAILURE:
        return PIXCL_ERROR_MEMORY;
    case CL_DEVICE_NOT_FOUND:
    case -1001: /* CL_PLATFORM_NOT_FOUND_KHR, defined in cl_ext.h only */
        return PIXCL_ERROR_NO_DEVICE;
    default:
        return PIXCL_ERROR_DEVICE;
    }
}

pixcl_status px_cl_fail_at(pixcl_error *err, cl_int code, const char *file, int line, const char *call,
                           const char *format, ...)
{
    const char *cure = px_cl_cure(code);
    char subject[512];
    va_list list;

    va_start(list, format);
    px_vsnprintf(subject, sizeof subject, format, list);
    va_end(list);
    return px_fail(err, px_cl_status(code), "%s failed with %s (%d)%s%s [%s:%d].%s%s", call, px_cl_error_name(code),
                   (int)code, *subject ? ": " : "", subject, px_path_name(file), line, *cure ? " " : "", cure);
}
