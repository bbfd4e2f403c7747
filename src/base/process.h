/* Other processes: a program started with pipes to it, read with a time limit, and ended whatever it does. */
#ifndef PX_BASE_PROCESS_H
#define PX_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A started process. Its standard output is read here. Its standard input stays open and empty for as long as this
 * process lives, so that it can tell by the end of it when it is alone (px_process_end_with_parent). */
typedef struct px_process {
    intptr_t id; /* the system's */
    int input, output;
} px_process;

/* Starts the program at the path `program` with `arguments`, the first of which is its name and the last NULL, and with
 * this process's environment, where `variable` ("NAME=value", may be NULL) takes the place of a value of that name.
 * `quiet`: what it writes to standard error is dropped. Signals are as for a new program, and a terminal's Ctrl-C does
 * not reach it. */
pixcl_status px_process_start(px_process *process, const char *program, const char *const *arguments,
                              const char *variable, bool quiet, pixcl_error *err);

/* Reads exactly `size` bytes of its output. */
typedef enum px_process_reading { PX_PROCESS_READ, PX_PROCESS_ENDED, PX_PROCESS_SILENT } px_process_reading;
px_process_reading px_process_read(px_process *process, void *bytes, size_t size, double seconds);

/* Waits that long for its end, then kills it; kills it at once for 0. `how[size]` becomes what ended it, as "crashed
 * with signal 11 (Segmentation fault)", "" for an ordinary end with code 0 and for 0 seconds. */
void px_process_end(px_process *process, double seconds, char *how, size_t size);

/* For the started process: ends it at once when its parent has ended, and frees its standard output for messages to the
 * parent from whatever else may be printed. Gives the descriptor for these messages, -1 on failure. */
int px_process_end_with_parent(void);
/* Sends to the parent; ends the process when the parent is gone. */
void px_process_tell(int messages, const void *bytes, size_t size);

#endif
