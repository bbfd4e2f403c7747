/* Tiles by the registers of a CPU: what fits, and what a tuner tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "graph/build.h"
#include "plan/conv_method.h"

static px_target cpu(int sums)
{
    px_target target = {.device_class = PX_DEVICE_CPU,
                        .max_allocation = (size_t)1 << 30,
                        .memory = (size_t)1 << 32,
                        .compute_units = 2,
                        .tile_sums = sums};
    px_target_default(&target);
    return target;
}

static void unknown_registers_are_taken_for_the_most(void **state)
{
    (void)state;
    assert_int_equal(cpu(0).tile_sums, 24);
    assert_int_equal(cpu(6).tile_sums, 6);
}

static void convolutions_fit(void **state)
{
    static const struct {
        int sums, row, groups;
        bool dot;
        int width, channels;
    } table[] = {
        {24, 128, 4, false, 8, 2}, {24, 128, 3, false, 8, 1}, {24, 4, 4, false, 4, 4},  {24, 2, 8, false, 2, 4},
        {24, 1, 8, false, 1, 4},   {24, 128, 3, true, 8, 3},  {24, 128, 1, true, 8, 1}, {24, 128, 2, true, 8, 2},
        {6, 128, 4, false, 6, 1},  {6, 4, 4, false, 4, 1},    {6, 2, 8, false, 2, 2},   {6, 1, 8, false, 1, 4},
        {6, 128, 3, true, 2, 3},   {6, 128, 1, true, 6, 1},   {6, 128, 2, true, 3, 2},  {2, 128, 4, false, 2, 1},
        {2, 1, 8, false, 1, 2},    {2, 128, 3, true, 2, 1},   {2, 128, 2, true, 1, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const px_cut c = px_forward_tile(table[i].sums, table[i].row, table[i].groups, table[i].dot);
        if (c.width != table[i].width || c.channels != table[i].channels)
            fail_msg("case %zu: %d x %d", i, c.width, c.channels);
    }
    for (int k = 0; k < PX_TILE_KINDS; k++)
        for (int row = 1; row < 40; row++)
            for (int groups = 1; groups < 40; groups++)
                for (int dot = 0; dot < 2; dot++) {
                    const px_cut c = px_forward_tile(px_tile_sums[k], row, groups, dot != 0);
                    assert_true(c.width >= 1 && c.channels >= 1 && groups % c.channels == 0);
                    assert_true(c.width * c.channels <= px_tile_sums[k]);
                }
}

static void weight_gradients_fit(void **state)
{
    static const struct {
        int sums, channels, block, blocks;
        bool small_map;
        int scalars, vectors;
    } table[] = {{24, 64, 16, 4, false, 8, 2}, {24, 64, 16, 4, true, 16, 1}, {24, 3, 1, 4, false, 3, 4},
                 {24, 6, 2, 4, false, 6, 4},   {24, 1, 1, 4, true, 1, 4},    {6, 64, 16, 4, false, 4, 1},
                 {6, 64, 16, 4, true, 4, 1},   {6, 3, 1, 4, false, 3, 2},    {6, 6, 2, 4, false, 6, 1},
                 {6, 1, 1, 4, false, 1, 4},    {2, 64, 16, 4, false, 2, 1},  {2, 1, 1, 4, false, 1, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const px_cut c =
            px_gradient_tile(table[i].sums, table[i].channels, table[i].block, table[i].blocks, table[i].small_map);
        if (c.scalars != table[i].scalars || c.vectors != table[i].vectors)
            fail_msg("case %zu: %d x %d", i, c.scalars, c.vectors);
    }
}

/* All right for their problem, some for every device, and none that would be stored and loaded again. */
static void a_tuner_tries_what_fits(void **state)
{
    static const px_conv_problem problems[] = {
        {PX_OP_CONV, 4, 2, 1, 16, false, {1, 64, 128, 128}, {1, 128, 64, 64}},
        {PX_OP_CONV_T, 4, 2, 1, 16, false, {1, 128, 64, 64}, {1, 64, 128, 128}},
        {PX_OP_CONV_WGRAD, 4, 2, 1, 16, false, {1, 64, 128, 128}, {1, 128, 64, 64}},
        {PX_OP_CONV_WGRAD, 4, 2, 1, 16, true, {1, 64, 128, 128}, {1, 128, 64, 64}}};
    static const px_conv_algorithm algorithms[] = {PX_ALGORITHM_DIRECT, PX_ALGORITHM_WINOGRAD2};
    (void)state;
    for (int k = 0; k < PX_TILE_KINDS; k++)
        for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
            for (size_t a = 0; a < sizeof algorithms / sizeof algorithms[0]; a++) {
                const px_target target = cpu(px_tile_sums[k]);
                px_cut cuts[PX_MOST_CUTS];
                const int count = px_conv_method_of(algorithms[a])->cuts(&target, &problems[i], NULL, cuts);
                assert_true(count > 0);
                for (int c = 0; c < count; c++) {
                    const int sums = cuts[c].width * cuts[c].channels + cuts[c].scalars * cuts[c].vectors;
                    assert_int_equal(px_cut_check(&problems[i], &cuts[c], NULL), PIXCL_OK);
                    assert_true(sums >= 1 && sums <= target.tile_sums * 7 / 6);
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_registers_are_taken_for_the_most),
        cmocka_unit_test(convolutions_fit),
        cmocka_unit_test(weight_gradients_fit),
        cmocka_unit_test(a_tuner_tries_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
