/* The results page says what was trained as it was: the losses with their weights, who judged, the pictures shown. */
#include "temp_folder.h"

#include "base/memory.h"
#include "inference/results_page.h"

/* "--gan_mode", "lsgan", ..., NULL */
static pixcl_options options(pixcl_option_command command, const char *const *words)
{
    pixcl_options o;
    px_options_default(&o, command);
    for (; words[0]; words += 2)
        assert_int_equal(pixcl_options_set(&o, words[0], words[1], NULL), PIXCL_OK);
    return o;
}

static pixcl_status write_page(const pixcl_options *trained, const pixcl_options *shown, pixcl_error *err)
{
    /* At the end of the fourth epoch. */
    static const px_run_state state = {.step = 24, .epoch = 5, .iter = 0};
    const px_results results = {
        .asked = shown, .options = shown, .trained = trained, .state = &state, .history = in_temp("none.jsonl")};
    return px_results_page_write(&results, in_temp("index.html"), err);
}

static void assert_fact(const char *const *trained, const char *const *tested, const char *name, const char *value)
{
    const pixcl_options o = options(PIXCL_FOR_TRAIN, trained), shown = options(PIXCL_FOR_TEST, tested);
    char expected[300];
    uint8_t *page = NULL;
    size_t size = 0;
    assert_int_equal(write_page(&o, &shown, NULL), PIXCL_OK);
    assert_int_equal(px_file_read(in_temp("index.html"), &page, &size, NULL), PIXCL_OK);
    snprintf(expected, sizeof expected, "<td>%s</td><td>%s</td>", name, value);
    if (!strstr((const char *)page, expected))
        fail_msg("the page does not say: %s: %s", name, value);
    px_free(page);
}

#define WORDS(...)                                                                                                     \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }

static void test_the_objective(void **state)
{
    (void)state;
    static const struct {
        const char *words[9], *value;
    } cases[] = {
        {{"model", "pix2pix"}, "basic, ndf 64, vanilla + 100 L1"},
        {{"model", "colorization", "netD", "pixel"}, "pixel, ndf 64, vanilla + 100 L1"},
        {{"netD", "n_layers", "n_layers_D", "2", "gan_mode", "lsgan", "lambda_L1", "10"},
         "n_layers 2, ndf 64, lsgan + 10 L1"},
        {{"reconstruction", "L2"}, "basic, ndf 64, vanilla + 100 L2"},
        {{"reconstruction", "none"}, "basic, ndf 64, vanilla"},
        {{"lambda_L1", "0", "unconditional_D", "true"}, "basic, ndf 64, unconditional, vanilla"},
        {{"gan_mode", "none"}, "no discriminator, 100 L1"},
        {{"gan_mode", "wgangp", "lambda_gp", "5"}, "basic, ndf 64, wgangp with gradient penalty 5 + 100 L1"},
        {{"model", "cycle_gan"}, "basic, ndf 64, lsgan, cycles 10 and 10, identity 0.5, pool of 50"},
        {{"model", "cycle_gan", "gan_mode", "none", "lambda_B", "0", "lambda_identity", "0"},
         "no discriminator, cycles 10 and 0, identity 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fact(cases[i].words, WORDS("name", "x"), "discriminator and losses", cases[i].value);
}

/* Where the checkpoint stands, which need not be the run's last one. */
static void test_the_training(void **state)
{
    (void)state;
    assert_fact(WORDS("n_epochs", "6", "n_epochs_decay", "2"), WORDS("name", "x"), "trained for",
                "24 steps, in epoch 4 of 8");
}

/* Of the pictures, what the test did: training may have had others. */
static void test_the_pictures(void **state)
{
    (void)state;
    const char *const *trained = WORDS("preprocess", "none", "dataroot", "old");
    assert_fact(trained, WORDS("dataroot", "set", "crop_size", "128"), "pictures",
                "set, phase test, AtoB, resize_and_crop at 128 pixels");
    assert_fact(trained, WORDS("dataroot", "set", "phase", "val", "direction", "BtoA", "preprocess", "scale_width"),
                "pictures", "set, phase val, BtoA, scale_width");
}

static void test_no_memory(void **state)
{
    (void)state;
    const pixcl_options o = options(PIXCL_FOR_TRAIN, WORDS("name", "x"));
    pixcl_status status = PIXCL_ERROR_MEMORY;
    for (int n = 1; status == PIXCL_ERROR_MEMORY; n++) {
        pixcl_error err = {0};
        assert_true(n < 1000);
        px_fail_allocation(n);
        status = write_page(&o, &o, &err);
        px_fail_allocation(0);
        assert_int_equal(err.status, status);
    }
    assert_int_equal(status, PIXCL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_objective),
        cmocka_unit_test(test_the_training),
        cmocka_unit_test(test_the_pictures),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("results_page", tests, temp_folder_make, temp_folder_remove);
}
