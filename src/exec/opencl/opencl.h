/* OpenCL as pixcl uses it: strictly 1.2, every call checked. Everything in this folder includes OpenCL through this
 * header. */
#ifndef PX_EXEC_OPENCL_OPENCL_H
#define PX_EXEC_OPENCL_OPENCL_H

#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif
#if __has_include(<OpenCL/cl.h>) /* Apple's */
#include <OpenCL/cl.h>
#else
#include <CL/cl.h>
#endif

#include "base/error.h"

/* "CL_OUT_OF_RESOURCES" for -5; also CLBlast's own codes (-1011 ...), so that its status can be passed as well. Never
 * NULL: "an unknown OpenCL error" for the rest. */
const char *px_cl_error_name(cl_int code);

/* What a code means for the caller: PIXCL_ERROR_MEMORY where something did not fit, PIXCL_ERROR_NO_DEVICE where there
 * is no device, PIXCL_OK for CL_SUCCESS, else PIXCL_ERROR_DEVICE. */
pixcl_status px_cl_status(cl_int code);

/* What a user can do about a code ("lower --batch_size ..."), "" when there is nothing to say. Never NULL. */
const char *px_cl_cure(cl_int code);

/* Fills *err and returns px_cl_status(code). `call` is the OpenCL or CLBlast function, the format says what it was
 * called for (the kernel, its sizes; "" for nothing):
 *     return px_cl_fail(err, code, "clEnqueueNDRangeKernel", "kernel %s, global %zu", name, global);
 * gives "clEnqueueNDRangeKernel failed with CL_OUT_OF_RESOURCES (-5): kernel conv, global 64 [run.c:120]. <cure>". */
#define px_cl_fail(err, code, call, ...) px_cl_fail_at(err, code, __FILE__, __LINE__, call, __VA_ARGS__)
pixcl_status px_cl_fail_at(pixcl_error *err, cl_int code, const char *file, int line, const char *call,
                           const char *format, ...) PX_PRINTF(6, 7);

#endif
