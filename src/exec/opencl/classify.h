/* What a device's facts mean: its class, whether pixcl can use it, and its quirks. Pure functions, tested without a
 * device. */
#ifndef PX_EXEC_OPENCL_CLASSIFY_H
#define PX_EXEC_OPENCL_CLASSIFY_H

#include "exec/opencl/device.h"

/* What clGetDeviceInfo() said, as far as it decides anything. */
typedef struct px_cl_facts {
    cl_device_type type;
    bool host_unified_memory;
    bool available, compiler, little_endian;
    bool suitable_profile; /* the full one, or an embedded one that px_cl_embedded_suffices() */
    const char *version;   /* CL_DEVICE_VERSION, "OpenCL 1.2 ..." */
    const char *c_version; /* CL_DEVICE_OPENCL_C_VERSION, "OpenCL C 1.2 ..." */
} px_cl_facts;

/* By type first, then by limits. A device of several types at once (Oclgrind) counts as the first that fits of cpu,
 * gpu, accelerator: what suits a CPU is the safest. */
px_device_class px_cl_classify(const px_cl_facts *facts);

/* The class to plan for: $PIXCL_DEVICE_CLASS (cpu, integrated, discrete) where it is set, else the device's own. */
px_device_class px_cl_dressed_class(px_device_class own);

/* Why pixcl cannot use the device, into reason[size]; "" and true when it can. */
bool px_cl_judge(const px_cl_facts *facts, char *reason, size_t size);

/* Whether an embedded profile has what pixcl uses of the full one: 64-bit integers, rounding to nearest, infinities and
 * NaN in single precision. */
bool px_cl_embedded_suffices(const char *extensions, cl_device_fp_config single);

/* 102 from "OpenCL 1.2 anything" or "OpenCL C 1.2 anything", 300 from "OpenCL 3.0 ..."; 0 when it is no version. */
int px_cl_version(const char *text);

/* Whether a space-separated list of extensions has `name` as a whole word. */
bool px_cl_has_extension(const char *extensions, const char *name);

/* Quirk bits by platform and device name, and in *note (may be NULL) what a user should know, "" for nothing. */
unsigned px_cl_quirks(const char *platform, const char *name, const char **note);

/* Lowers limits to PIXCL_MAX_WORK_GROUP, PIXCL_MAX_LOCAL_MEMORY and PIXCL_MAX_ALLOCATION; never raises them. */
void px_cl_lower_limits(px_cl_limits *limits);

/* Whether `text` contains `part`, ASCII letters compared without case. */
bool px_contains(const char *text, const char *part);

#endif
