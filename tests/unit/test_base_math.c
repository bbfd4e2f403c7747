/* The functions of base/math.h against those of the C library, in long double, and their bits. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/math.h"
#include "base/rng.h"

enum { COUNT = 200000 };

static const long double PI = 3.14159265358979323846264338327950288L;

/* Apart by no more than `units` in the last place of a double. */
static void expect_near(double found, long double expected, double units)
{
    const long double allowed = units * DBL_EPSILON / 2 * fabsl(expected);
    if (!(fabsl((long double)found - expected) <= allowed))
        fail_msg("%.17g, expected %.20Lg", found, expected);
}

static void logarithms_and_powers(void **state)
{
    px_rng rng = {5, 1, 0};
    (void)state;
    assert_true(px_ln(1) == 0 && px_exp(0) == 1 && px_power(3, 0) == 1 && px_power(-2, 5) == -32);
    for (int i = 0; i < COUNT; i++) {
        const double u = ((double)px_rng_u32(&rng) + 1) * 0x1p-32, x = (u - 0.5) * 80, large = u * 0x1p300;
        expect_near(px_ln(u), logl((long double)u), 4);
        expect_near(px_ln(large), logl((long double)large), 4);
        expect_near(px_exp(x), expl((long double)x), 4);
        expect_near(px_pow(u, 2.4), powl((long double)u, 2.4L), 128);
    }
    for (unsigned n = 1; n < 5000; n++)
        expect_near(px_power(0.999, n), powl(0.999, (long double)n), 2.0 * n);
}

static void angles(void **state)
{
    px_rng rng = {5, 2, 0};
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        const uint32_t turn = i < 64 ? (uint32_t)i << 26 : px_rng_u32(&rng);
        const long double angle = turn * (PI * 0x1p-31L);
        double sine, cosine;
        px_sin_cos(turn, &sine, &cosine);
        if (fabsl(sine - sinl(angle)) > 2e-16L || fabsl(cosine - cosl(angle)) > 2e-16L)
            fail_msg("turn %08x: %.17g and %.17g", turn, sine, cosine);
        const double half_turns = i < 16 ? i / 4.0 : turn * 0x1p-30;
        if (fabsl(px_cos_pi(half_turns) - cosl(half_turns * PI)) > 3e-16L)
            fail_msg("cosine of pi %.17g: %.17g", half_turns, px_cos_pi(half_turns));
    }
}

/* The same on every machine: a fixture of the bits of many results. */
static void bits_are_the_same_everywhere(void **state)
{
    px_rng rng = {7, 3, 0};
    uint64_t sum = 0;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        const uint32_t word = px_rng_u32(&rng);
        const double u = ((double)word + 1) * 0x1p-32;
        double results[6] = {px_ln(u), px_exp(u), px_pow(u, 2.4), px_cos_pi(u)};
        px_sin_cos(word, &results[4], &results[5]);
        for (int k = 0; k < 6; k++) {
            uint64_t bits;
            memcpy(&bits, &results[k], sizeof bits);
            sum = sum * 6364136223846793005u + bits;
        }
    }
    if (sum != UINT64_C(0xeb8f110ec4a0599c))
        fail_msg("%016llx", (unsigned long long)sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logarithms_and_powers),
        cmocka_unit_test(angles),
        cmocka_unit_test(bits_are_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
