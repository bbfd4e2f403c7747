/* Trying devices in helpers: played crashes and hangs, and the real trial, also after this process has used OpenCL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "exec/opencl/helper.h"
#include "exec/opencl/probe.h"
#include "exec/opencl/survey.h"

static px_survey survey;

static const char *const phases[] = {"at first", "in its self-test", "while its speed was measured"};

static void crash_at_first(const px_cl_description *device, px_survey_result *result, const char *argument)
{
    if (device->index == 0 && strcmp(argument, "a word") == 0) {
        px_survey_at(1);
        signal(SIGSEGV, SIG_DFL); /* as sanitizers leave it otherwise */
        raise(SIGSEGV);
    }
    result->selftest = PIXCL_SELFTEST_PASSED;
}

static void hang_at_first(const px_cl_description *device, px_survey_result *result, const char *argument)
{
    (void)argument;
    px_survey_at(2);
    while (device->index == 0)
        pause();
    result->selftest = PIXCL_SELFTEST_PASSED;
}

static void exit_at_first(const px_cl_description *device, px_survey_result *result, const char *argument)
{
    (void)argument;
    if (device->index == 0)
        _exit(7);
    result->selftest = PIXCL_SELFTEST_PASSED;
}

static const px_survey_trial crashing = {"crashing", phases, crash_at_first};
static const px_survey_trial hanging = {"hanging", phases, hang_at_first};
static const px_survey_trial exiting = {"exiting", phases, exit_at_first};

static pixcl_status try_with(double seconds, const px_survey_trial *trial)
{
    return px_survey_try(&survey, seconds, trial, "a word", NULL);
}

/* The first device is blamed, the others are still tried. */
static void expect_first_failed(const char *message)
{
    assert_true(survey.inventory.device_count >= 1);
    assert_int_equal(survey.results[0].selftest, PIXCL_SELFTEST_FAILED);
    assert_non_null(strstr(survey.results[0].message, message));
    for (size_t i = 1; i < survey.inventory.device_count; i++)
        assert_int_equal(survey.results[i].selftest, PIXCL_SELFTEST_PASSED);
}

static void a_crash_is_told(void **state)
{
    (void)state;
    assert_int_equal(try_with(30, &crashing), PIXCL_OK);
    expect_first_failed("crashed with signal 11 (Segmentation fault) in its self-test");
}

static void a_hang_is_ended(void **state)
{
    double start = px_now();

    (void)state;
    /* two seconds: the helper lists the drivers in the same time, a tenth of that on a busy machine */
    assert_int_equal(try_with(2, &hanging), PIXCL_OK);
    expect_first_failed("gave no answer within 2 seconds while its speed was measured");
    assert_true(px_now() - start < 30);
}

static void an_exit_is_told(void **state)
{
    (void)state;
    assert_int_equal(try_with(30, &exiting), PIXCL_OK);
    expect_first_failed("ended the process with exit code 7");
}

static void the_list_comes_with_choice_speed_and_test(void **state)
{
    pixcl_device_list_params params = {.measure = true};
    pixcl_error err = {0};
    pixcl_device_list *list = pixcl_device_list_create(NULL, &params, &err);
    const pixcl_device_info *chosen;

    (void)state;
    if (!list)
        fail_msg("%s", err.message);
    chosen = pixcl_device_list_chosen(list, &err);
    assert_non_null(chosen);
    assert_true(chosen->usable);
    if (chosen->selftest != PIXCL_SELFTEST_PASSED)
        fail_msg("%s: %s", chosen->name, chosen->selftest_message);
    assert_true(chosen->measured && chosen->gflops > 0 && chosen->gbps > 0);
    assert_ptr_equal(pixcl_device_list_get(list, (size_t)chosen->index), chosen);
    assert_null(pixcl_device_list_get(list, pixcl_device_list_count(list)));
    assert_non_null(strstr(pixcl_device_list_text(list), chosen->name));
    pixcl_device_list_destroy(&list);
    assert_null(list);
    pixcl_device_list_destroy(&list);
    pixcl_device_list_destroy(NULL);
}

static void an_unknown_device_is_no_choice(void **state)
{
    pixcl_device_list_params params = {.device = "no such device"};
    pixcl_error err = {0};
    pixcl_device_list *list = pixcl_device_list_create(NULL, &params, &err);

    (void)state;
    assert_non_null(list);
    assert_null(pixcl_device_list_chosen(list, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_device_list_get(list, 0)->selftest, PIXCL_SELFTEST_NOT_RUN);
    pixcl_device_list_destroy(&list);
}

/* In this process, where a debugger and sanitizers see it; also with a device of the smallest limits. */
static void selftest_and_measure(void **state)
{
    pixcl_error err = {0};
    px_cl_speed speed;
    double start;
    px_cl_device *device;

    (void)state;
    for (int small = 0; small < 2; small++) {
        if (small) {
            setenv("PIXCL_MAX_WORK_GROUP", "1", 1);
            setenv("PIXCL_MAX_ALLOCATION", "100000", 1);
        }
        device = px_cl_device_open(NULL, true, &err);
        if (!device || px_cl_selftest(device, &err) != PIXCL_OK || px_cl_measure(device, &speed, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        assert_true(speed.gflops > 0 && speed.gbps > 0 && speed.launch_seconds > 0);
        start = px_now();
        assert_int_equal(px_cl_measure(device, &speed, &err), PIXCL_OK);
        /* 0.5 s promised; ten times that before a busy machine makes the test fail */
        assert_true(px_now() - start < 5.0);
        print_message("%s: %.1f GFLOP/s, %.1f GB/s, %.1f us a launch, %.2f s\n", device->name, speed.gflops, speed.gbps,
                      speed.launch_seconds * 1e6, px_now() - start);
        px_cl_device_close(&device);
    }
    unsetenv("PIXCL_MAX_WORK_GROUP");
    unsetenv("PIXCL_MAX_ALLOCATION");
}

/* Measured once; then, in this process and in others, as the file says. */
static void speed_is_measured_once(void **state)
{
    const px_cl_speed made_up = {1e6, 1e5, 1e-9, {1e6, 1e5, 1e4}}; /* better than any device, so that it stays */
    char folder[] = "/tmp/pixcl-test-XXXXXX", command[64];
    pixcl_error err = {0};
    px_cl_speed first, again;

    (void)state;
    assert_non_null(mkdtemp(folder));
    setenv("PIXCL_CACHE_DIR", folder, 1);
    px_cl_device *device = px_cl_device_open(NULL, false, &err);
    if (!device)
        fail_msg("%s", err.message);
    /* measured as if it were a GPU: a CPU's tiles are not known yet */
    const px_cl_identity identity = {device->platform_name, device->name, device->driver, device->limits.compute_units};
    if (px_cl_has_tiles(device) && !(device->quirks & PX_QUIRK_SLOW_CHECKER))
        px_cl_record_keep_speed(&identity, &(px_cl_speed){1, 1, 1, {0}});
    if (!px_cl_speed_of(device, &first, &err))
        fail_msg("%s", err.message);
    assert_true((px_cl_has_tiles(device) && first.gflops > 0) == (first.tile_gflops[0] > 0));
    if (device->quirks & PX_QUIRK_SLOW_CHECKER) { /* is not measured */
        assert_true(first.gflops == 0 && first.gbps == 0 && first.launch_seconds == 0);
        px_cl_device_close(&device);
        assert_int_equal(rmdir(folder), 0);
        return;
    }
    assert_true(first.gflops > 0 && first.gbps > 0 && first.launch_seconds > 0);
    px_cl_record_keep_speed(&identity, &made_up);
    assert_true(px_cl_speed_of(device, &again, &err));
    assert_memory_equal(&first, &again, sizeof first); /* this process stays with what it began with */
    px_cl_device_close(&device);
    device = px_cl_device_open(NULL, false, &err);
    assert_true(device && px_cl_speed_of(device, &again, &err));
    assert_memory_equal(&made_up, &again, sizeof again);
    px_cl_device_close(&device);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
    /* without a folder it is measured all the same */
    setenv("PIXCL_CACHE_DIR", "/dev/null/nowhere", 1);
    device = px_cl_device_open(NULL, false, &err);
    assert_true(device && px_cl_speed_of(device, &again, &err));
    assert_true(again.gflops > 0 && again.gflops < made_up.gflops);
    px_cl_device_close(&device);
}

int main(int argc, char **argv)
{
    static const px_survey_trial *const trials[] = {&px_survey_usual, &crashing, &hanging, &exiting, NULL};
    int code;

    if (px_helper_main(argc, argv, trials, &code))
        return code;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_is_told),
        cmocka_unit_test(a_hang_is_ended),
        cmocka_unit_test(an_exit_is_told),
        cmocka_unit_test(an_unknown_device_is_no_choice),
        cmocka_unit_test(selftest_and_measure),
        cmocka_unit_test(the_list_comes_with_choice_speed_and_test), /* after this process has loaded the drivers */
        cmocka_unit_test(speed_is_measured_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
