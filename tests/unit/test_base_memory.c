/* base/memory and base/error: allocation that fails well, growing things, messages cut between characters; env and
 * log. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/env.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "listen.h"

static void calloc_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes < 300; bytes += 7) {
        unsigned char *memory = px_calloc(bytes, 1, NULL);

        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, bytes);
        px_free(memory);
    }
    px_free(NULL);
}

static void calloc_refuses_sizes_that_overflow(void **state)
{
    pixcl_error err = {0};

    (void)state;
    assert_null(px_calloc(SIZE_MAX / 2, 3, &err));
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    assert_null(px_calloc(SIZE_MAX, 1, &err));
    assert_null(px_calloc(SIZE_MAX, 1, NULL));
}

static void the_chosen_allocation_fails_once(void **state)
{
    pixcl_error err = {0};
    void *first, *third;

    (void)state;
    px_fail_allocation(2);
    first = px_calloc(3, 4, &err);
    assert_non_null(first);
    assert_null(px_calloc(3, 4, &err));
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    assert_string_equal(err.message, "out of memory: cannot allocate 12 bytes (0.0 MiB)");
    third = px_calloc(3, 4, &err);
    assert_non_null(third);
    px_free(first);
    px_free(third);
    px_fail_allocation(1);
    assert_null(px_strdup("text", &err));
    px_fail_allocation(1);
    assert_null(px_format(&err, "%d", 1));
}

static void grow_keeps_what_was_there(void **state)
{
    int *numbers = NULL;
    size_t capacity = 0, growths = 0;
    pixcl_error err = {0};

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        size_t before = capacity;

        assert_int_equal(px_grow(&numbers, &capacity, i + 1, sizeof *numbers, &err), PIXCL_OK);
        growths += capacity != before;
        assert_int_equal(numbers[i], 0);
        numbers[i] = (int)i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    assert_true(growths <= 8);
    px_fail_allocation(1);
    assert_int_equal(px_grow(&numbers, &capacity, capacity + 1, sizeof *numbers, &err), PIXCL_ERROR_MEMORY);
    assert_int_equal(numbers[999], 999);
    assert_int_equal(px_grow(&numbers, &capacity, SIZE_MAX, sizeof *numbers, &err), PIXCL_ERROR_MEMORY);
    px_free(numbers);
}

static void shrink_keeps_the_first(void **state)
{
    int *numbers = NULL;
    size_t capacity = 0;
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_grow(&numbers, &capacity, 100, sizeof *numbers, &err), PIXCL_OK);
    for (int i = 0; i < 100; i++)
        numbers[i] = i;
    px_fail_allocation(1);
    assert_int_equal(px_shrink(&numbers, &capacity, 7, sizeof *numbers, &err), PIXCL_ERROR_MEMORY);
    assert_int_equal(numbers[99], 99);
    assert_int_equal(px_shrink(&numbers, &capacity, 7, sizeof *numbers, &err), PIXCL_OK);
    assert_int_equal(capacity, 7);
    for (int i = 0; i < 7; i++)
        assert_int_equal(numbers[i], i);
    px_fail_allocation(1); /* nothing to do, nothing to fail */
    assert_int_equal(px_shrink(&numbers, &capacity, 7, sizeof *numbers, &err), PIXCL_OK);
    px_fail_allocation(0);
    px_free(numbers);
}

static void text_grows_and_is_taken(void **state)
{
    px_text text = {0};
    pixcl_error err = {0};
    char *taken = px_text_take(&text, &err);

    (void)state;
    assert_string_equal(taken, "");
    px_free(taken);
    for (int i = 0; i < 100; i++)
        px_text_add(&text, "%d,", i);
    px_text_add_bytes(&text, "a\0b", 3);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 3);
    assert_memory_equal(text.data, "0,1,2,", 6);
    taken = px_text_take(&text, &err);
    assert_memory_equal(taken + 290, "a\0b", 4);
    assert_null(text.data);
    px_free(taken);
}

static void text_remembers_a_failed_allocation(void **state)
{
    px_text text = {0};
    pixcl_error err = {0};

    (void)state;
    px_text_add(&text, "one");
    px_fail_allocation(1);
    px_text_add(&text, "%0100d", 2);
    assert_true(text.failed);
    px_text_add(&text, "three");
    assert_null(px_text_take(&text, &err));
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    assert_null(text.data);
    assert_false(text.failed);
}

static void long_messages_end_between_characters(void **state)
{
    pixcl_error err;
    char text[3000] = "";

    (void)state;
    /* Every offset of a three-byte character against the end of the buffer. */
    for (size_t offset = 0; offset < 3; offset++) {
        size_t length = offset, end;

        memset(text, 'x', offset);
        for (; length < 2000; length += 3)
            memcpy(text + length, "\xe2\x82\xac", 3); /* the euro sign */
        text[length] = '\0';
        assert_int_equal(px_fail(&err, PIXCL_ERROR_IO, "%s", text), PIXCL_ERROR_IO);
        end = strlen(err.message);
        assert_in_range(end, sizeof err.message - 4, sizeof err.message - 1);
        assert_string_equal(err.message + end - 3, "...");
        assert_int_equal((end - 3 - offset) % 3, 0);
        assert_memory_equal(err.message, text, end - 3);
    }
}

static void errors_carry_context_and_cure(void **state)
{
    pixcl_error err = {0};

    (void)state;
    errno = ENOSPC;
    assert_int_equal(px_fail_errno(&err, "cannot write", "/some/file"), PIXCL_ERROR_IO);
    assert_string_equal(err.message,
                        "cannot write /some/file: No space left on device; free some space or choose another "
                        "folder");
    px_fail(&err, PIXCL_ERROR_FORMAT, "bad value %d", 3);
    assert_int_equal(px_fail_context(&err, "tensor \"%s\"", "w"), PIXCL_ERROR_FORMAT);
    assert_string_equal(err.message, "tensor \"w\": bad value 3");
    px_fail(&err, PIXCL_ERROR_FORMAT, "again: %s", err.message); /* an argument inside the error being filled */
    assert_string_equal(err.message, "again: tensor \"w\": bad value 3");
    assert_int_equal(px_fail(NULL, PIXCL_ERROR_DEVICE, "nobody reads this"), PIXCL_ERROR_DEVICE);
    assert_string_equal(pixcl_status_name(PIXCL_ERROR_NO_DEVICE), "no device");
    for (int status = PIXCL_OK; status <= PIXCL_ERROR_INTERNAL; status++)
        assert_string_not_equal(pixcl_status_name((pixcl_status)status), "unknown");
}

static void env_reads_what_the_table_lists(void **state)
{
    size_t count = 0;
    const px_env_variable *table = px_env_table(&count);

    (void)state;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        assert_true(*table[i].name && *table[i].help);

    px_os_set_variable("PIXCL_PLAN_OFF", NULL);
    assert_null(px_env_text("PIXCL_PLAN_OFF"));
    assert_false(px_env_lists("PIXCL_PLAN_OFF", "fuse"));
    px_os_set_variable("PIXCL_PLAN_OFF", "fuse, reuse");
    assert_true(px_env_lists("PIXCL_PLAN_OFF", "fuse"));
    assert_true(px_env_lists("PIXCL_PLAN_OFF", "reuse"));
    assert_false(px_env_lists("PIXCL_PLAN_OFF", "use"));
    assert_false(px_env_lists("PIXCL_PLAN_OFF", ""));

    px_os_set_variable("PIXCL_BLOCK", "16");
    assert_int_equal(px_env_number("PIXCL_BLOCK", -1), 16);
    px_os_set_variable("PIXCL_BLOCK", "16k");
    assert_int_equal(px_env_number("PIXCL_BLOCK", -1), -1);
    px_os_set_variable("PIXCL_BLOCK", "");
    assert_int_equal(px_env_number("PIXCL_BLOCK", 4), 4);
    assert_null(px_env_text("PIXCL_BLOCK"));
    px_os_set_variable("PIXCL_BLOCK", "Yes");
    assert_true(px_env_flag("PIXCL_BLOCK"));
    px_os_set_variable("PIXCL_BLOCK", "0");
    assert_false(px_env_flag("PIXCL_BLOCK"));
    px_os_set_variable("PIXCL_BLOCK", NULL);
    assert_false(px_env_flag("PIXCL_BLOCK"));
}

typedef struct heard {
    int count;
    pixcl_log_level level;
    char last[2000];
} heard;

static void hear(void *user, pixcl_log_level level, const char *message)
{
    heard *h = user;

    h->count++;
    h->level = level;
    strncpy(h->last, message, sizeof h->last - 1);
    px_log(PIXCL_LOG_ERROR, "a message about a message is dropped, not looped");
}

static void log_reaches_the_listener_by_level(void **state)
{
    heard h = {0};

    (void)state;
    px_log(PIXCL_LOG_ERROR, "nobody listens");
    listen(hear, &h, PIXCL_LOG_INFO);
    px_log(PIXCL_LOG_DEBUG, "too quiet");
    assert_int_equal(h.count, 0);
    px_log(PIXCL_LOG_INFO, "%d", 42);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.level, PIXCL_LOG_INFO);
    assert_string_equal(h.last, "42");
    px_log(PIXCL_LOG_WARNING, "%01500d", 7); /* longer than the buffer on the stack */
    assert_int_equal(strlen(h.last), 1500);
    listen(NULL, NULL, PIXCL_LOG_DEBUG);
    px_log(PIXCL_LOG_ERROR, "nobody listens");
    assert_int_equal(h.count, 2);
}

static void *log_twice(void *unused)
{
    px_log(PIXCL_LOG_INFO, "from a thread");
    px_log(PIXCL_LOG_INFO, "and again");
    return unused;
}

/* At its first message waits for a thread that logs. */
static void hear_and_wait(void *user, pixcl_log_level level, const char *message)
{
    heard *h = user;
    pthread_t thread;

    (void)level;
    snprintf(h->last + strlen(h->last), sizeof h->last - strlen(h->last), "%s; ", message);
    if (h->count++ == 0) {
        assert_int_equal(px_thread_start(&thread, log_twice, NULL), 0);
        pthread_join(thread, NULL);
        assert_int_equal(h->count, 1); /* not called by two threads at once */
    }
}

static void a_log_callback_may_wait_for_a_thread_that_logs(void **state)
{
    heard h = {0};

    (void)state;
    listen(hear_and_wait, &h, PIXCL_LOG_INFO);
    px_log(PIXCL_LOG_INFO, "first");
    listen(NULL, NULL, PIXCL_LOG_DEBUG);
    assert_string_equal(h.last, "first; from a thread; and again; ");
}

static void the_clock_goes_forward(void **state)
{
    double before = px_now();

    (void)state;
    assert_true(px_now() >= before);
}

static void large_blocks_are_held_against_what_is_free(void **state)
{
    pixcl_error err = {0};
    const size_t million = 1000000;
    void *block;

    (void)state;
    assert_true(px_memory_available() > 64 * million);
    px_os_set_variable("PIXCL_FREE_MEMORY", "100000000");
    assert_true(px_memory_available() == 100 * million);
    assert_null(px_calloc(101 * million, 1, &err));
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    assert_non_null(strstr(err.message, "it needs 101.0 MB, and 100.0 MB are free"));
    assert_non_null(block = px_calloc(100 * million, 1, &err));
    px_free(block);
    px_os_set_variable("PIXCL_FREE_MEMORY", "1000");
    assert_non_null(block = px_calloc(60 * million, 1, &err)); /* too little to look */
    px_free(block);
    px_os_set_variable("PIXCL_FREE_MEMORY", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_blocks_are_held_against_what_is_free),
        cmocka_unit_test(calloc_gives_zeroed_aligned_memory),
        cmocka_unit_test(calloc_refuses_sizes_that_overflow),
        cmocka_unit_test(the_chosen_allocation_fails_once),
        cmocka_unit_test(grow_keeps_what_was_there),
        cmocka_unit_test(shrink_keeps_the_first),
        cmocka_unit_test(text_grows_and_is_taken),
        cmocka_unit_test(text_remembers_a_failed_allocation),
        cmocka_unit_test(long_messages_end_between_characters),
        cmocka_unit_test(errors_carry_context_and_cure),
        cmocka_unit_test(env_reads_what_the_table_lists),
        cmocka_unit_test(log_reaches_the_listener_by_level),
        cmocka_unit_test(a_log_callback_may_wait_for_a_thread_that_logs),
        cmocka_unit_test(the_clock_goes_forward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
