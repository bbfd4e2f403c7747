/* tools/outputs: which picture becomes which file, and that none is written over another one or over an input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "outputs.h"

/* A fresh folder, and the working folder while a test runs. */
static char folder[64];

static int enter_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/pixcl-test-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void names_keep_all_but_their_extension(void **state)
{
    static const char *const cases[][3] = {{"in/a.jpg", "out", "out/a.png"},
                                           {"in/a.b.jpg", "out/", "out/a.b.png"},
                                           {"in.d/plain", "out", "out/plain.png"},
                                           {"a.png", "out", "out/a.png"}};
    output_list list = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(outputs_add(&list, cases[i][0], cases[i][1], true));
        assert_string_equal(list.items[i].path, cases[i][2]);
    }
    assert_true(outputs_add(&list, "in/a.jpg", "one.png", false));
    assert_string_equal(list.items[list.count - 1].path, "one.png");
    outputs_free(&list);
}

/* Whether the list is sound, after so many pictures. */
static bool check(const char *const *inputs, size_t count, const char *target)
{
    output_list list = {0};
    for (size_t i = 0; i < count; i++)
        assert_true(outputs_add(&list, inputs[i], target, true));
    const bool sound = outputs_check(&list, "test");
    outputs_free(&list);
    return sound;
}

static void nothing_is_written_over(void **state)
{
    static const char *const inputs[] = {"z.png", "b.jpg", "b.png", "a.jpg"};
    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        touch(inputs[i]);
    assert_int_equal(symlink(".", "here"), 0);
    assert_true(check(inputs, 2, "out"));
    assert_false(check(inputs, 3, "out"));      /* b.jpg and b.png */
    assert_false(check(inputs, 1, "."));        /* z.png over itself */
    assert_false(check(inputs, 1, "here"));     /* by another path, too */
    assert_false(check(inputs, 2, "here"));     /* the first of several */
    assert_true(check(inputs + 3, 1, "."));     /* a.jpg becomes a.png, which is not there */
    assert_true(check(inputs + 1, 1, "."));     /* b.png is there, but no input */
    assert_false(check(inputs + 2, 2, "here")); /* b.png */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_keep_all_but_their_extension),
        cmocka_unit_test_setup_teardown(nothing_is_written_over, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
