/* The terminal, or what stands in its place: one line that is redrawn, messages that do not tear it, and what could not
 * be written. */
#ifndef PIXCL_TOOLS_TERMINAL_H
#define PIXCL_TOOLS_TERMINAL_H

#include <stdbool.h>

#include "pixcl/context.h"

/* At the start of a program. A reader that goes away (a pipe into head), or a limit on the size of files that is met,
 * is from now on an error of the write, and does not end the process: what there is to save is saved, and no temporary
 * file stays. */
void terminal_begin(void);
/* At its end: the exit code, which is that of a failure where not all of stdout could be written. That is said on
 * stderr, except for a reader that went away. */
int terminal_end(const char *program, int code);
/* Whether stdout goes nowhere: the reader of a pipe is no more. Like a terminal that was closed, a reason to end. */
bool terminal_is_closed(void);
/* Whether stdout is a terminal; without one, nothing may be redrawn. */
bool terminal_is_live(void);
/* Draws or redraws the line, cut to the terminal's width. */
void terminal_draw(const char *text);
/* Leaves the line as it stands, and goes on below it. */
void terminal_keep(void);
/* For pixcl_context_set_log(): prints a message on stderr, above the line. `user` is not used. */
void terminal_log(void *user, pixcl_log_level level, const char *message);

#endif
