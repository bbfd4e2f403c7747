/* The option table: values, ranges, names, checks across options, checkpoints' metadata, command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/fields.h"

static void assert_says(const pixcl_error *err, const char *part)
{
    if (!strstr(err->message, part))
        fail_msg("expected \"%s\" in \"%s\"", part, err->message);
}

static void assert_refused(const char *name, const char *value, const char *part)
{
    pixcl_options o, before;
    pixcl_error err = {0};
    px_options_default(&o, PIXCL_FOR_TRAIN);
    before = o;
    assert_int_equal(pixcl_options_set(&o, name, value, &err), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_says(&err, part);
    assert_memory_equal(&o, &before, sizeof o);
}

static void test_defaults_are_the_references(void **state)
{
    (void)state;
    pixcl_options o;
    px_options_default(&o, PIXCL_FOR_TRAIN);
    assert_string_equal(o.netG, "unet_256");
    assert_string_equal(o.norm, "batch");
    assert_string_equal(o.gan_mode, "vanilla");
    assert_string_equal(o.phase, "train");
    assert_string_equal(o.checkpoints_dir, "./checkpoints");
    assert_int_equal(o.load_size, 286);
    assert_int_equal(o.crop_size, 256);
    assert_int_equal(o.n_epochs + o.n_epochs_decay, 200);
    assert_true(o.lr == 0.0002 && o.beta1 == 0.5 && o.lambda_L1 == 100 && o.init_gain == 0.02);
    assert_false(o.no_flip || o.no_dropout || o.serial_batches || o.continue_train || o.eval);
    px_options_default(&o, PIXCL_FOR_TEST);
    assert_string_equal(o.phase, "test");
    assert_int_equal(o.load_size, 0);
}

/* A model brings its defaults, before or after what is given, and takes them away again. */
static void test_defaults_of_models(void **state)
{
    (void)state;
    pixcl_options o;
    px_options_default(&o, PIXCL_FOR_TRAIN);
    assert_int_equal(pixcl_options_set(&o, "norm", "none", NULL), PIXCL_OK);
    assert_int_equal(pixcl_options_set(&o, "model", "cycle_gan", NULL), PIXCL_OK);
    assert_string_equal(o.netG, "resnet_9blocks");
    assert_string_equal(o.gan_mode, "lsgan");
    assert_string_equal(o.dataset_mode, "unaligned");
    assert_true(o.no_dropout && o.pool_size == 50 && o.input_nc == 3);
    assert_int_equal(pixcl_options_set(&o, "model", "colorization", NULL), PIXCL_OK);
    assert_string_equal(o.netG, "unet_256");
    assert_string_equal(o.gan_mode, "vanilla");
    assert_string_equal(o.dataset_mode, "colorization");
    assert_false(o.no_dropout);
    assert_true(o.pool_size == 0 && o.input_nc == 1 && o.output_nc == 2);
    assert_int_equal(pixcl_options_set(&o, "output_nc", "3", NULL), PIXCL_OK);
    assert_int_equal(pixcl_options_set(&o, "model", "pix2pix", NULL), PIXCL_OK);
    assert_string_equal(o.dataset_mode, "aligned");
    assert_string_equal(o.norm, "none");
    assert_true(o.input_nc == 3 && o.output_nc == 3);
}

/* Every default must be a value the option itself accepts, and help must be there to be printed. */
static void test_table_is_sound(void **state)
{
    (void)state;
    pixcl_options o, again;
    px_options_default(&o, PIXCL_FOR_TRAIN);
    again = o;
    int count = 0;
    for (const pixcl_option_info *info; (info = pixcl_option_at(count)); count++) {
        char text[PIXCL_OPTION_TEXT_SIZE];
        pixcl_error err = {0};
        assert_int_equal(pixcl_options_get(&o, info->name, text, sizeof text, &err), PIXCL_OK);
        if (pixcl_options_set(&again, info->name, text, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        assert_true(pixcl_options_given(&again, info->name));
        assert_ptr_equal(pixcl_option_find(info->name), info);
        assert_true(strlen(info->help) > 5 && info->commands != 0 && info->lowest <= info->highest);
        assert_true(strlen(pixcl_option_group_name(info->group)) > 0);
        assert_int_not_equal(info->help[strlen(info->help) - 1], '.');
    }
    assert_int_equal(count, PX_OPTION_COUNT);
    assert_memory_equal(&o, &again, offsetof(pixcl_options, given));
}

static void test_set_and_get(void **state)
{
    (void)state;
    pixcl_options o;
    char text[64];
    px_options_default(&o, PIXCL_FOR_TRAIN);
    assert_int_equal(pixcl_options_set(&o, "lambda-L1", "12.5", NULL), PIXCL_OK);
    assert_true(o.lambda_L1 == 12.5);
    assert_true(o.given[PX_OPTION_lambda_L1]);
    assert_false(o.given[PX_OPTION_lr]);
    assert_int_equal(pixcl_options_set(&o, "no-flip", NULL, NULL), PIXCL_OK);
    assert_true(o.no_flip);
    assert_int_equal(pixcl_options_set(&o, "no_flip", "Off", NULL), PIXCL_OK);
    assert_false(o.no_flip);
    assert_int_equal(pixcl_options_set(&o, "netG", "unet_64", NULL), PIXCL_OK);
    assert_int_equal(pixcl_options_set(&o, "netG", "resnet_12blocks", NULL), PIXCL_OK);
    assert_string_equal(o.netG, "resnet_12blocks");
    assert_int_equal(pixcl_options_set(&o, "lr", "1e-3", NULL), PIXCL_OK);
    assert_int_equal(pixcl_options_get(&o, "lr", text, sizeof text, NULL), PIXCL_OK);
    assert_string_equal(text, "0.001");
    assert_int_equal(pixcl_options_set(&o, "lr", "0.1", NULL), PIXCL_OK);
    pixcl_options_get(&o, "lr", text, sizeof text, NULL);
    assert_string_equal(text, "0.1"); /* not 0.10000000000000001 */
    assert_int_equal(pixcl_options_get(&o, "checkpoints_dir", text, 5, NULL), PIXCL_ERROR_ARGUMENT);
}

static void test_wrong_values_are_refused(void **state)
{
    (void)state;
    assert_refused("lr", "x", "Invalid value \"x\" for --lr: expected a number in [0, 10], e.g. 0.0002");
    assert_refused("lr", "nan", "expected a number");
    assert_refused("lr", "1e400", "expected a number");
    assert_refused("lr", "-1", "expected a number");
    assert_refused("lr", "", "expected a number");
    assert_refused("lr", NULL, "--lr needs a value");
    assert_refused("lr", "0x1p-3", "expected a number");
    assert_refused("ngf", "64.0", "expected a whole number in [1, 1024], e.g. 64");
    assert_refused("ngf", " 64", "whole number");
    assert_refused("ngf", "99999999999999999999", "whole number");
    assert_refused("max_steps", "-1", "whole number of at least 0");
    assert_refused("netG", "unet",
                   "one of unet_256, unet_128, resnet_9blocks, resnet_6blocks, unet_<n>, encoder_decoder_<n>, "
                   "resnet_<n>blocks");
    assert_refused("netG", "unet_256,unet_128", "one of");
    assert_refused("netG", "unet_", "one of");
    assert_refused("netG", "unet_<n>", "one of");
    assert_refused("netG", "unet_064", "one of");
    assert_refused("netG", "unet_1000000", "one of");
    assert_refused("netG", "resnet_9block", "one of");
    assert_refused("netG", "resnet_9blocksx", "one of");
    assert_refused("netG", "resnet_-1blocks", "one of");
    assert_refused("netG", "", "one of");
    assert_refused("direction", "AtoC", "one of AtoB, BtoA");
    assert_refused("no_flip", "maybe", "a flag takes true or false");
    char *large = malloc(100001);
    memset(large, 'a', 100000);
    large[100000] = '\0';
    assert_refused("dataroot", large, "too long: 100000 bytes");
    assert_refused("norm", large, "one of batch");
    assert_refused("ngf", large, "whole number");
    assert_refused(large, "1", "Unknown option");
    free(large);
}

static void test_unknown_names_get_a_hint(void **state)
{
    (void)state;
    assert_refused("lamda_L1", "1", "did you mean --lambda_L1?");
    assert_refused("n-epoch", "1", "did you mean --n_epochs?");
    assert_refused("NETG", "1", "did you mean --netG?");
    assert_refused("norm", "syncbatch", "the same as --norm batch");
    assert_refused("model_suffix", "_A", "pixcl test --dataset_mode single takes G_A, and with --direction BtoA G_B");
    assert_refused("model", "test", "pixcl has no --model test: leave it out");
    assert_refused("model", "tests", "one of pix2pix");
    assert_refused("zzzzzzzz", "1", "--help");
    assert_refused("", "1", "--help");
    bool has_value;
    assert_non_null(strstr(pixcl_option_passed_over("gpu-ids", &has_value), "--device"));
    assert_true(has_value);
    assert_non_null(pixcl_option_passed_over("use_wandb", &has_value));
    assert_false(has_value);
    assert_null(pixcl_option_passed_over("gpu_id", &has_value));
    const char *const names[] = {"train", "test", "synth"};
    assert_string_equal(pixcl_nearest_name("trian", names, 3), "train");
    assert_null(pixcl_nearest_name("bananas", names, 3));
}

static void assert_check(pixcl_option_command command, const char *part, const char *const *settings)
{
    pixcl_options o;
    pixcl_error err = {0};
    px_options_default(&o, command);
    for (; settings[0]; settings += 2) {
        if (pixcl_options_set(&o, settings[0], settings[1], &err) != PIXCL_OK)
            fail_msg("%s", err.message);
    }
    pixcl_status status = pixcl_options_check(&o, command, &err);
    if (!part && status != PIXCL_OK)
        fail_msg("%s", err.message);
    if (part) {
        assert_int_equal(status, PIXCL_ERROR_ARGUMENT);
        assert_says(&err, part);
    }
}

#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL, NULL})

static void test_checks_across_options(void **state)
{
    (void)state;
    assert_check(PIXCL_FOR_TRAIN, "--dataroot is missing", SETTINGS("name", "x"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d"));
    assert_check(PIXCL_FOR_TEST, NULL, SETTINGS("dataroot", "d", "crop_size", "512"));
    assert_check(PIXCL_FOR_TRAIN, "--load_size 286 is smaller", SETTINGS("dataroot", "d", "crop_size", "512"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "crop_size", "512", "load_size", "0"));
    assert_check(PIXCL_FOR_TRAIN, "multiple of 256", SETTINGS("dataroot", "d", "crop_size", "128"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "crop_size", "128", "netG", "unet_128"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "crop_size", "100", "preprocess", "none"));
    assert_check(PIXCL_FOR_PLAN, "multiple of 256", SETTINGS("crop_size", "100"));
    assert_check(PIXCL_FOR_PLAN, NULL, SETTINGS("crop_size", "100", "netG", "resnet_9blocks"));
    assert_check(PIXCL_FOR_PLAN, "halves the picture twice: give a multiple of 4, e.g. --crop_size 104",
                 SETTINGS("crop_size", "101", "netG", "resnet_9blocks"));
    assert_check(PIXCL_FOR_PLAN, "e.g. --crop_size 8.",
                 SETTINGS("crop_size", "4", "netG", "resnet_9blocks", "netD", "pixel"));
    assert_check(PIXCL_FOR_PLAN, NULL, SETTINGS("crop_size", "8", "netG", "resnet_1blocks", "netD", "pixel"));
    assert_check(PIXCL_FOR_PLAN, "--netG unet_100: there is no such generator", SETTINGS("netG", "unet_100"));
    assert_check(PIXCL_FOR_PLAN, "--netG resnet_65blocks: there is no such generator",
                 SETTINGS("netG", "resnet_65blocks"));
    assert_check(PIXCL_FOR_PLAN, NULL, SETTINGS("crop_size", "512", "input_nc", "7"));
    assert_check(PIXCL_FOR_TRAIN, "--input_nc 7", SETTINGS("dataroot", "d", "input_nc", "7"));
    assert_check(PIXCL_FOR_TRAIN, "--n_layers_D 5 has no effect", SETTINGS("dataroot", "d", "n_layers_D", "5"));
    assert_check(
        PIXCL_FOR_TRAIN, "too small for a discriminator",
        SETTINGS("dataroot", "d", "netG", "unet_64", "crop_size", "64", "netD", "n_layers", "n_layers_D", "5"));
    assert_check(PIXCL_FOR_TRAIN, NULL,
                 SETTINGS("dataroot", "d", "netG", "unet_16", "crop_size", "16", "gan_mode", "none"));
    assert_check(PIXCL_FOR_TEST, NULL, SETTINGS("dataroot", "d", "netG", "unet_16", "crop_size", "16"));
    assert_check(PIXCL_FOR_TRAIN, "--gan_mode none with --reconstruction none leaves nothing to learn from",
                 SETTINGS("dataroot", "d", "gan_mode", "none", "reconstruction", "none"));
    assert_check(PIXCL_FOR_TRAIN, "--gan_mode none with --lambda_L1 0 leaves nothing to learn from",
                 SETTINGS("dataroot", "d", "gan_mode", "none", "lambda_L1", "0"));
    assert_check(PIXCL_FOR_TRAIN, "--gan_mode none with --lambda_A 0 and --lambda_B 0 leaves nothing to learn from",
                 SETTINGS("dataroot", "d", "model", "cycle_gan", "gan_mode", "none", "lambda_A", "0", "lambda_B", "0"));
    assert_check(PIXCL_FOR_TRAIN,
                 "--lambda_gp 5 has no effect with --gan_mode vanilla: leave it out, or give --gan_mode wgangp",
                 SETTINGS("dataroot", "d", "lambda_gp", "5"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "lambda_gp", "5", "gan_mode", "wgangp"));
    assert_check(PIXCL_FOR_TRAIN, "--lambda_L1 5 has no effect with --reconstruction none",
                 SETTINGS("dataroot", "d", "lambda_L1", "5", "reconstruction", "none"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "lambda_L1", "5", "reconstruction", "smooth_L1"));
    assert_check(PIXCL_FOR_TRAIN, "--unconditional_D true has no effect with --gan_mode none",
                 SETTINGS("dataroot", "d", "unconditional_D", "true", "gan_mode", "none"));
    assert_check(PIXCL_FOR_TRAIN, "--reconstruction L2 has no effect with --model cycle_gan",
                 SETTINGS("dataroot", "d", "model", "cycle_gan", "reconstruction", "L2"));
    assert_check(PIXCL_FOR_TRAIN, "nothing to train", SETTINGS("dataroot", "d", "epoch_count", "201"));
    assert_check(PIXCL_FOR_TRAIN, "contradict each other",
                 SETTINGS("dataroot", "d", "continue_train", "true", "init_from", "w"));
    assert_check(PIXCL_FOR_TRAIN, "--epoch says which checkpoint to go on from",
                 SETTINGS("dataroot", "d", "epoch", "20"));
    assert_check(PIXCL_FOR_TRAIN, "--load_iter says which checkpoint to go on from",
                 SETTINGS("dataroot", "d", "load_iter", "20"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "epoch", "20", "continue_train", "true"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "epoch", "latest"));
    assert_check(PIXCL_FOR_TRAIN, "--val_metric ssim has no effect without validations: add --val_freq 1",
                 SETTINGS("dataroot", "d", "val_metric", "ssim"));
    assert_check(PIXCL_FOR_TRAIN, "--val_metric swd needs pictures of 16 pixels a side, and --crop_size is 8",
                 SETTINGS("dataroot", "d", "netG", "resnet_1blocks", "netD", "pixel", "load_size", "8", "crop_size",
                          "8", "val_metric", "swd", "val_freq", "1"));
    assert_check(PIXCL_FOR_TRAIN, NULL,
                 SETTINGS("dataroot", "d", "netG", "resnet_1blocks", "netD", "pixel", "load_size", "8", "crop_size",
                          "8", "val_metric", "psnr", "val_freq", "1"));
    assert_check(PIXCL_FOR_TRAIN, "--val_phase held_out has no effect without validations",
                 SETTINGS("dataroot", "d", "val_phase", "held_out"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "val_metric", "ssim", "val_freq", "2"));
    assert_check(PIXCL_FOR_TRAIN, NULL, SETTINGS("dataroot", "d", "model", "colorization", "lambda_L1", "5"));
    assert_check(PIXCL_FOR_TRAIN, "no effect with --model cycle_gan: leave it out, or give --model pix2pix or color",
                 SETTINGS("dataroot", "d", "model", "cycle_gan", "lambda_L1", "5"));
    assert_check(PIXCL_FOR_TRAIN, "--dataset_mode aligned does not go with --model colorization: leave it out.",
                 SETTINGS("dataroot", "d", "model", "colorization", "dataset_mode", "aligned"));
    assert_check(PIXCL_FOR_TEST, "--model pix2pix: leave it out, or give --model colorization.",
                 SETTINGS("dataroot", "d", "dataset_mode", "colorization"));
    assert_check(PIXCL_FOR_TRAIN, "--name is empty", SETTINGS("dataroot", "d", "name", ""));
}

static void test_a_checkpoint_fills_what_was_not_given(void **state)
{
    (void)state;
    pixcl_options trained, now;
    pixcl_error err = {0};
    px_options_default(&trained, PIXCL_FOR_TRAIN);
    pixcl_options_set(&trained, "ngf", "16", NULL);
    pixcl_options_set(&trained, "lr", "0.001", NULL);
    pixcl_options_set(&trained, "crop_size", "512", NULL);
    pixcl_options_set(&trained, "max_steps", "7", NULL);

    px_options_default(&now, PIXCL_FOR_TRAIN);
    pixcl_options_set(&now, "crop_size", "256", NULL);
    assert_int_equal(px_options_inherit(&now, &trained, PIXCL_FOR_TRAIN, &err), PIXCL_OK);
    assert_int_equal(now.ngf, 16);
    assert_true(now.lr == 0.001);
    assert_int_equal(now.crop_size, 256);
    assert_int_equal(now.max_steps, 0);

    px_options_default(&now, PIXCL_FOR_TEST);
    assert_int_equal(px_options_inherit(&now, &trained, PIXCL_FOR_TEST, &err), PIXCL_OK);
    assert_int_equal(now.ngf, 16);
    assert_int_equal(now.crop_size, 512);
    assert_true(now.lr == 0.0002);
    assert_string_equal(now.phase, "test");

    pixcl_options_set(&now, "ngf", "32", NULL);
    assert_int_equal(px_options_inherit(&now, &trained, PIXCL_FOR_TEST, &err), PIXCL_ERROR_ARGUMENT);
    assert_says(&err, "--ngf 32 contradicts the checkpoint, whose networks have --ngf 16");
}

/* What a checkpoint says about an objective that was given up since then is no mistake. */
static void test_a_checkpoint_may_hold_what_has_no_effect_any_more(void **state)
{
    (void)state;
    pixcl_options trained, now;
    pixcl_error err = {0};
    px_options_default(&trained, PIXCL_FOR_TRAIN);
    pixcl_options_set(&trained, "gan_mode", "wgangp", NULL);
    pixcl_options_set(&trained, "lambda_gp", "5", NULL);
    px_options_default(&now, PIXCL_FOR_TRAIN);
    pixcl_options_set(&now, "dataroot", "d", NULL);
    pixcl_options_set(&now, "gan_mode", "lsgan", NULL);
    assert_int_equal(px_options_inherit(&now, &trained, PIXCL_FOR_TRAIN, &err), PIXCL_OK);
    assert_true(now.lambda_gp == 5);
    if (pixcl_options_check(&now, PIXCL_FOR_TRAIN, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    /* But there is no way to a discriminator that was never trained. */
    pixcl_options_set(&trained, "gan_mode", "none", NULL);
    assert_int_equal(px_options_inherit(&now, &trained, PIXCL_FOR_TRAIN, &err), PIXCL_ERROR_ARGUMENT);
    assert_says(&err, "--gan_mode lsgan needs a discriminator, and the checkpoint has none");
}

static void test_json_round_trip(void **state)
{
    (void)state;
    pixcl_options o, back;
    pixcl_error err = {0};
    px_options_default(&o, PIXCL_FOR_TRAIN);
    pixcl_options_set(&o, "dataroot", "a \"quoted\" \\ folder\n\xc3\xa4", NULL);
    pixcl_options_set(&o, "lr", "0.00012345678901234567", NULL);
    pixcl_options_set(&o, "no_flip", "1", NULL);
    pixcl_options_set(&o, "gan_mode", "lsgan", NULL);
    char *json = pixcl_options_to_json(&o, &err);
    assert_non_null(json);
    assert_int_equal(px_options_from_json(&back, json, strlen(json), &err), PIXCL_OK);
    assert_memory_equal(&o, &back, offsetof(pixcl_options, given));
    assert_false(back.given[PX_OPTION_lr]);
    for (size_t cut = 0; cut + 1 < strlen(json); cut += 37)
        assert_int_equal(px_options_from_json(&back, json, cut, &err), PIXCL_ERROR_FORMAT);
    pixcl_free(json);
}

static void test_json_from_others(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        pixcl_status status;
    } CASES[] = {
        {"{}", PIXCL_OK},
        {"{\"unknown\":\"1\",\"future\":{\"a\":[1]}}", PIXCL_OK},
        {"{\"ngf\":\"8\"}", PIXCL_OK},
        {"{\"ngf\":8}", PIXCL_ERROR_FORMAT},
        {"{\"ngf\":\"many\"}", PIXCL_ERROR_FORMAT},
        {"[]", PIXCL_ERROR_FORMAT},
        {"", PIXCL_ERROR_FORMAT},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        pixcl_options o;
        pixcl_error err = {0};
        assert_int_equal(px_options_from_json(&o, CASES[i].json, strlen(CASES[i].json), &err), CASES[i].status);
        assert_true((CASES[i].status == PIXCL_OK) == (err.message[0] == '\0'));
    }
}

static void test_command_line(void **state)
{
    (void)state;
    pixcl_options o;
    px_options_default(&o, PIXCL_FOR_TRAIN);
    char *line = pixcl_options_command_line(&o, PIXCL_FOR_TRAIN, NULL);
    assert_string_equal(line, "pixcl train");
    pixcl_free(line);
    pixcl_options_set(&o, "dataroot", "my data/it's", NULL);
    pixcl_options_set(&o, "lambda_L1", "10", NULL);
    pixcl_options_set(&o, "no_flip", NULL, NULL);
    pixcl_options_set(&o, "eval", NULL, NULL); /* not an option of train */
    line = pixcl_options_command_line(&o, PIXCL_FOR_TRAIN, NULL);
    assert_string_equal(line, "pixcl train --dataroot 'my data/it'\\''s' --no_flip --lambda_L1 10");
    pixcl_free(line);
}

static void test_paths_of_a_run(void **state)
{
    (void)state;
    pixcl_options o;
    pixcl_error err = {0};
    char path[PIXCL_OPTION_TEXT_SIZE * 3];
    px_options_default(&o, PIXCL_FOR_TRAIN);
    pixcl_options_set(&o, "name", "maps", NULL);
    assert_int_equal(pixcl_options_run_folder(&o, path, sizeof path, &err), PIXCL_OK);
    assert_string_equal(path, "./checkpoints/maps");
    pixcl_options_set(&o, "checkpoints_dir", "c/", NULL);
    pixcl_options_set(&o, "suffix", "{netG}_size{load_size}", NULL);
    assert_int_equal(pixcl_options_checkpoint(&o, path, sizeof path, &err), PIXCL_OK);
    assert_string_equal(path, "c/maps_unet_256_size286/latest.safetensors");
    pixcl_options_set(&o, "suffix", "", NULL);
    pixcl_options_set(&o, "load_iter", "500", NULL);
    assert_int_equal(pixcl_options_checkpoint(&o, path, sizeof path, &err), PIXCL_OK);
    assert_string_equal(path, "c/maps/iter_500.safetensors");
    assert_int_equal(pixcl_options_checkpoint(&o, path, 10, &err), PIXCL_ERROR_ARGUMENT);
    pixcl_options_set(&o, "suffix", "{netGG}", NULL);
    assert_int_equal(pixcl_options_run_folder(&o, path, sizeof path, &err), PIXCL_ERROR_ARGUMENT);
    assert_says(&err, "--suffix {netGG}");
    assert_says(&err, "did you mean --netG?");
    pixcl_options_set(&o, "suffix", "{open", NULL);
    assert_int_equal(pixcl_options_run_folder(&o, path, sizeof path, &err), PIXCL_OK);
    assert_string_equal(path, "c/maps_{open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_the_references),
        cmocka_unit_test(test_defaults_of_models),
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_set_and_get),
        cmocka_unit_test(test_wrong_values_are_refused),
        cmocka_unit_test(test_unknown_names_get_a_hint),
        cmocka_unit_test(test_checks_across_options),
        cmocka_unit_test(test_a_checkpoint_fills_what_was_not_given),
        cmocka_unit_test(test_a_checkpoint_may_hold_what_has_no_effect_any_more),
        cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_json_from_others),
        cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_paths_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
