/* Eight threads that open the default device and build a program at the same moment, in processes where no driver was
 * loaded before: the start of the ICD loader and of drivers knows nothing of threads. */
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/os.h"
#include "exec/opencl/device.h"
#include "exec/opencl/program.h"
#include "pixcl/device.h"

enum { THREADS = 8, PROCESSES = 50 };

extern char **environ;
static const char *self;

/* Every thread waits here for the last one. macOS has no barriers. */
static void wait_for_all(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
    static int here;

    pthread_mutex_lock(&lock);
    if (++here == THREADS)
        pthread_cond_broadcast(&all_here);
    while (here < THREADS)
        pthread_cond_wait(&all_here, &lock);
    pthread_mutex_unlock(&lock);
}

static void *open_and_build(void *number)
{
    static const char text[] = "__kernel void fill(__global int *v) { v[0] = NUMBER; }\n";
    char options[32];
    pixcl_error err = {0};
    cl_program program = NULL;
    void *failed = number;

    snprintf(options, sizeof options, "-DNUMBER=%d", *(int *)number);
    wait_for_all();
    px_cl_device *device = px_cl_device_open(NULL, false, &err);
    if (device && px_program_build_source(device, "fill", text, options, &program, &err) == PIXCL_OK)
        failed = NULL;
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    px_cl_device_close(&device);
    return failed;
}

static int child(void)
{
    pthread_t threads[THREADS];
    int numbers[THREADS], failures = 0;

    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, open_and_build, &numbers[i]) != 0)
            abort(); /* the others wait for it */
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        failures += failed != NULL;
    }
    return failures;
}

static void threads_may_open_devices_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < PROCESSES; i++) {
        char *const arguments[] = {(char *)(uintptr_t)self, "child", NULL};
        pid_t process;
        int how = -1;
        assert_int_equal(posix_spawn(&process, px_os_this_program(), NULL, NULL, arguments, environ), 0);
        assert_int_equal(waitpid(process, &how, 0), process);
        if (how != 0)
            fail_msg("process %d: %s %d", i, WIFSIGNALED(how) ? "signal" : "threads without a device:",
                     WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
    }
}

/* A fork is told what it may not do, and may end in order. */
static void a_fork_does_not_hang(void **state)
{
    pixcl_error err = {0};
    px_cl_device *device = px_cl_device_open(NULL, false, &err);
    int how = -1;

    (void)state;
    if (!device)
        fail_msg("%s", err.message);
    const pid_t process = fork();
    if (process == 0) {
        px_cl_device *another = px_cl_device_open(NULL, false, &err);
        const bool told = !another && err.status == PIXCL_ERROR_ARGUMENT && strstr(err.message, "fork") &&
                          px_cl_check_process(device, &err) == PIXCL_ERROR_ARGUMENT;
        px_cl_device_close(&device);
        _exit(told ? 0 : 1);
    }
    assert_int_equal(waitpid(process, &how, 0), process);
    assert_int_equal(how, 0);
    assert_int_equal(px_cl_check_process(device, &err), PIXCL_OK);
    px_cl_device_close(&device);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_may_open_devices_at_once),
        cmocka_unit_test(a_fork_does_not_hang),
    };
    int code;

    if (pixcl_helper_main(argc, argv, &code))
        return code;
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return child();
    self = argv[0];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
