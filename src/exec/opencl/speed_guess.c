/* Guessing a device's speed.
 *
 * A compute unit is something else with every vendor, so units x clock compare nothing but siblings: 24 units of
 * Intel's are 24 x 8 lanes, 10 of AMD's 10 x 64, 2 of NVIDIA's Kepler 2 x 192. Where a driver tells the lanes, they
 * count; else the vendor's common number. */
#include "exec/opencl/speed_guess.h"

#include "exec/opencl/classify.h"

typedef enum vendor {
    VENDOR_OTHER,
    VENDOR_INTEL,
    VENDOR_AMD,
    VENDOR_NVIDIA,
    VENDOR_APPLE,
    VENDOR_ARM,
    VENDOR_QUALCOMM
} vendor;

/* By the PCI number where the driver gives it; macOS (0x1024500 for Intel) and Arm (the GPU's own number) do not. */
static vendor vendor_of(const px_cl_description *device)
{
    static const struct {
        uint32_t id;
        const char *part; /* of the vendor's name */
        vendor vendor;
    } known[] = {
        {0x8086, "Intel", VENDOR_INTEL},
        {0x1002, "AMD", VENDOR_AMD},
        {0x1002, "Advanced Micro Devices", VENDOR_AMD},
        {0x10de, "NVIDIA", VENDOR_NVIDIA},
        {0x106b, "Apple", VENDOR_APPLE},
        {0x13b5, "ARM", VENDOR_ARM},
        {0x5143, "Qualcomm", VENDOR_QUALCOMM},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (device->vendor_id == known[i].id)
            return known[i].vendor;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (px_contains(device->vendor, known[i].part))
            return known[i].vendor;
    }
    return VENDOR_OTHER;
}

/* Single precision lanes of a multiprocessor by compute capability: CUDA C++ Programming Guide, "Arithmetic
 * Instructions", throughput of 32-bit multiply-add. macOS has drivers for Kepler and older only, and tells none. */
static double nvidia_lanes(const px_cl_description *device)
{
    switch (device->limits.compute_capability) {
    case 0:
        return px_contains(device->platform_name, "Apple") ? 192 : 128;
    case 60:
    case 70:
    case 72:
    case 75:
    case 80:
        return 64;
    default:
        return device->limits.compute_capability < 50 ? 192 : 128;
    }
}

/* Floats that a compute unit multiplies and adds in a clock. */
static double lanes_of(const px_cl_description *device)
{
    const px_cl_limits *limits = &device->limits;
    uint32_t wide =
        limits->native_vector_width > limits->vector_width ? limits->native_vector_width : limits->vector_width;

    /* A CPU's unit is a thread with one unit of vectors; Intel's own runtime prefers scalars and tells the width as the
     * native one. */
    if (device->device_class == PX_DEVICE_CPU)
        return wide > 0 ? wide : 4;
    switch (vendor_of(device)) {
    case VENDOR_INTEL:
        /* An execution unit is as wide as the narrowest sub-group: 8 up to Arc A ("The Compute Architecture of Intel
         * Processor Graphics Gen9"), 16 from Arc B on. */
        return limits->least_sub_group == 16 ? 16 : 8;
    case VENDOR_AMD:
        /* cl_amd_device_attribute_query: 4 x 16 before RDNA, 4 x 32 where ROCm counts pairs of RDNA's units as one.
         * Mesa counts each with 64. */
        return limits->simd_lanes > 0 ? limits->simd_lanes : 64;
    case VENDOR_NVIDIA:
        return nvidia_lanes(device);
    case VENDOR_APPLE:
        return 128;
    case VENDOR_ARM: /* "Arm Mali GPU Datasheet": 12 (G71) to 64 (G710) a core */
        return 24;
    case VENDOR_QUALCOMM: /* Adreno 640: 898 GFLOP/s at 585 MHz of 2 units, 650: 1203 at 587 of 3 */
        return 256;
    case VENDOR_OTHER:
        break;
    }
    return 32;
}

/* Units that can be: Mesa's freedreno tells 9999. */
static double units_of(const px_cl_description *device)
{
    const uint32_t units = device->limits.compute_units;

    return units == 0 || units > 4096 ? 2 : units;
}

/* MHz. Drivers that do not know a clock tell 0 (Intel's CPU runtime), 1 (Adreno), 5 (Mali), 95 (macOS for a Radeon at
 * rest) or 400 (Mesa for Intel); no GPU of OpenCL 1.2 is as slow as that when it works. */
static double clock_of(const px_cl_description *device)
{
    enum { CPU_CLOCK = 3000, GPU_CLOCK = 1000, GPU_AT_REST = 400 };
    const uint32_t clock = device->limits.clock_mhz;

    if (device->device_class == PX_DEVICE_CPU)
        return clock > 0 ? clock : CPU_CLOCK;
    return clock > GPU_AT_REST ? clock : GPU_CLOCK;
}

double px_cl_guess_peak(const px_cl_description *device)
{
    return units_of(device) * lanes_of(device) * 2 * clock_of(device) * 1e-3;
}

double px_cl_guess_step(const px_cl_description *device)
{
    double share = 0.1; /* whatever else there is: an accelerator is rarely made for this */

    switch (device->device_class) {
    case PX_DEVICE_CPU:
        /* Of what a CPU can do, a step reaches 0.57 to 0.8 (DECISIONS.md). But the clock told is that of one busy core,
         * and two threads share a core's units: an i7-8565U, 8 threads at "4600 MHz", 589 GFLOP/s by its facts, does
         * some 320. */
        share = 0.35;
        break;
    case PX_DEVICE_GPU_INTEGRATED:
        /* It shares memory and power with the CPU: an UHD 630 does 0.85 of its peak in multiply-adds alone, and the
         * memory of both feeds it in the rest of the step. */
        share = 0.3;
        break;
    case PX_DEVICE_GPU_DISCRETE:
        share = 0.4;
        break;
    case PX_DEVICE_ACCELERATOR:
        break;
    }
    return share * px_cl_guess_peak(device);
}
