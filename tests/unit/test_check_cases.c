/* The cases of `pixcl check` without a device: they use every op, can be told apart, and each has something to
 * compare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "measure/check_cases.h"

static px_check_graph *cases_of(px_check_group group, const char *only, size_t first, size_t most)
{
    pixcl_error err = {0};
    px_check_graph *cases = px_check_graph_create(group, only, first, most, &err);
    if (!cases)
        fail_msg("%s: %s", px_check_group_name(group), err.message);
    return cases;
}

static void every_op_has_a_case(void **state)
{
    bool seen[PX_OP_COUNT] = {false};

    (void)state;
    for (int group = 0; group < PX_CHECK_GROUP_COUNT; group++) {
        px_check_graph *cases = cases_of((px_check_group)group, NULL, 0, SIZE_MAX);
        assert_int_equal(px_graph_verify(cases->graph, NULL), PIXCL_OK);
        for (size_t i = 0; i < cases->graph->count; i++)
            seen[cases->graph->nodes[i].op] = true;
        px_check_graph_destroy(&cases);
        assert_null(cases);
    }
    for (int op = 0; op < PX_OP_COUNT; op++)
        if (!seen[op])
            fail_msg("%s is in no case: add one to src/measure/check_single.c", px_op_describe((px_op)op)->name);
}

/* Ops that only move numbers may not err at all. */
static bool only_moves(const px_check_graph *cases, const px_check_part *part)
{
    for (px_node i = part->first; i < part->end; i++)
        if (px_op_describe(cases->graph->nodes[i].op)->tolerance > 0)
            return false;
    return true;
}

static void every_case_has_a_name_and_results(void **state)
{
    (void)state;
    for (int group = 0; group < PX_CHECK_GROUP_COUNT; group++) {
        px_check_graph *cases = cases_of((px_check_group)group, NULL, 0, SIZE_MAX);
        assert_true(cases->part_count > 5);
        for (size_t i = 0; i < cases->part_count; i++) {
            const px_check_part *part = &cases->parts[i];
            size_t results = 0;
            assert_true(strlen(part->name) < sizeof part->name - 1); /* not cut short */
            for (size_t other = 0; other < i; other++)
                assert_string_not_equal(part->name, cases->parts[other].name);
            for (size_t k = 0; k < cases->result_count; k++) {
                if (cases->results[k].part != (int)i)
                    continue;
                results++;
                assert_in_range(cases->results[k].node, part->first, part->end - 1);
                /* small enough that a wrong element shows, and nothing for free */
                assert_true(cases->results[k].allowed < 1e-3);
                if (cases->results[k].allowed == 0 && !only_moves(cases, part))
                    fail_msg("%s may not err", part->name);
            }
            if (results == 0)
                fail_msg("%s has no result to compare", part->name);
        }
        px_check_graph_destroy(&cases);
    }
}

static void cases_are_chosen_by_name_and_number(void **state)
{
    px_check_graph *cases = cases_of(PX_CHECK_MOVE, "slice", 0, SIZE_MAX), *one;
    size_t all = cases->part_count;

    (void)state;
    assert_true(all > 2);
    one = cases_of(PX_CHECK_MOVE, "slice", all - 1, 1);
    assert_int_equal(one->part_count, 1);
    assert_string_equal(one->parts[0].name, cases->parts[all - 1].name);
    px_check_graph_destroy(&one);
    px_check_graph_destroy(&cases);
    one = cases_of(PX_CHECK_MOVE, "no such case", 0, SIZE_MAX);
    assert_int_equal(one->part_count, 0);
    px_check_graph_destroy(&one);
    px_check_graph_destroy(&one);
}

/* The numbers and the dropout masks of a case are its own, so that a new case does not change those of others. */
static void a_case_is_the_same_in_any_company(void **state)
{
    px_check_graph *all = cases_of(PX_CHECK_NORM, NULL, 0, SIZE_MAX);
    px_check_graph *alone = cases_of(PX_CHECK_NORM, "norm+dropout+relu (2,48", 0, 1);
    const px_check_part *one = &alone->parts[0], *same = NULL;
    size_t sources = 0;

    (void)state;
    for (size_t i = 0; i < all->part_count; i++)
        if (strcmp(all->parts[i].name, one->name) == 0)
            same = &all->parts[i];
    assert_true(same && same->first > one->first);
    for (px_node i = 0; i < one->end - one->first; i++)
        assert_int_equal(all->graph->nodes[same->first + i].attrs.id, alone->graph->nodes[one->first + i].attrs.id);
    for (size_t i = 0; i < all->source_count; i++)
        if (all->sources[i].node >= same->first && all->sources[i].node < same->end)
            assert_true(all->sources[i].stream == alone->sources[sources++].stream);
        else
            assert_true(all->sources[i].stream != alone->sources[0].stream);
    assert_int_equal(sources, alone->source_count);
    px_check_graph_destroy(&alone);
    px_check_graph_destroy(&all);
}

/* Exact are sums of products, not what takes a root or a third. */
static void whole_numbers_are_asked_of_what_keeps_them(void **state)
{
    static const struct {
        px_check_group group;
        const char *name;
        bool exact;
    } rows[] = {
        {PX_CHECK_CONV, "conv (2,3,7,5) 16 k4 s2 p1", true},
        {PX_CHECK_CONV, "conv+bias+leaky (2,3,7,5) 16 k4 s2 p1", true},
        {PX_CHECK_CONV, "conv+bias+tanh (2,3,7,5) 16 k4 s2 p1", false},
        {PX_CHECK_POINTWISE, "dropout 0.5 (2,3,5,7)", true},
        {PX_CHECK_POINTWISE, "dropout 0.1 (1,16,9,7)", false},
        {PX_CHECK_LOSS, "mse (2,16,4,2)", true}, /* a mean over 256 */
        {PX_CHECK_LOSS, "mse (2,3,4,4)", false}, /* over 96 */
        {PX_CHECK_EFFECT, "adam (1,5,1,1)", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        px_check_graph *cases = cases_of(rows[i].group, rows[i].name, 0, 1);
        assert_int_equal(cases->part_count, 1);
        if (cases->parts[0].exact != rows[i].exact)
            fail_msg("%s is taken for %s", rows[i].name, rows[i].exact ? "inexact" : "exact");
        px_check_graph_destroy(&cases);
    }
}

static void a_failing_allocation_is_an_error_and_leaks_nothing(void **state)
{
    px_check_graph *cases = NULL;
    long n = 0;

    (void)state;
    while (!cases) {
        pixcl_error err = {0};
        px_fail_allocation(++n);
        cases = px_check_graph_create(PX_CHECK_TRAINING, NULL, 0, SIZE_MAX, &err);
        px_fail_allocation(0);
        assert_true(cases || err.status == PIXCL_ERROR_MEMORY);
    }
    assert_true(n > 10);
    px_check_graph_destroy(&cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_a_case),
        cmocka_unit_test(every_case_has_a_name_and_results),
        cmocka_unit_test(cases_are_chosen_by_name_and_number),
        cmocka_unit_test(a_case_is_the_same_in_any_company),
        cmocka_unit_test(whole_numbers_are_asked_of_what_keeps_them),
        cmocka_unit_test(a_failing_allocation_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
