/* The file of what was measured of a device: read back, foreign and damaged ones, and what is kept of several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "exec/opencl/speed_file.h"
#include "temp_folder.h"

static const px_cl_identity device = {"Some Platform", "Some \"GPU\"", "1.2.3", 8};
static const px_cl_speed speed = {1234.5, 56.75, 7e-6, {1200.25, 1234.5, 300}};

static px_cl_step step_of(const char *model, double seconds)
{
    px_cl_step step = {.crop_size = 256, .batch_size = 1, .seconds = seconds, .gflop = 88};
    snprintf(step.model, sizeof step.model, "%s", model);
    return step;
}

static int set_up(void **state)
{
    const int failed = temp_folder_make(state);
    px_os_set_variable("PIXCL_CACHE_DIR", temp_folder);
    return failed;
}

static void nothing_is_known_at_first(void **state)
{
    px_cl_record record;
    (void)state;
    px_cl_record_recall(&device, &record);
    assert_true(record.speed.gflops == 0 && record.step_count == 0);
}

static void what_was_kept_is_recalled(void **state)
{
    px_cl_record record;
    px_cl_step failed = step_of("cycle_gan", 0);
    (void)state;
    snprintf(failed.failure, sizeof failed.failure, "%s", "needs 1308 MB,\nhas \"1000\"");
    px_cl_record_keep_speed(&device, &speed);
    px_cl_record_keep_step(&device, &(px_cl_step){"pix2pix", 256, 1, 0.25, 88, ""});
    px_cl_record_keep_step(&device, &failed);
    px_cl_record_recall(&device, &record);
    assert_memory_equal(&record.speed, &speed, sizeof speed);
    assert_int_equal(record.step_count, 2);
    assert_string_equal(record.steps[0].model, "pix2pix");
    assert_true(record.steps[0].seconds == 0.25 && record.steps[0].gflop == 88);
    assert_string_equal(record.steps[0].failure, "");
    assert_true(record.steps[1].seconds == 0);
    assert_string_equal(record.steps[1].failure, failed.failure);
}

/* A driver's update, fewer cores, another platform: each has a file of its own. */
static void another_driver_is_another_device(void **state)
{
    const px_cl_identity others[] = {{"Some Platform", "Some \"GPU\"", "1.2.4", 8},
                                     {"Some Platform", "Some \"GPU\"", "1.2.3", 4},
                                     {"Some Platform", "Some GPU", "1.2.3", 8},
                                     {"Platform", "Some \"GPU\"", "1.2.3", 8}};
    px_cl_record record;
    pixcl_error err = {0};
    (void)state;
    px_cl_record_keep_speed(&device, &speed);
    char *path = px_cl_record_path(&device, &err);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        px_cl_record_recall(&others[i], &record);
        assert_true(record.speed.gflops == 0);
        assert_int_equal(px_cl_record_read(&others[i], path, &record, &err), PIXCL_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "it was made for"));
    }
    px_free(path);
}

static void a_damaged_file_is_ignored_and_made_anew(void **state)
{
    static const char *const damages[] = {
        "",
        "{",
        "[]",
        "{\"gflops\": -1}",
        "{\"gflops\": \"fast\"}",
        "{\"gflops\": 1, \"gbps\": 1, \"launch_seconds\": 1}",
        "{\"gflops\": 1, \"tile_gflops\": [1, 2]}",
        "{\"gflops\": 1, \"tile_gflops\": [1, 2, -3]}",
        "{\"tile_gflops\": [1, 2, 3], \"steps\": [{\"model\": \"pix2pix\"}]}",
        "{\"tile_gflops\": [1, 2, 3], \"steps\": [{\"model\": \"pix2pix\", \"crop_size\": 256, \"batch_size\": 1}]}",
        "{\"tile_gflops\": [1, 2, 3], \"steps\": [{\"model\": \"pix2pix\", \"crop_size\": 1e300, \"batch_size\": 1, "
        "\"seconds\": 1}]}",
        "{\"tile_gflops\": [1, 2, 3], \"steps\": [{\"model\": \"pix2pix\", \"crop_size\": 2, \"batch_size\": 1, "
        "\"seconds\": -1}]}",
        "{\"tile_gflops\": [1, 2, 3], \"steps\": [{\"model\": \"a name of far more than 32 letters, which no model "
        "has\", \"crop_size\": 2, "
        "\"batch_size\": 1, "
        "\"seconds\": 1}]}",
        "{\"tile_gflops\": [1, 2, 3], \"steps\": [3]}"};
    px_cl_record record;
    pixcl_error err = {0};
    uint8_t *bytes;
    size_t size;
    (void)state;
    px_cl_record_keep_speed(&device, &speed);
    char *path = px_cl_record_path(&device, &err);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        /* the facts as they should be, so that it is the damage that is found */
        const char *facts_end = strstr((const char *)bytes, "\"gflops\"");
        char *text = *damages[i] == '{' && damages[i][1]
                         ? px_format(&err, "%.*s%s", (int)(facts_end - (const char *)bytes), bytes, damages[i] + 1)
                         : px_strdup(damages[i], &err);
        assert_int_equal(px_file_write(path, text, strlen(text), &err), PIXCL_OK);
        if (px_cl_record_read(&device, path, &record, &err) != PIXCL_ERROR_FORMAT)
            fail_msg("%s is read", damages[i]);
        assert_true(record.speed.gflops == 0 && record.step_count == 0);
        px_free(text);
    }
    px_cl_record_keep_speed(&device, &speed);
    px_cl_record_recall(&device, &record);
    assert_true(record.speed.gflops == speed.gflops);
    px_free(bytes);
    px_free(path);
}

static void the_best_speed_stays(void **state)
{
    px_cl_record record;
    (void)state;
    px_cl_record_keep_speed(&device, &speed);
    px_cl_record_keep_speed(&device, &(px_cl_speed){1000, 60, 8e-6, {1100, 1300, 0}});
    px_cl_record_recall(&device, &record);
    assert_true(record.speed.gflops == speed.gflops && record.speed.gbps == 60);
    assert_true(record.speed.launch_seconds == speed.launch_seconds);
    assert_true(record.speed.tile_gflops[0] == 1200.25 && record.speed.tile_gflops[1] == 1300);
    assert_true(record.speed.tile_gflops[2] == 300);
}

static void the_latest_steps_stay(void **state)
{
    px_cl_record record = {0};
    (void)state;
    for (int i = 0; i < PX_CL_MOST_STEPS + 2; i++) {
        px_cl_step step = step_of("pix2pix", 1 + i);
        step.crop_size = 32 * (i + 1);
        px_cl_record_add_step(&record, &step);
    }
    assert_int_equal(record.step_count, PX_CL_MOST_STEPS);
    assert_int_equal(record.steps[0].crop_size, 96);
    px_cl_step again = step_of("pix2pix", 0.5);
    again.crop_size = 128;
    px_cl_record_add_step(&record, &again);
    assert_int_equal(record.step_count, PX_CL_MOST_STEPS);
    assert_int_equal(record.steps[1].crop_size, 160);
    assert_true(record.steps[PX_CL_MOST_STEPS - 1].seconds == 0.5);
}

enum { WRITERS = 4, TIMES = 30 };

/* What this program does when it is started with the number of a writer. */
static int write_steps(int writer)
{
    for (int i = 0; i < TIMES; i++)
        px_cl_record_keep_step(&device, &(px_cl_step){"pix2pix", 32 * (writer + 1), 1, 1 + i, 88, ""});
    return 0;
}

/* Readers and writers at once: a reader sees a whole file or none. */
static void processes_do_not_disturb_one_another(void **state)
{
    px_process writers[WRITERS];
    px_cl_record record;
    (void)state;
    px_cl_record_keep_speed(&device, &speed);
    for (int w = 0; w < WRITERS; w++) {
        const char number[] = {(char)('0' + w), '\0'}, *arguments[] = {"writer", number, NULL};
        assert_int_equal(px_process_start(&writers[w], px_os_this_program(), arguments, NULL, false, NULL), PIXCL_OK);
    }
    char *path = px_cl_record_path(&device, NULL);
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(px_cl_record_read(&device, path, &record, NULL), PIXCL_OK);
        assert_true(record.speed.gflops == speed.gflops);
    }
    px_free(path);
    for (int w = 0; w < WRITERS; w++) {
        char how[128];
        px_process_end(&writers[w], 60, how, sizeof how);
        assert_string_equal(how, "");
    }
    px_cl_record_recall(&device, &record);
    assert_true(record.step_count > 0);
}

static void without_a_folder_nothing_is_kept(void **state)
{
    pixcl_error err = {0};
    px_cl_record record;
    (void)state;
    char *blocked = px_strdup(in_temp("file"), &err);
    assert_int_equal(px_file_write(blocked, "x", 1, &err), PIXCL_OK);
    px_os_set_variable("PIXCL_CACHE_DIR", blocked); /* a file where a folder is needed */
    px_cl_record_keep_speed(&device, &speed);
    px_cl_record_recall(&device, &record);
    assert_true(record.speed.gflops == 0);
    px_free(blocked);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return write_steps(*argv[1] - '0');
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_known_at_first, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(what_was_kept_is_recalled, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(another_driver_is_another_device, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_ignored_and_made_anew, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(the_best_speed_stays, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(the_latest_steps_stay, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(processes_do_not_disturb_one_another, set_up, temp_folder_remove),
        cmocka_unit_test_setup_teardown(without_a_folder_nothing_is_kept, set_up, temp_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
