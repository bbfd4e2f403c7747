/* The terminal: one line that is redrawn in place, and messages that do not tear it. */
#ifndef PIXCL_TOOLS_TERMINAL_H
#define PIXCL_TOOLS_TERMINAL_H

#include <stdbool.h>

#include "pixcl/error.h"

/* Whether stdout is a terminal; without one, nothing may be redrawn. */
bool terminal_is_live(void);
/* Draws or redraws the line, cut to the terminal's width. */
void terminal_draw(const char *text);
/* Leaves the line as it stands, and goes on below it. */
void terminal_keep(void);
/* For pixcl_log_set(): prints a message on stderr, above the line. `user` is not used. */
void terminal_log(void *user, pixcl_log_level level, const char *message);

#endif
