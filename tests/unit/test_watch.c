/* Failures of training that leave the losses numbers, in made-up series. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "run/watch.h"

static void fill(float thumbnail[PX_WATCH_VALUES], float spread, px_rng *rng)
{
    for (int i = 0; i < PX_WATCH_VALUES; i++)
        thumbnail[i] = 0.3f + spread * px_rng_normal(rng);
}

typedef struct series {
    px_watch *watch;
    px_rng rng;
    long step;
    int warnings;
    char last[512];
} series;

static series start(const char *gan_mode)
{
    series s = {.watch = px_watch_create("fake_B", "real_B", gan_mode, NULL), .rng = {.seed = 1}};
    assert_non_null(s.watch);
    return s;
}

/* `count` logged steps, 100 apart. */
static void go(series *s, int count, float made, double loss_D, double loss_G)
{
    float output[PX_WATCH_VALUES], real[PX_WATCH_VALUES];
    for (int i = 0; i < count; i++) {
        fill(output, made, &s->rng);
        fill(real, 0.2f, &s->rng);
        s->step += 100;
        const px_watch_step step = {.step = s->step,
                                    .lr = 0.0002,
                                    .output = output,
                                    .real = real,
                                    .judged = loss_D >= 0,
                                    .loss_D = loss_D,
                                    .loss_G = loss_G};
        char warning[sizeof s->last];
        px_watch_add(s->watch, &step, warning, sizeof warning);
        if (*warning) {
            s->warnings++;
            strcpy(s->last, warning);
        }
    }
}

static void assert_says(const series *s, const char *text)
{
    if (!strstr(s->last, text))
        fail_msg("\"%s\" does not say \"%s\"", s->last, text);
}

static void test_healthy_runs_are_left_alone(void **state)
{
    (void)state;
    series s = start("vanilla");
    go(&s, 200, 0.024f, 0.28, 1); /* the least that was seen: 0.12 of the real pictures' spread */
    go(&s, 200, 0.2f, 0.69, 0.69);
    assert_int_equal(s.warnings, 0);
    px_watch_destroy(&s.watch);
    s = start("lsgan");
    go(&s, 200, 0.2f, 0.087, 0.7);
    assert_int_equal(s.warnings, 0);
    px_watch_destroy(&s.watch);
    px_watch_destroy(&s.watch);
}

static void test_collapse_is_said_once(void **state)
{
    (void)state;
    series s = start("lsgan");
    go(&s, 30, 0.2f, 0.2, 0.5);
    go(&s, PX_WATCH_WINDOW - 1, 0.0002f, 0.25, 0.5);
    assert_int_equal(s.warnings, 0); /* one good picture is still in the window */
    go(&s, 100, 0.0002f, 0.25, 0.5);
    assert_int_equal(s.warnings, 1);
    assert_says(&s,
                "fake_B is the same picture whatever the input: from step 3100 to 5000 it differed by 0.1 % of what "
                "real_B did (GAN loss 0.5, the discriminator's 0.25)");
    assert_says(&s, "--lr than 0.0002");
    go(&s, 100, 0.0055f, 0.25, 0.5); /* a little above the limit: not over yet */
    go(&s, 100, 0.0002f, 0.25, 0.5);
    assert_int_equal(s.warnings, 1);
    go(&s, 100, 0.2f, 0.25, 0.5);
    go(&s, 100, 0.0002f, 0.25, 0.5); /* it came back */
    assert_int_equal(s.warnings, 2);
    px_watch_destroy(&s.watch);
}

/* Without a discriminator, too; the beginning, when every output is grey, does not count. */
static void test_collapse_of_a_young_run(void **state)
{
    (void)state;
    series s = start("vanilla");
    s.step = PX_WATCH_FIRST_STEP - 200;
    go(&s, PX_WATCH_WINDOW, 0, -1, 0);
    assert_int_equal(s.warnings, 0);
    go(&s, 1, 0, -1, 0);
    assert_int_equal(s.warnings, 1);
    assert_says(&s, "differed by 0 % of what real_B did. The generator");
    px_watch_destroy(&s.watch);
}

/* One picture to learn from, always cut the same way: then the output is one picture, too. */
static void test_targets_that_are_all_the_same(void **state)
{
    (void)state;
    px_watch *watch = px_watch_create("fake_B", "real_B", "vanilla", NULL);
    float output[PX_WATCH_VALUES] = {0}, real[PX_WATCH_VALUES] = {0.5f};
    for (long i = 0; i < 100; i++) {
        const px_watch_step step = {.step = 1000 + i, .output = output, .real = real};
        char warning[512];
        px_watch_add(watch, &step, warning, sizeof warning);
        assert_string_equal(warning, "");
    }
    px_watch_destroy(&watch);
}

static void test_a_discriminator_that_wins(void **state)
{
    (void)state;
    series s = start("vanilla");
    go(&s, 30, 0.2f, 0.4, 1.5);
    go(&s, 15, 0.2f, 0.004, 5);
    assert_int_equal(s.warnings, 0);
    go(&s, 100, 0.2f, 0.004, 6);
    assert_int_equal(s.warnings, 1);
    assert_says(&s,
                "fake_B: the discriminator wins outright: from step 3100 to 5000 its loss was 0.004 in the mean, and "
                "the generator's GAN loss went from 5 to 5.5.");
    assert_says(&s, "--ndf");
    go(&s, 30, 0.2f, 0.4, 1.5);
    go(&s, 30, 0.2f, 0.004, 6);
    assert_int_equal(s.warnings, 2);
    px_watch_destroy(&s.watch);

    s = start("vanilla"); /* the generator catches up */
    for (double loss_G = 6; loss_G > 1; loss_G *= 0.98)
        go(&s, 1, 0.2f, 0.004, loss_G);
    assert_int_equal(s.warnings, 0);
    px_watch_destroy(&s.watch);

    s = start("lsgan"); /* 0.015 is a win in the one scale and not in the other */
    go(&s, 50, 0.2f, 0.015, 1);
    assert_int_equal(s.warnings, 0);
    go(&s, 50, 0.2f, 0.007, 1);
    assert_int_equal(s.warnings, 1);
    px_watch_destroy(&s.watch);

    s = start("wgangp"); /* a critic's loss may be anything */
    go(&s, 100, 0.2f, 0, 0);
    assert_int_equal(s.warnings, 0);
    px_watch_destroy(&s.watch);
}

static void test_thumbnails(void **state)
{
    (void)state;
    enum { HEIGHT = 40, WIDTH = 64 };
    static float planes[2 * HEIGHT * WIDTH];
    float thumbnail[PX_WATCH_VALUES];
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            planes[y * WIDTH + x] = (float)(x / 4);
            planes[HEIGHT * WIDTH + y * WIDTH + x] = y < 10 ? 1 : x % 2 ? 3 : -1;
        }
    px_watch_thumbnail(planes, 2, HEIGHT, WIDTH, thumbnail);
    for (int i = 0; i < PX_WATCH_SIDE * PX_WATCH_SIDE; i++) {
        assert_true(thumbnail[i] == (float)(i % PX_WATCH_SIDE));
        assert_true(thumbnail[PX_WATCH_SIDE * PX_WATCH_SIDE + i] == 1);
        assert_true(thumbnail[2 * PX_WATCH_SIDE * PX_WATCH_SIDE + i] == 0);
    }
    const float few[2] = {1, 5}; /* one row of two pixels */
    px_watch_thumbnail(few, 1, 1, 2, thumbnail);
    assert_true(thumbnail[0] == 1 && thumbnail[7] == 1 && thumbnail[8] == 5 && thumbnail[255] == 5);
}

static void test_no_memory(void **state)
{
    (void)state;
    pixcl_error err = {0};
    px_fail_allocation(1);
    assert_null(px_watch_create("fake_B", "real_B", "vanilla", &err));
    px_fail_allocation(0);
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy_runs_are_left_alone),
        cmocka_unit_test(test_collapse_is_said_once),
        cmocka_unit_test(test_collapse_of_a_young_run),
        cmocka_unit_test(test_targets_that_are_all_the_same),
        cmocka_unit_test(test_a_discriminator_that_wins),
        cmocka_unit_test(test_thumbnails),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
