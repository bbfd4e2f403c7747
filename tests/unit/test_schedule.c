/* Learning-rate schedules against the formulas of the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "weights/schedule.h"

static pixcl_options options(const char *policy)
{
    pixcl_options o;
    px_options_default(&o, PIXCL_FOR_TRAIN);
    assert_int_equal(pixcl_options_set(&o, "lr_policy", policy, NULL), PIXCL_OK);
    return o;
}

/* Double arithmetic in another order: a few units in the last place of 2e-4. */
static void assert_lr(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-18))
        fail_msg("lr %.17g, expected %.17g", actual, expected);
}

static void test_linear(void **state)
{
    (void)state;
    pixcl_options o = options("linear");
    assert_lr(px_schedule_lr(NULL, &o, 1), 2e-4);
    assert_lr(px_schedule_lr(NULL, &o, 100), 2e-4);
    assert_lr(px_schedule_lr(NULL, &o, 101), 2e-4 * (1 - 1 / 101.0));
    assert_lr(px_schedule_lr(NULL, &o, 200), 2e-4 / 101.0); /* never quite zero */
    o.n_epochs_decay = 0;
    assert_lr(px_schedule_lr(NULL, &o, 100), 2e-4);
}

static void test_step(void **state)
{
    (void)state;
    pixcl_options o = options("step");
    assert_lr(px_schedule_lr(NULL, &o, 50), 2e-4);
    assert_lr(px_schedule_lr(NULL, &o, 51), 2e-5);
    assert_lr(px_schedule_lr(NULL, &o, 151), 2e-7);
    o.lr_decay_iters = 7;
    assert_lr(px_schedule_lr(NULL, &o, 7), 2e-4);
    assert_lr(px_schedule_lr(NULL, &o, 8), 2e-5);
    assert_lr(px_schedule_lr(NULL, &o, 15), 2e-6);
}

static void test_cosine_falls_to_the_end_and_the_references_rises_again(void **state)
{
    (void)state;
    pixcl_options o = options("cosine");
    assert_lr(px_schedule_lr(NULL, &o, 1), 2e-4);
    assert_lr(px_schedule_lr(NULL, &o, 101), 1e-4);
    for (int epoch = 2; epoch <= 200; epoch++)
        assert_true(px_schedule_lr(NULL, &o, epoch) < px_schedule_lr(NULL, &o, epoch - 1));
    o = options("cosine_reference");
    assert_lr(px_schedule_lr(NULL, &o, 51), 1e-4);
    assert_lr(px_schedule_lr(NULL, &o, 101), 0);
    assert_true(px_schedule_lr(NULL, &o, 200) > 1.99e-4);
    o.n_epochs = 0;
    assert_lr(px_schedule_lr(NULL, &o, 5), 2e-4);
}

static void test_plateau_waits_five_epochs(void **state)
{
    (void)state;
    pixcl_options o = options("plateau");
    px_schedule s;
    px_schedule_start(&s);
    px_schedule_observe(&s, 1.0, false);
    for (int i = 0; i < 5; i++) {
        px_schedule_observe(&s, 0.995, false); /* less than 1 % better */
        assert_lr(px_schedule_lr(&s, &o, i + 2), 2e-4);
    }
    px_schedule_observe(&s, NAN, false);
    assert_lr(px_schedule_lr(&s, &o, 8), 4e-5);
    for (int i = 0; i < 5; i++)
        px_schedule_observe(&s, 1.0, false);
    px_schedule_observe(&s, 0.98, false); /* in time */
    for (int i = 0; i < 5; i++)
        px_schedule_observe(&s, 1.0, false);
    assert_lr(px_schedule_lr(&s, &o, 20), 4e-5);
    px_schedule_observe(&s, 1.0, false);
    assert_lr(px_schedule_lr(&s, &o, 21), 8e-6);
}

static void test_plateau_of_a_figure_that_should_rise(void **state)
{
    (void)state;
    pixcl_options o = options("plateau");
    px_schedule s;
    px_schedule_start(&s);
    for (int i = 0; i < 10; i++)
        px_schedule_observe(&s, 20 + i, true);
    assert_lr(px_schedule_lr(&s, &o, 11), 2e-4);
    for (int i = 0; i < 6; i++)
        px_schedule_observe(&s, 29.2, true); /* less than 1 % better */
    assert_lr(px_schedule_lr(&s, &o, 17), 4e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_cosine_falls_to_the_end_and_the_references_rises_again),
        cmocka_unit_test(test_plateau_waits_five_epochs),
        cmocka_unit_test(test_plateau_of_a_figure_that_should_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
