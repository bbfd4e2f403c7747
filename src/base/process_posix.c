/* Starting, reading and ending processes by posix_spawn: no copy of this one, which may have threads and drivers. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/memory.h"
#include "base/os_posix.h"

/* This process's environment with that variable (px_free); the strings are not copied. */
static char **environment_with(const char *variable, pixcl_error *err)
{
    char **const inherited = px_posix_environment();
    const size_t name = variable ? strcspn(variable, "=") + 1 : 0;
    size_t count = 0, kept = 0;

    while (inherited[count])
        count++;
    char **variables = px_calloc(count + 2, sizeof *variables, err);
    if (!variables)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!variable || strncmp(inherited[i], variable, name) != 0)
            variables[kept++] = inherited[i];
    }
    if (variable)
        variables[kept] = (char *)(uintptr_t)variable; /* posix_spawn() does not write to it */
    return variables;
}

/* A new process has its signals as they are by default and none blocked, whatever this one does with them. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    int code;

    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    if ((code = posix_spawnattr_setsigdefault(attributes, &all)) == 0 &&
        (code = posix_spawnattr_setsigmask(attributes, &none)) == 0)
        code = posix_spawnattr_setflags(attributes,
                                        POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    return code;
}

static int spawn(px_process *process, const char *program, const char *const *arguments, char **variables, bool quiet,
                 const int input[2], const int output[2])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    pid_t id = 0;
    int code;

    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    if ((code = posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO)) == 0 &&
        (code = posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO)) == 0 &&
        (!quiet || (code = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0)) == 0) &&
        (code = set_signals(&attributes)) == 0)
        code = posix_spawn(&id, program, &files, &attributes, (char *const *)(uintptr_t)arguments, variables);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    process->id = id;
    return code;
}

pixcl_status px_process_start(px_process *process, const char *program, const char *const *arguments,
                              const char *variable, bool quiet, pixcl_error *err)
{
    int input[2], output[2], code;
    char **variables = environment_with(variable, err);

    if (!variables)
        return PIXCL_ERROR_MEMORY;
    /* Closed on exec, so that no other process that is started meanwhile holds an end of them open. */
    if (px_posix_pipe(input) != 0) {
        code = errno;
    } else if (px_posix_pipe(output) != 0) {
        code = errno;
        close(input[0]);
        close(input[1]);
    } else {
        code = spawn(process, program, arguments, variables, quiet, input, output);
        close(input[0]);
        close(output[1]);
        process->input = input[1];
        process->output = output[0];
        if (code != 0) {
            close(process->input);
            close(process->output);
        }
    }
    px_free(variables);
    if (code != 0)
        return px_fail(err, PIXCL_ERROR_IO, "cannot start %s as a process of its own: %s", program, strerror(code));
    return PIXCL_OK;
}

px_process_reading px_process_read(px_process *process, void *bytes, size_t size, double seconds)
{
    const double end = px_now() + seconds;
    size_t done = 0;

    while (done < size) {
        const double left = end - px_now();
        struct pollfd output = {process->output, POLLIN, 0};
        const int ready = poll(&output, 1, left > 0 ? (int)(left * 1000) + 1 : 0); /* what is there is always read */

        if (ready == 0)
            return PX_PROCESS_SILENT;
        const ssize_t got = ready > 0 ? read(process->output, (char *)bytes + done, size - done) : -1;
        if (got == 0 || (got < 0 && errno != EINTR))
            return PX_PROCESS_ENDED;
        done += got > 0 ? (size_t)got : 0;
    }
    return PX_PROCESS_READ;
}

/* Whether the process has ended within that time; then *state tells how. One that hangs inside the kernel does not even
 * end when it is killed, so this never waits for good. */
static bool has_ended(pid_t id, double seconds, int *state)
{
    const struct timespec pause = {0, 2 * 1000 * 1000};
    const double end = px_now() + seconds;
    pid_t got;

    while ((got = waitpid(id, state, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
        if (px_now() >= end)
            return false;
        nanosleep(&pause, NULL);
    }
    return true; /* also where the host application lets the system forget its children */
}

void px_process_end(px_process *process, double seconds, char *how, size_t size)
{
    int state = 0;

    *how = '\0';
    if (seconds > 0 && has_ended((pid_t)process->id, seconds, &state)) {
        if (WIFSIGNALED(state))
            px_snprintf(how, size, "crashed with signal %d (%s)", WTERMSIG(state), strsignal(WTERMSIG(state)));
        else if (WEXITSTATUS(state) != 0)
            px_snprintf(how, size, "ended the process with exit code %d", WEXITSTATUS(state));
    } else {
        kill((pid_t)process->id, SIGKILL);
        has_ended((pid_t)process->id, 2, &state);
        if (seconds > 0)
            px_snprintf(how, size, "did not end within %.0f seconds", seconds);
    }
    close(process->output);
    close(process->input);
}

/* The parent never writes: the only thing to read is that it has ended. */
static void *wait_for_parent(void *unused)
{
    char byte;

    (void)unused;
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(1);
}

int px_process_end_with_parent(void)
{
    const struct rlimit no_core = {0, 0};
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), messages = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    pthread_t thread;

    setrlimit(RLIMIT_CORE, &no_core); /* a crash here is a result, not a defect to be studied */
    if (nowhere < 0 || messages < 0 || dup2(nowhere, STDOUT_FILENO) < 0 ||
        pthread_create(&thread, NULL, wait_for_parent, NULL) != 0)
        return -1;
    close(nowhere);
    pthread_detach(thread);
    return messages;
}

void px_process_tell(int messages, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t written = write(messages, (const char *)bytes + done, size - done);
        if (written < 0 && errno != EINTR)
            _exit(1);
        done += written > 0 ? (size_t)written : 0;
    }
}
