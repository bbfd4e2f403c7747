/* The OpenCL devices of this machine: which ones pixcl can use and why not, how fast they are, whether they compute
 * right, and which one a device argument names. `pixcl devices` and `clinfo-check` are a page of code around this
 * header. */
#ifndef PIXCL_DEVICE_H
#define PIXCL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pixcl/context.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PIXCL_DEVICE_MOST_STEPS = 8 };

typedef enum pixcl_selftest {
    PIXCL_SELFTEST_NOT_RUN = 0,
    PIXCL_SELFTEST_PASSED,
    PIXCL_SELFTEST_FAILED /* wrong results, a failing call, a crash or a hang: selftest_message tells */
} pixcl_selftest;

/* A training step that was timed on a device, or tried, by pixcl_bench_devices() (pixcl/bench.h). */
typedef struct pixcl_device_step {
    char model[32];            /* with its default options, but for the sizes */
    int crop_size, batch_size; /* of its pictures */
    double seconds;            /* 0: it failed */
    char failure[160];         /* why, "" when it was timed */
} pixcl_device_step;

/* One device as found. Memory in bytes. */
typedef struct pixcl_device_info {
    int index; /* what --device takes */
    char name[128], vendor[128];
    char platform[128]; /* the driver's name, as "Portable Computing Language" */
    char driver[128];   /* its version */
    char version[128];  /* "OpenCL 3.0 ..." */
    char kind[24];      /* "cpu", "integrated gpu", "discrete gpu" or "accelerator" */
    char note[256];     /* what to know about this device, "" for nothing */
    bool usable;
    char reason[256]; /* why it is not usable, "" when it is */

    uint32_t compute_units, clock_mhz; /* clock 0: the driver does not know */
    uint32_t vector_width;             /* floats */
    uint64_t max_work_group;           /* work-items */
    uint64_t global_memory, max_allocation, local_memory;
    bool dedicated_local_memory; /* false: local memory is a part of ordinary memory */
    bool host_unified_memory;    /* shares the host's memory */
    bool half_arithmetic;        /* has cl_khr_fp16; pixcl works without */

    bool measured; /* whether the two figures below were measured */
    double
        gflops;  /* float multiply-add peak, 1e9 operations a second, an addition and a multiplication counted as two */
    double gbps; /* copy bandwidth, 1e9 bytes a second, reading and writing both counted */
    pixcl_selftest selftest;
    char selftest_message[256]; /* what failed, "" otherwise */

    size_t step_count; /* steps known of it, from pixcl's cache folder; none with PIXCL_TUNE=off */
    pixcl_device_step steps[PIXCL_DEVICE_MOST_STEPS];
} pixcl_device_info;

/* How to look. Zero-initialise for the defaults. */
typedef struct pixcl_device_list_params {
    const char *device;     /* as --device: an index, gpu, cpu, accelerator, part of a device's or platform's name.
                             * NULL: $PIXCL_DEVICE, else the best usable device (below) */
    bool measure;           /* true: measure speed and run the self-test, about a second a device; more where kernels
                             * have to be compiled for the first time */
    double timeout_seconds; /* 60: a device that takes longer for its test is given up */
} pixcl_device_list_params;

/* A snapshot of the devices. Immutable once made: any thread may read it. */
typedef struct pixcl_device_list pixcl_device_list;

/* Lets pixcl try OpenCL drivers where they can do no harm: in this program, started anew. To be called first in main(),
 * with its arguments:
 *
 *     int code;
 *     if (pixcl_helper_main(argc, argv, &code))
 *         return code;
 *
 * A driver that crashes, ends the process or does not answer is then left out, with a warning that names it, and the
 * others are used; it would take the program with it otherwise. Drivers are tried before the first use of OpenCL, and
 * again when the system was started or the driver changed since (the cache folder remembers); that takes some tenths of
 * a second. A program that does not call this has its drivers tried by the program `pixcl` in the library's
 * folder, or else by the installed one, where there is one.
 * Linux only so far. */
PIXCL_API bool pixcl_helper_main(int argc, char **argv, int *code);

/* Lists the devices; a machine without any gives an empty list, not an error. NULL on failure (a driver that crashes
 * while it is being listed, no memory).
 *
 * The drivers are tried first, see pixcl_helper_main(), and with params->measure every device, too: one that crashes or
 * hangs harms only its own line of the list. PIXCL_ERROR_ARGUMENT when there is no program to try devices in. */
PIXCL_API pixcl_device_list *pixcl_device_list_create(pixcl_context *context, const pixcl_device_list_params *params,
                                                      pixcl_error *err);
PIXCL_API void pixcl_device_list_destroy(pixcl_device_list **list);

PIXCL_API size_t pixcl_device_list_count(const pixcl_device_list *list);
/* Device 0 <= index < count, NULL otherwise. Lives as long as the list. */
PIXCL_API const pixcl_device_info *pixcl_device_list_get(const pixcl_device_list *list, size_t index);

/* The device that params->device names, or the default: of several usable devices the one with the fastest training
 * step, where one was timed on two of them or more (pixcl_bench_devices(), `clinfo-check --step`); else the one that
 * should be the fastest by its compute units, their width and the clock. Devices with too little memory, devices whose
 * steps failed and software rasterisers come last. A training run without --device takes the same. NULL with *err
 * filled when there is none: PIXCL_ERROR_NO_DEVICE when nothing here is usable (the message names the packages to
 * install), PIXCL_ERROR_ARGUMENT when only the name is wrong. */
PIXCL_API const pixcl_device_info *pixcl_device_list_chosen(const pixcl_device_list *list, pixcl_error *err);

/* What set that device apart from others that would have done, as "fastest measured step: 0.29 s, of pix2pix at
 * 256x256" or "highest estimated speed: 310 GFLOP/s in a training step"; "" when there was no other. Lives as long as
 * the list. */
PIXCL_API const char *pixcl_device_list_why(const pixcl_device_list *list);

/* The list as text for a person, or as one JSON object: {"pixcl", "drivers": [...], "platforms": [...], "devices":
 * [...], "chosen": index or null, "why": what set it apart, "error": null or why there is no chosen device}. Ends with
 * a newline. Lives as long as the list. */
PIXCL_API const char *pixcl_device_list_text(const pixcl_device_list *list);
PIXCL_API const char *pixcl_device_list_json(const pixcl_device_list *list);

#ifdef __cplusplus
}
#endif
#endif
