/* The table of devices that are known by their data sheets. */
#include "plan/known_devices.h"

#include <string.h>

#include "base/memory.h"

#define INTEGRATED PX_DEVICE_GPU_INTEGRATED
#define DISCRETE   PX_DEVICE_GPU_DISCRETE

/* Units, multiply-adds, clocks and memory are the makers': Intel's ARK and its architecture guides (an execution unit
 * is 8 lanes wide), AMD's product pages (64 lanes a compute unit), NVIDIA's tuning guides (128 lanes a multiprocessor)
 * and data sheets, Arm's Mali data sheet (32 lanes a core), Qualcomm's and Apple's figures for the whole chip. Where
 * memory is shared, it is that of a usual machine of 8 or 16 GB, of which drivers offer from a third (phones) to four
 * fifths (Intel). Limits are those that drivers report. What a launch costs is assumed: 4 to 6 us on cards, 10 and more
 * where the host is a laptop's or a phone's. */
static const px_known_device table[] = {
    {"hd-530", "Intel HD Graphics 530 (Core i7-6700, DDR4-2133)", INTEGRATED, 24, 16, 8, 1150, 34.1, 6400, 3200, 256,
     64, 15},
    {"uhd-620", "Intel UHD Graphics 620 (Core i5-8250U, DDR4-2400)", INTEGRATED, 24, 16, 8, 1050, 38.4, 6400, 3200, 256,
     64, 15},
    {"uhd-770", "Intel UHD Graphics 770 (Core i7-12700, DDR5-4800)", INTEGRATED, 32, 16, 8, 1500, 76.8, 12800, 4096,
     512, 64, 10},
    {"iris-xe", "Intel Iris Xe Graphics of 96 units (Core i7-1165G7, LPDDR4X-4266)", INTEGRATED, 96, 16, 8, 1300, 68.3,
     12800, 4096, 512, 64, 10},
    {"arc-a370m", "Intel Arc A370M (4 GB)", DISCRETE, 128, 16, 8, 1550, 112, 3238, 3238, 1024, 64, 10},
    {"vega-8", "AMD Radeon Vega 8 (Ryzen 5 3500U, DDR4-2400)", INTEGRATED, 8, 64, 64, 1200, 38.4, 4096, 2048, 256, 64,
     10},
    {"radeon-680m", "AMD Radeon 680M (Ryzen 7 6800U, LPDDR5-6400)", INTEGRATED, 12, 32, 64, 2200, 102.4, 8192, 4096,
     256, 64, 10},
    {"radeon-780m", "AMD Radeon 780M (Ryzen 7 7840U, LPDDR5X-7500)", INTEGRATED, 12, 32, 64, 2700, 120, 8192, 4096, 256,
     64, 10},
    {"gtx-1050", "NVIDIA GeForce GTX 1050 (2 GB)", DISCRETE, 5, 32, 128, 1455, 112, 2000, 500, 1024, 48, 6},
    {"gtx-1650", "NVIDIA GeForce GTX 1650 (4 GB)", DISCRETE, 14, 32, 64, 1665, 128, 3900, 975, 1024, 48, 6},
    {"rtx-3060", "NVIDIA GeForce RTX 3060 Laptop (6 GB)", DISCRETE, 30, 32, 128, 1300, 336, 5900, 1475, 1024, 48, 6},
    {"rtx-4090", "NVIDIA GeForce RTX 4090 (24 GB)", DISCRETE, 128, 32, 128, 2520, 1008, 24000, 6000, 1024, 48, 4},
    {"h200", "NVIDIA H200 (141 GB)", DISCRETE, 132, 32, 128, 1785, 4800, 143000, 35750, 1024, 48, 4},
    {"apple-m1", "Apple M1 of 8 cores (16 GB)", INTEGRATED, 8, 32, 128, 1278, 68.3, 10922, 2048, 256, 32, 10},
    {"mali-g78", "Arm Mali-G78 MP14 (Exynos 2100, LPDDR5-5500, 8 GB)", INTEGRATED, 14, 16, 32, 854, 44, 4096, 1024, 512,
     32, 25},
    {"adreno-640", "Qualcomm Adreno 640 (Snapdragon 855, LPDDR4X-4266, 8 GB)", INTEGRATED, 2, 64, 384, 585, 34.1, 2700,
     1024, 1024, 32, 25},
};
enum { COUNT = sizeof table / sizeof table[0] };

const px_known_device *px_known_device_at(int index)
{
    return index >= 0 && index < COUNT ? &table[index] : NULL;
}

const px_known_device *px_known_device_named(const char *name, pixcl_error *err)
{
    px_text names = {0};
    for (int i = 0; i < COUNT; i++) {
        if (strcmp(table[i].name, name) == 0) {
            px_text_free(&names);
            return &table[i];
        }
        px_text_add(&names, "%s%s", i ? ", " : "", table[i].name);
    }
    px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no known device \"%.60s\"; expected one of %s", name,
            names.data ? names.data : "none");
    px_text_free(&names);
    return NULL;
}

px_target px_known_device_target(const px_known_device *d)
{
    /* Large enough to be worth copies are products of 450 to 2000 on a side, by device; of 576 on most. */
    static px_gemm_kernel clblast = {.row_major = false, .tile = 64, .smallest = 576};
    const px_speed speed = px_known_device_speed(d);
    return (px_target){.device_class = d->device_class,
                       .max_allocation = (size_t)d->allocation_mb << 20,
                       .memory = (size_t)d->memory_mb << 20,
                       .max_work_group = (size_t)d->max_work_group,
                       .local_memory = (size_t)d->local_kb << 10,
                       .compute_units = d->units,
                       .sub_group = d->sub_group,
                       .alignment = 256,
                       .gflops = speed.gflops,
                       .gbps = speed.gbps,
                       .launch_seconds = speed.launch_seconds,
                       .gemm_scratch = px_gemm_kernel_scratch,
                       .user = &clblast};
}

/* A copy reaches some four fifths of a bus that the processor shares, nine tenths of a card's own. */
px_speed px_known_device_speed(const px_known_device *d)
{
    return (px_speed){.device = d->title,
                      .gflops = 2e-3 * d->units * d->multiply_adds * d->mhz,
                      .gbps = d->bus_gbps * (d->device_class == PX_DEVICE_GPU_DISCRETE ? 0.9 : 0.8),
                      .launch_seconds = 1e-6 * d->launch_us};
}
