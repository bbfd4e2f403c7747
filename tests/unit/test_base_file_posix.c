/* base/file on what POSIX alone has: limits, links, pipes, devices, two file systems, and the moment of fsync. */
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
#include <errno.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "own_folder.h"

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

static void files_without_a_size_are_read(void **state)
{
    uint8_t *bytes;
    size_t size;
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_read("/proc/self/maps", &bytes, &size, &err), PIXCL_OK); /* its size is given as 0 */
    assert_true(size > 0);
    px_free(bytes);
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

static void devices_are_no_targets(void **state)
{
    pixcl_error err = {0};

    (void)state;
    assert_int_not_equal(px_file_write("/dev/null", "x", 1, &err), PIXCL_OK);
    assert_non_null(strstr(err.message, "not a regular file"));
    assert_int_equal(px_file_append_line("/dev/full", "x", &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
    assert_non_null(strstr(err.message, "free some space"));
    if (px_path_is_folder("/sys/kernel")) {
        assert_int_equal(px_make_folders("/sys/kernel/pixcl", &err), PIXCL_ERROR_IO);
        assert_null(strstr(err.message, "No such file"));
    }
}

static void the_walk_follows_links(void **state)
{
    px_file_list list;
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_make_folders("set/a/b", &err), PIXCL_OK);
    assert_int_equal(px_file_write("set/a/b/c.txt", "", 0, &err), PIXCL_OK);
    assert_int_equal(symlink("a/b", "set/link"), 0);
    assert_int_equal(symlink("nowhere", "set/broken.txt"), 0);
    assert_int_equal(px_list_files("set", NULL, &list, &err), PIXCL_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.paths[0], "a/b/c.txt");
    assert_string_equal(list.paths[1], "link/c.txt");
    px_file_list_free(&list);

    assert_int_equal(symlink("..", "set/a/up"), 0); /* a loop is an error, not an endless walk */
    assert_int_equal(px_list_files("set", NULL, &list, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "levels deep"));
    assert_int_equal(list.count, 0);
}

/* There are no links then. */
static void a_second_name_on_another_file_system_is_a_copy(void **state)
{
    struct stat one, other;
    pixcl_error err = {0};
    char elsewhere[64];

    (void)state;
    assert_int_equal(px_file_write("b", "old", 3, NULL), PIXCL_OK);
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
    assert_int_equal(entry_count(), 1);
}

#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_full_disk_leaves_nothing_behind),
        FOLDER_TEST(a_file_is_on_the_disk_before_it_has_its_name),
        FOLDER_TEST(files_without_a_size_are_read),
        FOLDER_TEST(only_regular_files_are_read),
        FOLDER_TEST(devices_are_no_targets),
        FOLDER_TEST(the_walk_follows_links),
        FOLDER_TEST(a_second_name_on_another_file_system_is_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
