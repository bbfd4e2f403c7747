/* base/os: each call for files made to fail in turn, and what is left of the files then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/os.h"
#include "own_folder.h"

/* Whatever call fails, a file that is being replaced is the old one or the whole new one, the status says which, and
 * nothing else stays; but for what could not be removed itself. */
static void any_failing_call_leaves_whole_files(void **state)
{
    static char old_bytes[100000], new_bytes[150000];
    int failures = 0;

    (void)state;
    memset(old_bytes, 'o', sizeof old_bytes);
    memset(new_bytes, 'n', sizeof new_bytes);
    for (int way = 0; way < 2; way++) {
        pixcl_status status = PIXCL_ERROR_IO;

        assert_int_equal(px_file_write("source", new_bytes, sizeof new_bytes, NULL), PIXCL_OK);
        for (long n = 1; n < 100; n++) {
            pixcl_error err = {0};

            assert_int_equal(px_file_write("out", old_bytes, sizeof old_bytes, NULL), PIXCL_OK);
            px_os_fail(n);
            status = way == 0 ? px_file_write("out", new_bytes, sizeof new_bytes, &err)
                              : px_file_duplicate("source", "out", &err);
            px_os_fail(0);
            if (status == PIXCL_OK) {
                assert_holds("out", new_bytes, sizeof new_bytes);
            } else {
                assert_holds("out", old_bytes, sizeof old_bytes);
                assert_non_null(strstr(err.message, "out"));
                failures++;
            }
            assert_int_equal(entry_count(), 2);
            remove("out");
        }
        assert_int_equal(status, PIXCL_OK); /* more calls than it makes */
        remove("source");
    }
    assert_int_equal(failures, 5); /* create, write, sync, close and rename; a link has another way */
}

/* A line that could not be written is told, and what was there before stays. */
static void any_failing_call_of_an_append_is_told(void **state)
{
    pixcl_status status = PIXCL_ERROR_IO;
    uint8_t *bytes;
    size_t size;

    (void)state;
    for (long n = 1; n < 10; n++) {
        remove("log");
        assert_int_equal(px_file_append_line("log", "first", NULL), PIXCL_OK);
        px_os_fail(n);
        status = px_file_append_line("log", "second", NULL);
        px_os_fail(0);
        assert_int_equal(px_file_read("log", &bytes, &size, NULL), PIXCL_OK);
        assert_memory_equal(bytes, "first\n", 6);
        assert_true(status != PIXCL_OK || strcmp((char *)bytes, "first\nsecond\n") == 0);
        assert_true(status == PIXCL_OK || n <= 3);
        px_free(bytes);
    }
    assert_int_equal(status, PIXCL_OK);
}

/* Reading fails as a whole or gives the whole. */
static void any_failing_call_of_a_read_is_told(void **state)
{
    pixcl_status status = PIXCL_ERROR_IO;

    (void)state;
    assert_int_equal(px_file_write("in", "some bytes", 10, NULL), PIXCL_OK);
    for (long n = 1; n < 10; n++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        pixcl_error err = {0};

        px_os_fail(n);
        status = px_file_read("in", &bytes, &size, &err);
        px_os_fail(0);
        assert_true(status == PIXCL_OK ? size == 10 && memcmp(bytes, "some bytes", 10) == 0
                                       : !bytes && strstr(err.message, "in") != NULL);
        px_free(bytes);
    }
    assert_int_equal(status, PIXCL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_failing_call_leaves_whole_files, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(any_failing_call_of_an_append_is_told, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(any_failing_call_of_a_read_is_told, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
