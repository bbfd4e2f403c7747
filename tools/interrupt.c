/* Ctrl-C: the first one asks for an orderly end, the second one kills. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Only a global can be reached from a signal handler. */
static volatile sig_atomic_t asked;

static void on_signal(int number)
{
    static const char TEXT[] = "\nStopping after this step; again to stop at once.\n";
    (void)number;
    asked = 1;
    ssize_t written = write(STDERR_FILENO, TEXT, sizeof TEXT - 1);
    (void)written; /* nothing can be done about it here */
}

void cli_catch_interrupts(void)
{
    /* SA_RESETHAND gives the second signal back to the system. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_interrupted(void *user)
{
    (void)user;
    return asked != 0;
}
