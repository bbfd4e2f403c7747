/* image/encode: what is written can be read again; data URIs hold what they should. */
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
#include "base/rng.h"
#include "image/codec.h"
#include "scratch_folder.h"

static char folder[SCRATCH_PATH], path[SCRATCH_PATH + 64];

static int enter(void **state)
{
    (void)state;
    return scratch_folder_make(folder);
}

static int leave(void **state)
{
    (void)state;
    return px_os_remove_folder(folder); /* fails when a test left a file behind */
}

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static pixcl_image *noise(int width, int height, int channels)
{
    pixcl_image *image = pixcl_image_create(width, height, channels, NULL);
    px_rng rng = {.seed = 11};
    for (int i = 0; i < width * height * channels; i++)
        image->pixels[i] = (uint8_t)px_rng_u32(&rng);
    return image;
}

static void png_keeps_every_bit(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        pixcl_image *image = noise(301, 97, channels); /* more than one piece of the growing buffer */
        pixcl_error err = {0};
        assert_int_equal(pixcl_image_save(image, in_folder("a.PNG"), 0, &err), PIXCL_OK);
        pixcl_image *again = pixcl_image_load(path, &err);
        assert_non_null(again);
        assert_int_equal(again->channels, channels);
        assert_int_equal(again->width, 301);
        assert_memory_equal(again->pixels, image->pixels, (size_t)301 * 97 * channels);
        pixcl_image_destroy(&again);
        pixcl_image_destroy(&image);
        px_os_remove(path);
    }
}

static void jpeg_is_near_and_goes_by_quality(void **state)
{
    (void)state;
    pixcl_image *image = noise(250, 250, 3);
    for (int i = 0; i < 250 * 250 * 3; i++)
        image->pixels[i] = (uint8_t)(i / 750 + image->pixels[i] / 16); /* a ramp with a little noise */
    long sizes[3];
    static const int qualities[3] = {40, 0, 100};
    for (int q = 0; q < 3; q++) {
        assert_int_equal(pixcl_image_save(image, in_folder("a.jpeg"), qualities[q], NULL), PIXCL_OK);
        px_os_info info;
        px_os_look(path, &info);
        sizes[q] = (long)info.size;
        pixcl_image *again = pixcl_image_load(path, NULL);
        assert_int_equal(again->channels, 3);
        long sum = 0;
        for (int i = 0; i < 250 * 250 * 3; i++)
            sum += labs((long)again->pixels[i] - image->pixels[i]);
        /* Mean error: quality 100 rounds only; 40 may lose the noise, whose mean deviation is 4. */
        assert_true((double)sum / (250 * 250 * 3) < (q == 2 ? 1.0 : 5.0));
        pixcl_image_destroy(&again);
        px_os_remove(path);
    }
    assert_true(sizes[0] < sizes[1] && sizes[1] < sizes[2]);
    pixcl_image_destroy(&image);
}

static void wrong_names_and_qualities(void **state)
{
    (void)state;
    pixcl_image *image = noise(3, 3, 3);
    pixcl_error err = {0};
    assert_int_equal(pixcl_image_save(image, in_folder("a.tiff"), 0, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, ".png, .jpg or .jpeg"));
    assert_int_equal(pixcl_image_save(image, in_folder("a.jpg"), 101, &err), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_image_save(image, in_folder("a.jpg"), -1, &err), PIXCL_ERROR_ARGUMENT);
    assert_false(px_path_is_file(path));
    assert_int_equal(pixcl_image_save(image, in_folder("no/such/a.jpg"), 0, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "no/such"));
    pixcl_image_destroy(&image);
}

static void impossible_images(void **state)
{
    (void)state;
    static const int bad[][3] = {{0, 4, 3}, {4, 0, 3}, {-1, 4, 3}, {4, 4, 2}, {65536, 1, 1}, {65535, 65535, 1}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        pixcl_error err = {0};
        assert_null(pixcl_image_create(bad[i][0], bad[i][1], bad[i][2], &err));
        assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    }
    pixcl_image *none = NULL;
    pixcl_image_destroy(&none);
    pixcl_image_destroy(NULL);
}

static int digit(char c)
{
    const char *all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return c == '=' ? 0 : (int)(strchr(all, c) - all);
}

static void data_uri_decodes_to_the_picture(void **state)
{
    (void)state;
    static const char head[] = "data:image/png;base64,";
    for (int size = 1; size <= 60; size += 7) { /* all remainders of 3, and more than one piece of text */
        pixcl_image *image = noise(size, size, 3);
        char *uri = px_image_data_uri(image, PX_IMAGE_PNG, 0, NULL);
        assert_non_null(uri);
        assert_memory_equal(uri, head, strlen(head));
        const char *text = uri + strlen(head);
        size_t length = strlen(text), used = 0;
        assert_int_equal(length % 4, 0);
        uint8_t *bytes = malloc(length);
        for (size_t i = 0; i < length; i += 4) {
            uint32_t group = 0;
            for (int k = 0; k < 4; k++)
                group = group << 6 | (uint32_t)digit(text[i + k]);
            for (int k = 0; k < 3; k++)
                bytes[used++] = (uint8_t)(group >> (16 - 8 * k));
        }
        used -= (text[length - 1] == '=') + (text[length - 2] == '=');
        pixcl_error err = {0};
        pixcl_image *again = px_image_decode(bytes, used, "uri", &err);
        assert_non_null(again);
        assert_memory_equal(again->pixels, image->pixels, (size_t)size * size * 3);
        pixcl_image_destroy(&again);
        pixcl_image_destroy(&image);
        px_free(uri);
        free(bytes);
    }
}

/* Saves and reads again, resized; the first failure, or PIXCL_OK. */
static pixcl_status try_round_trip(const pixcl_image *image, const char *name, pixcl_error *err)
{
    pixcl_image *again = NULL, *small = NULL;
    char *uri = NULL;
    pixcl_status status = pixcl_image_save(image, in_folder(name), 0, err);
    if (status == PIXCL_OK &&
        !((again = pixcl_image_load(path, err)) && (small = pixcl_image_resize(again, 9, 5, err)) &&
          (uri = px_image_data_uri(small, PX_IMAGE_PNG, 0, err))))
        status = err->status;
    pixcl_image_destroy(&again);
    pixcl_image_destroy(&small);
    px_free(uri);
    px_os_remove(path);
    return status;
}

/* Under the address sanitizer also: without a leak. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const names[2] = {"a.png", "a.jpg"};
    pixcl_image *image = noise(40, 30, 3);
    for (int k = 0; k < 2; k++) {
        int failed = 0;
        pixcl_status status = PIXCL_OK;
        for (long n = 1; n <= 60; n++) { /* more than are made */
            pixcl_error err = {PIXCL_OK, ""};
            px_fail_allocation(n);
            status = try_round_trip(image, names[k], &err);
            px_fail_allocation(0);
            failed += status != PIXCL_OK;
            if (status != PIXCL_OK)
                assert_int_equal(status, PIXCL_ERROR_MEMORY);
        }
        assert_int_equal(status, PIXCL_OK);
        assert_true(failed > 20);
    }
    pixcl_image_destroy(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_keeps_every_bit),
        cmocka_unit_test(jpeg_is_near_and_goes_by_quality),
        cmocka_unit_test(wrong_names_and_qualities),
        cmocka_unit_test(impossible_images),
        cmocka_unit_test(data_uri_decodes_to_the_picture),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("image_encode", tests, enter, leave);
}
