/* The terminal's line. There is one terminal, so its state is the file's. */
#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool line_open;

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
