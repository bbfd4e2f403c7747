/* base/file: writing is all or nothing, and the folder walk finds what it should in a fixed order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "own_folder.h"

static void pieces_of_any_size_arrive_in_order(void **state)
{
    enum { TOTAL = 300000 };
    static const size_t pieces[] = {1, 0, 5000, 65536, 3, 70000, 65535, 2, 60000};
    uint8_t *data = malloc(TOTAL);
    px_file_writer *writer;
    pixcl_error err = {0};
    size_t at = 0;

    (void)state;
    for (size_t i = 0; i < TOTAL; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    writer = px_file_writer_create("out.bin", &err);
    assert_non_null(writer);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        assert_int_equal(px_file_writer_add(writer, data + at, pieces[i], &err), PIXCL_OK);
        at += pieces[i];
    }
    assert_false(px_path_is_file("out.bin"));
    assert_int_equal(px_file_writer_commit(&writer, &err), PIXCL_OK);
    assert_null(writer);
    assert_holds("out.bin", data, at);
    assert_int_equal(entry_count(), 1);
    free(data);
}

static void an_abandoned_write_leaves_the_old_file(void **state)
{
    px_file_writer *writer;
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_write("out.txt", "old", 3, &err), PIXCL_OK);
    writer = px_file_writer_create("out.txt", &err);
    assert_int_equal(px_file_writer_add(writer, "new", 3, &err), PIXCL_OK);
    px_file_writer_abandon(&writer);
    px_file_writer_abandon(&writer);
    assert_holds("out.txt", "old", 3);
    assert_int_equal(entry_count(), 1);
    assert_int_equal(px_file_write("out.txt", "newer", 5, &err), PIXCL_OK);
    assert_holds("out.txt", "newer", 5);
}

static void two_writers_of_one_file_do_not_mix(void **state)
{
    pixcl_error err = {0};
    px_file_writer *a = px_file_writer_create("same", &err), *b = px_file_writer_create("same", &err);

    (void)state;
    assert_int_equal(px_file_writer_add(a, "aaaa", 4, &err), PIXCL_OK);
    assert_int_equal(px_file_writer_add(b, "bb", 2, &err), PIXCL_OK);
    assert_int_equal(px_file_writer_commit(&b, &err), PIXCL_OK);
    assert_holds("same", "bb", 2);
    assert_int_equal(px_file_writer_commit(&a, &err), PIXCL_OK);
    assert_holds("same", "aaaa", 4);
    assert_int_equal(entry_count(), 1);
}

static void a_name_that_is_taken_meanwhile_leaves_nothing_behind(void **state)
{
    char reason[64], expected[128];
    pixcl_error err = {0};
    px_file_writer *writer = px_file_writer_create("out.bin", &err);

    (void)state;
    snprintf(expected, sizeof expected, "cannot write out.bin: %s", px_os_reason(EISDIR, reason, sizeof reason));
    assert_int_equal(px_file_writer_add(writer, "x", 1, &err), PIXCL_OK);
    assert_int_equal(px_os_make_folder("out.bin"), 0);
    assert_int_equal(px_file_writer_commit(&writer, &err), PIXCL_ERROR_IO);
    assert_string_equal(err.message, expected);
    assert_int_equal(entry_count(), 1);
}

static void bad_targets_are_refused(void **state)
{
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"missing/out", "missing/out"},
        {"folder", "not a regular file"},
        {"", "names no file"},
        {"folder/", "names no file"},
    };
    uint8_t *bytes;
    size_t size;
    pixcl_error err;

    (void)state;
    assert_int_equal(px_os_make_folder("folder"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        err = (pixcl_error){0};
        assert_int_not_equal(px_file_write(cases[i].path, "x", 1, &err), PIXCL_OK);
        assert_non_null(strstr(err.message, cases[i].expected));
    }
    assert_int_equal(px_file_read("missing", &bytes, &size, &err), PIXCL_ERROR_IO);
    assert_string_equal(err.message, "cannot open missing: No such file or directory");
    assert_int_equal(px_file_read("folder", &bytes, &size, &err), PIXCL_ERROR_IO);
    assert_null(bytes);
}

static void empty_files_are_read(void **state)
{
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_write("empty", "", 0, &err), PIXCL_OK);
    assert_holds("empty", "", 0);
}

static void every_failed_allocation_is_survived(void **state)
{
    pixcl_error err = {0};
    px_file_list list;
    bool done = false;

    (void)state;
    assert_int_equal(px_make_folders("a/b", &err), PIXCL_OK);
    assert_int_equal(px_file_write("a/b/c", "old", 3, &err), PIXCL_OK);
    for (long n = 1; !done; n++) {
        px_fail_allocation(n);
        err = (pixcl_error){0};
        done = px_file_write("a/b/c", "old", 3, &err) == PIXCL_OK && px_list_files(".", NULL, &list, &err) == PIXCL_OK;
        if (!done)
            assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    }
    px_fail_allocation(0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.paths[0], "a/b/c");
    px_file_list_free(&list);
    assert_holds("a/b/c", "old", 3);
}

static void lines_are_appended(void **state)
{
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_append_line("log", "one", &err), PIXCL_OK);
    assert_int_equal(px_file_append_line("log", "two", &err), PIXCL_OK);
    assert_holds("log", "one\ntwo\n", 8);
    assert_int_equal(px_file_append_line("missing/log", "x", &err), PIXCL_ERROR_IO);
}

static bool is_text(const char *name)
{
    return strcmp(px_path_extension(name), ".txt") == 0;
}

static void the_walk_is_recursive_sorted_and_skips_hidden(void **state)
{
    static const char *const made[] = {"b.txt", "a/z.txt",   "a/.hidden.txt", ".git/x.txt",
                                       "a.txt", "a/b/c.txt", "no.png",        "D.txt"};
    static const char *const expected[] = {"D.txt", "a.txt", "a/b/c.txt", "a/z.txt", "b.txt"};
    px_file_list list;
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_make_folders("set/a/b", &err), PIXCL_OK);
    assert_int_equal(px_make_folders("set/.git", &err), PIXCL_OK);
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        char *path = px_path_join("set/", made[i], &err);

        assert_int_equal(px_file_write(path, "", 0, &err), PIXCL_OK);
        px_free(path);
    }
    assert_int_equal(px_list_files("set", is_text, &list, &err), PIXCL_OK);
    assert_int_equal(list.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < list.count; i++)
        assert_string_equal(list.paths[i], expected[i]);
    px_file_list_free(&list);

    assert_int_equal(px_list_files("missing", NULL, &list, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "missing"));
}

static void folders_are_made_with_their_parents(void **state)
{
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_make_folders("x/y//z/", &err), PIXCL_OK);
    assert_true(px_path_is_folder("x/y/z"));
    assert_int_equal(px_make_folders("x/y", &err), PIXCL_OK);
    assert_int_equal(px_make_folders("/", &err), PIXCL_OK);
    assert_int_equal(px_make_folders("", &err), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(px_file_write("x/file", "", 0, &err), PIXCL_OK);
    assert_int_equal(px_make_folders("x/file/sub", &err), PIXCL_ERROR_IO);
    assert_string_equal(err.message, "cannot make folder x/file/sub: x/file is not a folder");
}

static void only_pieces_of_dead_processes_are_removed(void **state)
{
    enum { DEAD = 99999999 /* the kernel's largest process number is 4194304 */ };
    static const struct {
        const char *before;
        bool other_machine, alive;
        const char *after;
        bool removed;
    } names[] = {{"latest.safetensors.pixcl-", false, false, "-0.tmp", true},
                 {"latest.pth.pixcl-", false, false, "-1.tmp.a1B2c3", true}, /* libzip's */
                 {"a.pixcl-", false, true, "-7.tmp", false},
                 {"a.pixcl-", true, false, "-0.tmp", false},
                 {"a.pixcl-x", false, false, "-0.tmp", false},
                 {"a.pixcl-", false, false, "-0.tmp.txt", false},
                 {"a.", false, false, "-0.tmp", false}};
    enum { COUNT = sizeof names / sizeof *names };
    pixcl_error err = {0};
    unsigned machine = 0;
    char *temporary = px_file_temporary("a", &err), made[COUNT][64];

    (void)state;
    assert_int_equal(sscanf(temporary, ".pixcl-%8x-", &machine), 1);
    px_os_remove(temporary);
    px_free(temporary);
    assert_int_equal(px_make_folders("left", &err), PIXCL_OK);
    assert_int_equal(chdir("left"), 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            snprintf(made[i], sizeof made[i], "%s%08x-%ld%s", names[i].before, machine + names[i].other_machine,
                     names[i].alive ? (long)px_os_process() : (long)DEAD, names[i].after);
            FILE *file = fopen(made[i], "w");
            assert_non_null(file);
            fclose(file);
        }
        if (round == 0) { /* by the first file that is written there */
            assert_int_equal(px_file_write("new", "x", 1, &err), PIXCL_OK);
        } else {
            px_file_remove_leftovers(".");
            px_file_remove_leftovers("nowhere");
        }
        for (int i = 0; i < COUNT; i++)
            if (px_path_is_file(made[i]) == names[i].removed)
                fail_msg("%s %s", made[i], names[i].removed ? "is left" : "was removed");
    }
    assert_int_equal(chdir(".."), 0);
}

/* The system's reason for the folder, not that of what was asked afterwards. */
static void a_folder_that_cannot_be_made_says_why(void **state)
{
    char name[300], reason[128];
    pixcl_error err = {0};

    (void)state;
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(px_make_folders(name, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, px_os_reason(ENAMETOOLONG, reason, sizeof reason)));
}

static void paths_are_taken_apart_and_joined(void **state)
{
    pixcl_error err = {0};
    char *path;

    (void)state;
    assert_string_equal(px_path_name("a/b.c/d.tar.gz"), "d.tar.gz");
    assert_string_equal(px_path_extension("a/b.c/d.tar.gz"), ".gz");
    assert_string_equal(px_path_extension("a.b/c"), "");
    assert_string_equal(px_path_extension("a/.hidden"), "");
    path = px_path_join("", "name", &err);
    assert_string_equal(path, "name");
    px_free(path);
    px_os_set_variable("PIXCL_CACHE_DIR", "/some/where");
    path = px_cache_folder(&err);
    assert_string_equal(path, "/some/where");
    px_free(path);
    px_os_set_variable("PIXCL_CACHE_DIR", NULL);
    px_os_set_variable("XDG_CACHE_HOME", "/cache");
    path = px_cache_folder(&err);
    assert_string_equal(path, "/cache/pixcl");
    px_free(path);
    px_os_set_variable("XDG_CACHE_HOME", NULL);
    px_os_set_variable("HOME", "/home/me");
    path = px_cache_folder(&err);
    assert_string_equal(path, "/home/me/.cache/pixcl");
    px_free(path);
    px_os_set_variable("HOME", NULL);
    px_os_set_variable("LOCALAPPDATA", "/local");
    path = px_cache_folder(&err);
    assert_string_equal(path, "/local/pixcl");
    px_free(path);
    px_os_set_variable("LOCALAPPDATA", NULL);
    assert_null(px_cache_folder(&err));
    assert_non_null(strstr(err.message, "PIXCL_CACHE_DIR"));
}

#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

static void a_folder_is_held_once(void **state)
{
    int first, second;

    (void)state;
    assert_true(px_folder_hold(".", &first));
    assert_true(first >= 0);
    assert_false(px_folder_hold(".", &second));
    assert_int_equal(second, -1);
    px_folder_release(first);
    assert_true(px_folder_hold(".", &second));
    px_folder_release(second);
}

/* Whoever has it open goes on reading what it was. */
static void a_file_that_is_open_is_replaced(void **state)
{
    pixcl_error err = {0};
    px_os_info info;
    char bytes[3];

    (void)state;
    assert_int_equal(px_file_write("a", "old", 3, &err), PIXCL_OK);
    for (int mapped = 0; mapped < 2; mapped++) {
        const int file = px_file_open_input("a", &info, &err);
        const void *view = mapped ? px_os_map(file, 3) : NULL;

        if (px_file_write("a", mapped ? "two" : "new", 3, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        assert_holds("a", mapped ? "two" : "new", 3);
        assert_int_equal(px_os_read(file, bytes, 3), 3);
        assert_memory_equal(bytes, mapped ? "new" : "old", 3);
        if (mapped) {
            assert_memory_equal(view, "new", 3);
            px_os_unmap(view, 3);
        }
        assert_int_equal(px_os_close(file), 0);
    }
}

static void a_file_gets_a_second_name(void **state)
{
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_write("a", "first", 5, NULL), PIXCL_OK);
    assert_int_equal(px_file_write("b", "old", 3, NULL), PIXCL_OK);
    for (int times = 0; times < 2; times++) { /* the second time they are one file already */
        assert_int_equal(px_file_duplicate("a", "b", &err), PIXCL_OK);
        assert_holds("b", "first", 5);
        assert_int_equal(entry_count(), 2);
    }
    assert_int_equal(px_file_write("a", "second", 6, NULL), PIXCL_OK); /* a new file under the old name */
    assert_holds("b", "first", 5);

    assert_int_equal(px_file_duplicate("missing", "b", &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "missing"));
    assert_holds("b", "first", 5);
    assert_int_equal(px_file_duplicate("a", "no/folder", &err), PIXCL_ERROR_IO);
    assert_int_equal(entry_count(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(pieces_of_any_size_arrive_in_order),
        FOLDER_TEST(an_abandoned_write_leaves_the_old_file),
        FOLDER_TEST(two_writers_of_one_file_do_not_mix),
        FOLDER_TEST(a_name_that_is_taken_meanwhile_leaves_nothing_behind),
        FOLDER_TEST(a_folder_is_held_once),
        FOLDER_TEST(bad_targets_are_refused),
        FOLDER_TEST(empty_files_are_read),
        FOLDER_TEST(every_failed_allocation_is_survived),
        FOLDER_TEST(a_file_that_is_open_is_replaced),
        FOLDER_TEST(a_file_gets_a_second_name),
        FOLDER_TEST(lines_are_appended),
        FOLDER_TEST(the_walk_is_recursive_sorted_and_skips_hidden),
        FOLDER_TEST(folders_are_made_with_their_parents),
        FOLDER_TEST(only_pieces_of_dead_processes_are_removed),
        FOLDER_TEST(a_folder_that_cannot_be_made_says_why),
        cmocka_unit_test(paths_are_taken_apart_and_joined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
