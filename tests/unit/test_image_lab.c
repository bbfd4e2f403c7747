/* image/lab: scikit-image's numbers there and back. The tables are printed by tools/golden/lab.py, which says why these
 * colours. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "image/lab.h"

static const struct {
    uint8_t rgb[3];
    float lab[3];
} colours[] = {
    {{0, 0, 0}, {0.00000, 0.00000, 0.00000}},         {{255, 255, 255}, {100.00000, -0.00245, 0.00465}},
    {{255, 0, 0}, {53.24059, 80.09231, 67.20275}},    {{0, 255, 0}, {87.73510, -86.18303, 83.17970}},
    {{0, 0, 255}, {32.29567, 79.18559, -107.85730}},  {{0, 255, 255}, {91.11330, -48.09060, -14.12633}},
    {{255, 0, 255}, {60.32351, 98.23305, -60.82102}}, {{255, 255, 0}, {97.13951, -21.55468, 94.47812}},
    {{10, 10, 10}, {2.74173, -0.00017, 0.00033}},     {{11, 11, 11}, {3.02290, -0.00019, 0.00036}},
    {{23, 23, 23}, {7.73952, -0.00049, 0.00093}},     {{24, 24, 24}, {8.24819, -0.00051, 0.00097}},
    {{128, 128, 128}, {53.58501, -0.00147, 0.00279}}, {{1, 2, 3}, {0.50983, -0.12249, -0.47050}},
    {{200, 100, 50}, {53.62951, 36.30516, 45.38047}}, {{37, 90, 211}, {41.85502, 27.68709, -67.04152}},
    {{250, 249, 3}, {95.19669, -20.73490, 92.66872}}, {{90, 8, 60}, {18.68857, 39.30318, -9.44430}},
};

static const struct {
    float lab[3], rgb[3];
} mixtures[] = {
    {{50, 0, 0}, {118.914, 118.913, 118.918}},     {{70, 20, -30}, {180.377, 161.122, 225.595}},
    {{5, 3, -4}, {19.005, 15.413, 22.937}},        {{30, -25, 30}, {43.040, 79.559, 19.459}},
    {{90, 5, 60}, {255.000, 219.992, 108.763}},    {{50, 110, 110}, {255.000, 0.000, 0.000}},
    {{50, -110, -110}, {0.000, 163.708, 255.000}}, {{100, 60, 0}, {255.000, 207.441, 255.000}},
    {{10, 0, 110}, {45.694, 25.379, 0.000}},       {{1, -110, 110}, {0.000, 45.039, 0.000}},
    {{0, 0, 110}, {24.822, 0.000, 0.000}},
};

/* A float near 100 is 4e-6 wrong, and the table is rounded to 5e-6. */
#define TOLERANCE 2e-5f

static void from_rgb(void **state)
{
    (void)state;
    enum { COUNT = sizeof colours / sizeof *colours };
    float lightness[COUNT], colour[2][COUNT];
    pixcl_image *image = pixcl_image_create(COUNT / 2, 2, 3, NULL);
    for (int i = 0; i < COUNT; i++)
        memcpy(image->pixels + 3 * i, colours[i].rgb, 3);
    px_image_to_lab(image, lightness, colour[0]);
    for (int i = 0; i < COUNT; i++) {
        const float found[3] = {(lightness[i] + 1) * 50, colour[0][i] * 110, colour[1][i] * 110};
        for (int c = 0; c < 3; c++)
            if (!(fabsf(found[c] - colours[i].lab[c]) < TOLERANCE))
                fail_msg("(%d, %d, %d): channel %d is %.6f, expected %.5f", colours[i].rgb[0], colours[i].rgb[1],
                         colours[i].rgb[2], c, found[c], colours[i].lab[c]);
    }
    pixcl_image_destroy(&image);
}

static void to_rgb(void **state)
{
    (void)state;
    enum { COUNT = sizeof mixtures / sizeof *mixtures };
    float lightness[COUNT], colour[2][COUNT];
    for (int i = 0; i < COUNT; i++) {
        lightness[i] = mixtures[i].lab[0] / 50 - 1;
        colour[0][i] = mixtures[i].lab[1] / 110;
        colour[1][i] = mixtures[i].lab[2] / 110;
    }
    for (int truncate = 0; truncate < 2; truncate++) {
        pixcl_image *image = px_image_from_lab(lightness, colour[0], 1, COUNT, truncate, NULL);
        assert_int_equal(image->width, COUNT);
        assert_int_equal(image->channels, 3);
        for (int i = 0; i < COUNT; i++)
            for (int c = 0; c < 3; c++)
                assert_int_equal(image->pixels[3 * i + c], (int)(mixtures[i].rgb[c] + (truncate ? 0 : 0.5f)));
        pixcl_image_destroy(&image);
    }
}

/* Sixteen steps of each channel, and every grey. (All 2^24 colours were seen to come back.) */
static void there_and_back(void **state)
{
    (void)state;
    enum { WIDTH = 256, HEIGHT = 17, COUNT = WIDTH * HEIGHT };
    float lightness[COUNT], colour[2][COUNT];
    pixcl_image *image = pixcl_image_create(WIDTH, HEIGHT, 3, NULL);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *pixel = image->pixels + 3 * (y * WIDTH + x);
            if (y < 16)
                memcpy(pixel, (uint8_t[]){(uint8_t)(17 * y), (uint8_t)(x / 16 * 17), (uint8_t)(x % 16 * 17)}, 3);
            else
                memset(pixel, x, 3);
        }
    px_image_to_lab(image, lightness, colour[0]);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabsf(lightness[i]) <= 1 && fabsf(colour[0][i]) <= 1 && fabsf(colour[1][i]) <= 1);
    pixcl_image *again = px_image_from_lab(lightness, colour[0], HEIGHT, WIDTH, false, NULL);
    assert_memory_equal(again->pixels, image->pixels, 3 * COUNT);
    pixcl_image_destroy(&again);
    pixcl_image_destroy(&image);
}

static void no_number_is_black(void **state)
{
    (void)state;
    const float lightness[6] = {NAN, 0, 0, INFINITY, -INFINITY, 1e38f};
    const float colour[2][6] = {{0, NAN, 0, 0, 0, -1e38f}, {0, 0, NAN, 0, 0, 1e38f}};
    pixcl_image *image = px_image_from_lab(lightness, colour[0], 2, 3, false, NULL);
    for (int i = 0; i < 9; i++)
        assert_int_equal(image->pixels[i], 0);
    pixcl_image_destroy(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_rgb),
        cmocka_unit_test(to_rgb),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(no_number_is_black),
    };
    return cmocka_run_group_tests_name("image_lab", tests, NULL, NULL);
}
