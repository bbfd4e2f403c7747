/* POSIX. */
#include "system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

bool system_separates(char c)
{
    return c == '/';
}

bool system_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool system_make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int system_list(const char *folder, bool (*keep)(const char *name), char ***names)
{
    struct dirent **entries = NULL;
    const int all = scandir(folder, &entries, NULL, by_bytes);
    int count = 0;
    *names = NULL;
    if (all < 0)
        return -1;
    char **kept = calloc((size_t)all + 1, sizeof *kept);
    bool complete = kept != NULL;
    for (int i = 0; i < all; i++) {
        const char *name = entries[i]->d_name;
        if (complete && *name != '.' && keep(name)) {
            kept[count] = strdup(name);
            complete = kept[count++] != NULL;
        }
        free(entries[i]);
    }
    free(entries);
    if (complete) {
        *names = kept;
        return count;
    }
    while (count > 0)
        free(kept[--count]);
    free(kept);
    errno = ENOMEM;
    return -1;
}

bool system_identify(const char *path, system_identity *found)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return false;
    *found = (system_identity){info.st_dev, info.st_ino};
    return true;
}

void system_begin_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            break;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

bool system_output_is_closed(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

bool system_output_is_terminal(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

int system_output_width(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void system_map_large_blocks(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
#endif
}

/* A thread of its own waits for the signals, and all others have them blocked. A handler would not do: the compiler
 * inside some OpenCL drivers sets handlers of its own, which remove the files that it is just writing. */
static sigset_t awaited;
static void (*ask_for_end)(void);

static void *wait_for_signals(void *unused)
{
    sigset_t again;
    int number = 0;
    (void)unused;
    if (sigwait(&awaited, &number) == 0)
        ask_for_end();
    sigwait(&awaited, &number);
    sigemptyset(&again);
    sigaddset(&again, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &again, NULL);
    raise(number);
    return NULL;
}

void system_catch_interrupts(void (*ask)(void))
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t all;
    ask_for_end = ask;
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
    if (pthread_create(&thread, NULL, wait_for_signals, NULL) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &all, NULL); /* then they end the process at once */
}

void system_say(const char *text, size_t size)
{
    ssize_t written = write(STDERR_FILENO, text, size);
    (void)written; /* nothing can be done about it here */
}
