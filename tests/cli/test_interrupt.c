/* tools/interrupt: the first signal asks for an end, the second one ends; one that was ignored stays so. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli.h"

enum { LONG = 10 * 1000 * 1000, STEP = 1000 /* microseconds */ };

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

/* A process that catches interrupts, says when it does, and ends with 0 when it is asked to end; with `deaf`, never.
 * `ignored` is ignored from the start. */
static pid_t begin(int ignored, bool deaf, int *ready)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) /* whoever began the test may have ignored some */
            signal(signals[i], signals[i] == ignored ? SIG_IGN : SIG_DFL);
        cli_catch_interrupts();
        dup2(ends[1], STDERR_FILENO); /* what it says there tells that it has heard */
        if (write(ends[1], "!", 1) != 1)
            _exit(9);
        for (int waited = 0; waited < LONG && (deaf || !cli_interrupted(NULL)); waited += STEP)
            usleep(STEP);
        _exit(cli_interrupted(NULL) ? 0 : 8);
    }
    close(ends[1]);
    *ready = ends[0];
    char mark;
    assert_int_equal(read(ends[0], &mark, 1), 1);
    return child;
}

static int end(pid_t child, int ready)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ready);
    return status;
}

static void the_first_asks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int ready;
        const pid_t child = begin(0, false, &ready);
        kill(child, signals[i]);
        const int status = end(child, ready);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void the_second_ends(void **state)
{
    int ready;
    const pid_t child = begin(0, true, &ready);
    char text[100] = "";
    (void)state;
    kill(child, SIGINT);
    assert_true(read(ready, text, sizeof text - 1) > 0);
    assert_non_null(strstr(text, "Stopping after this step"));
    kill(child, SIGTERM);
    const int status = end(child, ready);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void what_was_ignored_stays_so(void **state)
{
    int ready;
    const pid_t child = begin(SIGHUP, false, &ready);
    (void)state;
    kill(child, SIGHUP);
    usleep(20 * STEP);
    int status;
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    kill(child, SIGINT);
    status = end(child, ready);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_asks),
        cmocka_unit_test(the_second_ends),
        cmocka_unit_test(what_was_ignored_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
