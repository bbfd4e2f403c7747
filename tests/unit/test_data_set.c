/* data/dataset and data/transform: sizes, halves, channels and roles are those of the reference's flags. */
#include "temp_folder.h"

#include "data/dataset.h"
#include "data/transform.h"
#include "image/lab.h"

static float as_float(int v)
{
    return ((float)v / 255.0f - 0.5f) / 0.5f;
}

static px_item get(const px_data_options *options, size_t index, uint64_t stream)
{
    pixcl_error err = {PIXCL_OK, ""};
    px_dataset *set = px_dataset_create(options, &err);
    px_rng rng = {.seed = 1, .stream = stream};
    px_item item;
    if (!set || px_dataset_get(set, index, &rng, &item, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    item.path[0] = item.path[1] = NULL; /* they go with the set */
    px_dataset_destroy(&set);
    return item;
}

static void assert_fails(const px_data_options *options, pixcl_status status, const char *first, const char *second)
{
    pixcl_error err = {PIXCL_OK, ""};
    px_dataset *set = px_dataset_create(options, &err);
    px_rng rng = {.seed = 1};
    px_item item;
    if (set) {
        assert_int_not_equal(px_dataset_get(set, 0, &rng, &item, &err), PIXCL_OK);
        assert_null(item.planes[0]);
        assert_null(item.planes[1]);
        assert_int_not_equal(px_dataset_get(set, 0, &rng, &item, NULL), PIXCL_OK);
    }
    px_dataset_destroy(&set);
    assert_int_equal(err.status, status);
    if (!strstr(err.message, first) || !strstr(err.message, second))
        fail_msg("'%s' does not say '%s' and '%s'", err.message, first, second);
}

/* Sizes as the reference's get_transform() makes them, worked out by hand. */
static void sizes_of_every_preprocess(void **state)
{
    (void)state;
    static const struct {
        px_preprocess preprocess;
        int load, crop, width, height, to_width, to_height, cropped;
    } cases[] = {
        {PX_RESIZE_AND_CROP, 286, 256, 600, 400, 286, 286, 256},
        {PX_RESIZE_AND_CROP, 256, 256, 10, 900, 256, 256, 256},
        {PX_CROP, 286, 256, 600, 400, 600, 400, 256},
        {PX_CROP, 286, 256, 256, 256, 256, 256, 256},
        {PX_SCALE_WIDTH, 286, 256, 600, 400, 286, 256, 0}, /* 190 is below the crop size */
        {PX_SCALE_WIDTH, 286, 128, 600, 400, 286, 190, 0}, /* int(190.67) */
        {PX_SCALE_WIDTH, 286, 128, 286, 333, 286, 333, 0}, /* already so wide */
        {PX_SCALE_WIDTH, 286, 256, 286, 100, 286, 256, 0}, /* so wide, but too low */
        {PX_SCALE_WIDTH_AND_CROP, 1024, 256, 600, 400, 1024, 682, 256},
        {PX_PREPROCESS_NONE, 286, 256, 601, 399, 600, 400, 0},
        {PX_PREPROCESS_NONE, 286, 256, 603, 398, 604, 400, 0},
        {PX_PREPROCESS_NONE, 286, 256, 602, 406, 600, 408, 0}, /* 150.5 and 101.5: halves go to the even number */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        px_data_options o = {.preprocess = cases[i].preprocess, .load_size = cases[i].load, .crop_size = cases[i].crop};
        px_rng rng = {.seed = i};
        px_transform t;
        for (int round = 0; round < 20; round++) {
            assert_int_equal(px_transform_draw(&o, cases[i].width, cases[i].height, &rng, "x", &t, NULL), PIXCL_OK);
            assert_int_equal(t.width, cases[i].to_width);
            assert_int_equal(t.height, cases[i].to_height);
            assert_int_equal(t.crop, cases[i].cropped);
            assert_true(t.x >= 0 && t.x + t.crop <= t.width && t.y >= 0 && t.y + t.crop <= t.height);
        }
    }
}

/* What the picture of a role spans: temp_picture's red grows by one a column, its green by one a row. */
static void assert_spans(const px_item *item, int role, int width, int height, double columns, double rows)
{
    assert_int_equal(item->width[role], width);
    assert_int_equal(item->height[role], height);
    const float *red = item->planes[role], *green = red + width * height;
    /* Both ends are rounded to 8 bits, and bicubic bends the ramp at the picture's edge: 1.0 was the most seen. With
     * another preprocess the size or, by 19 and more, the span is another. */
    assert_float_equal((red[width - 1] - red[0]) * 127.5, columns, 2);
    assert_float_equal((green[(height - 1) * width] - green[0]) * 127.5, rows, 2);
}

/* Each preprocess has another size or another scale than all others, for pictures of 120 x 90. */
static void every_preprocess_in_every_mode(void **state)
{
    (void)state;
    static const struct {
        px_preprocess preprocess;
        int width, height;
        double column, row; /* of the file, for one of the result */
    } cases[] = {
        {PX_RESIZE_AND_CROP, 40, 40, 2, 1.5},          /* 60 x 60, cut */
        {PX_CROP, 40, 40, 1, 1},                       /* cut */
        {PX_SCALE_WIDTH, 60, 45, 2, 2},                /* 60 x 45 */
        {PX_SCALE_WIDTH_AND_CROP, 40, 40, 2, 2},       /* 60 x 45, cut */
        {PX_PREPROCESS_NONE, 120, 88, 1, 90.0 / 88.0}, /* 22.5 times 4 is 88 */
    };
    static const px_dataset_mode modes[] = {PX_DATASET_ALIGNED, PX_DATASET_UNALIGNED, PX_DATASET_SINGLE};
    temp_picture("p/trainA/1.png", 120, 90, 10);
    temp_picture("p/trainB/1.png", 120, 90, 60);
    for (size_t i = 0; i < 3 * sizeof(cases) / sizeof(cases[0]); i++) {
        px_data_options o = {.dataroot = in_temp("p"),
                             .dataset_mode = modes[i % 3],
                             .preprocess = cases[i / 3].preprocess,
                             .load_size = 60,
                             .crop_size = 40,
                             .no_flip = true};
        px_item item = get(&o, 0, i);
        int roles = modes[i % 3] == PX_DATASET_SINGLE ? 1 : 2;
        for (int role = 0; role < roles; role++) {
            int width = cases[i / 3].width, height = cases[i / 3].height;
            assert_spans(&item, role, width, height, (width - 1) * cases[i / 3].column,
                         (height - 1) * cases[i / 3].row);
            assert_true(item.planes[role][2 * width * height] == as_float(role ? 60 : 10)); /* blue tells which */
        }
        px_item_free(&item);
    }
}

static void crops_and_flips_are_spread(void **state)
{
    (void)state;
    px_data_options o = {.load_size = 12, .crop_size = 8};
    int x[5] = {0}, y[5] = {0}, flips = 0;
    for (int i = 0; i < 1000; i++) {
        px_rng rng = {.seed = 9, .stream = (uint64_t)i};
        px_transform t;
        assert_int_equal(px_transform_draw(&o, 30, 30, &rng, "x", &t, NULL), PIXCL_OK);
        x[t.x]++;
        y[t.y]++;
        flips += t.flip;
        o.no_flip = i == 499; /* for one draw only */
        if (i == 500)
            assert_false(t.flip);
    }
    for (int k = 0; k < 5; k++) /* 200 expected, standard deviation 13 */
        assert_true(x[k] > 140 && x[k] < 260 && y[k] > 140 && y[k] < 260);
    assert_true(flips > 420 && flips < 580); /* 500 expected, standard deviation 16 */
}

static void halves_share_crop_and_flip(void **state)
{
    (void)state;
    /* Width 41: A is columns 0..19, B columns 20..40. Pixel (x, y) of the file is (x, y, 0). */
    temp_picture("h/train/1.png", 41, 24, 0);
    px_data_options o = {.dataroot = in_temp("h"), .preprocess = PX_CROP, .crop_size = 16};
    bool flipped[2] = {false, false};
    for (uint64_t stream = 0; stream < 30; stream++) {
        px_item item = get(&o, 0, stream);
        px_transform t;
        px_rng rng = {.seed = 1, .stream = stream};
        assert_int_equal(px_transform_draw(&o, 20, 24, &rng, "x", &t, NULL), PIXCL_OK);
        for (int role = 0; role < 2; role++) {
            assert_int_equal(item.width[role], 16);
            assert_int_equal(item.height[role], 16);
            assert_int_equal(item.channels[role], 3);
            for (int y = 0; y < 16; y++)
                for (int x = 0; x < 16; x++) {
                    int from = (t.flip ? 15 - x : x) + t.x + 20 * role;
                    assert_true(item.planes[role][y * 16 + x] == as_float(from));
                    assert_true(item.planes[role][256 + y * 16 + x] == as_float(y + t.y));
                }
        }
        flipped[t.flip] = true;
        px_item_free(&item);
    }
    assert_true(flipped[0] && flipped[1]);
}

static void direction_swaps_roles_and_channels(void **state)
{
    (void)state;
    temp_picture("d/train/1.png", 32, 16, 50);
    for (int direction = 0; direction < 2; direction++) {
        px_data_options o = {.dataroot = in_temp("d"),
                             .preprocess = PX_PREPROCESS_NONE,
                             .no_flip = true,
                             .direction = (px_direction)direction,
                             .input_nc = 1,
                             .output_nc = 3};
        px_item item = get(&o, 0, 0);
        assert_int_equal(item.channels[PX_ROLE_A], 1);
        assert_int_equal(item.channels[PX_ROLE_B], 3);
        /* The target's red at (0, 0) tells which half it is: A begins at 50, B at 66. */
        assert_true(item.planes[PX_ROLE_B][0] == as_float(direction ? 50 : 66));
        /* The input is grey: luma of (x, 50, 50). */
        int red = direction ? 66 : 50;
        assert_true(item.planes[PX_ROLE_A][0] == as_float((red * 19595 + 50 * (38470 + 7471) + 0x8000) >> 16));
        px_item_free(&item);
    }
}

static void odd_width_without_crop_gives_equal_sides(void **state)
{
    (void)state;
    temp_picture("o/train/1.png", 37, 17, 0); /* halves of 18 and 19 columns, which round to 16 (4.5 to even) and 20 */
    px_data_options o = {.dataroot = in_temp("o"), .preprocess = PX_PREPROCESS_NONE};
    px_item item = get(&o, 0, 0);
    assert_int_equal(item.width[0], 16);
    assert_int_equal(item.width[1], 16);
    assert_int_equal(item.height[1], 16);
    px_item_free(&item);
}

static void two_folders_unaligned_and_single(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof(name), "u/trainA/%d.png", i);
        temp_picture(name, 8, 8, 10 * i);
        snprintf(name, sizeof(name), "u/trainB/%d.png", i);
        temp_picture(name, 8, 8, 100 + 10 * i);
        snprintf(name, sizeof(name), "u/trainB/more%d.png", i);
        temp_picture(name, 8, 8, 200 + 10 * i);
    }
    px_data_options o = {.dataroot = in_temp("u"),
                         .dataset_mode = PX_DATASET_UNALIGNED,
                         .preprocess = PX_CROP,
                         .crop_size = 8,
                         .no_flip = true};
    px_dataset *set = px_dataset_create(&o, NULL);
    assert_int_equal(px_dataset_count(set), 6); /* the larger side */
    int seen[6] = {0};
    for (uint64_t i = 0; i < 120; i++) {
        px_rng rng = {.seed = 4, .stream = i};
        px_item item;
        assert_int_equal(px_dataset_get(set, i % 6, &rng, &item, NULL), PIXCL_OK);
        assert_true(item.planes[0][0] == as_float(10 * (int)(i % 3)));
        for (int k = 0; k < 6; k++)
            seen[k] += item.planes[1][0] == as_float(100 * (1 + k / 3) + 10 * (k % 3));
        px_item_free(&item);
    }
    for (int k = 0; k < 6; k++)
        assert_true(seen[k] > 5); /* 20 expected, standard deviation 4 */
    px_rng rng = {.seed = 4};
    px_item item;
    assert_int_equal(px_dataset_get(set, 6, &rng, &item, NULL), PIXCL_ERROR_INTERNAL);
    px_dataset_destroy(&set);

    o.serial_batches = true;
    o.max_dataset_size = 4;
    set = px_dataset_create(&o, NULL);
    assert_int_equal(px_dataset_count(set), 4); /* three of A, four of B */
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(px_dataset_get(set, i, &rng, &item, NULL), PIXCL_OK);
        assert_true(item.planes[0][0] == as_float(10 * (int)(i % 3)));
        assert_true(item.planes[1][0] == as_float(i < 3 ? 100 + 10 * (int)i : 200));
        px_item_free(&item);
    }
    px_dataset_destroy(&set);

    o.max_dataset_size = 0;
    o.direction = PX_B_TO_A; /* the sides as before, in the other roles */
    o.output_nc = 1;         /* of role B: what comes from trainA */
    set = px_dataset_create(&o, NULL);
    assert_int_equal(px_dataset_get(set, 4, &rng, &item, NULL), PIXCL_OK);
    assert_int_equal(item.channels[PX_ROLE_A], 3);
    assert_true(item.planes[PX_ROLE_A][0] == as_float(210)); /* more1.png, the fifth name of trainB */
    px_file_list names;
    assert_int_equal(px_dataset_names(set, PX_ROLE_A, &names, NULL), PIXCL_OK);
    assert_int_equal(names.count, 6);
    assert_string_equal(names.paths[4], "more1");
    px_file_list_free(&names);
    assert_int_equal(px_dataset_names(set, PX_ROLE_B, &names, NULL), PIXCL_OK);
    assert_int_equal(names.count, 3);
    px_file_list_free(&names);
    assert_int_equal(item.channels[PX_ROLE_B], 1);
    assert_non_null(strstr(item.path[PX_ROLE_B], "trainA/1.png")); /* 4 modulo 3 */
    px_item_free(&item);
    px_dataset_destroy(&set);

    char name[64]; /* the other way round: more of A than of B */
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "v/trainA/%d.png", i);
        temp_picture(name, 8, 8, 10 * i);
    }
    temp_picture("v/trainB/0.png", 8, 8, 100);
    temp_picture("v/trainB/1.png", 8, 8, 110);
    o = (px_data_options){.dataroot = in_temp("v"),
                          .dataset_mode = PX_DATASET_UNALIGNED,
                          .preprocess = PX_CROP,
                          .crop_size = 8,
                          .no_flip = true,
                          .serial_batches = true};
    set = px_dataset_create(&o, NULL);
    assert_int_equal(px_dataset_count(set), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(px_dataset_get(set, i, &rng, &item, NULL), PIXCL_OK);
        assert_true(item.planes[0][0] == as_float(10 * (int)i));
        assert_true(item.planes[1][0] == as_float(100 + 10 * (int)(i % 2)));
        px_item_free(&item);
    }
    px_dataset_destroy(&set);

    o = (px_data_options){.dataroot = in_temp("u/trainB"),
                          .dataset_mode = PX_DATASET_SINGLE,
                          .preprocess = PX_CROP,
                          .crop_size = 8,
                          .direction = PX_B_TO_A,
                          .input_nc = 1};
    item = get(&o, 0, 0);
    assert_int_equal(item.channels[0], 1);
    assert_null(item.planes[1]);
    px_item_free(&item);

    o = (px_data_options){.dataroot = in_temp("h"),
                          .dataset_mode = PX_DATASET_UNALIGNED,
                          .preprocess = PX_CROP,
                          .crop_size = 20,
                          .no_flip = true};
    item = get(&o, 0, 0); /* halves of a paired picture */
    assert_true(item.planes[0][19] == as_float(19));
    assert_true(item.planes[1][0] >= as_float(20));
    px_item_free(&item);
}

/* Grey and colour files side by side in a set, to networks of either kind. */
static void grey_and_colour_files_mix(void **state)
{
    (void)state;
    temp_picture("m/trainB/1.png", 8, 8, 50);
    temp_picture("m/trainA/1.png", 8, 8, 0); /* makes the folder */
    pixcl_image *grey = pixcl_image_create(8, 8, 1, NULL);
    memset(grey->pixels, 123, 64);
    assert_int_equal(pixcl_image_save(grey, in_temp("m/trainA/1.png"), 0, NULL), PIXCL_OK);
    pixcl_image_destroy(&grey);
    for (int nc = 0; nc < 4; nc++) {
        px_data_options o = {.dataroot = in_temp("m"),
                             .preprocess = PX_PREPROCESS_NONE,
                             .no_flip = true,
                             .input_nc = nc & 1 ? 3 : 1,
                             .output_nc = nc & 2 ? 3 : 1};
        px_item item = get(&o, 0, 0);
        assert_int_equal(item.channels[0], o.input_nc);
        assert_int_equal(item.channels[1], o.output_nc);
        for (int c = 0; c < o.input_nc; c++)
            assert_true(item.planes[0][64 * c + 63] == as_float(123));
        for (int c = 0; c < o.output_nc; c++)
            assert_true(item.planes[1][64 * c] == as_float(50)); /* the first pixel is (50, 50, 50) */
        px_item_free(&item);
    }
}

/* A is the lightness, B the colours, of the same cut of the same picture. */
static void colorization_splits_into_lightness_and_colour(void **state)
{
    (void)state;
    temp_picture("c/train/1.png", 30, 24, 9); /* pixel (x, y) is (x + 9, y + 9, 9) */
    px_data_options o = {
        .dataroot = in_temp("c"), .dataset_mode = PX_DATASET_COLORIZATION, .preprocess = PX_CROP, .crop_size = 16};
    bool flipped[2] = {false, false};
    for (uint64_t stream = 0; stream < 10; stream++) {
        px_item item = get(&o, 0, stream);
        px_rng rng = {.seed = 1, .stream = stream};
        px_transform t;
        assert_int_equal(px_transform_draw(&o, 30, 24, &rng, "x", &t, NULL), PIXCL_OK);
        flipped[t.flip] = true;
        for (int role = 0; role < 2; role++) {
            assert_int_equal(item.channels[role], 1 + role);
            assert_int_equal(item.width[role], 16);
            assert_int_equal(item.height[role], 16);
        }
        pixcl_image *image = px_image_from_lab(item.planes[PX_ROLE_A], item.planes[PX_ROLE_B], 16, 16, false, NULL);
        for (int y = 0; y < 16; y++)
            for (int x = 0; x < 16; x++) {
                const uint8_t *pixel = image->pixels + 3 * (y * 16 + x);
                assert_int_equal(pixel[0], (t.flip ? 15 - x : x) + t.x + 9);
                assert_int_equal(pixel[1], y + t.y + 9);
                assert_int_equal(pixel[2], 9);
            }
        pixcl_image_destroy(&image);
        px_item_free(&item);
    }
    assert_true(flipped[0] && flipped[1]);

    pixcl_image *red = pixcl_image_create(16, 16, 3, NULL);
    for (int i = 0; i < 256; i++)
        red->pixels[3 * i] = 255;
    assert_int_equal(pixcl_image_save(red, in_temp("c/train/0.png"), 0, NULL), PIXCL_OK);
    pixcl_image_destroy(&red);
    px_item item = get(&o, 0, 0);
    const float red_lab[3] = {53.24059f / 50 - 1, 80.09231f / 110, 67.20275f / 110}; /* as scikit-image has it */
    assert_float_equal(item.planes[PX_ROLE_A][255], red_lab[0], 1e-6);
    assert_float_equal(item.planes[PX_ROLE_B][0], red_lab[1], 1e-6);
    assert_float_equal(item.planes[PX_ROLE_B][511], red_lab[2], 1e-6);
    px_item_free(&item);

    px_data_options wrong = o;
    wrong.input_nc = 3;
    assert_fails(&wrong, PIXCL_ERROR_ARGUMENT, "--input_nc 3", "lightness");
    wrong = o;
    wrong.output_nc = 3;
    assert_fails(&wrong, PIXCL_ERROR_ARGUMENT, "--output_nc 3", "leave it at 2");
    wrong = o;
    wrong.direction = PX_B_TO_A;
    assert_fails(&wrong, PIXCL_ERROR_ARGUMENT, "--direction BtoA", "leave it at AtoB");
}

static void bad_pictures_and_options(void **state)
{
    (void)state;
    temp_picture("b1/train/thin.png", 1, 9, 0);
    px_data_options o = {.dataroot = in_temp("b1")};
    assert_fails(&o, PIXCL_ERROR_FORMAT, "thin.png", "side by side");
    temp_picture("b2/train/small.png", 100, 40, 0);
    o = (px_data_options){.dataroot = in_temp("b2"), .preprocess = PX_CROP};
    assert_fails(&o, PIXCL_ERROR_FORMAT, "50 x 40", "--crop_size 256");
    o.preprocess = PX_PREPROCESS_NONE;
    temp_picture("b2/train/small.png", 2, 40, 0);
    assert_fails(&o, PIXCL_ERROR_FORMAT, "small.png", "0 x 40");
    temp_picture("b3/trainA/1.png", 20, 20, 0);
    temp_picture("b3/trainB/1.png", 22, 20, 0);
    o = (px_data_options){.dataroot = in_temp("b3"), .preprocess = PX_CROP, .crop_size = 4};
    assert_fails(&o, PIXCL_ERROR_FORMAT, "20 x 20", "22 x 20");
    assert_int_equal(px_file_write(in_temp("b3/trainB/1.png"), "junk", 4, NULL), PIXCL_OK);
    assert_fails(&o, PIXCL_ERROR_FORMAT, "b3/trainB/1.png", "neither");

    o = (px_data_options){.dataroot = in_temp("b3"), .load_size = 200};
    assert_fails(&o, PIXCL_ERROR_ARGUMENT, "--load_size 200", "--crop_size 256");
    o = (px_data_options){.dataroot = NULL};
    assert_fails(&o, PIXCL_ERROR_ARGUMENT, "--dataroot", "missing");
    o = (px_data_options){.dataroot = in_temp("b3"), .output_nc = 2};
    assert_fails(&o, PIXCL_ERROR_ARGUMENT, "--output_nc 2", "1 (grey) or 3");
    o = (px_data_options){.dataroot = in_temp("b3"), .batch_size = -1};
    assert_fails(&o, PIXCL_ERROR_ARGUMENT, "--batch_size -1", "1 to");
    px_preprocess preprocess;
    pixcl_error err;
    assert_int_equal(px_preprocess_parse("scale_width_and_crop", &preprocess, &err), PIXCL_OK);
    assert_int_equal(preprocess, PX_SCALE_WIDTH_AND_CROP);
    assert_int_equal(px_preprocess_parse("resize", &preprocess, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "resize_and_crop, crop, scale_width, scale_width_and_crop, none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_every_preprocess),
        cmocka_unit_test(every_preprocess_in_every_mode),
        cmocka_unit_test(crops_and_flips_are_spread),
        cmocka_unit_test(halves_share_crop_and_flip),
        cmocka_unit_test(direction_swaps_roles_and_channels),
        cmocka_unit_test(odd_width_without_crop_gives_equal_sides),
        cmocka_unit_test(two_folders_unaligned_and_single),
        cmocka_unit_test(grey_and_colour_files_mix),
        cmocka_unit_test(colorization_splits_into_lightness_and_colour),
        cmocka_unit_test(bad_pictures_and_options),
    };
    return cmocka_run_group_tests_name("data_set", tests, temp_folder_make, temp_folder_remove);
}
