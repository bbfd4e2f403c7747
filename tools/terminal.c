/* The terminal's line. There is one terminal, so its state is the file's. */
#include "terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "system.h"

static bool line_open;

void terminal_begin(void)
{
    system_begin_streams();
}

bool terminal_is_closed(void)
{
    return system_output_is_closed();
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
    return system_output_is_terminal();
}

static int width(void)
{
    const int columns = system_output_width();
    return columns > 10 ? columns : 80;
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
