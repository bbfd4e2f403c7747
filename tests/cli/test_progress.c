/* tools/progress: the line that says how far training is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "progress.h"

static void the_line_says_what_there_is(void **state)
{
    static const char *const names[] = {"G_GAN", "D_real"};
    pixcl_progress p = {.epoch = 2,
                        .epochs = 5,
                        .step = 7,
                        .steps = 50,
                        .images_per_second = 3.5,
                        .eta_seconds = 60,
                        .loss_count = 2,
                        .loss_names = names,
                        .losses = {0.75f, 0.1234f}};
    char text[200];

    (void)state;
    progress_format(&p, text, sizeof text);
    assert_string_equal(text, "epoch 2/5  step 7/50  3.5 images/s  1:00 left  G_GAN 0.75 D_real 0.123");
    p.images_per_second = 0;
    p.eta_seconds = -1;
    p.loss_count = 0;
    progress_format(&p, text, sizeof text);
    assert_string_equal(text, "epoch 2/5  step 7/50 ");
}

static void times_are_read_like_a_clock(void **state)
{
    static const struct {
        double seconds;
        const char *left;
    } cases[] = {{0, "  0:00 left"},
                 {59.4, "  0:59 left"},
                 {59.5, "  1:00 left"},
                 {3599.4, "  59:59 left"},
                 {3600, "  1:00:00 left"},
                 {3661, "  1:01:01 left"},
                 {2 * 3600 + 125, "  2:02:05 left"},
                 {360000, "  100:00:00 left"},
                 {1e12, "  9999:58:20 left"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const pixcl_progress p = {.eta_seconds = cases[i].seconds};
        char text[200];
        progress_format(&p, text, sizeof text);
        if (!strstr(text, cases[i].left))
            fail_msg("%g seconds: \"%s\"", cases[i].seconds, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_says_what_there_is),
        cmocka_unit_test(times_are_read_like_a_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
