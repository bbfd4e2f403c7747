/* image/resize, colour, geometry and planes: the bits of Pillow and torchvision, and nothing moved by accident. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "image/geometry.h"
#include "image/planes.h"

/* Made by tools/golden/resize.py, which says what is in it. */
#define FIXTURE PX_GOLDEN "/image/resize.bin"

enum { INPUT = 1, RESIZED, GREY };

static uint32_t u32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void same_bits_as_pillow(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t size;
    pixcl_error err = {0};
    if (px_file_read(FIXTURE, &bytes, &size, &err) != PIXCL_OK)
        fail_msg("%s: remake it with tools/golden/resize.py", err.message);
    assert_memory_equal(bytes, "PXRS\1\0\0\0", 8);
    pixcl_image input = {0};
    int resized = 0, greys = 0;
    for (size_t at = 8; at < size;) {
        assert_true(size - at >= 16);
        uint32_t kind = u32(bytes + at);
        pixcl_image record = {(int)u32(bytes + at + 4), (int)u32(bytes + at + 8), (int)u32(bytes + at + 12),
                              bytes + at + 16};
        size_t length = (size_t)record.width * record.height * record.channels;
        assert_true(size - at - 16 >= length);
        at += 16 + length;
        if (kind == INPUT) {
            input = record;
            continue;
        }
        pixcl_image *made = kind == RESIZED ? pixcl_image_resize(&input, record.width, record.height, &err)
                                            : pixcl_image_convert(&input, 1, &err);
        assert_non_null(made);
        for (size_t i = 0; i < length; i++)
            if (made->pixels[i] != record.pixels[i])
                fail_msg("%dx%dx%d to %dx%d: byte %zu is %d, Pillow has %d", input.width, input.height, input.channels,
                         record.width, record.height, i, made->pixels[i], record.pixels[i]);
        pixcl_image_destroy(&made);
        resized += kind == RESIZED;
        greys += kind == GREY;
    }
    assert_int_equal(resized, 19);
    assert_int_equal(greys, 4);
    px_free(bytes);
}

static void resize_refuses_no_size(void **state)
{
    (void)state;
    pixcl_image *image = pixcl_image_create(4, 4, 3, NULL);
    pixcl_error err = {0};
    assert_null(pixcl_image_resize(image, 0, 4, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_null(pixcl_image_resize(image, 4, 100000, &err));
    pixcl_image_destroy(&image);
}

/* pixel (x, y), channel c holds 40y + 4x + c */
static pixcl_image *counted(int width, int height, int channels)
{
    pixcl_image *image = pixcl_image_create(width, height, channels, NULL);
    for (int i = 0; i < width * height; i++)
        for (int c = 0; c < channels; c++)
            image->pixels[i * channels + c] = (uint8_t)(40 * (i / width) + 4 * (i % width) + c);
    return image;
}

static void crop_and_flip(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        pixcl_image *image = counted(7, 5, channels);
        pixcl_image *part = px_image_crop(image, 2, 1, 4, 3, NULL);
        assert_int_equal(part->width, 4);
        assert_int_equal(part->height, 3);
        assert_int_equal(part->pixels[0], 40 + 8);
        assert_int_equal(part->pixels[(2 * 4 + 3) * channels], 120 + 20);
        px_image_flip(part);
        assert_int_equal(part->pixels[0], 40 + 20);
        assert_int_equal(part->pixels[channels - 1], 40 + 20 + channels - 1);
        assert_int_equal(part->pixels[(2 * 4 + 3) * channels], 120 + 8);
        pixcl_image_destroy(&part);
        px_image_flip(image); /* an odd width: the middle stays */
        assert_int_equal(image->pixels[3 * channels], 12);
        assert_int_equal(image->pixels[0], 24);
        static const int outside[][4] = {{-1, 0, 2, 2}, {0, -1, 2, 2}, {6, 0, 2, 1},
                                         {0, 4, 1, 2},  {0, 0, 0, 1},  {1, 1, 2147483647, 1}};
        for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
            assert_null(px_image_crop(image, outside[i][0], outside[i][1], outside[i][2], outside[i][3], NULL));
        pixcl_image_destroy(&image);
    }
}

static void planes_there_and_back(void **state)
{
    (void)state;
    float planes[3 * 256];
    pixcl_image *image = pixcl_image_create(16, 16, 3, NULL);
    for (int i = 0; i < 256; i++)
        for (int c = 0; c < 3; c++)
            image->pixels[3 * i + c] = (uint8_t)((i + 50 * c) % 256);
    px_image_to_planes(image, planes);
    assert_true(planes[0] == -1.0f);
    assert_true(planes[255] == 1.0f);
    assert_true(planes[128] == (128.0f / 255.0f - 0.5f) / 0.5f);
    assert_true(planes[256] == (50.0f / 255.0f - 0.5f) / 0.5f);
    pixcl_image *again = px_image_from_planes(planes, 3, 16, 16, false, NULL);
    assert_memory_equal(again->pixels, image->pixels, 3 * 256);
    pixcl_image_destroy(&again);
    pixcl_image_destroy(&image);

    const float odd[6] = {NAN, INFINITY, -INFINITY, 1.5f, -1.0001f, 0.0f};
    static const uint8_t rounded[6] = {0, 255, 0, 255, 0, 128}, cut[6] = {0, 255, 0, 255, 0, 127};
    for (int truncate = 0; truncate < 2; truncate++) {
        image = px_image_from_planes(odd, 1, 2, 3, truncate, NULL);
        assert_memory_equal(image->pixels, truncate ? cut : rounded, 6);
        pixcl_image_destroy(&image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_as_pillow),
        cmocka_unit_test(resize_refuses_no_size),
        cmocka_unit_test(crop_and_flip),
        cmocka_unit_test(planes_there_and_back),
    };
    return cmocka_run_group_tests_name("image_resize", tests, NULL, NULL);
}
