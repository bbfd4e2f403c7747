/* history.jsonl and loss_log.txt: exact digits, resuming, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "report/history.h"
#include "scratch_folder.h"

typedef struct place {
    char folder[SCRATCH_PATH], jsonl[SCRATCH_PATH + 32], log[SCRATCH_PATH + 32], stopped[SCRATCH_PATH + 32];
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (scratch_folder_make(p->folder) != 0)
        return -1;
    snprintf(p->jsonl, sizeof p->jsonl, "%s/history.jsonl", p->folder);
    snprintf(p->log, sizeof p->log, "%s/loss_log.txt", p->folder);
    snprintf(p->stopped, sizeof p->stopped, "%s/history.stopped.jsonl", p->folder);
    *state = p;
    return 0;
}

static int leave(void **state)
{
    place *p = *state;
    px_os_remove(p->jsonl);
    px_os_remove(p->log);
    px_os_remove(p->stopped);
    int failed = px_os_remove_folder(p->folder);
    free(p);
    return failed;
}

static const char *const NAMES[] = {"G_GAN", "G_L1", "D_real", "D_fake"};

static void add(px_history *history, long step)
{
    float losses[4] = {0.1f, 0x1.fffffep-3f, 1.0f / 3.0f, (float)step};
    px_history_entry entry = {.step = step,
                              .epoch = 1 + (int)step / 10,
                              .iter = step % 10,
                              .lr = 0.0002,
                              .loss_count = 4,
                              .names = NAMES,
                              .losses = losses,
                              .seconds = (double)step * 1.5,
                              .images_per_s = 0.75,
                              .picture_seconds = 1.3333,
                              .load_seconds = 0.0004};
    pixcl_error err = {0};
    if (px_history_add(history, &entry, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
}

static px_history *open_history(const place *p, long resumed_step)
{
    pixcl_error err = {0};
    px_history *history = px_history_open(p->folder, resumed_step, &err);
    if (!history)
        fail_msg("%s", err.message);
    return history;
}

static char *text_of(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(px_file_read(path, &bytes, &size, NULL), PIXCL_OK);
    return (char *)bytes;
}

static void test_lines_are_exact(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    add(history, 1);
    px_history_close(&history);
    assert_null(history);
    char *text = text_of(p->jsonl);
    assert_string_equal(
        text, "{\"step\":1,\"epoch\":1,\"iter\":1,\"lr\":0.0002,\"losses\":{\"G_GAN\":0.1,\"G_L1\":0.24999999,"
              "\"D_real\":0.33333334,\"D_fake\":1},\"seconds\":1.5,\"images_per_s\":0.75}\n");
    px_free(text);
    text = text_of(p->log);
    assert_int_equal(strncmp(text, "================ Training Loss (", 32), 0);
    assert_non_null(
        strstr(text, "\n(epoch: 1, iters: 1, time: 1.333, data: 0.000) , G_GAN: 0.100, G_L1: 0.250, D_real: 0.333, "
                     "D_fake: 1.000\n"));
    px_free(text);
}

static void test_not_a_number_can_be_logged(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    float losses[1] = {NAN};
    px_history_entry entry = {.step = 1, .epoch = 1, .loss_count = 1, .names = NAMES, .losses = losses};
    assert_int_equal(px_history_add(history, &entry, NULL), PIXCL_OK);
    px_history_close(&history);
    px_history_data data;
    assert_int_equal(px_history_read(p->jsonl, &data, NULL), PIXCL_OK);
    assert_int_equal(data.count, 1);
    px_history_data_free(&data);
}

static void test_resuming_drops_what_came_after_the_checkpoint(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    for (long step = 1; step <= 9; step++)
        add(history, step);
    px_history_close(&history);
    char *whole = text_of(p->jsonl);
    /* A kill in the middle of a write, and a line somebody else put there. */
    px_file_append_line(p->jsonl, "not json", NULL);
    FILE *file = fopen(p->jsonl, "a");
    fputs("{\"step\":10,\"ep", file);
    fclose(file);

    history = open_history(p, 6);
    assert_true(px_history_seconds(history) == 9.0);
    for (long step = 7; step <= 9; step++)
        add(history, step);
    px_history_close(&history);
    char *resumed = text_of(p->jsonl);
    assert_string_equal(resumed, whole); /* as if it had never stopped */
    px_free(resumed);
    px_free(whole);

    history = open_history(p, 0); /* a new run under an old name */
    assert_true(px_history_seconds(history) == 0);
    px_history_close(&history);
    char *empty = text_of(p->jsonl);
    assert_string_equal(empty, "");
    px_free(empty);
}

static void test_reading_columns(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    for (long step = 10; step <= 30; step += 10)
        add(history, step);
    px_history_close(&history);
    px_file_append_line(p->jsonl, "{\"step\":31,\"losses\":{\"G_GAN\":2,\"new\":5,\"text\":\"nan\"}}", NULL);
    px_file_append_line(p->jsonl, "[1]", NULL);
    px_file_append_line(p->jsonl, "{\"step\":32,\"losses\":7}", NULL);
    px_history_data data;
    pixcl_error err = {0};
    assert_int_equal(px_history_read(p->jsonl, &data, &err), PIXCL_OK);
    assert_int_equal(data.count, 5);
    assert_int_equal(data.loss_count, 5);
    assert_string_equal(data.names[3], "D_fake");
    assert_string_equal(data.names[4], "new");
    assert_true(data.losses[3][2] == 30 && isnan(data.losses[3][3]) && data.losses[4][3] == 5);
    assert_true(data.steps[1] == 20 && data.epochs[1] == 3 && data.lr[0] == 0.0002 && isnan(data.lr[4]));
    px_history_data_free(&data);
    assert_int_equal(px_history_read("/nonexistent/history.jsonl", &data, &err), PIXCL_ERROR_IO);
}

static void test_validations(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    const float first[PX_FIGURES] = {0.1f, INFINITY, NAN, 45.625f}, second[PX_FIGURES] = {0.25f, 20, 0.5f, 30};
    float figures[PX_FIGURES];
    add(history, 4);
    assert_int_equal(px_history_add_validation(history, 4, 1, "val", first, NULL), PIXCL_OK);
    assert_false(px_history_validation(history, "val", figures));
    add(history, 8);
    assert_int_equal(px_history_add_validation(history, 8, 2, "val", second, NULL), PIXCL_OK);
    add(history, 9);
    px_history_close(&history);
    char *text = text_of(p->jsonl);
    assert_non_null(strstr(
        text,
        "\n{\"step\":4,\"epoch\":1,\"val_l1\":0.1,\"val_psnr\":\"inf\",\"val_swd\":45.625,\"val_phase\":\"val\"}\n"));
    px_free(text);

    px_history_data data;
    assert_int_equal(px_history_read(p->jsonl, &data, NULL), PIXCL_OK);
    assert_int_equal(data.count, 3); /* no rows of losses */
    assert_int_equal(data.validation_count, 2);
    assert_true(data.validation_steps[1] == 8 && data.validation[PX_FIGURE_SWD][1] == 30);
    px_chart charts[PX_HISTORY_CHARTS];
    assert_int_equal(px_history_charts(&data, charts), 1 + PX_FIGURES);
    assert_string_equal(charts[3].y_label, "SSIM");
    assert_true(charts[3].count == 2 && isnan(charts[3].y[0][0]) && charts[3].y[0][1] == 0.5);
    data.validation[PX_FIGURE_SSIM][1] = NAN;
    assert_int_equal(px_history_charts(&data, charts), PX_FIGURES);
    px_history_data_free(&data);

    /* Of the step itself, and of no other; bit for bit. */
    for (long step = 9; step >= 5; step -= 4) { /* a line of losses comes last, then the figures of another step */
        history = open_history(p, step);
        assert_false(px_history_validation(history, "val", figures));
        px_history_close(&history);
    }
    history = open_history(p, 4);
    assert_false(px_history_validation(history, "held_out", figures)); /* other pictures have other figures */
    assert_true(px_history_validation(history, "val", figures));
    assert_memory_equal(&figures[PX_FIGURE_L1], &first[PX_FIGURE_L1], sizeof *figures);
    assert_true(isinf(figures[PX_FIGURE_PSNR]) && isnan(figures[PX_FIGURE_SSIM]) && figures[PX_FIGURE_SWD] == 45.625f);
    px_history_close(&history);
}

static void test_warnings(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    float losses[1] = {1};
    for (long step = 1; step <= 10; step++) {
        px_history_entry entry = {
            .step = step, .epoch = 1, .loss_count = 1, .names = NAMES, .losses = losses, .warning = "it \"smells\""};
        entry.warning = step == 2 ? NULL : entry.warning;
        assert_int_equal(px_history_add(history, &entry, NULL), PIXCL_OK);
    }
    px_history_close(&history);
    char *text = text_of(p->jsonl);
    assert_non_null(strstr(text, "\"images_per_s\":0,\"warning\":\"it \\\"smells\\\"\"}\n{\"step\":2,"));
    assert_non_null(strstr(text, "\"images_per_s\":0}\n{\"step\":3,"));
    px_free(text);
    px_history_data data;
    assert_int_equal(px_history_read(p->jsonl, &data, NULL), PIXCL_OK);
    assert_int_equal(data.count, 10);
    assert_int_equal(data.warning_count, PX_HISTORY_MOST_WARNINGS); /* of nine */
    assert_string_equal(data.warnings[0], "step 3: it \"smells\"");
    assert_string_equal(data.warnings[PX_HISTORY_MOST_WARNINGS - 1], "step 10: it \"smells\"");
    px_history_data_free(&data);
}

/* What a logarithm cannot show has a chart of its own. */
static void test_losses_below_zero_have_their_own_chart(void **state)
{
    const place *p = *state;
    px_history_data data;
    px_chart charts[PX_HISTORY_CHARTS];
    px_file_append_line(p->jsonl, "{\"step\":1,\"losses\":{\"G_GAN\":0.5,\"G_L1\":20,\"D_real\":-1}}", NULL);
    assert_int_equal(px_history_read(p->jsonl, &data, NULL), PIXCL_OK);
    assert_int_equal(px_history_charts(&data, charts), 2);
    assert_true(charts[0].log_y && charts[0].series_count == 2 && !charts[1].log_y && charts[1].series_count == 1);
    assert_string_equal(charts[0].names[1], "G_L1");
    assert_string_equal(charts[1].names[0], "D_real");
    assert_true(charts[1].y[0][0] == -1);
    px_history_data_free(&data);
    px_file_append_line(p->jsonl, "{\"step\":2,\"losses\":{\"G_GAN\":-0.5,\"G_L1\":20,\"D_real\":-1}}", NULL);
    assert_int_equal(px_history_read(p->jsonl, &data, NULL), PIXCL_OK);
    assert_int_equal(px_history_charts(&data, charts), 2);
    assert_int_equal(charts[0].series_count, 1);
    px_history_data_free(&data);
    data = (px_history_data){0};
    assert_int_equal(px_history_charts(&data, charts), 0);
}

/* A run that was killed before its first checkpoint leaves only its history. */
static void test_a_stopped_run_s_history_is_set_aside(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    add(history, 1);
    add(history, 2);
    px_history_close(&history);
    char *before = text_of(p->jsonl);
    history = open_history(p, 0);
    px_history_close(&history);
    char *aside = text_of(p->stopped), *now = text_of(p->jsonl);
    assert_string_equal(aside, before);
    assert_string_equal(now, "");
    px_free(before);
    px_free(aside);
    px_free(now);
}

static void test_a_missing_folder_is_an_error(void **state)
{
    (void)state;
    pixcl_error err = {0};
    assert_null(px_history_open("/nonexistent/folder", 0, &err));
    assert_int_equal(err.status, PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "/nonexistent/folder"));
}

/* Every allocation fails once while a history is resumed, added to and read: an error each time, and no leak. */
static void test_running_out_of_memory(void **state)
{
    const place *p = *state;
    px_history *history = open_history(p, 0);
    for (long step = 1; step <= 3; step++)
        add(history, step);
    px_history_close(&history);
    float loss = 1;
    const float figures[PX_FIGURES] = {1, 2, 3, 4};
    px_history_entry entry = {.step = 4, .loss_count = 1, .names = NAMES, .losses = &loss, .warning = "w"};
    bool done = false;
    for (long n = 1; !done; n++) {
        px_history_data data = {0};
        pixcl_error err = {0};
        px_fail_allocation(n);
        history = px_history_open(p->folder, 3, &err);
        done = history && px_history_add(history, &entry, &err) == PIXCL_OK &&
               px_history_add_validation(history, 4, 1, "val", figures, &err) == PIXCL_OK &&
               px_history_read(p->jsonl, &data, &err) == PIXCL_OK && data.count == 4;
        px_fail_allocation(0);
        assert_true(done || err.message[0]);
        px_history_data_free(&data);
        px_history_close(&history);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_are_exact, enter, leave),
        cmocka_unit_test_setup_teardown(test_not_a_number_can_be_logged, enter, leave),
        cmocka_unit_test_setup_teardown(test_resuming_drops_what_came_after_the_checkpoint, enter, leave),
        cmocka_unit_test_setup_teardown(test_reading_columns, enter, leave),
        cmocka_unit_test_setup_teardown(test_validations, enter, leave),
        cmocka_unit_test_setup_teardown(test_warnings, enter, leave),
        cmocka_unit_test_setup_teardown(test_losses_below_zero_have_their_own_chart, enter, leave),
        cmocka_unit_test_setup_teardown(test_a_stopped_run_s_history_is_set_aside, enter, leave),
        cmocka_unit_test_setup_teardown(test_running_out_of_memory, enter, leave),
        cmocka_unit_test(test_a_missing_folder_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
