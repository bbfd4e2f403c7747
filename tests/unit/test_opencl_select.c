/* Choosing among made-up devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/context.h"
#include "base/cure.h"
#include "base/os.h"
#include "exec/opencl/select.h"

static px_cl_description make(const char *platform, const char *name, cl_device_type type, px_device_class device_class,
                              uint32_t units, uint32_t mhz)
{
    px_cl_description device = {.type = type, .device_class = device_class, .usable = true};

    snprintf(device.platform_name, sizeof device.platform_name, "%s", platform);
    snprintf(device.name, sizeof device.name, "%s", name);
    device.limits.compute_units = units;
    device.limits.clock_mhz = mhz;
    device.limits.global_memory = UINT64_C(8) << 30;
    device.limits.vector_width = device_class == PX_DEVICE_CPU ? 8 : 1;
    return device;
}

/* A workstation: software rasteriser, CPU, integrated and two discrete GPUs, accelerator. */
enum { LLVMPIPE, CPU, IGPU, SMALL_GPU, LARGE_GPU, ACCELERATOR, COUNT };
static px_cl_description devices[COUNT];
static px_cl_record records[COUNT];
static char why[160]; /* of the last choice */

static int set_up(void **state)
{
    (void)state;
    memset(records, 0, sizeof records);
    devices[LLVMPIPE] = make("rusticl", "llvmpipe (LLVM 15)", CL_DEVICE_TYPE_CPU, PX_DEVICE_CPU, 64, 3000);
    devices[LLVMPIPE].quirks = PX_QUIRK_SOFTWARE_GPU;
    devices[CPU] = make("Portable Computing Language", "pthread-AMD EPYC", CL_DEVICE_TYPE_CPU, PX_DEVICE_CPU, 8, 2500);
    devices[IGPU] = make("Intel OpenCL", "Intel UHD Graphics", CL_DEVICE_TYPE_GPU, PX_DEVICE_GPU_INTEGRATED, 96, 1500);
    devices[SMALL_GPU] = make("NVIDIA CUDA", "GeForce A", CL_DEVICE_TYPE_GPU, PX_DEVICE_GPU_DISCRETE, 20, 1000);
    devices[LARGE_GPU] = make("NVIDIA CUDA", "GeForce B", CL_DEVICE_TYPE_GPU, PX_DEVICE_GPU_DISCRETE, 20, 1700);
    devices[ACCELERATOR] =
        make("Portable Computing Language", "ttasim", CL_DEVICE_TYPE_ACCELERATOR, PX_DEVICE_ACCELERATOR, 1, 100);
    snprintf(devices[SMALL_GPU].vendor, sizeof devices[SMALL_GPU].vendor, "NVIDIA");
    snprintf(devices[LARGE_GPU].vendor, sizeof devices[LARGE_GPU].vendor, "NVIDIA");
    snprintf(devices[IGPU].vendor, sizeof devices[IGPU].vendor, "Intel(R) Corporation");
    return 0;
}

static void expect(const char *spec, size_t expected)
{
    pixcl_error err = {0};
    px_cl_choice choice = {.index = COUNT};

    assert_int_equal(px_cl_select(devices, records, COUNT, spec, &choice, &err), PIXCL_OK);
    assert_int_equal(choice.index, expected);
    snprintf(why, sizeof why, "%s", choice.why);
}

static void expect_failure(const char *spec, pixcl_status status, const char *part)
{
    pixcl_error err = {0};
    px_cl_choice choice = {.index = COUNT};

    assert_int_equal(px_cl_select(devices, records, COUNT, spec, &choice, &err), status);
    assert_int_equal(err.status, status);
    assert_non_null(strstr(err.message, part));
}

static void the_best_is_the_default(void **state)
{
    (void)state;
    expect(NULL, LARGE_GPU);
    expect("", LARGE_GPU);
    assert_non_null(strstr(why, "highest estimated speed"));
    devices[LARGE_GPU].usable = false;
    expect(NULL, SMALL_GPU);
    devices[SMALL_GPU].usable = false;
    expect(NULL, IGPU);
    devices[IGPU].usable = false;
    expect(NULL, CPU); /* although llvmpipe claims more compute units */
    devices[CPU].usable = false;
    expect(NULL, ACCELERATOR);
    devices[ACCELERATOR].usable = false;
    expect(NULL, LLVMPIPE);
    assert_string_equal(why, ""); /* there is no other */
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

static void add_step(size_t device, const char *model, int size, double seconds)
{
    px_cl_step step = {.crop_size = size, .batch_size = 1, .seconds = seconds, .gflop = 1e-3 * size * size};
    snprintf(step.model, sizeof step.model, "%s", model);
    snprintf(step.failure, sizeof step.failure, "%s", seconds > 0 ? "" : "no memory");
    px_cl_record_add_step(&records[device], &step);
}

static void measured_steps_decide(void **state)
{
    (void)state;
    add_step(CPU, "pix2pix", 256, 0.3);
    expect(NULL, LARGE_GPU); /* one time alone compares to nothing */
    add_step(LARGE_GPU, "pix2pix", 256, 0.5);
    add_step(SMALL_GPU, "pix2pix", 256, 0.4);
    devices[IGPU].usable = false;
    expect(NULL, CPU);
    assert_string_equal(why, "fastest measured step: 0.3 s, of pix2pix at 256x256");
    expect("gpu", SMALL_GPU);
    /* what is asked for by index needs no reason */
    expect("4", LARGE_GPU);
    assert_string_equal(why, "");
    /* a later time takes the place of an earlier one */
    add_step(LARGE_GPU, "pix2pix", 256, 0.2);
    expect(NULL, LARGE_GPU);
}

/* Steps of different models or sizes are no comparison; that of the most devices is one, and of two such the longer. */
static void only_like_steps_are_compared(void **state)
{
    (void)state;
    add_step(CPU, "pix2pix", 256, 0.3);
    add_step(LARGE_GPU, "cycle_gan", 256, 1.5);
    add_step(SMALL_GPU, "pix2pix", 512, 1.5);
    expect(NULL, LARGE_GPU);
    add_step(IGPU, "pix2pix", 256, 0.1);
    devices[LARGE_GPU].usable = devices[SMALL_GPU].usable = false;
    expect(NULL, IGPU);
    assert_non_null(strstr(why, "0.1 s"));
    add_step(CPU, "pix2pix", 512, 0.5);
    add_step(IGPU, "pix2pix", 512, 0.6);
    expect(NULL, CPU);
    assert_non_null(strstr(why, "512x512"));
}

/* Guessed 70 times as fast as the CPU, timed half as fast: of another guess as little is left. */
static void a_guess_beside_times_is_scaled(void **state)
{
    (void)state;
    devices[IGPU].usable = devices[ACCELERATOR].usable = devices[LLVMPIPE].usable = false;
    devices[SMALL_GPU].limits.compute_units = 80;
    add_step(CPU, "pix2pix", 256, 0.3);
    add_step(SMALL_GPU, "pix2pix", 256, 0.6);
    expect(NULL, CPU); /* LARGE_GPU is guessed faster than the CPU, but so was SMALL_GPU */
    /* unless it promises more than that */
    devices[LARGE_GPU].limits.compute_units = 200;
    expect(NULL, LARGE_GPU);
    assert_non_null(strstr(why, "estimated"));
}

static void devices_that_cannot_train_come_last(void **state)
{
    (void)state;
    devices[LARGE_GPU].limits.global_memory = 512 << 20;
    expect(NULL, SMALL_GPU);
    add_step(SMALL_GPU, "pix2pix", 256, 0);
    expect(NULL, IGPU);
    /* of those the one with little memory still is better than the one that has failed */
    devices[IGPU].usable = devices[CPU].usable = devices[ACCELERATOR].usable = false;
    expect(NULL, LARGE_GPU);
    assert_non_null(strstr(why, "little memory"));
    add_step(LARGE_GPU, "pix2pix", 256, 0);
    expect(NULL, LARGE_GPU);
    assert_non_null(strstr(why, "have failed"));
    /* a step of another model that succeeds makes it good again */
    add_step(SMALL_GPU, "pix2pix", 128, 0.1);
    expect(NULL, SMALL_GPU);
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
    expect("portable", CPU);
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
    px_cl_choice choice;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        devices[i].usable = false;
        snprintf(devices[i].reason, sizeof devices[i].reason, "%s", "it offers \"OpenCL 1.1\"");
    }
    expect_failure(NULL, PIXCL_ERROR_NO_DEVICE, px_cure_cpu_driver(px_system_here()));
    expect_failure("gpu", PIXCL_ERROR_NO_DEVICE, "Device 0, llvmpipe (LLVM 15), cannot be used: it offers");
    assert_int_equal(px_cl_select(NULL, NULL, 0, "0", &choice, &err), PIXCL_ERROR_NO_DEVICE);
    char cure[PX_CURE_SIZE];
    px_cure_no_driver(px_system_here(), cure);
    assert_non_null(strstr(err.message, cure));
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
    expect_failure(spec, PIXCL_ERROR_NO_DEVICE, "`clinfo-check` shows what was found.");
}

static void the_environment_names_a_default(void **state)
{
    char text[PX_CL_SPEC_SIZE];
    (void)state;
    px_os_set_variable("PIXCL_DEVICE", "cpu");
    assert_string_equal(px_cl_default_spec(NULL, text), "cpu");
    assert_string_equal(px_cl_default_spec("", text), "cpu");
    assert_string_equal(px_cl_default_spec("gpu", text), "gpu");
    pixcl_context *context = pixcl_context_create(NULL, NULL);
    px_os_set_variable("PIXCL_DEVICE", NULL);
    assert_null(px_cl_default_spec(NULL, text));
    /* A context has the environment as it was, and its own device goes before that. */
    px_context_enter(context);
    assert_string_equal(px_cl_default_spec(NULL, text), "cpu");
    assert_int_equal(pixcl_context_set_device(context, "accelerator", NULL), PIXCL_OK);
    assert_string_equal(px_cl_default_spec(NULL, text), "accelerator");
    assert_string_equal(px_cl_default_spec("gpu", text), "gpu");
    px_context_enter(NULL);
    pixcl_context_destroy(&context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_best_is_the_default, set_up),
        cmocka_unit_test_setup(equal_devices_keep_their_order, set_up),
        cmocka_unit_test_setup(measured_steps_decide, set_up),
        cmocka_unit_test_setup(only_like_steps_are_compared, set_up),
        cmocka_unit_test_setup(a_guess_beside_times_is_scaled, set_up),
        cmocka_unit_test_setup(devices_that_cannot_train_come_last, set_up),
        cmocka_unit_test_setup(index_type_and_name, set_up),
        cmocka_unit_test_setup(wrong_names_list_what_is_there, set_up),
        cmocka_unit_test_setup(nothing_usable_names_the_cure, set_up),
        cmocka_unit_test_setup(long_names_fit_the_message, set_up),
        cmocka_unit_test(the_environment_names_a_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
