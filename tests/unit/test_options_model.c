/* What --model does to the other options: its defaults, what it refuses, the command line that says it all again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "options/fields.h"

#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL, NULL})

/* Options as a command line gives them, one after the other. */
static pixcl_options given(pixcl_option_command command, const char *const *settings)
{
    pixcl_options o;
    pixcl_error err = {0};
    px_options_default(&o, command);
    for (; settings[0]; settings += 2)
        if (pixcl_options_set(&o, settings[0], settings[1], &err) != PIXCL_OK)
            fail_msg("%s", err.message);
    return o;
}

/* All values, as text: behind a text's end may be what stood there before. */
static void assert_same(const pixcl_options *a, const pixcl_options *b)
{
    char *texts[] = {pixcl_options_to_json(a, NULL), pixcl_options_to_json(b, NULL)};
    assert_string_equal(texts[0], texts[1]);
    pixcl_free(texts[0]);
    pixcl_free(texts[1]);
}

static void a_model_brings_its_defaults_wherever_it_stands(void **state)
{
    const char *const *const orders[] = {
        SETTINGS("model", "cycle_gan", "norm", "batch", "no_dropout", "false", "pool_size", "7"),
        SETTINGS("norm", "batch", "no_dropout", "false", "model", "cycle_gan", "pool_size", "7"),
        SETTINGS("norm", "batch", "no_dropout", "false", "pool_size", "7", "model", "cycle_gan"),
        SETTINGS("model", "cycle_gan", "norm", "batch", "model", "pix2pix", "pool_size", "7", "no_dropout", "false",
                 "model", "cycle_gan"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const pixcl_options o = given(PIXCL_FOR_TRAIN, orders[i]);
        assert_string_equal(o.netG, "resnet_9blocks");
        assert_string_equal(o.gan_mode, "lsgan");
        assert_string_equal(o.dataset_mode, "unaligned");
        assert_string_equal(o.norm, "batch");
        assert_false(o.no_dropout);
        assert_int_equal(o.pool_size, 7);
        assert_true(o.lambda_A == 10 && o.lambda_B == 10 && o.lambda_identity == 0.5);
        assert_false(o.given[PX_OPTION_netG]);
    }
    const pixcl_options o = given(PIXCL_FOR_TRAIN, SETTINGS("model", "cycle_gan", "model", "pix2pix"));
    pixcl_options plain;
    px_options_default(&plain, PIXCL_FOR_TRAIN);
    assert_same(&o, &plain);
}

static void what_has_no_effect_is_refused(void **state)
{
    const struct {
        const char *const *settings;
        const char *part; /* of the message; NULL: accepted */
    } cases[] = {
        {SETTINGS("model", "cycle_gan"), NULL},
        {SETTINGS("model", "cycle_gan", "lambda_A", "0", "lambda_identity", "0", "pool_size", "10"), NULL},
        {SETTINGS("model", "cycle_gan", "lambda_L1", "100"), NULL}, /* its default */
        {SETTINGS("pool_size", "0"), NULL},
        {SETTINGS("model", "cycle_gan", "lambda_L1", "50"), "--lambda_L1 50 has no effect with --model cycle_gan"},
        {SETTINGS("lambda_L1", "50", "model", "cycle_gan"), "give --model pix2pix or colorization"},
        {SETTINGS("pool_size", "20"), "--pool_size 20 has no effect with --model pix2pix: leave it out, or give "
                                      "--model cycle_gan"},
        {SETTINGS("lambda_A", "5"), "--lambda_A 5 has no effect with --model pix2pix"},
        {SETTINGS("lambda_B", "5"), "--lambda_B 5 has no effect with --model pix2pix"},
        {SETTINGS("lambda_identity", "0"), "--lambda_identity 0 has no effect with --model pix2pix"},
        {SETTINGS("lr_decay_iters", "7"), "--lr_decay_iters 7 has no effect with --lr_policy linear"},
        {SETTINGS("lr_decay_iters", "7", "lr_policy", "step"), NULL},
        {SETTINGS("lr_decay_iters", "50"), NULL},
    };
    static const pixcl_option_command commands[] = {PIXCL_FOR_TRAIN, PIXCL_FOR_PLAN, PIXCL_FOR_BENCH, PIXCL_FOR_TUNE};

    (void)state;
    for (size_t c = 0; c < sizeof commands / sizeof *commands; c++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            pixcl_error err = {0};
            pixcl_options o = given(commands[c], cases[i].settings);
            pixcl_options_set(&o, "dataroot", "d", NULL);
            const pixcl_status status = pixcl_options_check(&o, commands[c], &err);
            assert_int_equal(status, cases[i].part ? PIXCL_ERROR_ARGUMENT : PIXCL_OK);
            if (cases[i].part && !strstr(err.message, cases[i].part))
                fail_msg("expected \"%s\" in \"%s\"", cases[i].part, err.message);
        }
}

static void sets_and_channels_go_with_the_model(void **state)
{
    const struct {
        const char *const *settings;
        const char *part;
    } cases[] = {
        {SETTINGS("model", "cycle_gan", "dataset_mode", "aligned"), NULL},
        {SETTINGS("model", "cycle_gan", "output_nc", "1", "lambda_identity", "0"), NULL},
        {SETTINGS("model", "cycle_gan", "output_nc", "1"), "give --lambda_identity 0"},
        {SETTINGS("model", "cycle_gan", "dataset_mode", "single"), "training needs both sides"},
        {SETTINGS("dataset_mode", "unaligned"), "Give --model cycle_gan"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pixcl_error err = {0};
        pixcl_options o = given(PIXCL_FOR_TRAIN, cases[i].settings);
        pixcl_options_set(&o, "dataroot", "d", NULL);
        assert_int_equal(pixcl_options_check(&o, PIXCL_FOR_TRAIN, &err),
                         cases[i].part ? PIXCL_ERROR_ARGUMENT : PIXCL_OK);
        if (cases[i].part && !strstr(err.message, cases[i].part))
            fail_msg("expected \"%s\" in \"%s\"", cases[i].part, err.message);
    }
}

/* Only what differs from the model's defaults is said, and what was said makes the same options again. */
static void the_command_line_repeats_the_options(void **state)
{
    const struct {
        pixcl_option_command command;
        const char *const *settings;
        const char *line;
    } cases[] = {
        {PIXCL_FOR_TRAIN, SETTINGS("model", "cycle_gan"), "pixcl train --model cycle_gan"},
        {PIXCL_FOR_TRAIN, SETTINGS("model", "cycle_gan", "no_dropout", "false"),
         "pixcl train --model cycle_gan --no_dropout=false"},
        {PIXCL_FOR_TRAIN, SETTINGS("no_dropout", NULL), "pixcl train --no_dropout"},
        {PIXCL_FOR_TRAIN, SETTINGS("model", "cycle_gan", "no_dropout", NULL, "norm", "batch", "pool_size", "0"),
         "pixcl train --model cycle_gan --norm batch --pool_size 0"},
        {PIXCL_FOR_TRAIN, SETTINGS("dataset_mode", "aligned", "model", "cycle_gan"),
         "pixcl train --dataset_mode aligned --model cycle_gan"},
        {PIXCL_FOR_TRAIN, SETTINGS("name", "--x"), "pixcl train --name=--x"},
        {PIXCL_FOR_BENCH, SETTINGS("model", "cycle_gan", "netG", "unet_256"),
         "pixcl bench --model cycle_gan --netG unet_256"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const pixcl_options o = given(cases[i].command, cases[i].settings);
        char *line = pixcl_options_command_line(&o, cases[i].command, NULL), *rest = NULL;
        assert_string_equal(line, cases[i].line);

        pixcl_options again;
        px_options_default(&again, cases[i].command);
        for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
            char *value = strchr(word, '=');
            if (strncmp(word, "--", 2) != 0)
                continue;
            if (value)
                *value++ = '\0';
            else if (pixcl_option_find(word + 2)->kind != PIXCL_KIND_FLAG)
                value = strtok_r(NULL, " ", &rest);
            assert_int_equal(pixcl_options_set(&again, word + 2, value, NULL), PIXCL_OK);
        }
        assert_same(&o, &again);
        pixcl_free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_brings_its_defaults_wherever_it_stands),
        cmocka_unit_test(what_has_no_effect_is_refused),
        cmocka_unit_test(sets_and_channels_go_with_the_model),
        cmocka_unit_test(the_command_line_repeats_the_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
