/* PIXCL_FAIL_IO: which of the calls for files fail (declared in os.h). */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/env.h"
#include "base/os.h"

/* Calls until one fails, 0 after that, OFF; and how it fails. */
enum { OFF = -1 };
static atomic_long left = OFF;
static char how; /* 0: that one; '+': it and all after it; '!': the process is killed there */
static pthread_once_t variable_read = PTHREAD_ONCE_INIT;

static void read_variable(void)
{
    const char *text = px_env_text("PIXCL_FAIL_IO");
    char *end = NULL;
    const long wanted = text ? strtol(text, &end, 10) : 0;

    how = end ? *end : 0;
    atomic_store(&left, wanted > 0 ? wanted : OFF);
}

void px_os_fail(long n)
{
    pthread_once(&variable_read, read_variable);
    how = 0;
    atomic_store(&left, n > 0 ? n : OFF);
}

bool px_os_shall_fail(int number)
{
    pthread_once(&variable_read, read_variable);
    long now = atomic_load(&left);
    while (now > 0 && !atomic_compare_exchange_weak(&left, &now, now - 1)) {
    }
    if (now < 0 || now > 1 || (now == 0 && how != '+'))
        return false;
    if (how == '!')
        px_os_kill_this();
    errno = number;
    return true;
}
