/* train/checkpoint, train/resume: a run's place comes back with every digit, damaged weights are not saved, and what a
 * run leaves behind stays. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "model_fixture.h"
#include "run/resume.h"
#include "run/validation.h"
#include "temp_folder.h"

static px_session session; /* of small networks, by the reference executor */

static int open_session(void **state)
{
    px_model_options o = small();
    o.netG = "unet_4";
    o.netD = "pixel";
    o.ngf = o.ndf = 1;
    o.height = o.width = 4;
    session = (px_session){.training = pix2pix(&o)};
    session.exec = px_exec_create_reference(session.training->graph, NULL);
    return session.exec ? temp_folder_make(state) : -1;
}

static int close_session(void **state)
{
    px_session_close(&session);
    return temp_folder_remove(state);
}

static pixcl_options usual(void)
{
    pixcl_options options;
    px_options_default(&options, PIXCL_FOR_TRAIN);
    return options;
}

static void save(const char *name, const px_run_state *state)
{
    pixcl_error err = {0};
    const pixcl_options options = usual();
    if (px_checkpoint_save(&session, &options, state, in_temp(name), &err) != PIXCL_OK)
        fail_msg("%s", err.message);
}

static px_run_state restored(const char *name)
{
    pixcl_error err = {0};
    px_run_state state;
    px_tensor_file *file = px_checkpoint_open(in_temp(name), NULL, &state, &err);
    if (!file)
        fail_msg("%s", err.message);
    px_tensor_file_close(&file);
    return state;
}

static bool same_file(const char *one, const char *other)
{
    uint8_t *bytes[2];
    size_t size[2];
    assert_int_equal(px_file_read(in_temp(one), &bytes[0], &size[0], NULL), PIXCL_OK);
    assert_int_equal(px_file_read(in_temp(other), &bytes[1], &size[1], NULL), PIXCL_OK);
    const bool same = size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0;
    px_free(bytes[0]);
    px_free(bytes[1]);
    return same;
}

static void the_state_comes_back_with_every_digit(void **state)
{
    (void)state;
    const px_run_state saved = {.step = 123456789,
                                .epoch = 12,
                                .iter = 34,
                                .pictures = 223456789,
                                .pool_begin = 56,
                                .schedule = {.factor = 0.2 * 0.2 * 0.2, .best = 1.0 / 3, .bad_epochs = 4},
                                .best = {.metric = "ssim", .phase = "val", .value = 2.0 / 3, .epoch = 7}};
    save("full.safetensors", &saved);
    const px_run_state found = restored("full.safetensors");
    assert_int_equal(found.step, saved.step);
    assert_int_equal(found.epoch, saved.epoch);
    assert_int_equal(found.iter, saved.iter);
    assert_int_equal(found.pictures, saved.pictures);
    assert_int_equal(found.pool_begin, saved.pool_begin);
    assert_true(found.schedule.factor == saved.schedule.factor);
    assert_true(found.schedule.best == saved.schedule.best);
    assert_int_equal(found.schedule.bad_epochs, saved.schedule.bad_epochs);
    assert_string_equal(found.best.metric, "ssim");
    assert_string_equal(found.best.phase, "val");
    assert_true(found.best.value == saved.best.value);
    assert_int_equal(found.best.epoch, 7);

    px_run_state fresh = {.epoch = 1};
    px_schedule_start(&fresh.schedule);
    save("fresh.safetensors", &fresh);
    const px_run_state again = restored("fresh.safetensors");
    assert_true(isinf(again.schedule.best) && again.schedule.factor == 1);
    assert_string_equal(again.best.metric, "");
}

static void how_the_process_began_is_not_in_it(void **state)
{
    (void)state;
    const px_run_state place = {.step = 3, .epoch = 1, .pictures = 3, .schedule = {.factor = 1}};
    pixcl_options options = usual();
    options.continue_train = true;
    assert_int_equal(px_checkpoint_save(&session, &options, &place, in_temp("resumed.safetensors"), NULL), PIXCL_OK);
    save("straight.safetensors", &place);
    assert_true(same_file("resumed.safetensors", "straight.safetensors"));
}

static void weights_that_are_no_numbers_are_not_saved(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    const px_run_state place = {.step = 1, .epoch = 1, .pictures = 1, .schedule = {.factor = 1}};
    const pixcl_options options = usual();
    const px_graph *graph = session.training->graph;
    px_node bias = px_graph_find(graph, "G.model.model.3.bias");
    float values[3] = {0.5f, 0.5f, 0.5f};
    assert_int_equal(px_shape_count(px_graph_node(graph, bias)->shape), 3);
    assert_int_equal(px_exec_write(session.exec, bias, values, NULL), PIXCL_OK);
    save("sound.safetensors", &place);
    save("latest.safetensors", &place);
    for (int i = 0; i < 3; i++) {
        pixcl_error err = {0};
        values[2] = bad[i];
        assert_int_equal(px_exec_write(session.exec, bias, values, NULL), PIXCL_OK);
        assert_int_equal(px_checkpoint_save(&session, &options, &place, in_temp("latest.safetensors"), &err),
                         PIXCL_ERROR_NUMERIC);
        assert_string_equal(err.message, "G.model.model.3.bias holds values that are not finite");
        assert_true(same_file("latest.safetensors", "sound.safetensors"));
    }
    values[2] = 0;
    assert_int_equal(px_exec_write(session.exec, bias, values, NULL), PIXCL_OK);
}

static px_run_state at_step(long step)
{
    return (px_run_state){.step = step, .epoch = (int)step, .pictures = step, .schedule = {.factor = 1}};
}

static void the_course_that_is_left_stays(void **state)
{
    (void)state;
    const px_run_state older = at_step(6), newer = at_step(18);
    assert_int_equal(px_make_folders(in_temp("run"), NULL), PIXCL_OK);
    save("run/6.safetensors", &older);
    save("run/latest.safetensors", &newer);
    assert_int_equal(px_resume_from(in_temp("run"), in_temp("run/6.safetensors"), &older, NULL), PIXCL_OK);
    assert_int_equal(restored("run/latest_18.safetensors").step, 18);
    assert_int_equal(restored("run/latest.safetensors").step, 6);

    /* Forwards, nothing is left. */
    save("run/18.safetensors", &newer);
    assert_int_equal(px_resume_from(in_temp("run"), in_temp("run/18.safetensors"), &newer, NULL), PIXCL_OK);
    assert_int_equal(restored("run/latest.safetensors").step, 18);
    assert_false(px_path_is_file(in_temp("run/latest_6.safetensors")));
}

static void a_best_that_is_still_ahead_is_set_aside(void **state)
{
    (void)state;
    const pixcl_options options = usual();
    const px_run_state best = at_step(9);
    assert_int_equal(px_make_folders(in_temp("val"), NULL), PIXCL_OK);
    save("val/best.safetensors", &best);
    for (long step = 10; step >= 8; step--) { /* the last is before the best one */
        px_run_state place = at_step(step);
        place.best.epoch = 8;
        strcpy(place.best.metric, options.val_metric);
        strcpy(place.best.phase, options.val_phase);
        assert_int_equal(px_validation_set_aside(&options, in_temp("val"), &place, NULL), PIXCL_OK);
        assert_int_equal(place.best.epoch, step < 9 ? 0 : 8);
        assert_int_equal(px_path_is_file(in_temp("val/best_8.safetensors")), step < 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_comes_back_with_every_digit),
        cmocka_unit_test(how_the_process_began_is_not_in_it),
        cmocka_unit_test(weights_that_are_no_numbers_are_not_saved),
        cmocka_unit_test(the_course_that_is_left_stays),
        cmocka_unit_test(a_best_that_is_still_ahead_is_set_aside),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, open_session, close_session);
}
