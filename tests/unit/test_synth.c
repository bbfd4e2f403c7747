/* data/synth: sets of the promised layout, the same bytes for the same seed, labels and pictures that fit one another.
 * */
#include "temp_folder.h"

#include "base/memory.h"
#include "data/loader.h"
#include "data/synth_facade.h"
#include "data/synth_shapes.h"
#include "pixcl/synth.h"

static void make(pixcl_synth_options options, const char *folder)
{
    pixcl_error err = {PIXCL_OK, ""};
    options.folder = in_temp(folder);
    if (pixcl_synth(NULL, &options, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
}

static bool same_files(const char *one, const char *other)
{
    uint8_t *bytes[2];
    size_t size[2];
    assert_int_equal(px_file_read(in_temp(one), &bytes[0], &size[0], NULL), PIXCL_OK);
    assert_int_equal(px_file_read(in_temp(other), &bytes[1], &size[1], NULL), PIXCL_OK);
    bool same = size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0;
    px_free(bytes[0]);
    px_free(bytes[1]);
    return same;
}

static size_t files_in(const char *folder)
{
    px_file_list list;
    assert_int_equal(px_list_files(in_temp(folder), NULL, &list, NULL), PIXCL_OK);
    size_t count = list.count;
    px_file_list_free(&list);
    return count;
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    static const char *const kinds[2] = {"facades", "unpaired"}, *const first[2] = {"train/002.jpg",
                                                                                    "testB_truth/001.jpg"};
    for (int k = 0; k < 2; k++) {
        pixcl_synth_options o = {.kind = kinds[k], .size = 64, .train = 2, .val = 1, .test = 1, .seed = 3};
        make(o, "a");
        o.train = 3; /* a larger set begins with the smaller one */
        make(o, "b");
        o.seed = 4;
        make(o, "c");
        char names[3][64];
        for (int i = 0; i < 3; i++)
            snprintf(names[i], sizeof(names[i]), "%c/%s", 'a' + i, first[k]);
        assert_true(same_files(names[0], names[1]));
        assert_false(same_files(names[0], names[2]));
    }
    assert_false(same_files("a/train/001.jpg", "a/train/002.jpg"));
    assert_false(same_files("a/train/001.jpg", "a/val/001.jpg"));
    assert_int_equal(files_in("a"), 4 + 4 + 2 * 2 * 2);
    assert_int_equal(files_in("b/train"), 3);
}

/* Mean difference of two pictures' samples, in levels. */
static double difference(const char *one, const char *other)
{
    pixcl_image *a = pixcl_image_load(in_temp(one), NULL), *b = pixcl_image_load(in_temp(other), NULL);
    assert_true(a && b && a->width == b->width && a->height == b->height);
    double sum = 0;
    const int count = a->width * a->height * 3;
    for (int i = 0; i < count; i++)
        sum += abs(a->pixels[i] - b->pixels[i]);
    pixcl_image_destroy(&a);
    pixcl_image_destroy(&b);
    return sum / count;
}

/* Else a set without pairs would have them. The same scene by day differs from itself in noise alone. */
static void both_sides_show_other_scenes(void **state)
{
    (void)state;
    make((pixcl_synth_options){.kind = "unpaired", .size = 64, .train = -1, .val = -1, .test = 4}, "sides");
    for (int i = 1; i <= 4; i++) {
        char day[64], other_day[64];
        snprintf(day, sizeof(day), "sides/testA/%03d.jpg", i);
        snprintf(other_day, sizeof(other_day), "sides/testB_truth/%03d.jpg", i);
        assert_true(difference(day, other_day) > 10); /* 22 to 34; of one scene 1.5 to 1.8 */
    }
}

static void loads_as_a_paired_set(void **state)
{
    (void)state;
    make((pixcl_synth_options){.size = 32, .train = 3, .val = -1, .test = 2}, "pairs");
    assert_false(px_path_is_folder(in_temp("pairs/val")));
    px_data_options o = {.dataroot = in_temp("pairs"), .phase = "test", .preprocess = PX_PREPROCESS_NONE};
    px_dataset *set = px_dataset_create(&o, NULL);
    assert_non_null(set);
    assert_int_equal(px_dataset_count(set), 2);
    px_rng rng = {.seed = 1};
    px_item item;
    assert_int_equal(px_dataset_get(set, 0, &rng, &item, NULL), PIXCL_OK);
    assert_int_equal(item.width[PX_ROLE_A], 32);
    assert_int_equal(item.height[PX_ROLE_B], 32);
    px_item_free(&item);
    px_dataset_destroy(&set);
}

/* Mean of a picture's colours inside a box. */
static px_colour mean(const pixcl_image *image, px_box box)
{
    px_colour sum = {0, 0, 0};
    float count = 0;
    for (int y = box.y0; y < box.y1; y++) {
        for (int x = box.x0; x < box.x1; x++, count++) {
            const uint8_t *p = image->pixels + 3 * (y * image->width + x);
            sum = (px_colour){sum.r + p[0], sum.g + p[1], sum.b + p[2]};
        }
    }
    return px_colour_scale(sum, 1.0f / count);
}

static void photo_follows_the_labels(void **state)
{
    (void)state;
    px_facade *facade = px_calloc(1, sizeof(*facade), NULL);
    int parts[PX_FACADE_CLASSES] = {0};
    for (uint64_t number = 0; number < 12; number++) {
        px_rng rng = {.seed = 8, .stream = number};
        px_facade_design(facade, 128, &rng);
        assert_true(facade->count < PX_FACADE_MAX_PARTS);
        assert_int_equal(facade->parts[0].class, PX_FACADE_WALL);
        pixcl_image *labels = px_facade_labels(facade, NULL), *photo = px_facade_photo(facade, &rng, NULL);
        for (int i = 0; i < facade->count; i++) {
            const px_facade_part *part = &facade->parts[i];
            parts[part->class]++;
            assert_true(part->box.x0 >= 0 && part->box.x1 <= 128 && part->box.y0 >= 0 && part->box.y1 <= 128);
            px_colour label = mean(labels, part->box), colour = mean(photo, part->box);
            if (part->class == PX_FACADE_DOOR) { /* light blue, and brown wood */
                assert_true(label.b > 200 && label.r < 40);
                assert_true(colour.r > colour.b + 25);
            }
            if (part->class == PX_FACADE_BLIND) { /* yellow, and green */
                assert_true(label.r > 200 && label.b < 60);
                assert_true(colour.g > colour.r + 10);
            }
        }
        /* The upper corner is sky, bluer than the wall is. */
        px_colour sky = mean(photo, (px_box){0, 0, 128, 6}), wall = mean(photo, facade->parts[0].box);
        assert_true(sky.b > sky.r && wall.r > wall.b);
        pixcl_image_destroy(&labels);
        pixcl_image_destroy(&photo);
    }
    for (int c = PX_FACADE_WALL; c < PX_FACADE_CLASSES; c++)
        assert_true(parts[c] > 0); /* every class comes up */
    px_free(facade);
}

static void any_size_and_seed_draws(void **state)
{
    (void)state;
    px_facade *facade = px_calloc(1, sizeof(*facade), NULL);
    static const int sizes[] = {16, 17, 50};
    for (uint64_t number = 0; number < 60; number++) {
        px_rng rng = {.seed = 100, .stream = number};
        px_facade_design(facade, sizes[number % 3], &rng);
        pixcl_image *photo = px_facade_photo(facade, &rng, NULL);
        assert_non_null(photo);
        assert_int_equal(photo->width, sizes[number % 3]);
        pixcl_image_destroy(&photo);
    }
    px_free(facade);
}

/* Discs float above the horizon, squares lie below it, triangles stand on it: what a shape is can be told from where it
 * is, without pairs. */
static void kinds_have_their_places(void **state)
{
    (void)state;
    int kinds[PX_SHAPE_KINDS] = {0};
    for (uint64_t number = 0; number < 300; number++) {
        px_rng rng = {.seed = 5, .stream = number};
        px_scene scene;
        px_scene_design(&scene, &rng);
        for (int i = 0; i < scene.count; i++) {
            const px_shape *shape = &scene.shapes[i];
            const float above = scene.horizon - shape->y;
            kinds[shape->kind]++;
            assert_true(shape->y > 0 && shape->y < 1);
            if (shape->kind == PX_SHAPE_DISC)
                assert_true(above > shape->radius);
            else if (shape->kind == PX_SHAPE_SQUARE)
                assert_true(-above > 0.85f * shape->radius); /* half a side */
            else
                assert_true(above > 0 && above < 0.6f * shape->radius); /* from the middle to the foot */
        }
    }
    for (int kind = 0; kind < PX_SHAPE_KINDS; kind++)
        assert_true(kinds[kind] > 300);
}

static void bad_options(void **state)
{
    (void)state;
    static const struct {
        pixcl_synth_options options;
        const char *words;
    } cases[] = {
        {{.folder = NULL}, "no folder"},
        {{.folder = "x", .kind = "cats"}, "'cats'"},
        {{.folder = "x", .size = 8}, "--size 8"},
        {{.folder = "x", .quality = 200}, "--quality 200"},
        {{.folder = "x", .train = 1000000}, "--train 1000000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pixcl_error err = {PIXCL_OK, ""};
        assert_int_equal(pixcl_synth(NULL, &cases[i].options, &err), PIXCL_ERROR_ARGUMENT);
        if (!strstr(err.message, cases[i].words))
            fail_msg("'%s' does not say '%s'", err.message, cases[i].words);
    }
    assert_int_equal(px_file_write(in_temp("file"), "x", 1, NULL), PIXCL_OK);
    pixcl_synth_options o = {.folder = in_temp("file"), .size = 16, .train = 1};
    assert_int_equal(pixcl_synth(NULL, &o, NULL), PIXCL_ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(both_sides_show_other_scenes),
        cmocka_unit_test(loads_as_a_paired_set),
        cmocka_unit_test(photo_follows_the_labels),
        cmocka_unit_test(any_size_and_seed_draws),
        cmocka_unit_test(kinds_have_their_places),
        cmocka_unit_test(bad_options),
    };
    return cmocka_run_group_tests_name("synth", tests, temp_folder_make, temp_folder_remove);
}
