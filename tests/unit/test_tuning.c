/* The table of measured cuts, its file, and what the planner makes of it. No device: the one here is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/tuning_file.h"
#include "graph/build.h"
#include "plan/plan.h"
#include "temp_folder.h"
#include "listen.h"

static const px_conv_problem CONV = {
    .op = PX_OP_CONV, .kernel = 4, .stride = 2, .pad = 1, .block = 16, .x = {1, 64, 32, 32}, .y = {1, 128, 16, 16}};
static const px_conv_problem GRADIENT = {.op = PX_OP_CONV_WGRAD,
                                         .kernel = 4,
                                         .stride = 2,
                                         .pad = 1,
                                         .block = 16,
                                         .vector_large = true,
                                         .x = {1, 64, 32, 32},
                                         .y = {1, 128, 16, 16}};
static const px_conv_problem SQUARE = {
    .op = PX_OP_CONV, .kernel = 3, .stride = 1, .pad = 1, .block = 16, .x = {1, 64, 16, 16}, .y = {1, 32, 16, 16}};

static const px_cut TILE = {.algorithm = PX_ALGORITHM_DIRECT, .width = 6, .channels = 4, .rows = 16, .blocks = 2};
static const px_cut GRADIENT_TILE = {.algorithm = PX_ALGORITHM_DIRECT, .scalars = 4, .vectors = 2, .splits = 3};

/* The table */

static void the_table_finds_what_was_set_and_nothing_else(void **state)
{
    (void)state;
    px_tuning *tuning = px_tuning_create(NULL);
    assert_non_null(tuning);
    assert_null(px_tuning_find(tuning, &CONV));
    assert_null(px_tuning_find(NULL, &CONV));
    assert_int_equal(px_tuning_set(tuning, &CONV, &TILE, NULL), PIXCL_OK);
    assert_int_equal(px_tuning_set(tuning, &GRADIENT, &GRADIENT_TILE, NULL), PIXCL_OK);
    assert_memory_equal(px_tuning_find(tuning, &CONV), &TILE, sizeof TILE);
    assert_memory_equal(px_tuning_find(tuning, &GRADIENT), &GRADIENT_TILE, sizeof GRADIENT_TILE);

    px_conv_problem others[] = {CONV, CONV, CONV, CONV, CONV, CONV, CONV, GRADIENT};
    others[0].op = PX_OP_CONV_T;
    others[1].kernel = 3;
    others[2].stride = 1;
    others[3].pad = 2;
    others[4].block = 8;
    others[5].x.h = 33;
    others[6].y.n = 2;
    others[7].vector_large = false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_null(px_tuning_find(tuning, &others[i]));

    px_cut other = TILE;
    other.channels = 2;
    assert_int_equal(px_tuning_set(tuning, &CONV, &other, NULL), PIXCL_OK);
    assert_int_equal(tuning->count, 2);
    assert_int_equal(px_tuning_find(tuning, &CONV)->channels, 2);
    px_tuning_remove(tuning, &CONV);
    px_tuning_remove(tuning, &CONV);
    assert_null(px_tuning_find(tuning, &CONV));
    assert_non_null(px_tuning_find(tuning, &GRADIENT));
    px_tuning_destroy(&tuning);
    assert_null(tuning);
    px_tuning_destroy(&tuning);
}

static void refuses(px_conv_problem problem, px_cut cut)
{
    pixcl_error err = {0};
    px_tuning *tuning = px_tuning_create(NULL);
    assert_int_equal(px_tuning_set(tuning, &problem, &cut, &err), PIXCL_ERROR_ARGUMENT);
    assert_true(err.message[0] != '\0');
    assert_int_equal(tuning->count, 0);
    px_tuning_destroy(&tuning);
}

static void a_cut_that_would_make_a_wrong_plan_is_refused(void **state)
{
    (void)state;
    const px_conv_algorithm direct = PX_ALGORITHM_DIRECT, winograd = PX_ALGORITHM_WINOGRAD;
    const px_cut bad[] = {
        {.algorithm = PX_ALGORITHM_NONE, .width = 8, .channels = 2},
        {.algorithm = PX_ALGORITHM_GEMM, .width = 8, .channels = 2}, /* CLBlast cuts itself */
        {.algorithm = winograd},                                     /* a kernel of 4 */
        {.algorithm = direct, .width = 8, .channels = 3},            /* there are 8 groups */
        {.algorithm = direct, .width = 8, .channels = 0},
        {.algorithm = direct, .width = 0, .channels = 2},
        {.algorithm = direct, .width = -8, .channels = 2},
        {.algorithm = direct, .width = 33, .channels = 1},
        {.algorithm = direct, .width = 16, .channels = 4}, /* too many registers */
        {.algorithm = direct, .rows = 17, .blocks = 1},
        {.algorithm = direct, .rows = 16, .blocks = 5}, /* there are 4 */
        {.algorithm = direct, .rows = 16},
        {.algorithm = direct, .blocks = 2},
        {.algorithm = direct, .rows = -1, .blocks = 1},
        {.algorithm = PX_ALGORITHM_DOT, .rows = 1, .blocks = 1},
        {.algorithm = direct, .scalars = 8, .vectors = 1},
        {.algorithm = direct, .splits = 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(CONV, bad[i]);
    const px_cut bad_gradients[] = {
        {.algorithm = PX_ALGORITHM_DOT},
        {.algorithm = winograd},
        {.algorithm = direct, .scalars = 12, .vectors = 1}, /* neither in a block nor of blocks */
        {.algorithm = direct, .scalars = 8, .vectors = 3},
        {.algorithm = direct, .scalars = 8},
        {.algorithm = direct, .vectors = 2},
        {.algorithm = direct, .scalars = 16, .vectors = 4},
        {.algorithm = direct, .splits = 17},
        {.algorithm = direct, .splits = -1},
        {.algorithm = direct, .width = 8, .channels = 2},
    };
    for (size_t i = 0; i < sizeof bad_gradients / sizeof bad_gradients[0]; i++)
        refuses(GRADIENT, bad_gradients[i]);
    const px_conv_algorithm minimal = PX_ALGORITHM_WINOGRAD2;
    const px_cut bad_minimal[] = {
        {.algorithm = minimal, .scalars = 12, .vectors = 1}, /* does not divide a block */
        {.algorithm = minimal, .scalars = 8, .vectors = 3},
        {.algorithm = minimal, .scalars = 16, .vectors = 4}, /* too many registers */
        {.algorithm = minimal, .scalars = 8},
        {.algorithm = minimal, .splits = 2},
        {.algorithm = minimal, .width = 8, .channels = 2},
    };
    for (size_t i = 0; i < sizeof bad_minimal / sizeof bad_minimal[0]; i++)
        refuses(GRADIENT, bad_minimal[i]);
    const px_cut good = {.algorithm = direct, .width = 8, .channels = 2};
    px_conv_problem problem = CONV;
    problem.op = PX_OP_ADD;
    refuses(problem, good);
    problem = CONV;
    problem.block = 3;
    refuses(problem, good);
    problem = CONV;
    problem.x.w = 0;
    refuses(problem, good);
    problem = CONV;
    problem.vector_large = true;
    refuses(problem, good);
    problem = SQUARE;
    refuses(problem, (px_cut){.algorithm = winograd, .rows = 2, .blocks = 1});
    problem.x.c = 24;
    refuses(problem, (px_cut){.algorithm = winograd});
}

/* The file */

static px_cl_device made_up(void)
{
    px_cl_device device = {.tuning_off = false};
    strcpy(device.platform_name, "Made \"up\" platform");
    strcpy(device.name, "device of no one");
    strcpy(device.driver, "1.0");
    return device;
}

static px_tuning *sample(void)
{
    px_tuning *tuning = px_tuning_create(NULL);
    assert_int_equal(px_tuning_set(tuning, &CONV, &TILE, NULL), PIXCL_OK);
    assert_int_equal(px_tuning_set(tuning, &GRADIENT, &GRADIENT_TILE, NULL), PIXCL_OK);
    assert_int_equal(px_tuning_set(tuning, &SQUARE, &(px_cut){.algorithm = PX_ALGORITHM_WINOGRAD}, NULL), PIXCL_OK);
    return tuning;
}

/* Writes the sample for the device and gives the file's path. */
static char *write_sample(const px_cl_device *device)
{
    pixcl_error err = {0};
    px_tuning *tuning = sample();
    char *path = px_tuning_path(device, &err);
    assert_non_null(path);
    if (px_tuning_write(device, tuning, path, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    px_tuning_destroy(&tuning);
    return path;
}

static void a_file_comes_back_as_it_was(void **state)
{
    (void)state;
    const px_cl_device device = made_up();
    char *path = write_sample(&device);
    pixcl_error err = {0};
    px_tuning *expected = sample(), *found = px_tuning_read(&device, path, &err);
    if (!found)
        fail_msg("%s", err.message);
    assert_int_equal(found->count, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        const px_cut *cut = px_tuning_find(found, &expected->entries[i].problem);
        assert_non_null(cut);
        assert_memory_equal(cut, &expected->entries[i].cut, sizeof *cut);
    }
    px_tuning_destroy(&expected);
    px_tuning_destroy(&found);
    px_free(path);
}

/* As a person's editor would, without waiting for the disk. */
static void overwrite(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int warnings;
static char last_warning[1024];

static void count_warning(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    warnings += level <= PIXCL_LOG_WARNING;
    snprintf(last_warning, sizeof last_warning, "%s", message);
}

/* Puts `text` where the device's file would be, and asks for the device's table twice: none, and one warning. */
static void is_ignored_with_one_warning(px_cl_device device, const char *path, const char *text, size_t length,
                                        const char *reason)
{
    overwrite(path, text, length);
    warnings = 0;
    listen(count_warning, NULL, PIXCL_LOG_WARNING);
    assert_null(px_cl_tuning(&device));
    assert_null(px_cl_tuning(&device));
    listen(NULL, NULL, PIXCL_LOG_ERROR);
    if (warnings != 1 || !strstr(last_warning, reason) || !strstr(last_warning, path))
        fail_msg("%d warnings, expected one with \"%s\", the last: %s", warnings, reason, last_warning);
}

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    char *result = px_format(NULL, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    assert_non_null(result);
    return result;
}

static void a_file_that_does_not_fit_is_ignored_with_one_warning(void **state)
{
    (void)state;
    const px_cl_device device = made_up();
    char *path = write_sample(&device);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(px_file_read(path, &bytes, &size, NULL), PIXCL_OK);
    const struct {
        const char *old, *new, *reason;
    } changes[] = {
        {"pixcl tuning 1", "pixcl tuning 0", "made for format"},
        {"\"" PIXCL_VERSION "\"", "\"0.0.0\"", "made for pixcl"},
        {"\"kernels\":\t\"", "\"kernels\":\t\"0", "made for kernels"},
        {"Made", "Another", "made for platform"},
        {"no one", "someone", "made for device"},
        {"\"1.0\"", "\"1.1\"", "made for driver"},
        {"\"driver\"", "\"rider\"", "no \"driver\""},
        {"\"entries\"", "\"entrees\"", "entries"},
        {"\"op\":\t\"conv\"", "\"op\":\t\"cone\"", "\"op\""},
        {"\"algorithm\":\t\"direct\"", "\"algorithm\":\t\"direkt\"", "\"algorithm\""},
        {"\"algorithm\":\t\"direct\"", "\"algorithm\":\t\"winograd\"", "winograd"},
        {"\"width\":\t6", "\"width\":\t7.5", "whole"},
        {"\"width\":\t6", "\"width\":\t-6", "whole"},
        {"\"width\":\t6", "\"width\":\t1e99", "whole"},
        {"\"width\":\t6", "\"width\":\t\"6\"", "whole"},
        {"\"channels\":\t4", "\"channels\":\t3", "tile"},
        {"\"kernel\":\t4", "\"kernel\":\t0", "no convolution"},
        {"[1, 64, 32, 32]", "[1, 64, 32]", "shape"},
        {"[1, 64, 32, 32]", "[1, 64, 32, 0]", "shape"},
        {"[1, 64, 32, 32]", "[1, 64, 32, null]", "shape"},
        {"[1, 64, 32, 32]", "{}", "shape"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char *text = replaced((const char *)bytes, changes[i].old, changes[i].new);
        is_ignored_with_one_warning(device, path, text, strlen(text), changes[i].reason);
        px_free(text);
    }
    for (size_t length = 0; length < size - 1; length += 7) /* the end of a write that was cut off */
        is_ignored_with_one_warning(device, path, (const char *)bytes, length, "");
    is_ignored_with_one_warning(device, path, "\x7f\x45LF\0\0", 6, "JSON");
    is_ignored_with_one_warning(device, path, "[]", 2, "format");
    is_ignored_with_one_warning(device, path, "3", 1, "format");
    px_free(bytes);
    px_free(path);
}

/* Damage anywhere gives a table of right cuts or none, never a crash. */
static void a_damaged_file_does_no_harm(void **state)
{
    (void)state;
    const px_cl_device device = made_up();
    char *path = write_sample(&device);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(px_file_read(path, &bytes, &size, NULL), PIXCL_OK);
    for (size_t at = 0; at < size; at++) {
        const uint8_t whole = bytes[at];
        bytes[at] = (uint8_t)(whole ^ (1u << at % 7));
        overwrite(path, bytes, size);
        px_tuning *tuning = px_tuning_read(&device, path, NULL);
        for (size_t i = 0; tuning && i < tuning->count; i++)
            assert_int_equal(px_cut_check(&tuning->entries[i].problem, &tuning->entries[i].cut, NULL), PIXCL_OK);
        px_tuning_destroy(&tuning);
        bytes[at] = whole;
    }
    px_free(bytes);
    px_free(path);
}

static void a_file_is_read_once_and_only_when_wanted(void **state)
{
    (void)state;
    px_cl_device device = made_up();
    char *path = write_sample(&device);
    warnings = 0;
    px_os_set_variable("PIXCL_TUNE", "off");
    assert_null(px_cl_tuning(&device));
    px_os_set_variable("PIXCL_TUNE", "auto");
    listen(count_warning, NULL, PIXCL_LOG_WARNING);
    device.tuning_off = true;
    assert_null(px_cl_tuning(&device));
    device.tuning_off = false;
    const px_tuning *tuning = px_cl_tuning(&device);
    assert_non_null(tuning);
    assert_int_equal(remove(path), 0);
    assert_ptr_equal(px_cl_tuning(&device), tuning);
    px_tuning_destroy(&device.tuning);

    px_cl_device other = made_up();
    assert_null(px_cl_tuning(&other)); /* no file: nothing to say */
    assert_int_equal(warnings, 0);
    listen(NULL, NULL, PIXCL_LOG_ERROR);
    px_free(path);
}

/* The planner */

static px_target target_with(const px_tuning *tuning)
{
    px_target target = {.device_class = PX_DEVICE_CPU,
                        .block = 16,
                        .max_allocation = (size_t)1 << 30,
                        .memory = (size_t)1 << 30,
                        .tuning = tuning};
    px_target_traits(&target);
    return target;
}

/* y = conv(x, w) and its weight gradient, towards an input dy. */
static px_graph *two_convolutions(px_conv_problem p)
{
    px_graph *graph = px_graph_create(NULL);
    px_node x = px_input(graph, p.x, "x"), dy = px_input(graph, p.y, "dy");
    px_node w = px_variable(graph, PX_WEIGHT, (px_shape){p.y.c, p.x.c, p.kernel, p.kernel}, "w", false);
    px_graph_output(graph, px_conv(graph, x, w, p.stride, p.pad), "y");
    px_graph_output(graph, px_conv_wgrad(graph, x, dy, p.kernel, p.stride, p.pad), "dw");
    assert_int_equal(px_graph_check(graph, NULL), PIXCL_OK);
    return graph;
}

/* Whether the plan has a launch whose label begins so. */
static bool has_launch(const px_plan *plan, const char *label)
{
    for (size_t l = 0; l < plan->launch_count; l++)
        if (strncmp(plan->launches[l].label, label, strlen(label)) == 0)
            return true;
    return false;
}

static px_plan *plan_of(px_conv_problem problem, px_target target)
{
    px_graph *graph = two_convolutions(problem);
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(graph, &target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    px_graph_destroy(&graph);
    return plan;
}

static void the_planner_cuts_as_the_table_says(void **state)
{
    (void)state;
    px_tuning *tuning = px_tuning_create(NULL);
    px_conv_problem gradient = GRADIENT;
    gradient.vector_large = false; /* of a plain convolution: the small map's channels are the lanes */
    assert_int_equal(px_tuning_set(tuning, &CONV, &TILE, NULL), PIXCL_OK);
    assert_int_equal(px_tuning_set(tuning, &gradient, &GRADIENT_TILE, NULL), PIXCL_OK);
    px_plan *plan = plan_of(CONV, target_with(tuning)), *usual = plan_of(CONV, target_with(NULL));
    assert_true(has_launch(plan, "conv_direct 6x4") && !has_launch(usual, "conv_direct 6x4"));
    assert_true(has_launch(plan, "conv_wgrad 4x2") && !has_launch(usual, "conv_wgrad 4x2"));
    for (size_t l = 0; l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        if (strncmp(launch->label, "conv_direct", 11) == 0) {
            assert_int_equal(px_args_of(plan, launch)[launch->arg_count - 4].i, TILE.rows);
            assert_int_equal(px_args_of(plan, launch)[launch->arg_count - 3].i, TILE.blocks);
        } else if (strncmp(launch->label, "conv_wgrad", 10) == 0) {
            assert_int_equal(launch->global[2], 16 * GRADIENT_TILE.splits);
        }
    }
    px_plan_destroy(&plan);
    px_plan_destroy(&usual);
    px_tuning_destroy(&tuning);
}

static void the_planner_chooses_winograd_or_not_as_the_table_says(void **state)
{
    (void)state;
    px_tuning *tuning = px_tuning_create(NULL);
    px_conv_problem small = SQUARE;
    small.x.h = small.x.w = small.y.h = small.y.w = 4;
    const px_cut direct = {.algorithm = PX_ALGORITHM_DIRECT, .width = 12, .channels = 2};
    const px_cut winograd = {.algorithm = PX_ALGORITHM_WINOGRAD};
    assert_int_equal(px_tuning_set(tuning, &SQUARE, &direct, NULL), PIXCL_OK);
    assert_int_equal(px_tuning_set(tuning, &small, &winograd, NULL), PIXCL_OK);
    px_target target = target_with(tuning), usual = target_with(NULL);
    px_plan *plan = plan_of(SQUARE, target), *other = plan_of(SQUARE, usual);
    assert_true(has_launch(plan, "conv_direct 12x2") && !has_launch(plan, "winograd_products"));
    assert_true(has_launch(other, "winograd_products"));
    px_plan_destroy(&plan);
    px_plan_destroy(&other);
    plan = plan_of(small, target);
    other = plan_of(small, usual);
    assert_true(has_launch(plan, "winograd_products") && !has_launch(other, "winograd_products"));
    px_plan_destroy(&plan);
    px_plan_destroy(&other);
    target.conv = PX_ALGORITHM_DIRECT; /* what is asked for goes before what was measured */
    plan = plan_of(small, target);
    assert_false(has_launch(plan, "winograd_products"));
    px_plan_destroy(&plan);
    target.conv = PX_ALGORITHM_GEMM;
    plan = plan_of(SQUARE, target);
    assert_true(has_launch(plan, "gemm"));
    px_plan_destroy(&plan);
    px_tuning_destroy(&tuning);
}

static void a_plan_of_one_node_keeps_its_launches_and_programs(void **state)
{
    (void)state;
    px_target target = target_with(NULL);
    target.conv = PX_ALGORITHM_DIRECT; /* one launch */
    px_plan *plan = plan_of(CONV, target), *whole = plan_of(CONV, target);
    px_node y = PX_NONE;
    for (px_node i = 0; i < plan->node_count; i++)
        y = plan->nodes[i].op == PX_OP_CONV ? i : y;
    px_plan_keep_only(plan, y);
    assert_int_equal(plan->launch_count, 1);
    assert_int_equal(plan->program_count, 1);
    assert_string_equal(plan->programs[plan->launches[0].program].kernel, "conv_direct");
    assert_true(whole->launch_count > 1);
    px_plan_destroy(&plan);
    px_plan_destroy(&whole);
}

static int setup(void **state)
{
    if (temp_folder_make(state) != 0)
        return -1;
    px_os_set_variable("PIXCL_CACHE_DIR", temp_folder);
    px_os_set_variable("PIXCL_TUNE", NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_finds_what_was_set_and_nothing_else),
        cmocka_unit_test(a_cut_that_would_make_a_wrong_plan_is_refused),
        cmocka_unit_test(a_file_comes_back_as_it_was),
        cmocka_unit_test(a_file_that_does_not_fit_is_ignored_with_one_warning),
        cmocka_unit_test(a_damaged_file_does_no_harm),
        cmocka_unit_test(a_file_is_read_once_and_only_when_wanted),
        cmocka_unit_test(the_planner_cuts_as_the_table_says),
        cmocka_unit_test(the_planner_chooses_winograd_or_not_as_the_table_says),
        cmocka_unit_test(a_plan_of_one_node_keeps_its_launches_and_programs),
    };
    return cmocka_run_group_tests(tests, setup, temp_folder_remove);
}
