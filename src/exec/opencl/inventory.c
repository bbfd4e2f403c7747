/* Listing platforms and devices. */
#include "exec/opencl/device.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/classify.h"
#include "exec/opencl/drivers.h"

/* Extension tokens that CL/cl.h of 1.2 lacks: those of cl_nv_device_attribute_query, each a cl_uint ... */
#define COMPUTE_CAPABILITY_MAJOR_NV 0x4000
#define COMPUTE_CAPABILITY_MINOR_NV 0x4001
#define WARP_SIZE_NV                0x4003
/* ... of cl_amd_device_attribute_query, each a cl_uint */
#define SIMD_PER_COMPUTE_UNIT_AMD  0x4040
#define SIMD_WIDTH_AMD             0x4041
#define SIMD_INSTRUCTION_WIDTH_AMD 0x4042
#define WAVEFRONT_WIDTH_AMD        0x4043
/* ... and of cl_intel_required_subgroup_size: an array of size_t */
#define SUB_GROUP_SIZES_INTEL 0x4108

/* Lists of extensions have some kilobytes; a driver that tells more tells nonsense. */
#define MOST_TEXT_BYTES (1 << 20)

/* Copies at most size - 1 bytes, trimming the spaces that some drivers put around their names. */
static void copy_trimmed(char *to, size_t size, const char *from)
{
    size_t length;

    from += strspn(from, " ");
    length = strlen(from);
    while (length > 0 && from[length - 1] == ' ')
        length--;
    if (length > size - 1)
        length = size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

/* A text property of any length (px_free); "" when the driver does not know it, NULL when memory is out. */
static char *device_text(cl_device_id id, cl_device_info what, pixcl_error *err)
{
    size_t size = 0;
    char *text;

    if (clGetDeviceInfo(id, what, 0, NULL, &size) != CL_SUCCESS || size > MOST_TEXT_BYTES)
        size = 0;
    text = px_calloc(size + 1, 1, err);
    if (text && size > 0 && clGetDeviceInfo(id, what, size, text, NULL) != CL_SUCCESS)
        *text = '\0';
    return text;
}

static pixcl_status copy_device_text(cl_device_id id, cl_device_info what, char *to, size_t size, pixcl_error *err)
{
    char *text = device_text(id, what, err);

    if (!text)
        return PIXCL_ERROR_MEMORY;
    copy_trimmed(to, size, text);
    px_free(text);
    return PIXCL_OK;
}

/* Fixed-size properties stay at their zero when the driver does not know them. */
static uint32_t device_uint(cl_device_id id, cl_device_info what)
{
    cl_uint value = 0;

    return clGetDeviceInfo(id, what, sizeof value, &value, NULL) == CL_SUCCESS ? value : 0;
}

static uint64_t device_ulong(cl_device_id id, cl_device_info what)
{
    cl_ulong value = 0;

    return clGetDeviceInfo(id, what, sizeof value, &value, NULL) == CL_SUCCESS ? value : 0;
}

static bool device_bool(cl_device_id id, cl_device_info what)
{
    cl_bool value = CL_FALSE;

    return clGetDeviceInfo(id, what, sizeof value, &value, NULL) == CL_SUCCESS && value;
}

static void read_limits(cl_device_id id, px_cl_limits *limits)
{
    size_t group = 0;
    size_t sizes[16] = {0}; /* CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS of them: 3 everywhere so far */
    cl_device_local_mem_type local = CL_GLOBAL;

    limits->compute_units = device_uint(id, CL_DEVICE_MAX_COMPUTE_UNITS);
    limits->clock_mhz = device_uint(id, CL_DEVICE_MAX_CLOCK_FREQUENCY);
    limits->vector_width = device_uint(id, CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT);
    limits->native_vector_width = device_uint(id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);
    limits->alignment = device_uint(id, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8; /* given in bits */
    if (clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof group, &group, NULL) == CL_SUCCESS)
        limits->max_work_group = group;
    if (clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_ITEM_SIZES, sizeof sizes, sizes, NULL) != CL_SUCCESS)
        sizes[0] = sizes[1] = sizes[2] = 1;
    memcpy(limits->max_item_sizes, sizes, sizeof limits->max_item_sizes);
    limits->max_allocation = device_ulong(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    limits->global_memory = device_ulong(id, CL_DEVICE_GLOBAL_MEM_SIZE);
    limits->local_memory = device_ulong(id, CL_DEVICE_LOCAL_MEM_SIZE);
    if (clGetDeviceInfo(id, CL_DEVICE_LOCAL_MEM_TYPE, sizeof local, &local, NULL) == CL_SUCCESS)
        limits->dedicated_local_memory = local == CL_LOCAL;
    limits->host_unified_memory = device_bool(id, CL_DEVICE_HOST_UNIFIED_MEMORY);
    /* A driver that leaves out a limit gets the least that OpenCL promises. */
    if (limits->compute_units == 0)
        limits->compute_units = 1;
    if (limits->vector_width == 0)
        limits->vector_width = 1;
    if (limits->alignment < 128)
        limits->alignment = 128; /* a float16 or long16 must be able to start there */
    if (limits->max_work_group == 0)
        limits->max_work_group = 1;
    px_cl_lower_limits(limits);
}

static void read_sub_group_sizes(cl_device_id id, px_cl_limits *limits)
{
    size_t sizes[16] = {0}, bytes = 0;

    if (clGetDeviceInfo(id, SUB_GROUP_SIZES_INTEL, sizeof sizes, sizes, &bytes) != CL_SUCCESS)
        return;
    for (size_t i = 0; i < bytes / sizeof sizes[0] && i < sizeof sizes / sizeof sizes[0]; i++) {
        limits->required_sub_group = limits->required_sub_group || sizes[i] == 16;
        if (limits->least_sub_group == 0 || sizes[i] < limits->least_sub_group)
            limits->least_sub_group = (uint32_t)sizes[i];
    }
    if (limits->sub_group == 0)
        limits->sub_group = limits->required_sub_group ? 16 : limits->least_sub_group;
}

/* What only the vendors' extensions tell. A driver is asked for what it offers only: some fail oddly on tokens that
 * they do not know. */
static void read_vendor_limits(cl_device_id id, const char *extensions, px_cl_limits *limits)
{
    if (px_cl_has_extension(extensions, "cl_nv_device_attribute_query")) {
        limits->sub_group = device_uint(id, WARP_SIZE_NV);
        limits->compute_capability =
            10 * device_uint(id, COMPUTE_CAPABILITY_MAJOR_NV) + device_uint(id, COMPUTE_CAPABILITY_MINOR_NV);
    }
    if (px_cl_has_extension(extensions, "cl_amd_device_attribute_query")) {
        limits->sub_group = device_uint(id, WAVEFRONT_WIDTH_AMD);
        limits->simd_lanes = device_uint(id, SIMD_PER_COMPUTE_UNIT_AMD) * device_uint(id, SIMD_WIDTH_AMD) *
                             device_uint(id, SIMD_INSTRUCTION_WIDTH_AMD);
    }
    if (px_cl_has_extension(extensions, "cl_intel_required_subgroup_size"))
        read_sub_group_sizes(id, limits);
}

static pixcl_status describe(const px_cl_platform *platform, cl_device_id id, int index, px_cl_description *to,
                             pixcl_error *err)
{
    px_cl_facts facts = {0};
    char *profile = NULL, *extensions = NULL, *c_version = NULL;
    const char *note;
    pixcl_status status;

    memset(to, 0, sizeof *to);
    to->index = index;
    to->platform = platform->id;
    to->id = id;
    copy_trimmed(to->platform_name, sizeof to->platform_name, platform->name);
    if ((status = copy_device_text(id, CL_DEVICE_NAME, to->name, sizeof to->name, err)) != PIXCL_OK ||
        (status = copy_device_text(id, CL_DEVICE_VENDOR, to->vendor, sizeof to->vendor, err)) != PIXCL_OK ||
        (status = copy_device_text(id, CL_DRIVER_VERSION, to->driver, sizeof to->driver, err)) != PIXCL_OK ||
        (status = copy_device_text(id, CL_DEVICE_VERSION, to->version, sizeof to->version, err)) != PIXCL_OK)
        return status;
    if (!*to->name)
        copy_trimmed(to->name, sizeof to->name, "unnamed device");
    profile = device_text(id, CL_DEVICE_PROFILE, err);
    extensions = device_text(id, CL_DEVICE_EXTENSIONS, err);
    c_version = device_text(id, CL_DEVICE_OPENCL_C_VERSION, err);
    if (!profile || !extensions || !c_version) {
        status = PIXCL_ERROR_MEMORY;
        goto cleanup;
    }
    if (clGetDeviceInfo(id, CL_DEVICE_TYPE, sizeof to->type, &to->type, NULL) != CL_SUCCESS)
        to->type = 0;
    to->vendor_id = device_uint(id, CL_DEVICE_VENDOR_ID);
    read_limits(id, &to->limits);
    read_vendor_limits(id, extensions, &to->limits);
    to->quirks = px_cl_quirks(to->platform_name, to->name, &note);
    snprintf(to->note, sizeof to->note, "%s", note);
    if (to->quirks & PX_QUIRK_SHARES_MEMORY)
        to->limits.host_unified_memory = true;
    facts.type = to->type;
    facts.host_unified_memory = to->limits.host_unified_memory;
    facts.available = device_bool(id, CL_DEVICE_AVAILABLE);
    facts.compiler = device_bool(id, CL_DEVICE_COMPILER_AVAILABLE);
    facts.little_endian = device_bool(id, CL_DEVICE_ENDIAN_LITTLE);
    facts.suitable_profile = strcmp(profile, "FULL_PROFILE") == 0 ||
                             px_cl_embedded_suffices(extensions, device_ulong(id, CL_DEVICE_SINGLE_FP_CONFIG));
    facts.version = to->version;
    facts.c_version = c_version;
    to->device_class = px_cl_classify(&facts);
    to->usable = px_cl_judge(&facts, to->reason, sizeof to->reason);
    to->half_arithmetic = px_cl_has_extension(extensions, "cl_khr_fp16");
    to->subgroups =
        px_cl_has_extension(extensions, "cl_khr_subgroups") || px_cl_has_extension(extensions, "cl_intel_subgroups");
cleanup:
    px_free(profile);
    px_free(extensions);
    px_free(c_version);
    return status;
}

static void name_platform(cl_platform_id id, px_cl_platform *to)
{
    char text[1024] = ""; /* its last byte stays: not every driver ends what it writes */

    memset(to, 0, sizeof *to);
    to->id = id;
    if (clGetPlatformInfo(id, CL_PLATFORM_NAME, sizeof text - 1, text, NULL) == CL_SUCCESS)
        copy_trimmed(to->name, sizeof to->name, text);
    memset(text, 0, sizeof text);
    if (clGetPlatformInfo(id, CL_PLATFORM_VERSION, sizeof text - 1, text, NULL) == CL_SUCCESS)
        copy_trimmed(to->version, sizeof to->version, text);
    if (!*to->name)
        copy_trimmed(to->name, sizeof to->name, "unnamed platform");
}

static pixcl_status list_devices_of(px_cl_inventory *inventory, px_cl_platform *platform, pixcl_error *err)
{
    cl_device_id ids[PX_CL_MAX_DEVICES] = {0};
    cl_uint count = 0;
    cl_int code = clGetDeviceIDs(platform->id, CL_DEVICE_TYPE_ALL, PX_CL_MAX_DEVICES, ids, &count);

    if (code == CL_DEVICE_NOT_FOUND)
        return PIXCL_OK;
    if (code != CL_SUCCESS) {
        px_log(PIXCL_LOG_WARNING, "the devices of OpenCL platform %s cannot be listed: clGetDeviceIDs gave %s (%d)",
               platform->name, px_cl_error_name(code), (int)code);
        return PIXCL_OK;
    }
    for (cl_uint i = 0; i < count; i++) {
        pixcl_status status;

        if (i < PX_CL_MAX_DEVICES && !ids[i]) {
            px_log(PIXCL_LOG_WARNING, "OpenCL platform %s tells of %u devices and lists %u", platform->name,
                   (unsigned)count, (unsigned)i);
            break;
        }
        if (i >= PX_CL_MAX_DEVICES || inventory->device_count == PX_CL_MAX_DEVICES) {
            px_log(PIXCL_LOG_WARNING, "more than %d OpenCL devices: the rest is left out", PX_CL_MAX_DEVICES);
            break;
        }
        status =
            describe(platform, ids[i], (int)inventory->device_count, &inventory->devices[inventory->device_count], err);
        if (status != PIXCL_OK)
            return status;
        inventory->device_count++;
        platform->devices++;
    }
    return PIXCL_OK;
}

static pixcl_status take(px_cl_inventory *inventory, pixcl_error *err)
{
    cl_platform_id ids[PX_CL_MAX_PLATFORMS] = {0};
    size_t count = 0;
    const pixcl_status loaded = px_cl_drivers_load(ids, PX_CL_MAX_PLATFORMS, &count, err);

    memset(inventory, 0, sizeof *inventory);
    if (loaded != PIXCL_OK)
        return loaded;
    for (size_t i = 0; i < count; i++) {
        px_cl_platform *platform = &inventory->platforms[inventory->platform_count++];
        pixcl_status status;

        name_platform(ids[i], platform);
        status = list_devices_of(inventory, platform, err);
        if (status != PIXCL_OK)
            return status;
    }
    return PIXCL_OK;
}

pixcl_status px_cl_inventory_take(px_cl_inventory *inventory, pixcl_error *err)
{
    px_cl_lock();
    const pixcl_status status = take(inventory, err);
    px_cl_unlock();
    return status;
}

static bool is_for_any_cpu(const px_cl_platform *platform)
{
    return px_contains(platform->name, "Portable Computing Language");
}

const char *px_cl_platform_hint(const px_cl_platform *platform)
{
    if (platform->devices > 0)
        return "";
    if (px_contains(platform->name, "rusticl"))
        return "set RUSTICL_ENABLE=radeonsi (AMD), iris (Intel) or llvmpipe (software) to switch its devices on";
    if (px_contains(platform->name, "Clover"))
        return "OpenCL 1.1, too old for pixcl: Mesa's rusticl takes its place";
    if (is_for_any_cpu(platform))
        return "it is for any CPU, so something keeps it from starting: a cache folder that it cannot write to "
               "(POCL_CACHE_DIR, else XDG_CACHE_HOME/pocl or HOME/.cache/pocl), a full disk, or a limit on memory";
    return "its driver found no hardware it can use";
}

/* The registered drivers that are of no use, as "FILE FAULT; FILE FAULT". */
static void list_faults(px_text *text)
{
    const px_cl_drivers *drivers = px_cl_drivers_found();

    for (size_t i = 0; i < drivers->count; i++) {
        if (*drivers->items[i].fault && text->length < 250)
            px_text_add(text, "%s%s %s", text->length ? "; " : "", drivers->items[i].file, drivers->items[i].fault);
    }
}

void px_cl_explain_no_device(const px_cl_inventory *inventory, pixcl_error *err)
{
    px_text faults = {0};

    for (size_t i = 0; i < inventory->platform_count; i++) {
        const px_cl_platform *platform = &inventory->platforms[i];

        if (platform->devices == 0 && is_for_any_cpu(platform)) {
            px_fail(err, PIXCL_ERROR_NO_DEVICE, "no usable OpenCL device, though the driver \"%s\" is installed: %s",
                    platform->name, px_cl_platform_hint(platform));
            return;
        }
    }
    list_faults(&faults);
    if (faults.length > 0)
        px_fail_context(err, "of the OpenCL drivers here, %s", faults.data);
    px_text_free(&faults);
}
