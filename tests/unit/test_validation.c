/* Which checkpoint is the best, and what plateau is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "run/validation.h"

static pixcl_options options(const char *metric, int freq)
{
    pixcl_options o;
    px_options_default(&o, PIXCL_FOR_TRAIN);
    assert_int_equal(pixcl_options_set(&o, "val_metric", metric, NULL), PIXCL_OK);
    o.val_freq = freq;
    return o;
}

static px_run_state beginning(void)
{
    px_run_state state = {.epoch = 1};
    px_schedule_start(&state.schedule);
    return state;
}

/* The end of an epoch; whether it is the best. */
static bool take_validation(const pixcl_options *o, px_run_state *state, px_validation validation)
{
    bool best = false;
    state->epoch++;
    assert_int_equal(px_validation_take(o, &validation, state, &best, NULL), PIXCL_OK);
    return best;
}

/* The same, of an epoch whose figures are all `value`. */
static bool take(const pixcl_options *o, px_run_state *state, float value)
{
    return take_validation(o, state, (px_validation){.figures = {value, value, value, value}});
}

static void test_when_it_is_due(void **state)
{
    (void)state;
    pixcl_options never = options("l1", 0), third = options("l1", 3);
    assert_false(px_validation_due(&never, 3));
    assert_false(px_validation_due(&third, 0));
    assert_false(px_validation_due(&third, 2));
    assert_true(px_validation_due(&third, 3) && px_validation_due(&third, 6));
}

static void test_lower_is_better(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"l1", "swd"};
    for (int i = 0; i < 2; i++) {
        pixcl_options o = options(NAMES[i], 1);
        px_run_state s = beginning();
        assert_true(take(&o, &s, 0.5f));
        assert_false(take(&o, &s, 0.6f));
        assert_false(take(&o, &s, 0.5f)); /* the first of equals stays */
        assert_true(take(&o, &s, 0.4999f));
        assert_int_equal(s.best.epoch, 4);
        assert_true(s.best.value == (double)0.4999f);
        assert_string_equal(s.best.metric, NAMES[i]);
    }
}

static void test_higher_is_better(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"psnr", "ssim"};
    for (int i = 0; i < 2; i++) {
        pixcl_options o = options(NAMES[i], 1);
        px_run_state s = beginning();
        assert_true(take(&o, &s, -0.5f));
        assert_false(take(&o, &s, -0.6f));
        assert_true(take(&o, &s, 0.1f));
        assert_int_equal(s.best.epoch, 3);
    }
}

/* Each choice goes by its own figure, against the other three. */
static void test_only_the_chosen_figure_counts(void **state)
{
    (void)state;
    static const char *const NAMES[PX_FIGURES] = {"l1", "psnr", "ssim", "swd"};
    const px_validation usual = {.figures = {0.25f, 20, 0.5f, 50}}, bad = {.figures = {0.5f, 10, 0.25f, 90}},
                        good = {.figures = {0.125f, 30, 0.75f, 10}};
    for (px_figure f = PX_FIGURE_L1; f < PX_FIGURES; f++) {
        pixcl_options o = options(NAMES[f], 1);
        px_run_state s = beginning();
        px_validation worse = good, better = bad;
        worse.figures[f] = bad.figures[f];
        better.figures[f] = good.figures[f];
        assert_true(take_validation(&o, &s, usual));
        assert_false(take_validation(&o, &s, worse));
        assert_int_equal(s.schedule.bad_epochs, 1);
        assert_true(take_validation(&o, &s, better));
        assert_true(s.best.value == (double)good.figures[f]);
        assert_int_equal(s.schedule.bad_epochs, 0);
    }
}

static void test_plateau_observes_it(void **state)
{
    (void)state;
    pixcl_options o = options("ssim", 1);
    px_run_state s = beginning();
    take(&o, &s, 0.5f);
    for (int i = 0; i < 5; i++)
        take(&o, &s, 0.5f);
    assert_true(s.schedule.factor == 1 && s.schedule.bad_epochs == 5);
    take(&o, &s, 0.5f);
    assert_true(s.schedule.factor == 0.2);
}

/* Figures of two measures, or of two sets, cannot be compared. */
static void test_another_measure_begins_anew(void **state)
{
    (void)state;
    pixcl_options l1 = options("l1", 1), psnr = options("psnr", 1);
    px_run_state s = beginning();
    take(&l1, &s, 0.1f);
    take(&l1, &s, 0.2f);
    assert_true(take(&psnr, &s, 12));
    assert_string_equal(s.best.metric, "psnr");
    assert_true(s.best.epoch == 3 && s.schedule.bad_epochs == 0 && s.schedule.best == 12);
    assert_false(take(&psnr, &s, 11));
    strcpy(psnr.val_phase, "held_out");
    assert_true(take(&psnr, &s, 10));
    assert_string_equal(s.best.phase, "held_out");
    assert_int_equal(s.best.epoch, 5);
}

static void test_a_figure_that_is_not_there(void **state)
{
    (void)state;
    pixcl_options o = options("psnr", 1);
    px_run_state s = beginning();
    const px_validation validation = {.figures = {NAN, NAN, NAN, 50}};
    pixcl_error err = {0};
    bool best;
    assert_int_equal(px_validation_take(&o, &validation, &s, &best, &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "--val_metric psnr"));
    char text[200];
    px_validation_print(&validation, text, sizeof text);
    assert_string_equal(text, "SWD 50");
    const px_validation all = {.figures = {0.125f, 20.25f, 0.5f, 50}};
    px_validation_print(&all, text, sizeof text);
    assert_string_equal(text, "L1 0.125, PSNR 20.25 dB, SSIM 0.5, SWD 50");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when_it_is_due),
        cmocka_unit_test(test_lower_is_better),
        cmocka_unit_test(test_higher_is_better),
        cmocka_unit_test(test_only_the_chosen_figure_counts),
        cmocka_unit_test(test_plateau_observes_it),
        cmocka_unit_test(test_another_measure_begins_anew),
        cmocka_unit_test(test_a_figure_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
