/* base/file: writing is all or nothing, and the folder walk finds what it should in a fixed order. */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <dirent.h>
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

static void a_full_disk_leaves_nothing_behind(void **state)
{
    /* A limit on the file size stands in for the full disk: the write that crosses it is short, the next one fails. */
    const struct rlimit small = {100000, RLIM_INFINITY};
    struct rlimit before;
    char *data = calloc(1, 200000);
    px_file_writer *writer;
    pixcl_error err = {0};

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(px_file_write("out.bin", "old", 3, &err), PIXCL_OK);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &small);

    writer = px_file_writer_create("out.bin", &err);
    assert_int_equal(px_file_writer_add(writer, data, 200000, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "out.bin"));
    assert_non_null(strstr(err.message, "too large"));
    assert_int_equal(entry_count(), 1); /* gone at once, not only at commit */
    assert_int_equal(px_file_writer_add(writer, data, 1, &err), PIXCL_ERROR_IO);
    assert_int_equal(px_file_writer_commit(&writer, &err), PIXCL_ERROR_IO);
    assert_null(writer);

    /* The buffer's rest is written by commit: it may fail there, too. */
    writer = px_file_writer_create("out.bin", &err);
    assert_int_equal(px_file_writer_add(writer, data, 66000, &err), PIXCL_OK);
    assert_int_equal(px_file_writer_add(writer, data, 60000, &err), PIXCL_OK);
    assert_int_equal(px_file_writer_commit(&writer, &err), PIXCL_ERROR_IO);

    setrlimit(RLIMIT_FSIZE, &before);
    assert_holds("out.bin", "old", 3);
    assert_int_equal(entry_count(), 1);
    free(data);
}

/* Stands before the C library's, so that a test sees when a file goes to the disk, and can make that fail. */
static int sync_count, failing_sync;
static bool named_at_sync[4]; /* out.bin was there */

int fsync(int file)
{
    int (*next)(int file);

    *(void **)&next = dlsym(RTLD_NEXT, "fsync");
    if (sync_count < 4)
        named_at_sync[sync_count] = px_path_is_file("out.bin");
    sync_count++;
    if (sync_count != failing_sync)
        return next(file);
    errno = EIO;
    return -1;
}

/* Else a power failure could leave the name without the content. */
static void a_file_is_on_the_disk_before_it_has_its_name(void **state)
{
    pixcl_error err = {0};

    (void)state;
    sync_count = 0;
    assert_int_equal(px_file_write("out.bin", "old", 3, &err), PIXCL_OK);
    assert_int_equal(sync_count, 2); /* the file, then the folder that has its name */
    assert_false(named_at_sync[0]);
    assert_true(named_at_sync[1]);

    sync_count = 0;
    failing_sync = 1;
    assert_int_equal(px_file_write("out.bin", "new", 3, &err), PIXCL_ERROR_IO);
    failing_sync = 0;
    assert_string_equal(err.message, "cannot write out.bin: Input/output error");
    assert_holds("out.bin", "old", 3);
    assert_int_equal(entry_count(), 1);
}

static void a_name_that_is_taken_meanwhile_leaves_nothing_behind(void **state)
{
    pixcl_error err = {0};
    px_file_writer *writer = px_file_writer_create("out.bin", &err);

    (void)state;
    assert_int_equal(px_file_writer_add(writer, "x", 1, &err), PIXCL_OK);
    assert_int_equal(mkdir("out.bin", 0777), 0);
    assert_int_equal(px_file_writer_commit(&writer, &err), PIXCL_ERROR_IO);
    assert_string_equal(err.message, "cannot write out.bin: Is a directory");
    assert_int_equal(entry_count(), 1);
}

static void bad_targets_are_refused(void **state)
{
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"missing/out", "missing/out"}, {"folder", "not a regular file"}, {"/dev/null", "not a regular file"},
        {"", "names no file"},          {"folder/", "names no file"},
    };
    uint8_t *bytes;
    size_t size;
    pixcl_error err;

    (void)state;
    assert_int_equal(mkdir("folder", 0777), 0);
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

static void files_without_a_size_are_read(void **state)
{
    uint8_t *bytes;
    size_t size;
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_read("/proc/self/maps", &bytes, &size, &err), PIXCL_OK); /* its size is given as 0 */
    assert_true(size > 0);
    px_free(bytes);
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
    assert_int_equal(px_file_append_line("/dev/full", "x", &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
    assert_non_null(strstr(err.message, "free some space"));
}

static bool is_text(const char *name)
{
    return strcmp(px_path_extension(name), ".txt") == 0;
}

static void the_walk_is_recursive_sorted_and_skips_hidden(void **state)
{
    static const char *const made[] = {"b.txt", "a/z.txt",   "a/.hidden.txt", ".git/x.txt",
                                       "a.txt", "a/b/c.txt", "no.png",        "B.txt"};
    static const char *const expected[] = {"B.txt", "a.txt", "a/b/c.txt", "a/z.txt", "b.txt", "link/c.txt"};
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
    assert_int_equal(symlink("a/b", "set/link"), 0);
    assert_int_equal(symlink("nowhere", "set/broken.txt"), 0);
    assert_int_equal(px_list_files("set", is_text, &list, &err), PIXCL_OK);
    assert_int_equal(list.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < list.count; i++)
        assert_string_equal(list.paths[i], expected[i]);
    px_file_list_free(&list);

    assert_int_equal(px_list_files("missing", NULL, &list, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "missing"));
    assert_int_equal(symlink("..", "set/a/up"), 0); /* a loop is an error, not an endless walk */
    assert_int_equal(px_list_files("set", NULL, &list, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "levels deep"));
    assert_int_equal(list.count, 0);
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
    unlink(temporary);
    px_free(temporary);
    assert_int_equal(px_make_folders("left", &err), PIXCL_OK);
    assert_int_equal(chdir("left"), 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            snprintf(made[i], sizeof made[i], "%s%08x-%ld%s", names[i].before, machine + names[i].other_machine,
                     names[i].alive ? (long)getpid() : (long)DEAD, names[i].after);
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

/* They would hold whoever reads them, some for ever. */
static void only_regular_files_are_read(void **state)
{
    static const struct {
        const char *path, *kind;
    } others[] = {{"fifo", "a pipe"}, {"/dev/zero", "a device"}, {".", "a folder"}};
    pixcl_error err = {0};
    uint8_t *bytes;
    size_t size;

    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(px_file_read(others[i].path, &bytes, &size, &err), PIXCL_ERROR_IO);
        assert_null(bytes);
        if (!strstr(err.message, others[i].kind))
            fail_msg("%s", err.message);
    }
}

/* The system's reason for the folder, not that of what was asked afterwards. */
static void a_folder_that_cannot_be_made_says_why(void **state)
{
    char name[300];
    pixcl_error err = {0};

    (void)state;
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(px_make_folders(name, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "File name too long"));
    if (px_path_is_folder("/sys/kernel")) {
        assert_int_equal(px_make_folders("/sys/kernel/pixcl", &err), PIXCL_ERROR_IO);
        assert_null(strstr(err.message, "No such file"));
    }
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
    setenv("PIXCL_CACHE_DIR", "/some/where", 1);
    path = px_cache_folder(&err);
    assert_string_equal(path, "/some/where");
    px_free(path);
    unsetenv("PIXCL_CACHE_DIR");
    setenv("XDG_CACHE_HOME", "/cache", 1);
    path = px_cache_folder(&err);
    assert_string_equal(path, "/cache/pixcl");
    px_free(path);
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "/home/me", 1);
    path = px_cache_folder(&err);
    assert_string_equal(path, "/home/me/.cache/pixcl");
    px_free(path);
    unsetenv("HOME");
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

static void a_file_gets_a_second_name(void **state)
{
    struct stat one, other;
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

    /* Between two file systems there are no links. */
    char elsewhere[64];
    snprintf(elsewhere, sizeof elsewhere, "/dev/shm/pixcl-test-%ld", (long)getpid());
    if (px_file_write(elsewhere, "third", 5, NULL) != PIXCL_OK)
        return;
    assert_int_equal(stat(elsewhere, &one), 0);
    pixcl_status status = px_file_duplicate(elsewhere, "b", &err);
    unlink(elsewhere);
    assert_int_equal(status, PIXCL_OK);
    assert_holds("b", "third", 5);
    assert_int_equal(stat("b", &other), 0);
    assert_true(one.st_dev == other.st_dev || one.st_ino != other.st_ino);
    assert_int_equal(entry_count(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(pieces_of_any_size_arrive_in_order),
        FOLDER_TEST(an_abandoned_write_leaves_the_old_file),
        FOLDER_TEST(two_writers_of_one_file_do_not_mix),
        FOLDER_TEST(a_full_disk_leaves_nothing_behind),
        FOLDER_TEST(a_file_is_on_the_disk_before_it_has_its_name),
        FOLDER_TEST(a_name_that_is_taken_meanwhile_leaves_nothing_behind),
        FOLDER_TEST(a_folder_is_held_once),
        FOLDER_TEST(bad_targets_are_refused),
        FOLDER_TEST(files_without_a_size_are_read),
        FOLDER_TEST(every_failed_allocation_is_survived),
        FOLDER_TEST(a_file_gets_a_second_name),
        FOLDER_TEST(lines_are_appended),
        FOLDER_TEST(the_walk_is_recursive_sorted_and_skips_hidden),
        FOLDER_TEST(folders_are_made_with_their_parents),
        FOLDER_TEST(only_pieces_of_dead_processes_are_removed),
        FOLDER_TEST(only_regular_files_are_read),
        FOLDER_TEST(a_folder_that_cannot_be_made_says_why),
        cmocka_unit_test(paths_are_taken_apart_and_joined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
