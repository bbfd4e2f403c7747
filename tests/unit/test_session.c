/* train/session: every option of pictures and of networks reaches the rooms below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "weights/session.h"

static void set(pixcl_options *options, const char *name, const char *value)
{
    pixcl_error err = {0};
    if (pixcl_options_set(options, name, value, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
}

/* Every value is another one than the default, which what is forgotten would be. */
static void options_of_pictures_reach_the_set(void **state)
{
    static const char *const settings[][2] = {
        {"dataroot", "d"},          {"phase", "val"},      {"load_size", "72"},     {"crop_size", "64"},
        {"no_flip", "true"},        {"input_nc", "1"},     {"serial_batches", "1"}, {"output_nc", "2"},
        {"max_dataset_size", "9"},  {"batch_size", "5"},   {"num_threads", "7"},    {"seed", "11"},
        {"dataset_mode", "single"}, {"direction", "BtoA"}, {"preprocess", "crop"},
    };
    pixcl_options options;
    px_data_options data;

    (void)state;
    px_options_default(&options, PIXCL_FOR_TRAIN);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        set(&options, settings[i][0], settings[i][1]);
    assert_int_equal(px_data_options_of(&options, &data, NULL), PIXCL_OK);
    assert_string_equal(data.dataroot, "d");
    assert_string_equal(data.phase, "val");
    assert_int_equal(data.dataset_mode, PX_DATASET_SINGLE);
    assert_int_equal(data.direction, PX_B_TO_A);
    assert_int_equal(data.preprocess, PX_CROP);
    assert_int_equal(data.load_size, 72);
    assert_int_equal(data.crop_size, 64);
    assert_true(data.no_flip);
    assert_true(data.serial_batches);
    assert_int_equal(data.max_dataset_size, 9);
    assert_int_equal(data.input_nc, 1);
    assert_int_equal(data.output_nc, 2);
    assert_int_equal(data.batch_size, 5);
    assert_int_equal(data.num_threads, 7);
    assert_int_equal(data.seed, 11);
}

static void each_word_of_pictures_has_its_meaning(void **state)
{
    static const char *const modes[] = {"aligned", "unaligned", "single", "colorization"}, *const preprocesses[] = {
                                                                                               "resize_and_crop",
                                                                                               "crop", "scale_width",
                                                                                               "scale_width_and_crop",
                                                                                               "none"};
    pixcl_options options;
    px_data_options data;

    (void)state;
    px_options_default(&options, PIXCL_FOR_TRAIN);
    for (px_dataset_mode mode = PX_DATASET_ALIGNED; mode <= PX_DATASET_COLORIZATION; mode++) {
        set(&options, "dataset_mode", modes[mode]);
        assert_int_equal(px_data_options_of(&options, &data, NULL), PIXCL_OK);
        assert_int_equal(data.dataset_mode, mode);
    }
    for (px_preprocess p = PX_RESIZE_AND_CROP; p <= PX_PREPROCESS_NONE; p++) {
        set(&options, "preprocess", preprocesses[p]);
        assert_int_equal(px_data_options_of(&options, &data, NULL), PIXCL_OK);
        assert_int_equal(data.preprocess, p);
        assert_string_equal(px_preprocess_name(p), preprocesses[p]);
    }
    set(&options, "direction", "AtoB");
    assert_int_equal(px_data_options_of(&options, &data, NULL), PIXCL_OK);
    assert_int_equal(data.direction, PX_A_TO_B);
}

static void options_of_networks_reach_the_model(void **state)
{
    static const char *const settings[][2] = {
        {"model", "cycle_gan"},
        {"netG", "unet_32"},
        {"netD", "n_layers"},
        {"n_layers_D", "2"},
        {"input_nc", "1"},
        {"output_nc", "2"},
        {"ngf", "6"},
        {"ndf", "10"},
        {"norm", "none"},
        {"no_dropout", "0"},
        {"upsample", "resize"},
        {"gan_mode", "wgangp"},
        {"lambda_gp", "2.5"},
        {"lambda_L1", "30"},
        {"reconstruction", "smooth_L1"},
        {"unconditional_D", "1"},
        {"lambda_A", "3"},
        {"lambda_B", "4"},
        {"lambda_identity", "0.25"},
        {"pool_size", "8"},
        {"beta1", "0.75"},
    };
    pixcl_options options;

    (void)state;
    px_options_default(&options, PIXCL_FOR_TRAIN);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        set(&options, settings[i][0], settings[i][1]);
    const px_model_options o = px_model_options_of(&options, 3, 64, 96);
    assert_int_equal(o.model, PX_MODEL_CYCLE_GAN);
    assert_string_equal(o.netG, "unet_32");
    assert_string_equal(o.netD, "n_layers");
    assert_int_equal(o.n_layers_D, 2);
    assert_int_equal(o.input_nc, 1);
    assert_int_equal(o.output_nc, 2);
    assert_int_equal(o.ngf, 6);
    assert_int_equal(o.ndf, 10);
    assert_int_equal(o.norm, PX_NORM_NONE);
    assert_true(o.dropout);
    assert_int_equal(o.upsample, PX_UPSAMPLE_RESIZE);
    assert_int_equal(o.gan_mode, PX_GAN_WGANGP);
    assert_true(o.lambda_gp == 2.5f);
    assert_int_equal(o.reconstruction, PX_RECONSTRUCTION_SMOOTH_L1);
    assert_true(o.unconditional_D);
    assert_true(o.lambda_L1 == 30);
    assert_true(o.lambda_A == 3);
    assert_true(o.lambda_B == 4);
    assert_true(o.lambda_identity == 0.25f);
    assert_int_equal(o.pool_size, 8);
    assert_true(o.beta1 == 0.75f);
    assert_int_equal(o.batch, 3);
    assert_int_equal(o.height, 64);
    assert_int_equal(o.width, 96);
}

/* Of both optimisers, the generators' and the discriminators'. */
static void beta1_reaches_adam(void **state)
{
    static const char *const models[] = {"pix2pix", "cycle_gan", "colorization"};
    pixcl_options options;

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        px_options_default(&options, PIXCL_FOR_TRAIN);
        set(&options, "model", models[i]);
        set(&options, "netG", "unet_32");
        set(&options, "netD", "pixel");
        set(&options, "beta1", "0.75");
        const px_model_options o = px_model_options_of(&options, 1, 32, 32);
        px_training *training = px_training_create(&o, NULL);
        assert_non_null(training);
        for (int k = 0; k < 2; k++)
            assert_true(training->graph->optimisers[k].beta1 == 0.75f);
        px_training_destroy(&training);
    }
}

static void each_word_of_networks_has_its_meaning(void **state)
{
    static const struct {
        const char *option, *word;
        int meaning;
    } words[] = {
        {"model", "pix2pix", PX_MODEL_PIX2PIX},
        {"model", "cycle_gan", PX_MODEL_CYCLE_GAN},
        {"model", "colorization", PX_MODEL_COLORIZATION},
        {"norm", "batch", PX_NORM_BATCH},
        {"norm", "instance", PX_NORM_INSTANCE},
        {"norm", "none", PX_NORM_NONE},
        {"gan_mode", "vanilla", PX_GAN_VANILLA},
        {"gan_mode", "lsgan", PX_GAN_LSGAN},
        {"gan_mode", "wgangp", PX_GAN_WGANGP},
        {"gan_mode", "none", PX_GAN_NONE},
        {"reconstruction", "L1", PX_RECONSTRUCTION_L1},
        {"reconstruction", "L2", PX_RECONSTRUCTION_L2},
        {"reconstruction", "smooth_L1", PX_RECONSTRUCTION_SMOOTH_L1},
        {"reconstruction", "none", PX_RECONSTRUCTION_NONE},
        {"upsample", "conv_t", PX_UPSAMPLE_CONV_T},
        {"upsample", "resize", PX_UPSAMPLE_RESIZE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *option = words[i].option;
        pixcl_options options;
        px_options_default(&options, PIXCL_FOR_TRAIN);
        set(&options, option, words[i].word);
        const px_model_options o = px_model_options_of(&options, 1, 32, 32);
        const int found = strcmp(option, "model") == 0            ? (int)o.model
                          : strcmp(option, "norm") == 0           ? (int)o.norm
                          : strcmp(option, "gan_mode") == 0       ? (int)o.gan_mode
                          : strcmp(option, "reconstruction") == 0 ? (int)o.reconstruction
                                                                  : (int)o.upsample;
        if (found != words[i].meaning)
            fail_msg("--%s %s is %d", option, words[i].word, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_pictures_reach_the_set),
        cmocka_unit_test(each_word_of_pictures_has_its_meaning),
        cmocka_unit_test(options_of_networks_reach_the_model),
        cmocka_unit_test(each_word_of_networks_has_its_meaning),
        cmocka_unit_test(beta1_reaches_adam),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
