/* The kernels of pointwise operations and reductions: every line of ops.def has all that its kernel needs, the planner
 * makes complete programs of them, and equal layers share one. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "graph/build.h"
#include "measure/check_cases.h"
#include "plan/plan.h"

/* What is wrong with the place of a template that speaks of input k, NULL if nothing is. */
static const char *wrong_input(const px_op_info *op, const char *s, bool in_brackets)
{
    const int k = s[0] - '0';
    const bool row = s[1] == '.' && (s[2] == '0' || s[2] == '1');
    if (k >= op->most)
        return "speaks of an input that it has not";
    if (op->access[k] == PX_ACCESS_SHAPE)
        return "speaks of an input of which it has only the shape";
    if (row != (op->access[k] == PX_ACCESS_STATISTICS))
        return "rows are those of statistics, and statistics have rows";
    if (k >= op->fewest && !in_brackets)
        return "an optional input stands outside of brackets";
    return NULL;
}

/* The same for a template; marks the inputs that it speaks of. */
static const char *wrong_template(const px_op_info *op, const char *template, bool *used)
{
    bool in_brackets = false, has_optional = false;
    for (const char *s = template; *s; s++) {
        if (*s == '[' || *s == ']') {
            if (in_brackets != (*s == ']'))
                return "brackets that do not match";
            if (*s == ']' && !has_optional)
                return "brackets without an optional input";
            in_brackets = *s == '[';
            has_optional = false;
        }
        if (*s != '$')
            continue;
        if (isdigit((unsigned char)s[1])) {
            const char *wrong = wrong_input(op, s + 1, in_brackets);
            if (wrong)
                return wrong;
            used[s[1] - '0'] = true;
            has_optional = has_optional || s[1] - '0' >= op->fewest;
        } else if (!isalpha((unsigned char)s[1])) {
            return "a dollar sign without a name";
        }
    }
    return in_brackets ? "brackets that do not match" : NULL;
}

static const char *wrong_kernel(const px_op_info *op)
{
    bool used[PX_MAX_INPUTS] = {false};
    const char *const templates[] = {op->setup, op->body, op->second};
    if (!op->access || strlen(op->access) != (size_t)op->most || strspn(op->access, "evs1-") != strlen(op->access))
        return "needs a letter for each input";
    if (!op->body)
        return "needs a body";
    if ((op->op_class == PX_REDUCE) != (op->sum != PX_SUM_NONE))
        return "a REDUCE has a sum, and nothing else has";
    if (op->second && op->sum != PX_SUM_ROWS)
        return "a second term is for rows";
    if (op->setup && op->setup[strlen(op->setup) - 1] != ';')
        return "the setup is statements";
    for (int i = 0; i < 3; i++) {
        const char *wrong = templates[i] ? wrong_template(op, templates[i], used) : NULL;
        if (wrong)
            return wrong;
    }
    for (int k = 0; k < op->most; k++)
        if (!used[k] && op->access[k] != PX_ACCESS_SHAPE)
            return "leaves an input out";
    return NULL;
}

/* What is wrong with a line of ops.def, NULL if nothing is. */
static const char *wrong_line(const px_op_info *op)
{
    if (op->op_class == PX_POINTWISE || op->op_class == PX_REDUCE)
        return wrong_kernel(op);
    if (op->setup || op->body || op->second || op->sum != PX_SUM_NONE)
        return "has no kernel of this sort";
    if (op->op_class != PX_EFFECT)
        return op->access ? "has no access" : NULL;
    if (!op->access || strlen(op->access) != (size_t)op->most || strspn(op->access, "rw") != strlen(op->access))
        return "needs a letter for each input";
    return op->access[0] == PX_ACCESS_CHANGE ? NULL : "an effect changes its first input";
}

static void every_line_has_a_complete_kernel(void **state)
{
    (void)state;
    for (int op = 0; op < PX_OP_COUNT; op++) {
        const px_op_info *info = px_op_describe((px_op)op);
        const char *wrong = wrong_line(info);
        if (wrong)
            fail_msg("%s: %s", info->name, wrong);
    }
}

#define POINTWISE .fewest = 2, .most = 3, .op_class = PX_POINTWISE
#define REDUCE    .fewest = 1, .most = 1, .op_class = PX_REDUCE, .access = "e"

static void a_line_that_is_not_complete_is_found(void **state)
{
    static const px_op_info right[] = {
        {POINTWISE, .access = "e1v", .body = "$0 * $1[ + $2]"},
        {POINTWISE, .access = "-se", .setup = "const V $a = $1.0 * $1.1;", .body = "$a[ + $2]"},
        {REDUCE, .sum = PX_SUM_ROWS, .body = "$0", .second = "$0 * $0"},
        {.op_class = PX_EFFECT, .most = 2, .access = "wr"},
        {.op_class = PX_MOVE, .most = 2},
    };
    static const px_op_info wrong[] = {
        {POINTWISE, .body = "$0 * $1[ + $2]"},
        {POINTWISE, .access = "ee", .body = "$0 * $1"},
        {POINTWISE, .access = "exe", .body = "$0 * $1[ + $2]"},
        {POINTWISE, .access = "eee"},
        {POINTWISE, .access = "eee", .body = "$0 * $1"},
        {POINTWISE, .access = "eee", .body = "$0 * $1 + $2"},
        {POINTWISE, .access = "eee", .body = "$0 * $1[ + $2] + $3"},
        {POINTWISE, .access = "eee", .body = "$0 * $1[ + $2"},
        {POINTWISE, .access = "eee", .body = "$0 * $1[[ + $2]]"},
        {POINTWISE, .access = "eee", .body = "$0 [* $1][ + $2]"},
        {POINTWISE, .access = "eee", .body = "$0 * $1[ + $2] + $"},
        {POINTWISE, .access = "eee", .body = "$0.1 * $1[ + $2]"},
        {POINTWISE, .access = "ese", .body = "$0 * $1[ + $2]"},
        {POINTWISE, .access = "e-e", .body = "$0 * $1[ + $2]"},
        {POINTWISE, .access = "eee", .setup = "const V $a = $1", .body = "$0 * $a[ + $2]"},
        {POINTWISE, .access = "eee", .body = "$0 * $1[ + $2]", .sum = PX_SUM_MEAN},
        {REDUCE, .body = "$0"},
        {REDUCE, .sum = PX_SUM_MEAN, .body = "$0", .second = "$0"},
        {.op_class = PX_EFFECT, .most = 2},
        {.op_class = PX_EFFECT, .most = 2, .access = "rw"},
        {.op_class = PX_EFFECT, .most = 2, .access = "w"},
        {.op_class = PX_MOVE, .most = 2, .access = "ee"},
        {.op_class = PX_MOVE, .most = 2, .body = "$0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_null(wrong_line(&right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (!wrong_line(&wrong[i]))
            fail_msg("line %zu is wrong, and nothing says so", i);
}

static px_plan *plan_of(const px_graph *graph, px_device_class device_class)
{
    pixcl_error err = {0};
    px_target target = {
        .device_class = device_class, .block = 16, .max_allocation = (size_t)1 << 30, .memory = (size_t)1 << 32};
    px_target_traits(&target);
    px_plan *plan = px_plan_create(graph, &target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    return plan;
}

/* Whether the text declares the variable of that length at `name`: "V gain_0 =" or "float alpha_0 =". */
static bool declares(const char *text, const char *name, size_t length)
{
    for (const char *s = strstr(text, "const "); s; s = strstr(s + 1, "const ")) {
        const char *type_end = strchr(s + strlen("const "), ' ');
        if (type_end && strncmp(type_end + 1, name, length) == 0 && strncmp(type_end + 1 + length, " =", 2) == 0)
            return true;
    }
    return false;
}

/* All members' own variables (name_0) are declared, and nothing of the template's signs is left. */
static void check_program(const char *text)
{
    const char *s = text ? strstr(text, "#define SETUP") : NULL;
    if (!s) {
        fail_msg("a pointwise program has no SETUP");
        return;
    }
    if (strchr(text, '$'))
        fail_msg("a program has a dollar sign:\n%s", text);
    while (*s) {
        const size_t length = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (length > 2 && s[length - 2] == '_' && isdigit((unsigned char)s[length - 1]) && !declares(text, s, length))
            fail_msg("a program does not declare %.*s:\n%s", (int)length, s, text);
        s += length > 0 ? length : 1;
    }
}

static void programs_are_complete_on(px_device_class device_class)
{
    size_t checked = 0;
    for (int group = 0; group < PX_CHECK_GROUP_COUNT; group++) {
        px_check_graph *cases = px_check_graph_create((px_check_group)group, NULL, 0, SIZE_MAX, NULL);
        assert_non_null(cases);
        px_plan *plan = plan_of(cases->graph, device_class);
        for (size_t i = 0; i < plan->program_count; i++)
            if (strcmp(plan->programs[i].kernel, "pointwise") == 0) {
                check_program(plan->programs[i].preamble);
                checked++;
            }
        px_plan_destroy(&plan);
        px_check_graph_destroy(&cases);
    }
    assert_true(checked > 50);
}

static void programs_are_complete(void **state)
{
    (void)state;
    programs_are_complete_on(PX_DEVICE_CPU);
    programs_are_complete_on(PX_DEVICE_GPU_DISCRETE);
}

static px_node layer(px_graph *graph, int side, const char *name)
{
    px_node x = px_input(graph, (px_shape){1, 32, side, side}, name);
    px_node stats = px_norm_stats(graph, x, true), dy = px_dropout(graph, x, 0.5f);
    px_node sums = px_norm_sums(graph, x, stats, dy, 1e-5f);
    return px_graph_output(graph, px_norm_grad(graph, x, stats, dy, sums, PX_NONE, 1e-5f), NULL);
}

/* They differ in the number of pixels and in dropout's stream, which are arguments. */
static void equal_layers_share_their_programs(void **state)
{
    px_graph *one = px_graph_create(NULL), *two = px_graph_create(NULL);

    (void)state;
    layer(one, 8, "x");
    layer(two, 8, "x");
    layer(two, 16, "other");
    px_plan *plan_one = plan_of(one, PX_DEVICE_CPU), *plan_two = plan_of(two, PX_DEVICE_CPU);
    assert_int_equal(plan_two->launch_count, 2 * plan_one->launch_count);
    assert_int_equal(plan_two->program_count, plan_one->program_count);
    px_plan_destroy(&plan_one);
    px_plan_destroy(&plan_two);
    px_graph_destroy(&one);
    px_graph_destroy(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_has_a_complete_kernel),
        cmocka_unit_test(a_line_that_is_not_complete_is_found),
        cmocka_unit_test(programs_are_complete),
        cmocka_unit_test(equal_layers_share_their_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
