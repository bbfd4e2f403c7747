/* Batches through a generator, and its weights. */
#include "fixture.h"

#include "pixcl/compare.h"
#include "pixcl/distance.h"

enum { VALUES = SIDE * SIDE * 3 };

static void batches_are_pictures_in_any_layout(void **state)
{
    static uint8_t bytes[PICTURES][VALUES], made[PICTURES][VALUES];
    static float planes[PICTURES][VALUES], floats[PICTURES][VALUES];
    pixcl_error err = {0};
    (void)state;
    pixcl_generator *generator = open_run(NULL);
    assert_int_equal(pixcl_generator_input_nc(generator), 3);
    assert_int_equal(pixcl_generator_output_nc(generator), 3);
    for (int i = 0; i < PICTURES; i++) {
        pixcl_image *image = load_half("test", i + 1, 0);
        memcpy(bytes[i], image->pixels, VALUES);
        for (int p = 0; p < SIDE * SIDE; p++)
            for (int c = 0; c < 3; c++)
                planes[i][c * SIDE * SIDE + p] = ((float)image->pixels[3 * p + c] / 255.0f - 0.5f) / 0.5f;
        pixcl_image_destroy(&image);
    }
    pixcl_tensor in = pixcl_tensor_nhwc(bytes, PIXCL_UINT8, PICTURES, SIDE, SIDE, 3);
    pixcl_tensor out = pixcl_tensor_nhwc(made, PIXCL_UINT8, PICTURES, SIDE, SIDE, 3);
    OK(pixcl_generator_run(generator, &in, &out, &err));
    for (int i = 0; i < PICTURES; i++) { /* each as if it came alone */
        pixcl_image *image = load_half("test", i + 1, 0), *alone = NULL;
        OK(pixcl_generator_translate(generator, image, &alone, &err));
        assert_memory_equal(made[i], alone->pixels, VALUES);
        pixcl_image_destroy(&image);
        pixcl_image_destroy(&alone);
    }
    const pixcl_tensor plane_in = pixcl_tensor_nchw(planes, PIXCL_FLOAT32, PICTURES, 3, SIDE, SIDE);
    const pixcl_tensor plane_out = pixcl_tensor_nchw(floats, PIXCL_FLOAT32, PICTURES, 3, SIDE, SIDE);
    OK(pixcl_generator_run(generator, &plane_in, &plane_out, &err));
    for (int i = 0; i < PICTURES; i++)
        for (int p = 0; p < VALUES; p++) {
            const float value = (floats[i][p % 3 * SIDE * SIDE + p / 3] + 1) / 2 * 255 + 0.5f;
            assert_int_equal(made[i][p], (int)value);
        }
    /* From the last picture to the first, upside down: strides may be negative. */
    static uint8_t turned[PICTURES][VALUES];
    in.data = &bytes[PICTURES - 1][(SIDE - 1) * SIDE * 3];
    out.data = &turned[PICTURES - 1][(SIDE - 1) * SIDE * 3];
    for (int i = 0; i < 3; i += 2)
        in.strides[i] = out.strides[i] = -in.strides[i];
    in.strides[2] = -in.strides[2]; /* the input the right way up again, in the order of the output's pictures */
    out.strides[2] = -out.strides[2];
    in.data = &bytes[PICTURES - 1][0];
    out.data = &turned[PICTURES - 1][0];
    OK(pixcl_generator_run(generator, &in, &out, &err));
    assert_memory_equal(turned, made, sizeof made);
    pixcl_generator_close(&generator);
}

static void other_sizes_are_padded(void **state)
{
    pixcl_error err = {0};
    (void)state;
    pixcl_generator *generator = open_run(NULL);
    pixcl_image *image = load_half("test", 1, 0), *part = pixcl_image_create(SIDE - 5, SIDE - 9, 3, &err), *made = NULL,
                *grey = pixcl_image_convert(image, 1, &err);
    for (int y = 0; y < part->height; y++)
        memcpy(part->pixels + (size_t)y * (size_t)part->width * 3, image->pixels + (size_t)y * SIDE * 3,
               (size_t)part->width * 3);
    OK(pixcl_generator_translate(generator, part, &made, &err));
    assert_int_equal(made->width, part->width);
    assert_int_equal(made->height, part->height);
    /* What was padded by hand gives the same. */
    pixcl_image *padded = pixcl_image_create(SIDE, SIDE, 3, &err), *whole = NULL;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const int from_y = y < part->height ? y : 2 * (part->height - 1) - y;
            const int from_x = x < part->width ? x : 2 * (part->width - 1) - x;
            memcpy(padded->pixels + 3 * (y * SIDE + x), part->pixels + 3 * (from_y * part->width + from_x), 3);
        }
    OK(pixcl_generator_translate(generator, padded, &whole, &err));
    for (int y = 0; y < part->height; y++)
        assert_memory_equal(made->pixels + 3 * y * part->width, whole->pixels + 3 * y * SIDE, 3 * (size_t)part->width);
    pixcl_image_destroy(&made);
    OK(pixcl_generator_translate(generator, grey, &made, &err));
    assert_int_equal(made->channels, 3);
    pixcl_image_destroy(&made);
    pixcl_image_destroy(&whole);
    pixcl_image_destroy(&padded);
    pixcl_image_destroy(&part);
    pixcl_image_destroy(&grey);
    pixcl_image_destroy(&image);
    pixcl_generator_close(&generator);
}

static void tensors_that_do_not_fit_are_refused(void **state)
{
    static float values[2 * VALUES];
    pixcl_error err = {0};
    (void)state;
    pixcl_generator *generator = open_run(NULL);
    const pixcl_tensor right = pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 3, SIDE, SIDE);
    const struct {
        pixcl_tensor in, out;
        const char *message;
    } wrong[] = {
        {pixcl_tensor_nchw(NULL, PIXCL_FLOAT32, 1, 3, SIDE, SIDE), right, "input is missing"},
        {pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 1, SIDE, SIDE), right, "input has 1 channels"},
        {right, pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 4, SIDE, SIDE), "output has 4 channels"},
        {right, pixcl_tensor_nchw(values, PIXCL_FLOAT32, 2, 3, SIDE, SIDE), "must be the same"},
        {right, pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 3, SIDE, SIDE / 2), "must be the same"},
        {pixcl_tensor_nchw(values, PIXCL_FLOAT32, 0, 3, SIDE, SIDE), right, "0 pictures"},
        {pixcl_tensor_nchw(values, PIXCL_FLOAT32, 1, 3, SIDE, 1 << 20), right, "1048576 x 64"},
        {pixcl_tensor_nchw(values, (pixcl_dtype)7, 1, 3, SIDE, SIDE), right, "dtype 7"},
        {pixcl_tensor_nchw((char *)values + 1, PIXCL_FLOAT32, 1, 3, SIDE, SIDE), right, "multiples of 4"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(pixcl_generator_run(generator, &wrong[i].in, &wrong[i].out, &err), PIXCL_ERROR_ARGUMENT);
        if (!strstr(err.message, wrong[i].message))
            fail_msg("\"%s\" without \"%s\"", err.message, wrong[i].message);
    }
    assert_int_equal(pixcl_generator_run(generator, NULL, &right, NULL), PIXCL_ERROR_ARGUMENT);
    pixcl_generator_close(&generator);
}

/* A program may put a picture together itself, and wrongly. */
static void pictures_that_are_none_are_refused(void **state)
{
    static uint8_t pixels[4 * VALUES];
    const pixcl_image wrong[] = {
        {SIDE, SIDE, 2, pixels}, {SIDE, SIDE, 3, NULL}, {0, SIDE, 3, pixels}, {SIDE, -1, 3, pixels}};
    pixcl_error err = {0};
    pixcl_metrics metrics;
    (void)state;
    pixcl_generator *generator = open_run(NULL);
    pixcl_swd *swd = pixcl_swd_create(0, 0, &err);
    MADE(swd);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pixcl_image *made = NULL;
        assert_int_equal(pixcl_generator_translate(generator, &wrong[i], &made, &err), PIXCL_ERROR_ARGUMENT);
        assert_null(made);
        assert_int_equal(pixcl_image_save(&wrong[i], "none.png", 0, &err), PIXCL_ERROR_ARGUMENT);
        assert_null(pixcl_image_resize(&wrong[i], 8, 8, &err));
        assert_null(pixcl_image_convert(&wrong[i], 3, &err));
        assert_int_equal(pixcl_compare(&wrong[i], &wrong[i], &metrics, &err), PIXCL_ERROR_ARGUMENT);
        assert_int_equal(pixcl_swd_add(swd, 0, &wrong[i], &err), PIXCL_ERROR_ARGUMENT);
    }
    assert_int_equal(access("none.png", F_OK), -1);
    pixcl_swd_destroy(&swd);
    pixcl_generator_close(&generator);
}

/* One generator's weights into another, one by one: then both make the same. */
static void weights_are_read_and_set(void **state)
{
    pixcl_error err = {0};
    (void)state;
    pixcl_generator *trained = open_run(NULL), *other = open_run(NULL);
    pixcl_image *image = load_half("test", 2, 0), *expected = NULL, *made = NULL;
    OK(pixcl_generator_translate(trained, image, &expected, &err));
    const size_t count = pixcl_generator_weight_count(trained);
    assert_in_range(count, 10, 100);
    bool seen = false;
    for (size_t i = 0; i < count; i++) {
        pixcl_weight weight;
        OK(pixcl_generator_weight_at(trained, i, &weight, &err));
        size_t elements = 1;
        for (int d = 0; d < 4; d++)
            elements *= (size_t)weight.shape[d];
        assert_int_equal(elements, weight.count);
        seen = seen || (strcmp(weight.name, "model.model.0.weight") == 0 && weight.rank == 4);
        float *zeros = calloc(weight.count, sizeof *zeros);
        OK(pixcl_generator_weight_set(other, weight.name, zeros, weight.count, &err));
        free(zeros);
    }
    assert_true(seen);
    OK(pixcl_generator_translate(other, image, &made, &err));
    assert_memory_not_equal(made->pixels, expected->pixels, VALUES);
    pixcl_image_destroy(&made);
    for (size_t i = 0; i < count; i++) {
        pixcl_weight weight;
        OK(pixcl_generator_weight_at(trained, i, &weight, &err));
        float *values = calloc(weight.count, sizeof *values);
        OK(pixcl_generator_weight_get(trained, weight.name, values, weight.count, &err));
        OK(pixcl_generator_weight_set(other, weight.name, values, weight.count, &err));
        free(values);
    }
    OK(pixcl_generator_translate(other, image, &made, &err));
    assert_memory_equal(made->pixels, expected->pixels, VALUES);
    float one;
    pixcl_weight past;
    assert_int_equal(pixcl_generator_weight_get(other, "model.nothing", &one, 1, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "has no weight model.nothing"));
    assert_int_equal(pixcl_generator_weight_get(other, "model.model.0.weight", &one, 1, &err), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_generator_weight_at(other, count, &past, &err), PIXCL_ERROR_ARGUMENT);
    pixcl_image_destroy(&made);
    pixcl_image_destroy(&expected);
    pixcl_image_destroy(&image);
    pixcl_generator_close(&trained);
    pixcl_generator_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_pictures_in_any_layout),
        cmocka_unit_test(other_sizes_are_padded),
        cmocka_unit_test(tensors_that_do_not_fit_are_refused),
        cmocka_unit_test(pictures_that_are_none_are_refused),
        cmocka_unit_test(weights_are_read_and_set),
    };
    return cmocka_run_group_tests(tests, make_run, NULL);
}
