/* Ctrl-C, and what asks a process to end (SIGTERM, or SIGHUP when its terminal goes away): the first one asks for an
 * orderly end, the second one kills.
 *
 * A thread of its own waits for them, and all others have them blocked. A handler would not do: the compiler inside
 * some OpenCL drivers sets handlers of its own, which remove the files that it is just writing. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "cli.h"
#include "terminal.h"

static atomic_bool asked;

static void *wait_for_signals(void *user)
{
    static const char TEXT[] = "\nStopping after this step; again to stop at once.\n";
    const sigset_t *signals = user;
    int number = 0;
    while (sigwait(signals, &number) == 0 && !atomic_exchange(&asked, true)) {
        ssize_t written = write(STDERR_FILENO, TEXT, sizeof TEXT - 1);
        (void)written; /* nothing can be done about it here */
    }
    sigset_t again;
    sigemptyset(&again);
    sigaddset(&again, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &again, NULL);
    raise(number);
    return NULL;
}

void cli_catch_interrupts(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    static sigset_t awaited; /* outlives this call */
    sigset_t all;
    sigemptyset(&all);
    sigemptyset(&awaited);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        sigaddset(&all, numbers[i]);
        /* Whoever began this in the background, or with nohup, wants such a signal to pass it by. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaddset(&awaited, numbers[i]);
    }
    pthread_t thread;
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* threads that begin later inherit it */
    if (pthread_create(&thread, NULL, wait_for_signals, &awaited) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &all, NULL); /* then they end the process at once */
}

bool cli_interrupted(void *user)
{
    (void)user;
    return asked || terminal_is_closed();
}
