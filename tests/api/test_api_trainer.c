/* Training by step, on a folder and on what the caller feeds. */
#include "fixture.h"

#include <math.h>

static pixcl_trainer *open_trainer(const char *name, const char *dataroot, const char *epochs)
{
    pixcl_error err = {0};
    pixcl_options *options = small_options(PIXCL_FOR_TRAIN, "name", name, "dataroot", dataroot, "n_epochs", epochs,
                                           "serial_batches", "true", NULL);
    pixcl_trainer *trainer = pixcl_trainer_create(NULL, options, NULL, NULL, &err);
    MADE(trainer);
    pixcl_options_destroy(&options);
    return trainer;
}

static float *read_weight(pixcl_trainer *trainer, const char *network, const char *name, size_t *count)
{
    pixcl_error err = {0};
    pixcl_weight weight = {.name = ""};
    for (size_t i = 0; strcmp(weight.name, name) != 0; i++)
        OK(pixcl_trainer_weight_at(trainer, network, i, &weight, &err));
    float *values = calloc(weight.count, sizeof *values);
    OK(pixcl_trainer_weight_get(trainer, network, name, values, weight.count, &err));
    *count = weight.count;
    return values;
}

static void expect_same_weights(pixcl_trainer *a, pixcl_trainer *b, const char *network)
{
    const size_t weights = pixcl_trainer_weight_count(a, network);
    assert_in_range(weights, 4, 100);
    for (size_t i = 0; i < weights; i++) {
        pixcl_error err = {0};
        pixcl_weight weight;
        size_t count;
        OK(pixcl_trainer_weight_at(a, network, i, &weight, &err));
        float *of_a = read_weight(a, network, weight.name, &count),
              *of_b = read_weight(b, network, weight.name, &count);
        assert_memory_equal(of_a, of_b, count * sizeof *of_a);
        free(of_a);
        free(of_b);
    }
}

/* The steps of run are those of step, and those of feed with the same pictures. */
static void steps_are_steps_however_they_come(void **state)
{
    pixcl_error err = {0};
    bool over = false;
    int steps = 0;
    (void)state;
    pixcl_trainer *run = open_trainer("by_run", "set", "2"), *step = open_trainer("by_step", "set", "2"),
                  *feed = open_trainer("by_feed", "", "2");
    OK(pixcl_trainer_run(run, &err));
    while (!over) {
        OK(pixcl_trainer_step(step, &over, &err));
        steps += !over;
    }
    assert_int_equal(steps, 2 * PICTURES);
    for (int i = 0; i < 2 * PICTURES; i++) {
        pixcl_image *a = load_half("train", i % PICTURES + 1, 0), *b = load_half("train", i % PICTURES + 1, 1);
        const pixcl_tensor in = pixcl_tensor_nhwc(a->pixels, PIXCL_UINT8, 1, SIDE, SIDE, 3);
        const pixcl_tensor target = pixcl_tensor_nhwc(b->pixels, PIXCL_UINT8, 1, SIDE, SIDE, 3);
        OK(pixcl_trainer_feed(feed, &in, &target, &err));
        if (i % PICTURES == PICTURES - 1)
            OK(pixcl_trainer_end_epoch(feed, &err));
        pixcl_image_destroy(&a);
        pixcl_image_destroy(&b);
    }
    expect_same_weights(run, step, "G");
    expect_same_weights(run, step, "D");
    expect_same_weights(run, feed, "G");
    expect_same_weights(run, feed, "D");
    pixcl_progress of_run, of_feed;
    OK(pixcl_trainer_losses(run, &of_run, &err));
    OK(pixcl_trainer_losses(feed, &of_feed, &err));
    assert_int_equal(of_run.loss_count, 4);
    assert_string_equal(of_run.loss_names[1], "G_L1");
    assert_memory_equal(of_run.losses, of_feed.losses, 4 * sizeof(float));
    assert_int_equal(of_feed.step, 2 * PICTURES);
    assert_int_equal(of_feed.epoch, 3);
    OK(pixcl_trainer_save(feed, &err));
    assert_int_equal(access("checkpoints/by_feed/latest.safetensors", R_OK), 0);
    assert_string_equal(pixcl_options_text(pixcl_trainer_options(feed), "name"), "by_feed");
    pixcl_trainer_destroy(&run);
    pixcl_trainer_destroy(&step);
    pixcl_trainer_destroy(&feed);
}

static void visuals_are_the_last_steps(void **state)
{
    pixcl_error err = {0};
    bool over;
    (void)state;
    pixcl_trainer *trainer = open_trainer("visuals", "set", "1");
    assert_null(pixcl_trainer_visual(trainer, "fake_B", &err));
    assert_non_null(strstr(err.message, "before the first step"));
    OK(pixcl_trainer_step(trainer, &over, &err));
    assert_string_equal(pixcl_trainer_visual_name(trainer, 0), "real_A");
    assert_string_equal(pixcl_trainer_visual_name(trainer, 2), "real_B");
    assert_null(pixcl_trainer_visual_name(trainer, 3));
    pixcl_image *real = load_half("train", 1, 0), *shown = pixcl_trainer_visual(trainer, "real_A", &err);
    MADE(shown);
    assert_memory_equal(real->pixels, shown->pixels, (size_t)SIDE * SIDE * 3);
    assert_null(pixcl_trainer_visual(trainer, "nothing", &err));
    pixcl_image_destroy(&real);
    pixcl_image_destroy(&shown);
    pixcl_trainer_destroy(&trainer);
}

static void weights_may_be_set_between_steps(void **state)
{
    pixcl_error err = {0};
    size_t count;
    (void)state;
    pixcl_trainer *trainer = open_trainer("set_weights", "", "1");
    assert_string_equal(pixcl_trainer_network(trainer, 0), "G");
    assert_string_equal(pixcl_trainer_network(trainer, 1), "D");
    assert_null(pixcl_trainer_network(trainer, 2));
    float *values = read_weight(trainer, "D", "model.0.weight", &count);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)i;
    OK(pixcl_trainer_weight_set(trainer, "D", "model.0.weight", values, count, &err));
    float *again = read_weight(trainer, "D", "model.0.weight", &count);
    assert_memory_equal(values, again, count * sizeof *values);
    assert_int_equal(pixcl_trainer_weight_set(trainer, "E", "model.0.weight", values, count, &err),
                     PIXCL_ERROR_ARGUMENT);
    free(values);
    free(again);
    pixcl_trainer_destroy(&trainer);
}

/* Also for callers who want no message. */
static void weights_that_are_no_numbers_are_not_saved(void **state)
{
    static uint8_t pixels[3 * SIDE * SIDE];
    size_t count;
    (void)state;
    pixcl_trainer *trainer = open_trainer("diverged", "", "1");
    const pixcl_tensor grey = pixcl_tensor_nhwc(pixels, PIXCL_UINT8, 1, SIDE, SIDE, 3);
    float *values = read_weight(trainer, "G", "model.model.0.weight", &count);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    assert_int_equal(pixcl_trainer_weight_set(trainer, "G", "model.model.0.weight", values, count, NULL), PIXCL_OK);
    assert_int_equal(pixcl_trainer_feed(trainer, &grey, &grey, NULL), PIXCL_ERROR_NUMERIC);
    assert_int_equal(pixcl_trainer_save(trainer, NULL), PIXCL_ERROR_NUMERIC);
    assert_int_equal(pixcl_trainer_end_epoch(trainer, NULL), PIXCL_ERROR_NUMERIC);
    assert_int_equal(access("checkpoints/diverged/latest.safetensors", F_OK), -1);
    free(values);
    pixcl_trainer_destroy(&trainer);
}

static void what_does_not_fit_is_refused(void **state)
{
    static float values[3 * SIDE * SIDE];
    pixcl_error err = {0};
    bool over;
    (void)state;
    const pixcl_tensor right = pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 3, SIDE, SIDE);
    const pixcl_tensor small = pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 3, SIDE / 2, SIDE);
    pixcl_trainer *fed = open_trainer("refused", "", "1"), *reading = open_trainer("reading", "set", "1");
    assert_int_equal(pixcl_trainer_feed(fed, &right, &small, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "--crop_size 64"));
    assert_int_equal(pixcl_trainer_step(fed, &over, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "--dataroot is missing"));
    assert_int_equal(pixcl_trainer_run(fed, &err), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_trainer_feed(reading, &right, &right, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "--dataroot set"));
    assert_int_equal(pixcl_trainer_end_epoch(reading, &err), PIXCL_ERROR_ARGUMENT);
    pixcl_trainer_destroy(&fed);
    pixcl_trainer_destroy(&reading);
    pixcl_options *validated =
        small_options(PIXCL_FOR_TRAIN, "name", "validated", "dataroot", "", "val_freq", "1", NULL);
    assert_null(pixcl_trainer_create(NULL, validated, NULL, NULL, &err));
    assert_non_null(strstr(err.message, "--val_freq 1 needs --dataroot"));
    pixcl_options_destroy(&validated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_steps_however_they_come),
        cmocka_unit_test(visuals_are_the_last_steps),
        cmocka_unit_test(weights_may_be_set_between_steps),
        cmocka_unit_test(weights_that_are_no_numbers_are_not_saved),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, make_run, NULL);
}
