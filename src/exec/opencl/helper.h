/* Helpers: the program itself, started anew, where a driver that crashes or hangs can do no harm. A new process and not
 * a fork: the copy of a process that has loaded drivers lacks their threads.
 *
 * Only a program that hands its arguments to px_helper_main() first can be started like that; for others the
 * program `pixcl` beside the library serves, or else the installed one. */
#ifndef PX_EXEC_OPENCL_HELPER_H
#define PX_EXEC_OPENCL_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/process.h"

/* What a helper tells. A struct of plain data follows where one is named: both ends are the same version. */
typedef enum px_helper_kind {
    PX_HELPER_HELLO = 1, /* the first message: the right program was started */
    PX_HELPER_AT,        /* it begins with `phase` of `device` */
    PX_HELPER_LIBRARY,   /* + the path of the driver's library, a string */
    PX_HELPER_INVENTORY, /* + px_cl_inventory */
    PX_HELPER_RESULT,    /* + px_survey_result, of `device` */
    PX_HELPER_ABSENT,    /* + why there is no driver, a string */
    PX_HELPER_FAILED,    /* + pixcl_error */
    PX_HELPER_LOG,       /* + a log message, a string, of the level `phase`: px_helper_receive() logs it here */
    PX_HELPER_DONE       /* the last message */
} px_helper_kind;

enum { PX_HELPER_LOG_BYTES = 1 << 16 }; /* the most of one message for the log */

typedef struct px_helper_message {
    px_helper_kind kind;
    int device, phase;
    size_t size; /* bytes that follow */
} px_helper_message;

/* Starts a helper that does `job`: up to 4 words of it, the unused NULL. `variable` and `quiet` are as for
 * px_process_start(). PIXCL_ERROR_ARGUMENT when there is no program to start. */
enum { PX_HELPER_WORDS = 4 };
pixcl_status px_helper_start(px_process *process, const char *const job[PX_HELPER_WORDS], const char *variable,
                             bool quiet, pixcl_error *err);
/* The next message that is not for the log, with at most `capacity` bytes of what follows in `bytes`. */
px_process_reading px_helper_receive(px_process *process, px_helper_message *message, void *bytes, size_t capacity,
                                     double seconds);

/* Whether there is a program to start. */
bool px_helper_exists(void);
/* Whether this process is one. */
bool px_helper_is_this(void);
/* In a helper: sends a message to the parent. Ends the process when the parent is gone. */
void px_helper_send(px_helper_kind kind, int device, int phase, const void *bytes, size_t size);

/* Remembers that this program can be started anew. Whether it is a helper: then *job are the words of its job, or NULL
 * when it cannot serve. */
bool px_helper_begin(int argc, char **argv, char ***job);

struct px_survey_trial;
/* Begins main(): remembers that this program can be started anew. When this is a helper it does its job with one of
 * these trials (NULL at the end), sets *code and returns true: main() is to return *code then. */
bool px_helper_main(int argc, char **argv, const struct px_survey_trial *const *trials, int *code);

#endif
