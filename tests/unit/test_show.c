/* train: what show and convert make of files that are no checkpoints: every network of the reference is known by its
 * keys, figures are right, damage and lack of memory are survived. (Checkpoints themselves are in tests/train.) */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "model/model.h"
#include "pixcl/checkpoint.h"
#include "store/tensor_writer.h"
#include "temp_folder.h"
#include "weights/names.h"
#include "weights/recognise.h"
#include "weights/tensor_figures.h"
#include "weights/weights.h"

static void names_are_taken_apart(void **state)
{
    char net[PX_NET_NAME_SIZE];
    px_net_names nets = {.count = 0};
    (void)state;
    assert_string_equal(px_name_split("G.model.model.0.weight", net), "model.model.0.weight");
    assert_string_equal(net, "G");
    assert_string_equal(px_name_split("D_A.x", net), "x");
    assert_string_equal(net, "D_A");
    assert_null(px_name_split("weight", net));
    assert_null(px_name_split(".weight", net));
    assert_null(px_name_split("a_net_of_sixteen.weight", net));
    assert_int_equal(px_key_part_of("model.0.weight"), PX_KEY_WEIGHT);
    assert_int_equal(px_key_part_of("model.0.bias"), PX_KEY_WEIGHT);
    assert_int_equal(px_key_part_of("model.0.bias.exp_avg"), PX_KEY_MOMENT);
    assert_int_equal(px_key_part_of("model.0.bias.exp_avg_sq"), PX_KEY_MOMENT);
    assert_int_equal(px_key_part_of("model.2.running_mean"), PX_KEY_STATISTIC);
    assert_int_equal(px_key_part_of("model.2.running_var"), PX_KEY_STATISTIC);
    assert_int_equal(px_key_part_of("model.2.num_batches_tracked"), PX_KEY_STATISTIC);
    assert_int_equal(px_key_part_of("fake_A.pool"), PX_KEY_POOL);
    assert_int_equal(px_key_part_of("pool"), PX_KEY_POOL);
    assert_int_equal(px_key_part_of("model.0.whirlpool"), PX_KEY_WEIGHT);
    assert_true(px_net_names_add(&nets, "G.a"));
    assert_true(px_net_names_add(&nets, "D.a"));
    assert_true(px_net_names_add(&nets, "G.b"));
    assert_true(px_net_names_add(&nets, "fake_A.pool")); /* belongs to no net, and that is no error */
    assert_int_equal(nets.count, 2);
    assert_string_equal(nets.names[1], "D");
    assert_false(px_net_names_add(&nets, "b"));
}

/* Writes every variable of the program, as zeros, and opens the file. */
static px_tensor_file *write_networks(const px_model_options *options)
{
    pixcl_error err = {0};
    static float zeros[1 << 16];
    px_training *training = px_training_pix2pix(options, &err);
    if (!training)
        fail_msg("%s", err.message);
    px_tensor_writer *writer = px_tensor_writer_create(in_temp("nets.safetensors"), PX_SAFETENSORS, &err);
    for (px_node i = 0; (size_t)i < training->graph->count; i++) {
        const px_node_info *node = px_graph_node(training->graph, i);
        int64_t shape[4];
        if (node->op != PX_OP_VARIABLE)
            continue;
        assert_true(px_shape_count(node->shape) <= sizeof zeros / sizeof *zeros);
        int rank = px_variable_shape(node, shape);
        assert_int_equal(px_tensor_writer_declare(writer, node->name, PX_DTYPE_F32, rank, shape, zeros, &err),
                         PIXCL_OK);
    }
    if (px_tensor_writer_commit(&writer, NULL, NULL, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    px_training_destroy(&training);
    px_tensor_file *file = px_tensor_file_open(in_temp("nets.safetensors"), &err);
    assert_non_null(file);
    return file;
}

static px_recognised network;

static void expect_network(const px_tensor_file *file, const char *prefix, const char *expected)
{
    char text[PX_GUESS_TEXT], *why = NULL;
    if (!px_recognise(file, prefix, &network, &why))
        fail_msg("%s: %s", expected, why);
    assert_string_equal(px_guess_text(&network.guess, text), expected);
}

static void networks_are_known_by_their_keys(void **state)
{
    static const struct {
        px_model_options options;
        const char *G, *D;
    } cases[] = {
        {{.netG = "unet_64", .netD = "basic", .norm = PX_NORM_BATCH, .dropout = true},
         "unet_64, 1 to 3 channels, ngf 2, batch norm",
         "PatchGAN of 3 layers, 70x70, 4 channels, ndf 3, batch norm"},
        {{.netG = "unet_32", .netD = "n_layers", .n_layers_D = 1, .norm = PX_NORM_INSTANCE},
         "unet_32, 1 to 3 channels, ngf 2, instance norm",
         "PatchGAN of 1 layer, 16x16, 4 channels, ndf 3, instance norm"},
        {{.netG = "unet_32", .netD = "pixel", .norm = PX_NORM_NONE},
         "unet_32, 1 to 3 channels, ngf 2, no norm",
         "PixelGAN, 4 channels, ndf 3, no norm"},
        {{.netG = "encoder_decoder_32", .netD = "pixel", .norm = PX_NORM_BATCH, .dropout = true},
         "encoder_decoder_32, 1 to 3 channels, ngf 2, batch norm",
         "PixelGAN, 4 channels, ndf 3, batch norm"},
        {{.netG = "unet_32", .netD = "pixel", .norm = PX_NORM_BATCH, .upsample = PX_UPSAMPLE_RESIZE},
         "unet_32, 1 to 3 channels, ngf 2, batch norm, upsample resize",
         "PixelGAN, 4 channels, ndf 3, batch norm"},
        {{.netG = "encoder_decoder_64", .netD = "pixel", .norm = PX_NORM_INSTANCE, .upsample = PX_UPSAMPLE_RESIZE},
         "encoder_decoder_64, 1 to 3 channels, ngf 2, instance norm, upsample resize",
         "PixelGAN, 4 channels, ndf 3, instance norm"},
        {{.netG = "resnet_6blocks", .netD = "pixel", .norm = PX_NORM_NONE, .upsample = PX_UPSAMPLE_RESIZE},
         "resnet_6blocks, 1 to 3 channels, ngf 2, no norm, upsample resize",
         "PixelGAN, 4 channels, ndf 3, no norm"},
        {{.netG = "resnet_9blocks", .netD = "n_layers", .n_layers_D = 5, .norm = PX_NORM_INSTANCE, .dropout = true},
         "resnet_9blocks, 1 to 3 channels, ngf 2, instance norm, dropout",
         "PatchGAN of 5 layers, 286x286, 4 channels, ndf 3, instance norm"},
        {{.netG = "resnet_2blocks", .netD = "n_layers", .n_layers_D = 2, .norm = PX_NORM_INSTANCE_AFFINE},
         "resnet_2blocks, 1 to 3 channels, ngf 2, affine instance norm",
         "PatchGAN of 2 layers, 34x34, 4 channels, ndf 3, affine instance norm"},
        {{.netG = "unet_128", .netD = "pixel", .norm = PX_NORM_INSTANCE_AFFINE},
         "unet_128, 1 to 3 channels, ngf 2, affine instance norm",
         "PixelGAN, 4 channels, ndf 3, affine instance norm"},
        {{.netG = "resnet_6blocks", .netD = "pixel", .norm = PX_NORM_BATCH},
         "resnet_6blocks, 1 to 3 channels, ngf 2, batch norm",
         "PixelGAN, 4 channels, ndf 3, batch norm"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        px_model_options options = cases[i].options;
        options.input_nc = 1;
        options.output_nc = 3;
        options.ngf = 2;
        options.ndf = 3;
        options.batch = 1;
        options.height = options.width = 128;
        options.lambda_L1 = 100;
        px_tensor_file *file = write_networks(&options);
        expect_network(file, "G.", cases[i].G);
        expect_network(file, "D.", cases[i].D);
        assert_false(px_recognise(file, "", &network, NULL));
        px_tensor_file_close(&file);
    }
}

/* A word of the command line, through the model, to the keys and shapes of the weights. */
static void expect_networks(const char *const settings[][2], size_t count, const char *G, const char *D)
{
    static const char *const always[][2] = {
        {"netG", "unet_32"}, {"netD", "pixel"}, {"ngf", "2"}, {"ndf", "3"}, {"input_nc", "1"}};
    pixcl_options options;
    pixcl_error err = {0};
    px_options_default(&options, PIXCL_FOR_TRAIN);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (pixcl_options_set(&options, always[i][0], always[i][1], &err) != PIXCL_OK)
            fail_msg("%s", err.message);
    for (size_t i = 0; i < count; i++)
        if (pixcl_options_set(&options, settings[i][0], settings[i][1], &err) != PIXCL_OK)
            fail_msg("%s", err.message);
    const px_model_options model = px_model_options_of(&options, 1, 128, 128);
    px_tensor_file *file = write_networks(&model);
    expect_network(file, "G.", G);
    expect_network(file, "D.", D);
    px_tensor_file_close(&file);
}

static void options_make_the_networks_that_they_name(void **state)
{
    static const char unet[] = "unet_32, 1 to 3 channels, ngf 2, batch norm",
                      pixel[] = "PixelGAN, 4 channels, ndf 3, batch norm";
    (void)state;
#define EXPECT(G, D, ...)                                                                                              \
    do {                                                                                                               \
        static const char *const settings[][2] = {__VA_ARGS__};                                                        \
        expect_networks(settings, sizeof settings / sizeof *settings, G, D);                                           \
    } while (0)
    EXPECT(unet, pixel, {"netD", "pixel"});
    EXPECT(unet, "PatchGAN of 3 layers, 70x70, 4 channels, ndf 3, batch norm", {"netD", "basic"});
    EXPECT(unet, "PatchGAN of 1 layer, 16x16, 4 channels, ndf 3, batch norm", {"netD", "n_layers"},
           {"n_layers_D", "1"});
    EXPECT(unet, "PatchGAN of 2 layers, 34x34, 4 channels, ndf 3, batch norm", {"netD", "n_layers"},
           {"n_layers_D", "2"});
    EXPECT(unet, "PatchGAN of 3 layers, 70x70, 4 channels, ndf 3, batch norm", {"netD", "n_layers"},
           {"n_layers_D", "3"});
    EXPECT(unet, "PatchGAN of 4 layers, 142x142, 4 channels, ndf 3, batch norm", {"netD", "n_layers"},
           {"n_layers_D", "4"});
    EXPECT(unet, "PatchGAN of 5 layers, 286x286, 4 channels, ndf 3, batch norm", {"netD", "n_layers"},
           {"n_layers_D", "5"});
    EXPECT("unet_32, 1 to 3 channels, ngf 2, instance norm", "PixelGAN, 4 channels, ndf 3, instance norm",
           {"norm", "instance"});
    EXPECT("unet_32, 1 to 3 channels, ngf 2, no norm", "PixelGAN, 4 channels, ndf 3, no norm", {"norm", "none"});
    EXPECT("unet_32, 2 to 1 channels, ngf 5, batch norm", "PixelGAN, 3 channels, ndf 4, batch norm", {"ngf", "5"},
           {"ndf", "4"}, {"input_nc", "2"}, {"output_nc", "1"});
    EXPECT("unet_64, 1 to 3 channels, ngf 2, batch norm", pixel, {"netG", "unet_64"});
    EXPECT("encoder_decoder_64, 1 to 3 channels, ngf 2, batch norm", pixel, {"netG", "encoder_decoder_64"});
    EXPECT("unet_32, 1 to 3 channels, ngf 2, batch norm, upsample resize", pixel, {"upsample", "resize"});
    EXPECT("resnet_2blocks, 1 to 3 channels, ngf 2, batch norm, dropout", pixel, {"netG", "resnet_2blocks"});
    EXPECT("resnet_2blocks, 1 to 3 channels, ngf 2, batch norm", pixel, {"netG", "resnet_2blocks"},
           {"no_dropout", "true"});
#undef EXPECT
}

/* The command line and the model agree about how many layers there can be. */
static void every_number_of_layers_that_can_be_asked_for_can_be_built(void **state)
{
    const int most = (int)pixcl_option_find("n_layers_D")->highest;
    pixcl_error err = {0};
    (void)state;
    for (int layers = 1; layers <= most + 1; layers++) {
        px_model_options model = {.netG = "resnet_1blocks", .netD = "n_layers", .n_layers_D = layers, .batch = 1};
        model.input_nc = model.output_nc = model.ngf = model.ndf = 1;
        model.height = model.width = 3 << (most + 1);
        px_training *training = px_training_pix2pix(&model, &err);
        assert_int_equal(training != NULL, layers <= most);
        px_training_destroy(&training);
    }
}

static void figures_leave_out_what_is_not_finite(void **state)
{
    static const float floats[] = {1, NAN, 2, INFINITY, 3, -INFINITY, 4};
    static const int64_t integers[] = {-5, 5};
    static const double large[] = {1e200, 1e200};
    static const uint16_t halves[] = {0x3c00, 0xbc00}; /* 1, -1 */
    (void)state;
    px_figures f = px_tensor_figures(&(px_tensor){.dtype = PX_DTYPE_F32, .count = 7, .data = floats});
    assert_true(f.mean == 2.5 && f.lowest == 1 && f.highest == 4 && f.not_finite == 3);
    assert_true(fabs(f.std - sqrt(1.25)) < 1e-15);
    f = px_tensor_figures(&(px_tensor){.dtype = PX_DTYPE_I64, .count = 2, .data = integers});
    assert_true(f.mean == 0 && f.std == 5 && f.lowest == -5 && f.highest == 5 && f.not_finite == 0);
    f = px_tensor_figures(&(px_tensor){.dtype = PX_DTYPE_F64, .count = 2, .data = large});
    assert_true(f.mean == 1e200 && f.std == 0 && f.not_finite == 0);
    f = px_tensor_figures(&(px_tensor){.dtype = PX_DTYPE_F16, .count = 2, .data = halves});
    assert_true(f.mean == 0 && f.std == 1);
    f = px_tensor_figures(&(px_tensor){.dtype = PX_DTYPE_BOOL, .count = 3, .data = "\1\0\1"});
    assert_true(fabs(f.mean - 2.0 / 3) < 1e-15 && f.highest == 1);
    f = px_tensor_figures(&(px_tensor){.dtype = PX_DTYPE_F32, .count = 0});
    assert_true(isnan(f.mean) && isnan(f.std) && isnan(f.lowest) && isnan(f.highest) && f.not_finite == 0);
}

/* Three tensors of no known network, as .safetensors in the temporary folder. */
static const char *write_foreign(void)
{
    static const float values[] = {1, 2, NAN};
    static const int64_t three[] = {3}, none[] = {0, 2}, steps = 7;
    pixcl_error err = {0};
    px_tensor_writer *writer = px_tensor_writer_create(in_temp("foreign.safetensors"), PX_SAFETENSORS, &err);
    assert_int_equal(px_tensor_writer_declare(writer, "quote\"d", PX_DTYPE_F32, 1, three, values, &err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_declare(writer, "empty", PX_DTYPE_F16, 2, none, NULL, &err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_declare(writer, "steps", PX_DTYPE_I64, 0, NULL, &steps, &err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_metadata(writer, "note", "kept", &err), PIXCL_OK);
    if (px_tensor_writer_commit(&writer, NULL, NULL, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    static char path[512];
    snprintf(path, sizeof path, "%s", in_temp("foreign.safetensors"));
    return path;
}

static void a_foreign_file_is_described(void **state)
{
    pixcl_error err = {0};
    const char *path = write_foreign();
    (void)state;
    char *text = pixcl_show(NULL, path, NULL, &err);
    assert_non_null(text);
    assert_non_null(strstr(text, "safetensors file"));
    assert_non_null(strstr(text, "no network of the reference: 4 parameters in 3 tensors"));
    assert_null(strstr(text, "mean"));
    pixcl_free(text);
    text = pixcl_show(NULL, path, &(pixcl_show_params){.tensors = true}, &err);
    assert_non_null(strstr(text, "(0,2)"));
    assert_non_null(strstr(text, "1 not finite"));
    pixcl_free(text);
    text = pixcl_show(NULL, path, &(pixcl_show_params){.tensors = true, .json = true}, &err);
    cJSON *object = px_json_parse(text, strlen(text), "show", &err);
    assert_non_null(object);
    const cJSON *list = cJSON_GetObjectItem(object, "list"), *first = cJSON_GetArrayItem(list, 0);
    assert_int_equal(cJSON_GetArraySize(list), 3);
    assert_string_equal(cJSON_GetObjectItem(first, "name")->valuestring, "quote\"d");
    assert_true(cJSON_GetObjectItem(first, "mean")->valuedouble == 1.5);
    assert_true(cJSON_GetObjectItem(first, "not_finite")->valuedouble == 1);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(list, 1), "max")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(object, "run")));
    cJSON_Delete(object);
    pixcl_free(text);
    assert_null(pixcl_show(NULL, in_temp("nowhere"), NULL, &err));
    assert_int_equal(err.status, PIXCL_ERROR_IO);
    assert_null(pixcl_show(NULL, in_temp("nowhere"), NULL, NULL));
}

static void a_damaged_tensor_is_found(void **state)
{
    pixcl_error err = {0};
    const char *path = write_foreign();
    const pixcl_show_params verify = {.verify = true};
    uint8_t *bytes;
    size_t size;
    (void)state;
    char *text = pixcl_show(NULL, path, &verify, &err);
    assert_non_null(strstr(text, "verified: 2 tensors have the hash that was written with them"));
    pixcl_free(text);
    text = pixcl_show(NULL, path, &(pixcl_show_params){.verify = true, .json = true}, &err);
    assert_non_null(strstr(text, "\"verified\":2"));
    pixcl_free(text);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    bytes[size - 1] ^= 0x10;
    assert_int_equal(px_file_write(path, bytes, size, &err), PIXCL_OK);
    px_free(bytes);
    assert_null(pixcl_show(NULL, path, &verify, &err));
    assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "1 of 3 tensors are damaged: "));
    assert_non_null(strstr(err.message, "\"quote\"d\""));
    assert_int_equal(pixcl_convert(NULL, path, in_temp("damaged.pth"), NULL, &err), PIXCL_ERROR_FORMAT);
    assert_false(px_path_is_file(in_temp("damaged.pth")));
    assert_int_equal(pixcl_convert(NULL, write_foreign(), in_temp("whole.pth"), NULL, &err), PIXCL_OK);
    text = pixcl_show(NULL, in_temp("whole.pth"), &verify, &err);
    assert_non_null(strstr(text, "not verified: the file has no hashes"));
    assert_non_null(strstr(text, "the checksums of the archive are right"));
    pixcl_free(text);
}

static void remember(void *user, const char *path, size_t tensors)
{
    snprintf(user, 512, "%s %zu", path, tensors);
}

static void files_are_converted_there_and_back(void **state)
{
    pixcl_error err = {0};
    char written[512] = "", expected[512];
    const char *path = write_foreign();
    const pixcl_convert_params params = {.user = written, .written = remember};
    (void)state;
    assert_int_equal(pixcl_convert(NULL, path, in_temp("folder"), &params, &err), PIXCL_OK);
    snprintf(expected, sizeof expected, "%s 3", in_temp("folder/foreign.pth"));
    assert_string_equal(written, expected);
    px_tensor_file *file = px_tensor_file_open(in_temp("folder/foreign.pth"), &err);
    assert_non_null(file);
    assert_string_equal(px_tensor_file_format(file), "PyTorch (zip)");
    assert_string_equal(px_tensor_file_at(file, 0)->name, "quote\"d");
    assert_int_equal(px_tensor_file_at(file, 2)->dtype, PX_DTYPE_I64);
    px_tensor_file_close(&file);
    assert_int_equal(pixcl_convert(NULL, in_temp("folder/foreign.pth"), in_temp("back.SafeTensors"), NULL, &err),
                     PIXCL_OK);
    file = px_tensor_file_open(in_temp("back.SafeTensors"), &err);
    assert_string_equal(px_tensor_file_format(file), "safetensors");
    px_tensor_file_close(&file);
    /* Onto itself: the metadata stays too. */
    assert_int_equal(pixcl_convert(NULL, path, path, NULL, &err), PIXCL_OK);
    file = px_tensor_file_open(path, &err);
    assert_string_equal(px_tensor_file_metadata(file, "note"), "kept");
    px_tensor_file_close(&file);

    assert_int_equal(pixcl_convert(NULL, path, "x", &(pixcl_convert_params){.format = "h5"}, &err),
                     PIXCL_ERROR_ARGUMENT);
    assert_string_equal(err.message, "Invalid format \"h5\": expected pth, safetensors or onnx.");
    assert_int_equal(pixcl_convert(NULL, path, "x.onnx", NULL, &err), PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "no generator of the reference"));
    assert_int_equal(pixcl_convert(NULL, path, "x.pth", &(pixcl_convert_params){.format = "safetensors"}, &err),
                     PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_convert(NULL, in_temp("nowhere"), "x.pth", NULL, &err), PIXCL_ERROR_IO);
    assert_int_equal(pixcl_convert(NULL, in_temp("nowhere"), "x.pth", NULL, NULL), PIXCL_ERROR_IO);
}

/* A file that claims to be a checkpoint, but holds what none does. */
static void a_false_checkpoint_is_refused(void **state)
{
    static const struct {
        const char *options, *state, *tensor, *says;
    } cases[] = {
        {"{}", NULL, "G.a", "lacks the state"},
        {NULL, "{}", "G.a", "lacks the options"},
        {"{}", "{}", "G.a", "state of the run in its metadata is damaged"},
        {"[]", "{}", "G.a", "not a JSON object"},
        {"{\"ngf\":\"many\"}", "{}", "G.a", "ngf"},
        {"{}", "{}", "a", "belongs to no network"},
    };
    const float value = 1;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pixcl_error err = {0};
        px_tensor_writer *writer = px_tensor_writer_create(in_temp("latest.safetensors"), PX_SAFETENSORS, &err);
        px_tensor_writer_metadata(writer, "pixcl", "9.9", &err);
        if (cases[i].options)
            px_tensor_writer_metadata(writer, "options", cases[i].options, &err);
        if (cases[i].state)
            px_tensor_writer_metadata(writer, "state", cases[i].state, &err);
        px_tensor_writer_declare(writer, cases[i].tensor, PX_DTYPE_F32, 0, NULL, &value, &err);
        if (px_tensor_writer_commit(&writer, NULL, NULL, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        assert_null(pixcl_show(NULL, temp_folder, NULL, &err));
        assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
        if (!strstr(err.message, cases[i].says) || !strstr(err.message, "latest.safetensors"))
            fail_msg("expected \"%s\" and the file in: %s", cases[i].says, err.message);
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    pixcl_error err = {0};
    const char *path = write_foreign();
    char *text = NULL;
    (void)state;
    for (long n = 1; !text; n++) {
        px_fail_allocation(n);
        text = pixcl_show(NULL, path, &(pixcl_show_params){.tensors = true, .json = n % 2}, &err);
        px_fail_allocation(0);
        assert_true(text || err.status == PIXCL_ERROR_MEMORY);
        assert_true(n < 1000);
    }
    pixcl_free(text);
    pixcl_status status = PIXCL_ERROR_MEMORY;
    for (long n = 1; status != PIXCL_OK; n++) {
        px_fail_allocation(n);
        status = pixcl_convert(NULL, path, in_temp("out.pth"), NULL, &err);
        px_fail_allocation(0);
        if (status != PIXCL_OK && status != PIXCL_ERROR_MEMORY)
            fail_msg("allocation %ld: %s", n, err.message);
        assert_true(n < 1000);
    }
}

static void passes_are_counted_as_pytorch_counts_them(void **state)
{
    static const struct {
        const char *model, *gan_mode;
        double lambda_gp, lambda_A, lambda_B, lambda_identity;
        const char *net;
        int passes;
    } cases[] = {
        {"pix2pix", "vanilla", 10, 10, 10, 0.5, "G", 1},   {"pix2pix", "vanilla", 10, 10, 10, 0.5, "D", 3},
        {"pix2pix", "wgangp", 10, 10, 10, 0.5, "D", 4},    {"pix2pix", "wgangp", 0, 10, 10, 0.5, "D", 3},
        {"pix2pix", "vanilla", 10, 10, 10, 0.5, "G_A", 0}, {"cycle_gan", "lsgan", 10, 10, 10, 0.5, "G_A", 3},
        {"cycle_gan", "lsgan", 10, 10, 10, 0, "G_A", 2},   {"cycle_gan", "lsgan", 10, 10, 0, 0.5, "G_A", 1},
        {"cycle_gan", "lsgan", 10, 10, 0, 0.5, "G_B", 3},  {"cycle_gan", "lsgan", 10, 0, 10, 0.5, "G_B", 1},
        {"cycle_gan", "lsgan", 10, 10, 10, 0.5, "D_A", 3}, {"cycle_gan", "wgangp", 10, 10, 10, 0.5, "D_B", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pixcl_options options;
        px_options_default(&options, PIXCL_FOR_TRAIN);
        assert_int_equal(pixcl_options_set(&options, "model", cases[i].model, NULL), PIXCL_OK);
        assert_int_equal(pixcl_options_set(&options, "gan_mode", cases[i].gan_mode, NULL), PIXCL_OK);
        options.lambda_gp = cases[i].lambda_gp;
        options.lambda_A = cases[i].lambda_A;
        options.lambda_B = cases[i].lambda_B;
        options.lambda_identity = cases[i].lambda_identity;
        if (px_net_passes(&options, cases[i].net) != cases[i].passes)
            fail_msg("case %zu: %d passes", i, px_net_passes(&options, cases[i].net));
    }
}

#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, temp_folder_make, temp_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_apart),
        cmocka_unit_test(passes_are_counted_as_pytorch_counts_them),
        FOLDER_TEST(networks_are_known_by_their_keys),
        FOLDER_TEST(options_make_the_networks_that_they_name),
        cmocka_unit_test(every_number_of_layers_that_can_be_asked_for_can_be_built),
        cmocka_unit_test(figures_leave_out_what_is_not_finite),
        FOLDER_TEST(a_foreign_file_is_described),
        FOLDER_TEST(a_damaged_tensor_is_found),
        FOLDER_TEST(files_are_converted_there_and_back),
        FOLDER_TEST(a_false_checkpoint_is_refused),
        FOLDER_TEST(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
