/* Class, usability and quirks of a device from its facts. */
#include "exec/opencl/classify.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/env.h"
#include "base/log.h"

/* The exceptions. A new line needs its reason: what was seen, on which driver. */
static const struct quirk {
    const char *platform, *name; /* parts that must both occur, NULL for any */
    unsigned bits;
    const char *note; /* for the user, NULL when it is of no interest to one */
} quirks[] = {
    /* PoCL keeps compiled kernels in ~/.cache/pocl, per work-group size and compiled at the first launch, but finds
     * them by preprocessing the source with all its headers, 20 to 30 ms a program. It loads a binary in 2 ms. Asking
     * for CL_PROGRAM_BINARIES makes it compile every kernel a second time, without the work-group size (PoCL 3.1). */
    {"Portable Computing Language", NULL, PX_QUIRK_COSTLY_BINARIES, NULL},
    /* Mesa keeps compiled kernels in ~/.cache/mesa_shader_cache: a second build takes 4 ms instead of 15. And rusticl
     * of Mesa 22.3 ends the process when it is given a binary it does not know. */
    {"rusticl", NULL, PX_QUIRK_CACHES_ITSELF, NULL},
    /* Mesa's software rasterisers compute on the CPU: 57 GFLOP/s and 3 GB/s where PoCL has 200 and 50, and they report
     * eight compute units on two cores (Mesa 22.3). */
    {NULL, "llvmpipe", PX_QUIRK_SOFTWARE_GPU,
     "a software rasteriser, for tests: PoCL is several times faster on a CPU"},
    {NULL, "softpipe", PX_QUIRK_SOFTWARE_GPU, "a software rasteriser, for tests: PoCL is many times faster on a CPU"},
    {NULL, "SwiftShader", PX_QUIRK_SOFTWARE_GPU,
     "a software rasteriser, for tests: PoCL is several times faster on a CPU"},
    /* Beignet knows Intel's integrated graphics only, and up to 1.0 says that their memory is their own. */
    {"Intel Gen OCL Driver", NULL, PX_QUIRK_SHARES_MEMORY, NULL},
    /* ROCm 4.0 says that the memory of a Ryzen's GPU is its own; gfx902 is none but such (driver 3212.0). */
    {"AMD Accelerated Parallel Processing", "gfx902", PX_QUIRK_SHARES_MEMORY, NULL},
    /* Oclgrind interprets every work-item, so a second of PoCL takes it many minutes. It claims to be cpu, gpu and
     * accelerator at once. Compiling is the cheap part there. */
    {"Oclgrind", NULL, PX_QUIRK_SLOW_CHECKER,
     "a checker that interprets kernels: thousands of times slower than a device"},
};

bool px_contains(const char *text, const char *part)
{
    size_t length = strlen(part);

    for (; *text; text++) {
        if (strncasecmp(text, part, length) == 0)
            return true;
    }
    return length == 0;
}

unsigned px_cl_quirks(const char *platform, const char *name, const char **note)
{
    unsigned bits = 0;

    if (note)
        *note = "";
    for (size_t i = 0; i < sizeof quirks / sizeof quirks[0]; i++) {
        if (quirks[i].platform && !px_contains(platform, quirks[i].platform))
            continue;
        if (quirks[i].name && !px_contains(name, quirks[i].name))
            continue;
        bits |= quirks[i].bits;
        if (note && quirks[i].note)
            *note = quirks[i].note;
    }
    return bits;
}

int px_cl_version(const char *text)
{
    int major, minor;

    if (sscanf(text, "OpenCL %d.%d", &major, &minor) == 2 || sscanf(text, "OpenCL C %d.%d", &major, &minor) == 2)
        return major > 0 && major < 100 && minor >= 0 && minor < 100 ? major * 100 + minor : 0;
    return 0;
}

bool px_cl_has_extension(const char *extensions, const char *name)
{
    size_t length = strlen(name);

    for (const char *word = extensions; *word;) {
        size_t end = strcspn(word, " ");

        if (end == length && length > 0 && memcmp(word, name, length) == 0)
            return true;
        word += end;
        word += strspn(word, " ");
    }
    return false;
}

px_device_class px_cl_classify(const px_cl_facts *facts)
{
    if (facts->type & CL_DEVICE_TYPE_CPU)
        return PX_DEVICE_CPU;
    if (facts->type & CL_DEVICE_TYPE_GPU)
        return facts->host_unified_memory ? PX_DEVICE_GPU_INTEGRATED : PX_DEVICE_GPU_DISCRETE;
    return PX_DEVICE_ACCELERATOR;
}

px_device_class px_cl_dressed_class(px_device_class own)
{
    static const struct {
        const char *word;
        px_device_class device_class;
    } words[] = {
        {"cpu", PX_DEVICE_CPU}, {"integrated", PX_DEVICE_GPU_INTEGRATED}, {"discrete", PX_DEVICE_GPU_DISCRETE}};
    const char *wanted = px_env_text("PIXCL_DEVICE_CLASS");

    for (size_t i = 0; wanted && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(wanted, words[i].word) == 0)
            return words[i].device_class;
    }
    if (wanted)
        px_log(PIXCL_LOG_WARNING, "PIXCL_DEVICE_CLASS=%s is none of cpu, integrated, discrete, and has no effect",
               wanted);
    return own;
}

const char *px_device_class_name(px_device_class device_class)
{
    switch (device_class) {
    case PX_DEVICE_CPU:
        return "cpu";
    case PX_DEVICE_GPU_INTEGRATED:
        return "integrated gpu";
    case PX_DEVICE_GPU_DISCRETE:
        return "discrete gpu";
    case PX_DEVICE_ACCELERATOR:
        break;
    }
    return "accelerator";
}

/* Mesa's rusticl has AMD's cards and Adreno in the embedded profile, for they offer fewer images than the full one asks
 * for (Mesa 23.1 to 26.0), and pixcl uses none. What else the full profile promises are limits that the planner asks
 * for, atomics that no kernel uses, and a slightly better rounding of divisions. */
bool px_cl_embedded_suffices(const char *extensions, cl_device_fp_config single)
{
    const cl_device_fp_config needed = CL_FP_ROUND_TO_NEAREST | CL_FP_INF_NAN;

    return px_cl_has_extension(extensions, "cles_khr_int64") && (single & needed) == needed;
}

bool px_cl_judge(const px_cl_facts *facts, char *reason, size_t size)
{
    *reason = '\0';
    if (!(facts->type & (CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR)))
        snprintf(reason, size, "it is a custom device: it runs its own built-in kernels only");
    else if (px_cl_version(facts->version) < 102)
        snprintf(reason, size,
                 "it offers \"%s\", and pixcl needs OpenCL 1.2 or newer; on Mesa, use rusticl, not Clover",
                 facts->version);
    else if (!facts->suitable_profile)
        snprintf(reason, size,
                 "it offers the embedded profile without 64-bit integers, rounding to nearest or infinities, and pixcl "
                 "needs them");
    else if (!facts->compiler)
        snprintf(reason, size, "its driver has no compiler for OpenCL C");
    else if (px_cl_version(facts->c_version) < 102)
        snprintf(reason, size, "its compiler knows \"%s\", and pixcl's kernels are OpenCL C 1.2", facts->c_version);
    else if (!facts->little_endian)
        snprintf(reason, size, "it is big-endian, and pixcl shares little-endian data with its devices");
    else if (!facts->available)
        snprintf(reason, size, "its driver says that it is not available now (in use by another program?)");
    return *reason == '\0';
}

static uint64_t lowered(uint64_t value, const char *variable)
{
    int64_t limit = px_env_number(variable, 0);

    return limit > 0 && (uint64_t)limit < value ? (uint64_t)limit : value;
}

void px_cl_lower_limits(px_cl_limits *limits)
{
    limits->max_work_group = (size_t)lowered(limits->max_work_group, "PIXCL_MAX_WORK_GROUP");
    for (int i = 0; i < 3; i++) {
        if (limits->max_item_sizes[i] > limits->max_work_group)
            limits->max_item_sizes[i] = limits->max_work_group;
    }
    limits->local_memory = lowered(limits->local_memory, "PIXCL_MAX_LOCAL_MEMORY");
    limits->max_allocation = lowered(limits->max_allocation, "PIXCL_MAX_ALLOCATION");
}
