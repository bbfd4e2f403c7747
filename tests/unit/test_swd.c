/* The sliced Wasserstein distance against numpy, and what it must see and must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/rng.h"
#include "pixcl/distance.h"

enum { SIDE = 64, PICTURES = 4, LEVELS = 3 };

/* Coloured rectangles of all sizes, one over the other: edges and flat parts, as in photos. */
static pixcl_image *paint(uint64_t seed)
{
    pixcl_image *image = pixcl_image_create(SIDE, SIDE, 3, NULL);
    px_rng rng = {.seed = seed};
    for (int i = 0; i < 80; i++) {
        int width = 1 + SIDE / (1 + (int)px_rng_below(&rng, 16)), height = 1 + SIDE / (1 + (int)px_rng_below(&rng, 16));
        int left = (int)px_rng_below(&rng, SIDE), top = (int)px_rng_below(&rng, SIDE);
        uint8_t colour[3];
        for (int c = 0; c < 3; c++)
            colour[c] = (uint8_t)(50 + px_rng_below(&rng, 150));
        for (int y = top; y < top + height && y < SIDE; y++)
            for (int x = left; x < left + width && x < SIDE; x++)
                memcpy(image->pixels + (y * SIDE + x) * 3, colour, 3);
    }
    return image;
}

/* The mean of three pixels, along the rows. */
static void blur(pixcl_image *image)
{
    for (int y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->width * 3;
        uint8_t old[SIDE * 3];
        memcpy(old, row, sizeof old);
        for (int i = 3; i < (image->width - 1) * 3; i++)
            row[i] = (uint8_t)((old[i - 3] + old[i] + old[i + 3]) / 3);
    }
}

static void redden(pixcl_image *image)
{
    for (int i = 0; i < image->width * image->height; i++)
        image->pixels[3 * i] = (uint8_t)(image->pixels[3 * i] + 30);
}

static void flatten(pixcl_image *image)
{
    for (int i = 0; i < image->width * image->height * 3; i++)
        image->pixels[i] = (uint8_t)(128 + (image->pixels[i] - 128) / 2);
}

static pixcl_swd *create(int levels, uint64_t seed)
{
    pixcl_error err = {0};
    pixcl_swd *swd = pixcl_swd_create(levels, seed, &err);
    if (!swd)
        fail_msg("%s", err.message);
    return swd;
}

static void add(pixcl_swd *swd, int set, const pixcl_image *image)
{
    pixcl_error err = {0};
    if (pixcl_swd_add(swd, set, image, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
}

static pixcl_swd_distance finish(pixcl_swd *swd)
{
    pixcl_swd_distance distance;
    assert_int_equal(pixcl_swd_result(swd, &distance, NULL), PIXCL_OK);
    pixcl_swd_destroy(&swd);
    assert_null(swd);
    return distance;
}

/* Paints pictures `first` to first + PICTURES - 1 into a set, each changed by `change` unless that is NULL. */
static void fill(pixcl_swd *swd, int set, int first, void (*change)(pixcl_image *image))
{
    for (int i = first; i < first + PICTURES; i++) {
        pixcl_image *image = paint((uint64_t)i);
        if (change)
            change(image);
        add(swd, set, image);
        pixcl_image_destroy(&image);
    }
}

static pixcl_swd_distance against_changed(void (*change)(pixcl_image *image))
{
    pixcl_swd *swd = create(0, 0);
    fill(swd, 0, 0, NULL);
    fill(swd, 1, 0, change);
    return finish(swd);
}

static void test_equal_sets_are_at_no_distance(void **state)
{
    (void)state;
    pixcl_swd_distance d = against_changed(NULL);
    assert_int_equal(d.levels, LEVELS);
    for (int l = 0; l < LEVELS; l++)
        assert_true(d.level[l] == 0);
    assert_true(d.mean == 0);
}

static void test_blur_is_seen_at_the_finest_level(void **state)
{
    (void)state;
    pixcl_swd_distance d = against_changed(blur);
    assert_true(d.level[0] > 200);
    assert_true(d.level[0] > 2 * d.level[1] && d.level[1] > 2 * d.level[2]);
}

static void test_colour_is_seen_at_the_coarsest_level(void **state)
{
    (void)state;
    pixcl_swd_distance d = against_changed(redden);
    assert_true(d.level[2] > 200);
    /* Band passes see no constant: nothing but the rounding of float sums is left. */
    assert_true(d.level[0] < 0.01 && d.level[1] < 0.01);
}

static void test_contrast_is_seen_at_every_level(void **state)
{
    (void)state;
    pixcl_swd_distance d = against_changed(flatten);
    for (int l = 0; l < LEVELS; l++)
        assert_true(d.level[l] > 200);
}

static void assert_same_bits(const pixcl_swd_distance *a, const pixcl_swd_distance *b)
{
    assert_int_equal(a->levels, b->levels);
    assert_memory_equal(a->level, b->level, sizeof a->level);
    assert_memory_equal(&a->mean, &b->mean, sizeof a->mean);
}

static void test_same_bits_whatever_comes_first(void **state)
{
    (void)state;
    pixcl_swd *swd = create(0, 3);
    fill(swd, 0, 0, NULL);
    fill(swd, 1, PICTURES, blur);
    pixcl_swd_distance plain = finish(swd);

    swd = create(0, 3); /* the sets the other way round */
    fill(swd, 1, 0, NULL);
    fill(swd, 0, PICTURES, blur);
    pixcl_swd_distance turned = finish(swd);
    assert_same_bits(&plain, &turned);

    swd = create(0, 3); /* picture by picture, and asked in between */
    for (int i = 0; i < PICTURES; i++) {
        pixcl_image *image = paint((uint64_t)(PICTURES + i));
        blur(image);
        add(swd, 1, image);
        pixcl_image_destroy(&image);
        image = paint((uint64_t)i);
        add(swd, 0, image);
        pixcl_image_destroy(&image);
        pixcl_swd_distance so_far;
        assert_int_equal(i == 1 ? pixcl_swd_result(swd, &so_far, NULL) : PIXCL_OK, PIXCL_OK);
    }
    pixcl_swd_distance mixed = finish(swd);
    assert_same_bits(&plain, &mixed);

    swd = create(0, 4);
    fill(swd, 0, 0, NULL);
    fill(swd, 1, PICTURES, blur);
    pixcl_swd_distance other = finish(swd);
    for (int l = 0; l < LEVELS; l++) /* other places, other directions */
        assert_true(other.level[l] != plain.level[l] && fabs(other.level[l] / plain.level[l] - 1) < 0.2);
}

/* More pictures have fewer patches each; more pictures than patches fit as well. */
static void test_sets_of_any_size(void **state)
{
    (void)state;
    pixcl_swd *swd = create(0, 0);
    fill(swd, 0, 0, NULL);
    for (int times = 0; times < 3; times++)
        fill(swd, 1, 0, NULL);
    pixcl_swd_distance d = finish(swd);
    for (int l = 0; l < LEVELS; l++)
        assert_true(d.level[l] > 0 && d.level[l] < 50);

    uint8_t pixels[16 * 16];
    pixcl_image image = {16, 16, 1, pixels};
    px_rng rng = {.seed = 1};
    swd = create(0, 0);
    for (int i = 0; i < 18000; i++) {
        for (int k = 0; k < 256; k += 4) {
            uint32_t noise = px_rng_u32(&rng);
            memcpy(pixels + k, &noise, sizeof noise);
        }
        add(swd, i % 18 == 0, &image);
    }
    d = finish(swd);
    assert_int_equal(d.levels, 1);
    assert_true(d.level[0] > 0 && d.level[0] < 50);
}

static void test_pictures_that_are_too_small(void **state)
{
    (void)state;
    pixcl_swd *swd = create(0, 0);
    pixcl_image *large = pixcl_image_create(64, 30, 1, NULL), *small = pixcl_image_create(200, 15, 1, NULL);
    large->pixels[70] = 9;
    add(swd, 0, small); /* takes part in nothing, and does not decide on the levels */
    pixcl_swd_distance d;
    assert_int_equal(pixcl_swd_result(swd, &d, NULL), PIXCL_OK);
    assert_true(d.levels == 0 && isnan(d.mean));
    add(swd, 0, large);
    add(swd, 1, small);
    assert_int_equal(pixcl_swd_result(swd, &d, NULL), PIXCL_OK);
    assert_true(d.levels == 1 && isnan(d.level[0]) && isnan(d.mean));
    finish(swd);

    swd = create(2, 0); /* the large one has no second level: 15 pixels */
    pixcl_image *flat = pixcl_image_create(32, 32, 1, NULL);
    add(swd, 0, large);
    add(swd, 1, flat);
    d = finish(swd);
    assert_true(d.levels == 2 && d.level[0] > 0 && isnan(d.level[1]) && d.mean == d.level[0]);
    pixcl_image_destroy(&large);
    pixcl_image_destroy(&small);
    pixcl_image_destroy(&flat);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    pixcl_error err = {0};
    assert_null(pixcl_swd_create(PIXCL_SWD_MOST_LEVELS + 1, 0, &err));
    assert_null(pixcl_swd_create(-1, 0, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    pixcl_swd *swd = create(0, 0);
    pixcl_image *colour = paint(1), *grey = pixcl_image_create(SIDE, SIDE, 1, NULL);
    add(swd, 0, colour);
    assert_int_equal(pixcl_swd_add(swd, 1, grey, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "1 channels among pictures with 3"));
    assert_int_equal(pixcl_swd_add(swd, 2, colour, &err), PIXCL_ERROR_ARGUMENT);
    pixcl_swd_destroy(&swd);
    pixcl_swd_destroy(&swd);
    pixcl_image_destroy(&colour);
    pixcl_image_destroy(&grey);
}

/* Every allocation fails once: an error each time, and no leak. */
static void test_running_out_of_memory(void **state)
{
    (void)state;
    pixcl_image *image = paint(1);
    bool done = false;
    for (long n = 1; !done; n++) {
        pixcl_error err = {0};
        pixcl_swd_distance d;
        px_fail_allocation(n);
        pixcl_swd *swd = pixcl_swd_create(0, 0, &err);
        done = swd && pixcl_swd_add(swd, 0, image, &err) == PIXCL_OK &&
               pixcl_swd_add(swd, 1, image, &err) == PIXCL_OK && pixcl_swd_result(swd, &d, &err) == PIXCL_OK;
        px_fail_allocation(0);
        assert_true(done || err.status == PIXCL_ERROR_MEMORY);
        pixcl_swd_destroy(&swd);
    }
    pixcl_image_destroy(&image);
}

static int whole(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name)->valueint;
}

/* The pictures of tools/golden/swd.py. */
static void add_formula_set(pixcl_swd *swd, int set, const cJSON *of, int channels)
{
    for (int n = 0; n < whole(of, "pictures"); n++) {
        pixcl_image *image = pixcl_image_create(whole(of, "width") + n, whole(of, "height") - n % 3, channels, NULL);
        for (int y = 0; y < image->height; y++)
            for (int x = 0; x < image->width; x++)
                for (int c = 0; c < channels; c++)
                    image->pixels[(y * image->width + x) * channels + c] =
                        (uint8_t)((x * (3 + c) + y * 5 + n * 29) ^ (x * y >> whole(of, "coarseness")));
        add(swd, set, image);
        pixcl_image_destroy(&image);
    }
}

static void test_numpy_finds_the_same(void **state)
{
    (void)state;
    const char *path = PX_GOLDEN "/swd.json";
    uint8_t *bytes;
    size_t size;
    pixcl_error err = {0};
    if (px_file_read(path, &bytes, &size, &err) != PIXCL_OK)
        fail_msg("%s: remake it with tools/golden/swd.py", err.message);
    cJSON *cases = px_json_parse((const char *)bytes, size, path, NULL);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cases)
    {
        double seed = cJSON_GetObjectItemCaseSensitive(item, "seed")->valuedouble;
        const cJSON *sets = cJSON_GetObjectItemCaseSensitive(item, "sets");
        pixcl_swd *swd = create(whole(item, "levels"), (uint64_t)seed);
        for (int s = 0; s < 2; s++)
            add_formula_set(swd, s, cJSON_GetArrayItem(sets, s), whole(item, "channels"));
        pixcl_swd_distance d = finish(swd);
        for (int l = 0; l < d.levels; l++) {
            double expected = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(item, "distance"), l)->valuedouble;
            /* Sums of 147 products in float32 are some 1e-6 wrong, at random, and a distance is the mean of many. */
            if (!(fabs(d.level[l] / expected - 1) < 1e-6))
                fail_msg("level %d: %.12g, numpy has %.12g", l, d.level[l], expected);
        }
    }
    assert_int_equal(cJSON_GetArraySize(cases), 3);
    cJSON_Delete(cases);
    px_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_sets_are_at_no_distance),
        cmocka_unit_test(test_blur_is_seen_at_the_finest_level),
        cmocka_unit_test(test_colour_is_seen_at_the_coarsest_level),
        cmocka_unit_test(test_contrast_is_seen_at_every_level),
        cmocka_unit_test(test_same_bits_whatever_comes_first),
        cmocka_unit_test(test_sets_of_any_size),
        cmocka_unit_test(test_pictures_that_are_too_small),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_running_out_of_memory),
        cmocka_unit_test(test_numpy_finds_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
