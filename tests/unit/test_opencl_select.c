/* Choosing among made-up devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exec/opencl/select.h"

static px_cl_description make(const char *platform, const char *name, cl_device_type type, px_device_class device_class,
                              uint32_t units, uint32_t mhz)
{
    px_cl_description device = {.type = type, .device_class = device_class, .usable = true};

    snprintf(device.platform_name, sizeof device.platform_name, "%s", platform);
    snprintf(device.name, sizeof device.name, "%s", name);
    device.limits.compute_units = units;
    device.limits.clock_mhz = mhz;
    return device;
}

/* A workstation: software rasteriser, CPU, integrated and two discrete GPUs, accelerator. */
enum { LLVMPIPE, CPU, IGPU, SMALL_GPU, LARGE_GPU, ACCELERATOR, COUNT };
static px_cl_description devices[COUNT];

static int set_up(void **state)
{
    (void)state;
    devices[LLVMPIPE] = make("rusticl", "llvmpipe (LLVM 15)", CL_DEVICE_TYPE_CPU, PX_DEVICE_CPU, 64, 3000);
    devices[LLVMPIPE].quirks = PX_QUIRK_SOFTWARE_GPU;
    devices[CPU] = make("Portable Computing Language", "pthread-AMD EPYC", CL_DEVICE_TYPE_CPU, PX_DEVICE_CPU, 8, 2500);
    devices[IGPU] = make("Intel OpenCL", "Intel UHD Graphics", CL_DEVICE_TYPE_GPU, PX_DEVICE_GPU_INTEGRATED, 96, 1500);
    devices[SMALL_GPU] = make("NVIDIA CUDA", "GeForce A", CL_DEVICE_TYPE_GPU, PX_DEVICE_GPU_DISCRETE, 20, 1000);
    devices[LARGE_GPU] = make("NVIDIA CUDA", "GeForce B", CL_DEVICE_TYPE_GPU, PX_DEVICE_GPU_DISCRETE, 20, 1700);
    devices[ACCELERATOR] =
        make("Portable Computing Language", "ttasim", CL_DEVICE_TYPE_ACCELERATOR, PX_DEVICE_ACCELERATOR, 1, 100);
    return 0;
}

static void expect(const char *spec, size_t expected)
{
    pixcl_error err = {0};
    size_t chosen = COUNT;

    assert_int_equal(px_cl_select(devices, COUNT, spec, &chosen, &err), PIXCL_OK);
    assert_int_equal(chosen, expected);
}

static void expect_failure(const char *spec, pixcl_status status, const char *part)
{
    pixcl_error err = {0};
    size_t chosen = COUNT;

    assert_int_equal(px_cl_select(devices, COUNT, spec, &chosen, &err), status);
    assert_int_equal(err.status, status);
    assert_non_null(strstr(err.message, part));
}

static void the_best_is_the_default(void **state)
{
    (void)state;
    expect(NULL, LARGE_GPU);
    expect("", LARGE_GPU);
    devices[LARGE_GPU].usable = false;
    expect(NULL, SMALL_GPU);
    devices[SMALL_GPU].usable = false;
    expect(NULL, IGPU);
    devices[IGPU].usable = false;
    expect(NULL, ACCELERATOR);
    devices[ACCELERATOR].usable = false;
    expect(NULL, CPU); /* although llvmpipe claims more compute units */
    devices[CPU].usable = false;
    expect(NULL, LLVMPIPE);
}

static void equal_devices_keep_their_order(void **state)
{
    (void)state;
    devices[SMALL_GPU].limits.clock_mhz = 1700;
    expect(NULL, SMALL_GPU);
    /* an unknown clock counts as 1000 MHz: less than 1700 */
    devices[SMALL_GPU].limits.clock_mhz = 0;
    expect(NULL, LARGE_GPU);
}

static void index_type_and_name(void **state)
{
    (void)state;
    expect("0", LLVMPIPE);
    expect("5", ACCELERATOR);
    expect("03", SMALL_GPU);
    expect("gpu", LARGE_GPU);
    expect("GPU", LARGE_GPU);
    expect("cpu", CPU);
    expect("Accelerator", ACCELERATOR);
    expect("uhd", IGPU);
    expect("geforce a", SMALL_GPU);
    expect("nvidia", LARGE_GPU); /* a platform's name: the best of it */
    expect("RUSTICL", LLVMPIPE);
    expect("portable", ACCELERATOR);
}

static void wrong_names_list_what_is_there(void **state)
{
    (void)state;
    expect_failure("6", PIXCL_ERROR_ARGUMENT, "there is no such device");
    expect_failure("99999999999999999999", PIXCL_ERROR_ARGUMENT, "4: GeForce B (discrete gpu)");
    expect_failure("-1", PIXCL_ERROR_ARGUMENT, "--device -1");
    expect_failure("radeon", PIXCL_ERROR_ARGUMENT, "2: Intel UHD Graphics (integrated gpu)");
    devices[IGPU].usable = false;
    snprintf(devices[IGPU].reason, sizeof devices[IGPU].reason, "its driver has no compiler");
    expect_failure("2", PIXCL_ERROR_ARGUMENT, "Intel UHD Graphics cannot be used: its driver has no compiler");
    expect_failure("uhd", PIXCL_ERROR_ARGUMENT, "not usable");
}

static void nothing_usable_names_the_cure(void **state)
{
    pixcl_error err = {0};
    size_t chosen;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        devices[i].usable = false;
        snprintf(devices[i].reason, sizeof devices[i].reason, "%s", "it offers \"OpenCL 1.1\"");
    }
    expect_failure(NULL, PIXCL_ERROR_NO_DEVICE, "pocl-opencl-icd");
    expect_failure("gpu", PIXCL_ERROR_NO_DEVICE, "Device 0, llvmpipe (LLVM 15), cannot be used: it offers");
    assert_int_equal(px_cl_select(NULL, 0, "0", &chosen, &err), PIXCL_ERROR_NO_DEVICE);
    assert_non_null(strstr(err.message, "intel-opencl-icd"));
    assert_non_null(strstr(err.message, "nvidia-opencl-icd"));
    assert_non_null(strstr(err.message, "RUSTICL_ENABLE=radeonsi"));
    assert_non_null(strstr(err.message, "/etc/OpenCL/vendors"));
}

static void long_names_fit_the_message(void **state)
{
    char spec[4000];

    (void)state;
    memset(spec, 'x', sizeof spec - 1);
    spec[sizeof spec - 1] = '\0';
    for (size_t i = 0; i < COUNT; i++) {
        memset(devices[i].name, 'n', sizeof devices[i].name - 1);
        memset(devices[i].reason, 'r', sizeof devices[i].reason - 1);
    }
    expect_failure(spec, PIXCL_ERROR_ARGUMENT, "Give an index");
    for (size_t i = 0; i < COUNT; i++)
        devices[i].usable = false;
    expect_failure(spec, PIXCL_ERROR_NO_DEVICE, "pocl-opencl-icd");
}

static void the_environment_names_a_default(void **state)
{
    (void)state;
    setenv("PIXCL_DEVICE", "cpu", 1);
    assert_string_equal(px_cl_default_spec(NULL), "cpu");
    assert_string_equal(px_cl_default_spec(""), "cpu");
    assert_string_equal(px_cl_default_spec("gpu"), "gpu");
    unsetenv("PIXCL_DEVICE");
    assert_null(px_cl_default_spec(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_best_is_the_default, set_up),
        cmocka_unit_test_setup(equal_devices_keep_their_order, set_up),
        cmocka_unit_test_setup(index_type_and_name, set_up),
        cmocka_unit_test_setup(wrong_names_list_what_is_there, set_up),
        cmocka_unit_test_setup(nothing_usable_names_the_cure, set_up),
        cmocka_unit_test_setup(long_names_fit_the_message, set_up),
        cmocka_unit_test(the_environment_names_a_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
