/* Picture metrics against hand-made figures and a brute-force SSIM written straight from the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "pixcl/compare.h"

typedef struct picture {
    pixcl_image image;
    uint8_t pixels[40 * 40 * 3];
} picture;

/* Noise over a slope; `noise` 0..255. */
static void paint(picture *p, int width, int height, int channels, int noise, uint64_t seed)
{
    px_rng rng = {.seed = seed};
    p->image = (pixcl_image){width, height, channels, p->pixels};
    for (int i = 0; i < width * height * channels; i++) {
        int value = i * 200 / (width * height * channels) + (int)px_rng_below(&rng, (uint32_t)noise + 1);
        p->pixels[i] = (uint8_t)(value > 255 ? 255 : value);
    }
}

/* A two-dimensional window, centred moments: another road to the same number than the separable one-pass sums. */
static double brute_force_ssim(const pixcl_image *a, const pixcl_image *b)
{
    double window[11][11], total = 0, sum = 0;
    for (int i = 0; i < 11; i++) {
        for (int j = 0; j < 11; j++)
            total += window[i][j] = exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / 4.5);
    }
    int count = 0;
    for (int c = 0; c < a->channels; c++) {
        for (int y = 5; y < a->height - 5; y++) {
            for (int x = 5; x < a->width - 5; x++, count++) {
                double mean[2] = {0}, var[2] = {0}, cov = 0;
                for (int pass = 0; pass < 2; pass++) {
                    for (int k = 0; k < 121; k++) {
                        int at = ((y + k / 11 - 5) * a->width + x + k % 11 - 5) * a->channels + c;
                        double w = window[k / 11][k % 11] / total;
                        if (pass == 0) {
                            mean[0] += w * a->pixels[at];
                            mean[1] += w * b->pixels[at];
                            continue;
                        }
                        double da = a->pixels[at] - mean[0], db = b->pixels[at] - mean[1];
                        var[0] += w * da * da;
                        var[1] += w * db * db;
                        cov += w * da * db;
                    }
                }
                sum += (2 * mean[0] * mean[1] + 6.5025) * (2 * cov + 58.5225) /
                       ((mean[0] * mean[0] + mean[1] * mean[1] + 6.5025) * (var[0] + var[1] + 58.5225));
            }
        }
    }
    return sum / count;
}

static void test_equal_pictures(void **state)
{
    (void)state;
    picture p;
    pixcl_metrics m;
    paint(&p, 20, 15, 3, 80, 1);
    assert_int_equal(pixcl_compare(&p.image, &p.image, &m, NULL), PIXCL_OK);
    assert_true(m.l1 == 0 && isinf(m.psnr) && m.psnr > 0);
    assert_true(fabs(m.ssim - 1) < 1e-12);
}

static void test_l1_and_psnr_by_hand(void **state)
{
    (void)state;
    picture a, b;
    pixcl_metrics m;
    paint(&a, 16, 16, 1, 0, 1);
    b = a;
    b.image.pixels = b.pixels;
    for (int i = 0; i < 256; i++)
        b.pixels[i] = (uint8_t)(a.pixels[i] + (i % 2 ? 3 : 5));
    assert_int_equal(pixcl_compare(&a.image, &b.image, &m, NULL), PIXCL_OK);
    assert_true(fabs(m.l1 - 4.0 / 255) < 1e-15);
    assert_true(fabs(m.psnr - 10 * log10(65025 / 17.0)) < 1e-12); /* (9 + 25) / 2 */
    memset(a.pixels, 0, 256);
    memset(b.pixels, 255, 256);
    assert_int_equal(pixcl_compare(&a.image, &b.image, &m, NULL), PIXCL_OK);
    assert_true(m.l1 == 1 && m.psnr == 0);
    /* Flat pictures: only the luminance term is left, C1 / (255^2 + C1). */
    assert_true(fabs(m.ssim - 6.5025 / (65025 + 6.5025)) < 1e-12);
}

static void test_ssim_equals_brute_force(void **state)
{
    (void)state;
    static const struct {
        int width, height, channels, noise;
    } CASES[] = {{11, 11, 1, 255}, {23, 12, 3, 40}, {37, 40, 1, 5}, {40, 33, 3, 255}, {12, 11, 3, 120}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        picture a, b;
        pixcl_metrics m;
        paint(&a, CASES[i].width, CASES[i].height, CASES[i].channels, CASES[i].noise, 2 * i);
        paint(&b, CASES[i].width, CASES[i].height, CASES[i].channels, CASES[i].noise, 2 * i + 1);
        assert_int_equal(pixcl_compare(&a.image, &b.image, &m, NULL), PIXCL_OK);
        double expected = brute_force_ssim(&a.image, &b.image);
        /* E[xx] - E[x]^2 loses about 255^2 * 1e-16 against centred sums, relative to a denominator of at least C2 =
         * 58. */
        if (!(fabs(m.ssim - expected) < 1e-11))
            fail_msg("case %zu: ssim %.15g, brute force %.15g", i, m.ssim, expected);
    }
}

static void test_small_and_unlike_pictures(void **state)
{
    (void)state;
    picture a, b;
    pixcl_metrics m;
    pixcl_error err = {0};
    paint(&a, 10, 30, 3, 9, 1);
    paint(&b, 10, 30, 3, 9, 2);
    assert_int_equal(pixcl_compare(&a.image, &b.image, &m, NULL), PIXCL_OK);
    assert_true(isnan(m.ssim) && isfinite(m.psnr));
    paint(&b, 11, 30, 3, 9, 2);
    assert_int_equal(pixcl_compare(&a.image, &b.image, &m, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "10x30"));
    paint(&b, 10, 30, 1, 9, 2);
    assert_int_equal(pixcl_compare(&a.image, &b.image, &m, NULL), PIXCL_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_pictures),
        cmocka_unit_test(test_l1_and_psnr_by_hand),
        cmocka_unit_test(test_ssim_equals_brute_force),
        cmocka_unit_test(test_small_and_unlike_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
