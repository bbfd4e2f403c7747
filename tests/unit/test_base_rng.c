/* base/rng: the published vectors of Philox4x32-10, the documented numbering of words, and the distributions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"

static void philox_matches_the_published_vectors(void **state)
{
    /* Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, result. */
    static const uint32_t vectors[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6,
         0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
         0x24126ea1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint32_t out[4];

        px_philox(vectors[i] + 4, vectors[i], out);
        assert_memory_equal(out, vectors[i] + 6, sizeof out);
    }
}

static void a_word_is_found_by_its_position_alone(void **state)
{
    px_rng rng = {.seed = 0x299f31d0a4093822u, .stream = 0x0370734413198a2eu, .position = 0};
    const uint32_t key[2] = {0xa4093822, 0x299f31d0};
    uint32_t words[12], block[4];

    (void)state;
    for (int i = 0; i < 12; i++)
        words[i] = px_rng_u32(&rng);
    assert_int_equal(rng.position, 12);
    for (uint32_t b = 0; b < 3; b++) {
        const uint32_t counter[4] = {b, 0, 0x13198a2e, 0x03707344};

        px_philox(key, counter, block);
        assert_memory_equal(block, words + 4 * b, sizeof block);
    }
    /* Beyond 2^32 blocks the counter's second word takes over. */
    rng.position = 0x85a308d3243f6a88u * 4u; /* wraps: only the low 62 bits of a block number can be reached */
    {
        const uint64_t number = rng.position / 4;
        const uint32_t counter[4] = {(uint32_t)number, (uint32_t)(number >> 32), 0x13198a2e, 0x03707344};

        px_philox(key, counter, block);
        assert_int_not_equal(counter[1], 0);
        assert_int_equal(px_rng_u32(&rng), block[0]);
        assert_int_equal(px_rng_u32(&rng), block[1]);
    }
}

static void uniform_floats_fill_the_half_open_interval(void **state)
{
    enum { COUNT = 20000 };
    px_rng rng = {.seed = 7, .stream = 1};
    double sum = 0, least = 1, most = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        double value = px_rng_float(&rng);

        assert_true(value >= 0 && value < 1);
        sum += value;
        least = fmin(least, value);
        most = fmax(most, value);
    }
    /* The mean's standard deviation is 1/sqrt(12 * 20000) = 0.002: five of them. */
    assert_true(fabs(sum / COUNT - 0.5) < 0.01);
    assert_true(least < 0.001 && most > 0.999);
}

static void normals_have_mean_0_and_variance_1(void **state)
{
    enum { COUNT = 20000 };
    px_rng rng = {.seed = 3, .stream = 2};
    double sum = 0, squares = 0;
    int beyond = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        double value = px_rng_normal(&rng);

        assert_true(isfinite(value));
        sum += value;
        squares += value * value;
        beyond += fabs(value) > 1.959964;
    }
    /* Five standard deviations each: mean 1/sqrt(n) = 0.0071, variance sqrt(2/n) = 0.01, share sqrt(.05*.95/n) =
     * 0.0016. */
    assert_true(fabs(sum / COUNT) < 0.036);
    assert_true(fabs(squares / COUNT - 1) < 0.05);
    assert_true(fabs((double)beyond / COUNT - 0.05) < 0.008);
}

static void below_is_even_and_in_range(void **state)
{
    px_rng rng = {.seed = 11, .stream = 4};
    int counts[7] = {0};

    (void)state;
    for (int i = 0; i < 14000; i++) {
        uint32_t value = px_rng_below(&rng, 7);

        assert_true(value < 7);
        counts[value]++;
    }
    for (int i = 0; i < 7; i++) /* 2000 expected, standard deviation 41: five of them */
        assert_in_range(counts[i], 1795, 2205);
    /* Where a multiplication alone would give every third number twice as often as the others. */
    int thirds = 0;
    for (int i = 0; i < 3000; i++)
        thirds += px_rng_below(&rng, 0xC0000000u) % 3 == 0;
    assert_in_range(thirds, 870, 1130); /* 1000 expected, standard deviation 26: five of them */
    assert_int_equal(px_rng_below(&rng, 0), 0);
    assert_int_equal(px_rng_below(&rng, 1), 0);
    for (int i = 0; i < 100; i++)
        assert_true(px_rng_below(&rng, 0x80000001u) <= 0x80000000u);
}

static void a_permutation_holds_every_number_once(void **state)
{
    enum { COUNT = 257 };
    px_rng rng = {.seed = 5, .stream = 9}, again = rng;
    uint32_t order[COUNT], second[COUNT];
    int seen[COUNT] = {0}, fixed = 0;

    (void)state;
    px_rng_permutation(&rng, order, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(order[i] < COUNT);
        assert_int_equal(seen[order[i]]++, 0);
        fixed += order[i] == i;
    }
    assert_true(fixed < 10); /* one is expected of a random order */
    px_rng_permutation(&again, second, COUNT);
    assert_memory_equal(order, second, sizeof order);
    px_rng_permutation(&rng, second, COUNT);
    assert_memory_not_equal(order, second, sizeof order);
    px_rng_permutation(&rng, order, 0);
}

static void all_orders_are_as_likely(void **state)
{
    enum { ROUNDS = 6000 };
    px_rng rng = {.seed = 6, .stream = 10};
    int counts[9] = {0}; /* by the first and the second number */
    uint32_t order[3];

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        px_rng_permutation(&rng, order, 3);
        counts[3 * order[0] + order[1]]++;
    }
    for (int i = 0; i < 9; i++)
        if (i / 3 != i % 3) /* 1000 expected, standard deviation 29: five of them */
            assert_in_range(counts[i], 855, 1145);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_matches_the_published_vectors),
        cmocka_unit_test(a_word_is_found_by_its_position_alone),
        cmocka_unit_test(uniform_floats_fill_the_half_open_interval),
        cmocka_unit_test(normals_have_mean_0_and_variance_1),
        cmocka_unit_test(below_is_even_and_in_range),
        cmocka_unit_test(a_permutation_holds_every_number_once),
        cmocka_unit_test(all_orders_are_as_likely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
