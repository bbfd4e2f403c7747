/* The terminal's line. There is one terminal, so its state is the file's. */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool line_open;

/* A file that is opened must not become stdout: what is printed would be written into it. */
static void open_missing_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return;
}

void terminal_begin(void)
{
    open_missing_streams();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

bool terminal_is_closed(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

int terminal_end(const char *program, int code)
{
    const bool failed_before = ferror(stdout) != 0;
    const bool failed = fflush(stdout) != 0;
    if (!failed && !failed_before)
        return code;
    if (!terminal_is_closed())
        fprintf(stderr, "%s: what it had to print could not all be written%s%s\n", program, failed ? ": " : "",
                failed ? strerror(errno) : "");
    return code == 0 ? 1 : code;
}

bool terminal_is_live(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

static int width(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

void terminal_draw(const char *text)
{
    printf("\r%.*s\033[K", width() - 1, text);
    fflush(stdout);
    line_open = true;
}

void terminal_keep(void)
{
    if (!line_open)
        return;
    putchar('\n');
    fflush(stdout);
    line_open = false;
}

void terminal_log(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    if (line_open) {
        printf("\r\033[K");
        fflush(stdout);
        line_open = false;
    }
    const char *kind = level == PIXCL_LOG_ERROR ? "error: " : level == PIXCL_LOG_WARNING ? "warning: " : "";
    fprintf(stderr, "%s%s\n", kind, message);
}
