/* Devices as their drivers describe them, by type. The comment before each says where its numbers come from: 32 of the
 * 60 are whole public listings of clinfo. The others join excerpts of listings with units, clock and memory from data
 * sheets, or with limits that the same driver gives for a sibling. Memory differs from machine to machine. */
#ifndef TEST_DEVICE_FIXTURES_H
#define TEST_DEVICE_FIXTURES_H

#include <stdio.h>
#include <string.h>

#include "exec/opencl/classify.h"
#include "exec/opencl/device.h"

typedef struct device_fixture {
    const char *platform, *name, *vendor;
    uint32_t vendor_id;
    cl_device_type type;
    const char *version, *c_version;
    bool unified;
    uint32_t units, mhz, vector, native;
    size_t group, items[3];
    uint64_t memory, allocation, local;
    bool own_local;     /* CL_DEVICE_LOCAL_MEM_TYPE is CL_LOCAL */
    uint32_t alignment; /* bytes */
    uint32_t sub_group; /* the narrowest of Intel's, AMD's wavefront, NVIDIA's warp; 0: the driver tells none */
    uint32_t lanes_or_capability; /* AMD: SIMDs of a unit x their width; NVIDIA: 61 for 6.1 */
    px_device_class device_class;
    bool embedded; /* CL_DEVICE_PROFILE is EMBEDDED_PROFILE */
} device_fixture;

#define CPU_TYPE CL_DEVICE_TYPE_CPU
#define GPU_TYPE CL_DEVICE_TYPE_GPU
#define KB       UINT64_C(1024)
#define MB       UINT64_C(1048576)
#define SAME(n)                                                                                                        \
    n,                                                                                                                 \
    {                                                                                                                  \
        n, n, n                                                                                                        \
    }
#define NV_GROUP                                                                                                       \
    1024,                                                                                                              \
    {                                                                                                                  \
        1024, 1024, 64                                                                                                 \
    }
#define AMD_GROUP                                                                                                      \
    256,                                                                                                               \
    {                                                                                                                  \
        1024, 1024, 1024                                                                                               \
    }
#define NEO     "Intel(R) OpenCL HD Graphics"
#define NEO3    "Intel(R) OpenCL Graphics"
#define INTEL   "Intel(R) Corporation", 0x8086
#define AMDAPP  "AMD Accelerated Parallel Processing"
#define AMD     "Advanced Micro Devices, Inc.", 0x1002
#define CUDA    "NVIDIA CUDA"
#define NVIDIA  "NVIDIA Corporation", 0x10de
#define POCL    "Portable Computing Language"
#define C30     "OpenCL 3.0 ", "OpenCL C 1.2 "
#define C21NEO  "OpenCL 2.1 NEO ", "OpenCL C 2.0 "
#define C12     "OpenCL 1.2 ", "OpenCL C 1.2 "
#define C12NEO  "OpenCL 3.0 NEO ", "OpenCL C 1.2 "
#define C12CUDA "OpenCL 3.0 CUDA", "OpenCL C 1.2 "
#define C20     "OpenCL 2.0 ", "OpenCL C 2.0 "

/* A device of the full profile, and one of the embedded profile. */
#define FULL(...)                                                                                                      \
    {                                                                                                                  \
        __VA_ARGS__, false                                                                                             \
    }
#define EMBEDDED(...)                                                                                                  \
    {                                                                                                                  \
        __VA_ARGS__, true                                                                                              \
    }

enum {
    HD_530,
    RADEON_PRO_450,
    IRIS_PRO,
    GT_750M,
    UHD_630,
    RADEON_PRO_560X,
    I7_8750H_APPLE,
    RADEON_PRO_5500M,
    HD_4000,
    HASWELL_BEIGNET,
    HD_4600,
    I5_4590_INTEL,
    GEN9_NEO,
    IRIS_PRO_580,
    UHD_620,
    IRIS_PLUS_655,
    IRIS_XE,
    I9_13900H_XE,
    I9_13900H_INTEL,
    RTX_4070_LAPTOP,
    UHD_770,
    ARC_A370M,
    ARC_A770,
    ARC_B580,
    VEGA_8,
    RENOIR,
    RENOIR_ROCM_4,
    RADEON_680M,
    RAPHAEL_RUSTICL,
    RX_6700_XT_RUSTICL,
    RX_480,
    VEGA_64,
    RX_5500_XT,
    RYZEN_3600X_AMD,
    RX_5700_XT,
    RX_6600_XT,
    RX_7900_XTX,
    GTX_1060,
    MX150,
    QUADRO_T1000,
    GTX_1650,
    RTX_3060_LAPTOP,
    RTX_4090,
    H100,
    APPLE_M1,
    APPLE_M2,
    APPLE_M4_PRO,
    MALI_G71,
    MALI_G78,
    MALI_G610,
    CORTEX_A55_POCL,
    ADRENO_640,
    ADRENO_650,
    ADRENO_RUSTICL,
    ADRENO_690_RUSTICL,
    I7_8565U_POCL,
    RYZEN_7600X_POCL,
    THREADRIPPER_POCL,
    RYZEN_5800H_INTEL,
    LLVMPIPE,
    FIXTURES
};

static const device_fixture fixtures[FIXTURES] = {
    /* A MacBook Pro of 2016; openwall/john#3238 for the sibling HD 630 */
    [HD_530] = FULL("Apple", "Intel(R) HD Graphics 530", "Intel Inc.", 0x1024500, GPU_TYPE, C12, true, 24, 1050, 1, 1,
                    SAME(256), 1536 * MB, 384 * MB, 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* The same; limits from fireice-uk/xmr-stak#499 and #673, units and clock by data sheet, the rest as the 560X */
    [RADEON_PRO_450] =
        FULL("Apple", "AMD Radeon Pro 450 Compute Engine", "AMD", 0x1021c00, GPU_TYPE, C12, false, 10, 800, 1, 1,
             SAME(256), 2048 * MB, 512 * MB, 32 * KB, true, 4096, 0, 0, PX_DEVICE_GPU_DISCRETE),
    /* A MacBook Pro of 2013; hughperkins/cltorch#68, openmm/openmm#2489 */
    [IRIS_PRO] = FULL("Apple", "Iris Pro", "Intel", 0x1024500, GPU_TYPE, C12, true, 40, 1200, 1, 1, SAME(512),
                      1536 * MB, 384 * MB, 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* The same; data sheet */
    [GT_750M] = FULL("Apple", "GeForce GT 750M", "NVIDIA", 0x1022700, GPU_TYPE, C12, false, 2, 925, 1, 1, NV_GROUP,
                     2048 * MB, 512 * MB, 48 * KB, true, 512, 0, 0, PX_DEVICE_GPU_DISCRETE),
    /* This and the next two: a whole listing of a MacBook Pro of 2018, macOS 10.15.6 (xmrig/xmrig#1394), with the
     * card's clock at rest and a CPU that allows groups along one dimension only */
    [UHD_630] = FULL("Apple", "Intel(R) UHD Graphics 630", "Intel Inc.", 0x1024500, GPU_TYPE, C12, true, 24, 1100, 1, 1,
                     SAME(256), 1536 * MB, 384 * MB, 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    [RADEON_PRO_560X] =
        FULL("Apple", "AMD Radeon Pro 560X Compute Engine", "AMD", 0x1021c00, GPU_TYPE, C12, false, 16, 300, 1, 1,
             SAME(256), 4096 * MB, 1024 * MB, 32 * KB, true, 4096, 0, 0, PX_DEVICE_GPU_DISCRETE),
    [I7_8750H_APPLE] =
        FULL("Apple", "Intel(R) Core(TM) i7-8750H CPU @ 2.20GHz", "Intel", 0xffffffff, CPU_TYPE, C12, true, 12, 2200, 4,
             4, 1024, {1024, 1, 1}, 16384 * MB, 4096 * MB, 32 * KB, false, 128, 0, 0, PX_DEVICE_CPU),
    /* A MacBook Pro of 2019; OSGeo/gdal#8525, with the clock at rest, the rest as the 560X */
    [RADEON_PRO_5500M] =
        FULL("Apple", "AMD Radeon Pro 5500M Compute Engine", "AMD", 0x1021e00, GPU_TYPE, C12, false, 24, 95, 1, 1,
             SAME(256), 8176 * MB, 2044 * MB, 64 * KB, true, 4096, 0, 0, PX_DEVICE_GPU_DISCRETE),
    /* iotaledger-archive/ccurl#21 */
    [HD_4000] = FULL("Apple", "HD Graphics 4000", "Intel", 0x1024400, GPU_TYPE, C12, true, 16, 1100, 1, 1, SAME(512),
                     1536 * MB, 384 * MB, 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* a whole listing (bugs.freedesktop.org, attachment 115817): Beignet denies that memory is shared */
    [HASWELL_BEIGNET] =
        FULL("Intel Gen OCL Driver", "Intel(R) HD Graphics Haswell Ultrabook GT2 Mobile", "Intel", 0x8086, GPU_TYPE,
             "OpenCL 1.2 beignet 1.0.0", "OpenCL C 1.2 beignet 1.0.0", false, 20, 1000, 4, 4, SAME(1024), 1024 * MB,
             256 * MB, 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* This and the next: a whole listing of driver 16.4.4.47109, a desktop of 2014 (diegopso/opencl, clinfo.txt) */
    [HD_4600] = FULL("Intel(R) OpenCL", "Intel(R) HD Graphics", INTEL, GPU_TYPE, C12, true, 20, 1150, 1, 1, SAME(512),
                     UINT64_C(1709598311), UINT64_C(427399577), 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    [I5_4590_INTEL] = FULL("Intel(R) OpenCL", "Intel(R) Core(TM) i5-4590 CPU @ 3.30GHz", INTEL, CPU_TYPE,
                           "OpenCL 1.2 (Build 9756)", "OpenCL C 1.2 ", true, 4, 3300, 1, 8, SAME(8192),
                           UINT64_C(8107704320), UINT64_C(2026926080), 32 * KB, false, 128, 0, 0, PX_DEVICE_CPU),
    /* A Gen9 GPU of 24 units (HD 530 to UHD 630): a whole listing of driver 18.23.10915 (opencv/opencv,
     * default_kernel_config.hpp of ocl4dnn); the sub-groups of 8 are Gen9's */
    [GEN9_NEO] = FULL(NEO, "Intel(R) Gen9 HD Graphics NEO", INTEL, GPU_TYPE, C21NEO, true, 24, 1150, 1, 1, SAME(256),
                      UINT64_C(6575288320), UINT64_C(3287644160), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_INTEGRATED),
    /* The same file has a whole listing of driver 2018ww15-010713, of 72 units: an Iris Pro 580 */
    [IRIS_PRO_580] =
        FULL(NEO, "Intel(R) Gen9 HD Graphics NEO", INTEL, GPU_TYPE, C21NEO, true, 72, 950, 1, 1, SAME(256),
             UINT64_C(26892222464), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_INTEGRATED),
    /* intel/compute-runtime#210 and #428 */
    [UHD_620] =
        FULL(NEO, "Intel(R) UHD Graphics 620 [0x5917]", INTEL, GPU_TYPE, C12NEO, true, 24, 1150, 1, 1, SAME(256),
             UINT64_C(13382733824), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_INTEGRATED),
    /* data sheet, limits of the same driver */
    [IRIS_PLUS_655] = FULL(NEO, "Intel(R) Iris(R) Plus Graphics 655 [0x3ea5]", INTEL, GPU_TYPE, C12NEO, true, 48, 1200,
                           1, 1, SAME(256), UINT64_C(13382733824), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0,
                           PX_DEVICE_GPU_INTEGRATED),
    /* a whole listing of driver 22.43.24595 */
    [IRIS_XE] = FULL(NEO, "Intel(R) Graphics [0x46a6]", INTEL, GPU_TYPE, C12NEO, true, 96, 1400, 1, 1, SAME(512),
                     UINT64_C(13062381568), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_INTEGRATED),
    /* This and the next two: a whole listing of a laptop of 2023, drivers 25.31.34666.3, 2025.20.10.0.23 and
     * 580.105.08 (mairooni/TornadoVM, clinfo.txt). Intel's runtime for CPUs tells no clock and prefers scalars */
    [I9_13900H_XE] =
        FULL(NEO3, "Intel(R) Iris(R) Xe Graphics", INTEL, GPU_TYPE, C12NEO, true, 96, 1500, 1, 1, SAME(512),
             UINT64_C(30773293056), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_INTEGRATED),
    [I9_13900H_INTEL] = FULL("Intel(R) OpenCL", "13th Gen Intel(R) Core(TM) i9-13900H", INTEL, CPU_TYPE,
                             "OpenCL 3.0 (Build 0)", "OpenCL C 3.0 ", true, 20, 0, 1, 8, SAME(8192),
                             UINT64_C(33239527424), UINT64_C(16619763712), 256 * KB, false, 128, 4, 0, PX_DEVICE_CPU),
    [RTX_4070_LAPTOP] =
        FULL(CUDA, "NVIDIA GeForce RTX 4070 Laptop GPU", NVIDIA, GPU_TYPE, C12CUDA, false, 36, 1980, 1, 1, NV_GROUP,
             UINT64_C(8184725504), UINT64_C(2046181376), 48 * KB, true, 512, 32, 89, PX_DEVICE_GPU_DISCRETE),
    /* open-edge-platform/edge-microvisor-toolkit#379, units and clock by data sheet */
    [UHD_770] = FULL(NEO3, "Intel(R) UHD Graphics 770", INTEL, GPU_TYPE, C12NEO, true, 32, 1550, 1, 1, SAME(512),
                     UINT64_C(26741391360), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_INTEGRATED),
    /* data sheet; the share of its memory that the driver gives by intel/compute-runtime#586 (of the A750) */
    [ARC_A370M] =
        FULL(NEO, "Intel(R) Arc(TM) A370M Graphics", INTEL, GPU_TYPE, C12NEO, false, 128, 1550, 1, 1, SAME(1024),
             UINT64_C(3395706880), UINT64_C(3395706880), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_DISCRETE),
    /* intel/compute-runtime#618, #627 and #869 */
    [ARC_A770] =
        FULL(NEO3, "Intel(R) Arc(TM) A770 Graphics", INTEL, GPU_TYPE, C12NEO, false, 512, 2400, 1, 1, SAME(1024),
             UINT64_C(16225243136), UINT64_C(4294959104), 64 * KB, true, 128, 8, 0, PX_DEVICE_GPU_DISCRETE),
    /* data sheet; the first of Intel's cards without sub-groups of 8 */
    [ARC_B580] =
        FULL(NEO3, "Intel(R) Arc(TM) B580 Graphics", INTEL, GPU_TYPE, C12NEO, false, 160, 2850, 1, 1, SAME(1024),
             UINT64_C(12168933376), UINT64_C(12168933376), 128 * KB, true, 128, 16, 0, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of driver 2906.7 (a Ryzen laptop of 2018) */
    [VEGA_8] = FULL(AMDAPP, "gfx902", AMD, GPU_TYPE, C20, true, 8, 1100, 1, 1, AMD_GROUP, UINT64_C(912680548),
                    UINT64_C(228170137), 64 * KB, true, 256, 64, 64, PX_DEVICE_GPU_INTEGRATED),
    /* GPGPUCourse/GPGPUTasks2025#34 (a laptop with a Ryzen 7 5800H), units by nixos-rocm/nixos-rocm#66 */
    [RENOIR] = FULL(AMDAPP, "gfx90c", AMD, GPU_TYPE, C20, true, 8, 2000, 1, 1, AMD_GROUP, 12378 * MB, 10521 * MB,
                    64 * KB, true, 128, 64, 64, PX_DEVICE_GPU_INTEGRATED),
    /* A whole listing of driver 3212.0 on a Ryzen 5 4600H (ROCm/ROCm#1374): it tells 26 units of 6, and denies
     * that memory is shared */
    [RENOIR_ROCM_4] = FULL(AMDAPP, "gfx902", AMD, GPU_TYPE, C20, false, 26, 1500, 1, 1, AMD_GROUP, 512 * MB,
                           UINT64_C(456340272), 64 * KB, true, 128, 64, 64, PX_DEVICE_GPU_INTEGRATED),
    /* data sheet; memory and limits by krrishnarraj/clpeak#127 (of the 760M). ROCm counts pairs of units */
    [RADEON_680M] = FULL(AMDAPP, "gfx1035", AMD, GPU_TYPE, C20, true, 6, 2200, 1, 1, AMD_GROUP, UINT64_C(16337092608),
                         UINT64_C(13886528712), 64 * KB, true, 128, 32, 128, PX_DEVICE_GPU_INTEGRATED),
    /* clearlinux/distribution#2758, numbers by data sheet, profile as the RX 6700 XT's */
    [RAPHAEL_RUSTICL] = EMBEDDED("rusticl", "AMD Radeon Graphics (radeonsi, raphael_mendocino, LLVM 19.1.1, DRM 3.59)",
                                 "AMD", 0x1002, GPU_TYPE, C30, true, 2, 2200, 1, 1, SAME(1024), 15842 * MB, 2048 * MB,
                                 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* a whole listing of Mesa 25.2.7 (xmrig/xmrig#3768): an embedded profile, for its few images */
    [RX_6700_XT_RUSTICL] =
        EMBEDDED("rusticl", "AMD Radeon RX 6700 XT (radeonsi, navi22, LLVM 21.1.5, DRM 3.64, 6.17.9-2-cachyos)", "AMD",
                 0x1002, GPU_TYPE, C30, false, 40, 2855, 1, 1, SAME(1024), UINT64_C(12884901888), UINT64_C(2147483647),
                 64 * KB, false, 512, 0, 0, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of a driver of 2017 that tells no lanes (ROCm/ROCm#255) */
    [RX_480] = FULL(AMDAPP, "gfx803", AMD, GPU_TYPE, "OpenCL 1.2 ", "OpenCL C 2.0 ", false, 36, 1342, 1, 1, AMD_GROUP,
                    UINT64_C(8589934592), UINT64_C(7301444403), 64 * KB, true, 128, 0, 0, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing, memory of the card */
    [VEGA_64] = FULL(AMDAPP, "gfx900", AMD, GPU_TYPE, C20, false, 64, 1630, 1, 1, AMD_GROUP, UINT64_C(8573157376),
                     UINT64_C(7287183769), 64 * KB, true, 256, 64, 64, PX_DEVICE_GPU_DISCRETE),
    /* This and the next: a whole listing of drivers 3212.0 and 1800.8 (ROCm/ROCm#1416) */
    [RX_5500_XT] = FULL(AMDAPP, "gfx1012", AMD, GPU_TYPE, C20, false, 11, 1900, 1, 1, AMD_GROUP, UINT64_C(8573157376),
                        UINT64_C(7287183768), 64 * KB, true, 128, 32, 128, PX_DEVICE_GPU_DISCRETE),
    [RYZEN_3600X_AMD] = FULL(AMDAPP, "AMD Ryzen 5 3600X 6-Core Processor", "AuthenticAMD", 0x1002, CPU_TYPE,
                             "OpenCL 1.2 AMD-APP (1800.8)", "OpenCL C 1.2 ", true, 12, 2200, 8, 8, SAME(1024),
                             UINT64_C(16755732480), UINT64_C(4188933120), 32 * KB, false, 128, 0, 0, PX_DEVICE_CPU),
    /* a whole listing of driver 3182.0, with the clock at rest (ROCm/ROCm#1215) */
    [RX_5700_XT] = FULL(AMDAPP, "gfx1010", AMD, GPU_TYPE, C20, false, 20, 100, 1, 1, AMD_GROUP, UINT64_C(8573157376),
                        UINT64_C(7287183769), 64 * KB, true, 128, 32, 128, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of driver 3452.0 */
    [RX_6600_XT] = FULL(AMDAPP, "gfx1032", AMD, GPU_TYPE, C20, false, 16, 2900, 1, 1, AMD_GROUP, UINT64_C(8573157376),
                        UINT64_C(7287183768), 64 * KB, true, 128, 32, 128, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of driver 3602.0 (vampireLibrarianMonk/amd-gpu-hello) */
    [RX_7900_XTX] = FULL(AMDAPP, "gfx1100", AMD, GPU_TYPE, C20, false, 48, 2304, 1, 1, AMD_GROUP, UINT64_C(25753026560),
                         UINT64_C(21890072576), 64 * KB, true, 128, 32, 128, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of driver 415.18 (pynufft/pynufft, OpenCL.rst) */
    [GTX_1060] =
        FULL(CUDA, "GeForce GTX 1060", NVIDIA, GPU_TYPE, "OpenCL 1.2 CUDA", "OpenCL C 1.2 ", false, 10, 1670, 1, 1,
             NV_GROUP, UINT64_C(6373572608), UINT64_C(1593393152), 48 * KB, true, 512, 32, 61, PX_DEVICE_GPU_DISCRETE),
    /* data sheet */
    [MX150] = FULL(CUDA, "NVIDIA GeForce MX150", NVIDIA, GPU_TYPE, C12CUDA, false, 3, 1531, 1, 1, NV_GROUP, 2002 * MB,
                   UINT64_C(524812288), 48 * KB, true, 512, 32, 61, PX_DEVICE_GPU_DISCRETE),
    [QUADRO_T1000] = FULL(CUDA, "Quadro T1000", NVIDIA, GPU_TYPE, C12CUDA, false, 14, 1455, 1, 1, NV_GROUP, 3911 * MB,
                          UINT64_C(1025261568), 48 * KB, true, 512, 32, 75, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of driver 525.60.11 (bgs99/ParallelProcessing, clinfo.txt) */
    [GTX_1650] = FULL(CUDA, "NVIDIA GeForce GTX 1650", NVIDIA, GPU_TYPE, C12CUDA, false, 16, 1560, 1, 1, NV_GROUP,
                      UINT64_C(4093509632), UINT64_C(1023377408), 48 * KB, true, 512, 32, 75, PX_DEVICE_GPU_DISCRETE),
    /* GPGPUCourse/GPGPUTasks2025#34, units by data sheet */
    [RTX_3060_LAPTOP] =
        FULL(CUDA, "NVIDIA GeForce RTX 3060 Laptop GPU", NVIDIA, GPU_TYPE, C12CUDA, false, 30, 1425, 1, 1, NV_GROUP,
             6143 * MB, UINT64_C(1610350592), 48 * KB, true, 512, 32, 86, PX_DEVICE_GPU_DISCRETE),
    /* data sheet */
    [RTX_4090] = FULL(CUDA, "NVIDIA GeForce RTX 4090", NVIDIA, GPU_TYPE, C12CUDA, false, 128, 2520, 1, 1, NV_GROUP,
                      24090 * MB, UINT64_C(6315114496), 48 * KB, true, 512, 32, 89, PX_DEVICE_GPU_DISCRETE),
    [H100] = FULL(CUDA, "NVIDIA H100 PCIe", NVIDIA, GPU_TYPE, C12CUDA, false, 114, 1755, 1, 1, NV_GROUP, 81008 * MB,
                  UINT64_C(21235974144), 48 * KB, true, 512, 32, 90, PX_DEVICE_GPU_DISCRETE),
    /* a whole listing of macOS 13.5.2 (pynufft/pynufft, Macbook.rst); the driver tells every Apple GPU's clock as
     * 1000 */
    [APPLE_M1] = FULL("Apple", "Apple M1", "Apple", 0x1027f00, GPU_TYPE, C12, true, 8, 1000, 1, 1, SAME(256),
                      UINT64_C(11453251584), 2048 * MB, 32 * KB, true, 4096, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* GPGPUCourse/GPGPUTasks2025#112, limits as its neighbours */
    [APPLE_M2] = FULL("Apple", "Apple M2", "Apple", 0x1027f00, GPU_TYPE, C12, true, 10, 1000, 1, 1, SAME(256),
                      16384 * MB, 3072 * MB, 32 * KB, true, 4096, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* a whole listing of macOS of December 2024 (alexDickhans/field-localization, clinfo.txt) */
    [APPLE_M4_PRO] = FULL("Apple", "Apple M4 Pro", "Apple", 0x1027f00, GPU_TYPE, C12, true, 20, 1000, 1, 1, SAME(256),
                          UINT64_C(17179885568), 3072 * MB, 32 * KB, true, 4096, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* 96boards-hikey/linux#59, with a clock of 5 MHz and groups larger than any dimension; memory of the board */
    [MALI_G71] = FULL("ARM Platform", "Mali-G71", "ARM", 0x60a00002, GPU_TYPE, "OpenCL 2.0 v1.r9p0-01rel0",
                      "OpenCL C 2.0 v1.r9p0-01rel0", true, 8, 5, 4, 4, 384, {256, 256, 256}, 3000 * MB, 750 * MB,
                      32 * KB, false, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* data sheet, limits of the same driver */
    [MALI_G78] =
        FULL("ARM Platform", "Mali-G78", "ARM", 0x90020010, GPU_TYPE, "OpenCL 2.1 v1.r26p0", "OpenCL C 2.0 v1.r26p0",
             true, 24, 759, 4, 4, SAME(512), 7600 * MB, 1900 * MB, 32 * KB, false, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* This and the next: a whole listing of an Orange Pi 5 (bbaranoff/OrangePi5-OpenCL, clinfo.txt) */
    [MALI_G610] = FULL("ARM Platform", "Mali-LODX r0p0", "ARM", 0xa8670000, GPU_TYPE,
                       "OpenCL 2.1 v1.g6p0-01eac0.efb75e2978d783a80fe78be1bfb0efc1",
                       "OpenCL C 2.0 v1.g6p0-01eac0.efb75e2978d783a80fe78be1bfb0efc1", true, 4, 1000, 4, 1, SAME(1024),
                       UINT64_C(8055664640), UINT64_C(8055664640), 32 * KB, false, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    [CORTEX_A55_POCL] =
        FULL(POCL, "pthread-cortex-a55", "ARM", 0x13b5, CPU_TYPE,
             "OpenCL 1.2 pocl HSTR: pthread-aarch64-unknown-linux-gnu-GENERIC", "OpenCL C 1.2 pocl", true, 8, 1800, 4,
             4, SAME(4096), UINT64_C(5915258880), UINT64_C(2147483648), 512 * KB, false, 128, 0, 0, PX_DEVICE_CPU),
    /* as the next, units by data sheet */
    [ADRENO_640] = FULL("QUALCOMM Snapdragon(TM)", "QUALCOMM Adreno(TM)", "QUALCOMM", 0x5143, GPU_TYPE,
                        "OpenCL 2.0 Adreno(TM) 640", "OpenCL C 2.0 Adreno(TM) 640", true, 2, 1, 1, 1, SAME(1024),
                        2700 * MB, 675 * MB, 32 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* a whole listing of a driver of 2020 that tells a clock of 1 MHz (xmrig/xmrig#2383) */
    [ADRENO_650] = FULL("QUALCOMM Snapdragon(TM)", "QUALCOMM Adreno(TM)", "QUALCOMM", 0x5143, GPU_TYPE,
                        "OpenCL 2.0 Adreno(TM) 650", "OpenCL C 2.0 Adreno(TM) 650", true, 3, 1, 1, 1, SAME(1024),
                        UINT64_C(3992293376), UINT64_C(998073344), 32 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* KhronosGroup/OpenCL-ICD-Loader#265; 9999 units is Mesa's own number; profile as the next */
    [ADRENO_RUSTICL] = EMBEDDED("rusticl", "FD630", "Qualcomm", 0x5143, GPU_TYPE, C30, true, 9999, 800, 1, 1,
                                SAME(1024), 4096 * MB, 2048 * MB, 32 * KB, true, 128, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* a whole listing of Mesa 26.0.3 (radxa-docs/docs, opencl.md of the Dragon Q8B): groups larger than any
     * dimension */
    [ADRENO_690_RUSTICL] =
        EMBEDDED("rusticl", "FD690", "Qualcomm", 0x5143, GPU_TYPE, C30, true, 8, 690, 1, 1, 2048, {1024, 1024, 64},
                 UINT64_C(16071417856), UINT64_C(2147483647), 32 * KB, false, 512, 0, 0, PX_DEVICE_GPU_INTEGRATED),
    /* PoCL 3 on laptops; the second by data sheet */
    [I7_8565U_POCL] = FULL(POCL, "pthread-Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz", "GenuineIntel", 0x8086, CPU_TYPE,
                           "OpenCL 3.0 PoCL HSTR: pthread-x86_64-pc-linux-gnu-skylake", "OpenCL C 1.2 pocl", true, 8,
                           4600, 8, 8, SAME(4096), 13708 * MB, 4096 * MB, 512 * KB, false, 128, 0, 0, PX_DEVICE_CPU),
    [RYZEN_7600X_POCL] =
        FULL(POCL, "cpu-znver4-AMD Ryzen 5 7600X 6-Core Processor", "AuthenticAMD", 0x1022, CPU_TYPE,
             "OpenCL 3.0 PoCL HSTR: cpu-x86_64-pc-linux-gnu-znver4", "OpenCL C 1.2 PoCL", true, 12, 5450, 16, 16,
             SAME(4096), 29000 * MB, 8192 * MB, 512 * KB, false, 128, 1, 0, PX_DEVICE_CPU),
    /* a whole listing of PoCL 0.14, with all of the memory as local memory (ROCm/ROCm#236) */
    [THREADRIPPER_POCL] =
        FULL(POCL, "pthread-AMD Ryzen Threadripper 1950X 16-Core Processor", "AuthenticAMD", 0x1022,
             CPU_TYPE | CL_DEVICE_TYPE_DEFAULT, "OpenCL 2.0 pocl HSTR: pthread-x86_64-unknown-linux-gnu-haswell",
             "OpenCL C 2.0", true, 32, 3400, 4, 4, SAME(4096), UINT64_C(69619585024), UINT64_C(69619585024),
             UINT64_C(69619585024), false, 128, 0, 0, PX_DEVICE_CPU),
    /* Intel's runtime, which tells no clock and prefers scalars; GPGPUCourse/GPGPUTasks2025#34, intel/intel-
     * extension-for-tensorflow#56 */
    [RYZEN_5800H_INTEL] = FULL("Intel(R) OpenCL", "AMD Ryzen 7 5800H with Radeon Graphics", INTEL, CPU_TYPE,
                               "OpenCL 3.0 (Build 0)", "OpenCL C 3.0 ", true, 16, 0, 1, 8, SAME(8192), 32157 * MB,
                               8039 * MB, 32 * KB, false, 128, 4, 0, PX_DEVICE_CPU),
    /* a whole listing of Mesa 22.3 on two cores */
    [LLVMPIPE] = FULL("rusticl", "llvmpipe (LLVM 15.0.6, 256 bits)", "Mesa/X.org", 0xffffffff, CPU_TYPE, C30, true, 8,
                      300, 1, 4, SAME(1024), 2048 * MB, 2048 * MB, 32 * KB, false, 128, 0, 0, PX_DEVICE_CPU),
};

/* The fixture as exec/opencl/inventory.c would describe the device. */
static inline px_cl_description fixture_description(int which)
{
    const device_fixture *f = &fixtures[which];
    const bool intel = f->vendor_id == 0x8086, amd = strcmp(f->platform, AMDAPP) == 0, nvidia = f->vendor_id == 0x10de;
    px_cl_description d = {.index = which, .vendor_id = f->vendor_id, .type = f->type};
    px_cl_limits *l = &d.limits;
    snprintf(d.platform_name, sizeof d.platform_name, "%s", f->platform);
    snprintf(d.name, sizeof d.name, "%s", f->name);
    snprintf(d.vendor, sizeof d.vendor, "%s", f->vendor);
    snprintf(d.version, sizeof d.version, "%s", f->version);
    *l = (px_cl_limits){.compute_units = f->units,
                        .clock_mhz = f->mhz,
                        .vector_width = f->vector,
                        .native_vector_width = f->native,
                        .alignment = f->alignment,
                        .max_work_group = f->group,
                        .max_allocation = f->allocation,
                        .global_memory = f->memory,
                        .local_memory = f->local,
                        .dedicated_local_memory = f->own_local,
                        .host_unified_memory = f->unified,
                        .sub_group = intel && f->sub_group ? 16 : f->sub_group,
                        .required_sub_group = intel && f->sub_group,
                        .least_sub_group = intel || f->type == CPU_TYPE ? f->sub_group : 0,
                        .simd_lanes = amd ? f->lanes_or_capability : 0,
                        .compute_capability = nvidia ? f->lanes_or_capability : 0};
    memcpy(l->max_item_sizes, f->items, sizeof l->max_item_sizes);
    d.quirks = px_cl_quirks(d.platform_name, d.name, NULL);
    l->host_unified_memory = l->host_unified_memory || d.quirks & PX_QUIRK_SHARES_MEMORY;
    /* What the listings of embedded profiles tell of single precision. */
    const cl_device_fp_config listed = CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST;
    const px_cl_facts facts = {.type = f->type,
                               .host_unified_memory = l->host_unified_memory,
                               .available = true,
                               .compiler = true,
                               .little_endian = true,
                               .suitable_profile = !f->embedded || px_cl_embedded_suffices("cles_khr_int64", listed),
                               .version = f->version,
                               .c_version = f->c_version};
    d.device_class = px_cl_classify(&facts);
    d.usable = px_cl_judge(&facts, d.reason, sizeof d.reason);
    return d;
}

#endif
