/* data/scan: every layout is found, in one order; what is missing or does not match is named. */
#include "temp_folder.h"

#include "base/memory.h"
#include "data/scan.h"
#include "listen.h"

static px_data_options options(const char *root, px_dataset_mode mode)
{
    return (px_data_options){.dataroot = in_temp(root), .phase = "train", .dataset_mode = mode};
}

static void touch(const char *name)
{
    char folder[512];
    snprintf(folder, sizeof(folder), "%s", in_temp(name));
    *strrchr(folder, '/') = '\0';
    assert_int_equal(px_make_folders(folder, NULL), PIXCL_OK);
    assert_int_equal(px_file_write(in_temp(name), "x", 1, NULL), PIXCL_OK);
}

/* The names below the temporary folder, space between them. */
static void assert_side(const px_file_list *side, const char *expected)
{
    char found[1024] = "";
    for (size_t i = 0; i < side->count; i++)
        strcat(strcat(found, i ? " " : ""), side->paths[i] + strlen(temp_folder) + 1);
    assert_string_equal(found, expected);
}

static void assert_fails(px_data_options o, const char *first, const char *second)
{
    px_picture_set set;
    pixcl_error err = {PIXCL_OK, ""};
    assert_int_equal(px_scan(&o, &set, &err), PIXCL_ERROR_IO);
    if (!strstr(err.message, first) || !strstr(err.message, second))
        fail_msg("'%s' does not say '%s' and '%s'", err.message, first, second);
    assert_int_equal(set.side[0].count, 0);
    assert_int_not_equal(px_scan(&o, &set, NULL), PIXCL_OK);
}

static void picture_names(void **state)
{
    (void)state;
    assert_true(px_is_picture_name("a.jpg") && px_is_picture_name("b.JPEG") && px_is_picture_name("c.d.Png"));
    assert_false(px_is_picture_name("a.gif") || px_is_picture_name("jpg") || px_is_picture_name("a.jpg.txt") ||
                 px_is_picture_name(".png"));
}

static void halves_in_one_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"h/train/b.jpg",     "h/train/D.JPG",  "h/train/aa/2.png", "h/train/aa/10.png",
                                        "h/train/notes.txt", "h/train/.x.jpg", "h/val/v.jpg"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        touch(names[i]);
    px_picture_set set;
    px_data_options o = options("h", PX_DATASET_ALIGNED);
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_true(set.halves);
    assert_side(&set.side[0], "h/train/D.JPG h/train/aa/10.png h/train/aa/2.png h/train/b.jpg");
    px_picture_set_free(&set);
    o.phase = "test";
    assert_fails(o, "--phase test", "train, val");
    o.dataset_mode = PX_DATASET_UNALIGNED; /* a paired set can be used as two unpaired halves */
    o.phase = "train";
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_true(set.halves);
    assert_int_equal(set.side[0].count, 4);
    px_picture_set_free(&set);
}

static void pairs_in_two_folders(void **state)
{
    (void)state;
    /* Sorted by path, a-b.png comes before a.jpg; sorted by name it comes after: the partners must still meet. */
    static const char *const roots[] = {"p1/train/A/", "p1/train/B/", "p2/trainA/",
                                        "p2/trainB/",  "p3/A/train/", "p3/B/train/"};
    for (int i = 0; i < 6; i++) {
        char name[64];
        const char *files[2][3] = {{"a.jpg", "a-b.png", "sub/c.png"}, {"a.PNG", "a-b.jpg", "sub/c.jpeg"}};
        for (int k = 0; k < 3; k++) {
            snprintf(name, sizeof(name), "%s%s", roots[i], files[i % 2][k]);
            touch(name);
        }
    }
    static const char *const expected[3][2] = {
        {"p1/train/A/a.jpg p1/train/A/a-b.png p1/train/A/sub/c.png",
         "p1/train/B/a.PNG p1/train/B/a-b.jpg p1/train/B/sub/c.jpeg"},
        {"p2/trainA/a.jpg p2/trainA/a-b.png p2/trainA/sub/c.png",
         "p2/trainB/a.PNG p2/trainB/a-b.jpg p2/trainB/sub/c.jpeg"},
        {"p3/A/train/a.jpg p3/A/train/a-b.png p3/A/train/sub/c.png",
         "p3/B/train/a.PNG p3/B/train/a-b.jpg p3/B/train/sub/c.jpeg"},
    };
    for (int i = 0; i < 3; i++) {
        char root[16];
        snprintf(root, sizeof(root), "p%d", i + 1);
        px_data_options o = options(root, PX_DATASET_ALIGNED);
        px_picture_set set;
        assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
        assert_false(set.halves);
        assert_side(&set.side[0], expected[i][0]);
        assert_side(&set.side[1], expected[i][1]);
        px_picture_set_free(&set);
    }
    touch("p2/trainA/lone.jpg");
    assert_fails(options("p2", PX_DATASET_ALIGNED), "trainA/lone.jpg", "no partner");
    touch("p1/train/B/z.png");
    assert_fails(options("p1", PX_DATASET_ALIGNED), "train/B/z.png", "train/A");
    touch("p3/A/train/a.jpeg");
    assert_fails(options("p3", PX_DATASET_ALIGNED), "A/train/a.jp", "same name");
}

static void other_modes(void **state)
{
    (void)state;
    touch("u/trainA/1.jpg");
    touch("u/trainA/2.jpg");
    touch("u/trainB/x.png");
    px_picture_set set;
    px_data_options o = options("u", PX_DATASET_UNALIGNED);
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_side(&set.side[0], "u/trainA/1.jpg u/trainA/2.jpg");
    assert_side(&set.side[1], "u/trainB/x.png");
    px_picture_set_free(&set);
    o = options("u", PX_DATASET_SINGLE);
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_side(&set.side[0], "u/trainA/1.jpg u/trainA/2.jpg u/trainB/x.png");
    assert_int_equal(set.side[1].count, 0);
    px_picture_set_free(&set);
    assert_fails(options("u", PX_DATASET_COLORIZATION), "expected a folder 'train'", "trainA, trainB");
    touch("u/train/c/1.jpg");
    touch("u/train/2.png");
    o = options("u", PX_DATASET_COLORIZATION);
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_false(set.halves);
    assert_side(&set.side[0], "u/train/2.png u/train/c/1.jpg");
    assert_int_equal(set.side[1].count, 0);
    px_picture_set_free(&set);
}

static void assert_names(const px_picture_set *set, size_t count, const char *expected)
{
    char found[1024] = "";
    px_file_list names;
    assert_int_equal(px_picture_names(set, 0, count, &names, NULL), PIXCL_OK);
    assert_int_equal(names.count, count);
    for (size_t i = 0; i < count; i++)
        strcat(strcat(found, i ? " " : ""), names.paths[i]);
    assert_string_equal(found, expected);
    px_file_list_free(&names);
}

static void pictures_have_different_names(void **state)
{
    (void)state;
    touch("n/p/1.jpg");
    touch("n/p.q/1.png");
    touch("n/p_1.jpg");
    touch("n/1.jpg");
    px_picture_set set;
    px_data_options o = options("n", PX_DATASET_SINGLE);
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_names(&set, 4, "1 p.q/1 p/1 p_1");
    assert_names(&set, 0, "");
    px_picture_set_free(&set);
    touch("n/p/1.png");         /* beside 1.jpg: now the extension says which is which */
    o.dataroot = in_temp("n/"); /* ends with a '/' */
    assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
    assert_names(&set, 5, "1.jpg p.q/1.png p/1.jpg p/1.png p_1.jpg");
    assert_names(&set, 3, "1 p.q/1 p/1"); /* of those that are used, none has a twin */
    for (int n = 1; n <= 5; n++) {
        px_file_list names;
        px_fail_allocation(n);
        assert_int_equal(px_picture_names(&set, 0, 3, &names, NULL), PIXCL_ERROR_MEMORY);
        assert_null(names.paths);
    }
    px_fail_allocation(0);
    px_picture_set_free(&set);
}

static char heard[512];
static int warnings;

static void hear(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    assert_int_equal(level, PIXCL_LOG_WARNING);
    snprintf(heard, sizeof(heard), "%s", message);
    warnings++;
}

static void other_pictures_are_passed_over(void **state)
{
    (void)state;
    static const char *const names[] = {"t/train/1.png",       "t/train/2.tif", "t/train/a/1.BMP",
                                        "t/train/a/notes.txt", "t/train/z.jpg", "t/train/z.webp"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        touch(names[i]);
    px_data_options o = options("t", PX_DATASET_COLORIZATION);
    px_picture_set set;
    listen(hear, NULL, PIXCL_LOG_WARNING);
    for (int quiet = 0; quiet < 2; quiet++) {
        o.quiet = quiet;
        assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
        assert_side(&set.side[0], "t/train/1.png t/train/z.jpg");
        px_picture_set_free(&set);
        assert_int_equal(warnings, 1);
    }
    assert_non_null(strstr(heard, "passing over 3 of 5 pictures in '"));
    assert_non_null(strstr(heard, "t/train' that are neither JPEG nor PNG, the first is '2.tif'"));
    touch("tif/train/x.tiff");
    assert_fails(options("tif", PX_DATASET_ALIGNED), "but 1 of other kinds, the first is 'x.tiff'", "convert");
    assert_int_equal(warnings, 1);
    listen(NULL, NULL, PIXCL_LOG_ERROR);
}

/* Pairs in two folders that are not called A and B would be cut in two without anybody noticing. */
static void folders_that_look_like_sides(void **state)
{
    (void)state;
    touch("one/train/A/1.jpg");
    touch("one/train/c/1.jpg");
    assert_fails(options("one", PX_DATASET_ALIGNED), "one/train' has a folder 'A' but no 'B'", "same names");
    touch("other/train/B/1.jpg");
    touch("other/train/2.jpg");
    assert_fails(options("other", PX_DATASET_ALIGNED), "other/train' has a folder 'B' but no 'A'", "left");

    static const struct {
        const char *root, *files[5];
        bool suspicious;
    } sets[] = {
        {"s1", {"train/labels/1.jpg", "train/labels/2.jpg", "train/photos/1.jpg", "train/photos/2.png"}, true},
        {"s2", {"train/day/1.jpg", "train/day/2.jpg", "train/night/1.jpg"}, false},
        {"s3", {"train/day/1.jpg", "train/day/2.jpg", "train/night/1.jpg", "train/z.jpg"}, false},
        {"s4", {"train/1.jpg", "train/2.jpg"}, false},
        {"s5", {"train/x/1.jpg", "train/x/2.jpg"}, false},
        {"s6", {"train/x/1.jpg", "train/y/1.jpg", "train/z/1.jpg", "train/z/2.jpg"}, false},
    };
    listen(hear, NULL, PIXCL_LOG_WARNING);
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        for (int k = 0; sets[i].files[k]; k++) {
            char name[64];
            snprintf(name, sizeof(name), "%s/%s", sets[i].root, sets[i].files[k]);
            touch(name);
        }
        px_data_options o = options(sets[i].root, PX_DATASET_ALIGNED);
        px_picture_set set;
        warnings = 0;
        assert_int_equal(px_scan(&o, &set, NULL), PIXCL_OK);
        assert_true(set.halves);
        px_picture_set_free(&set);
        assert_int_equal(warnings, sets[i].suspicious);
    }
    assert_non_null(strstr(heard, "its folders 'labels' and 'photos'")); /* of the only one that was heard */
    listen(NULL, NULL, PIXCL_LOG_ERROR);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    assert_fails(options("nowhere", PX_DATASET_SINGLE), "--dataroot", "nowhere");
    touch("e/train/read.me");
    assert_fails(options("e", PX_DATASET_ALIGNED), "no pictures", "e/train");
    assert_fails(options("e/train", PX_DATASET_UNALIGNED), "trainA", "no folders");
    touch("f/trainA/1.jpg");
    assert_fails(options("f", PX_DATASET_UNALIGNED), "trainB", "trainA");
    touch("file/train");
    assert_fails(options("file", PX_DATASET_ALIGNED), "expected a folder 'train'", "left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picture_names),
        cmocka_unit_test(halves_in_one_folder),
        cmocka_unit_test(pairs_in_two_folders),
        cmocka_unit_test(other_modes),
        cmocka_unit_test(pictures_have_different_names),
        cmocka_unit_test(other_pictures_are_passed_over),
        cmocka_unit_test(folders_that_look_like_sides),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests_name("data_scan", tests, temp_folder_make, temp_folder_remove);
}
