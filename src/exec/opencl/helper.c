/* Starting helpers, being one, and what both say to each other. What helpers do is in helper_jobs.c. */
#include "exec/opencl/helper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/os.h"

#define HELPER_WORD   "pixcl-helper" /* argv[1] of a helper */
#define START_SECONDS 20.0

static bool can_be_started; /* set by main(), before there are threads */
static int messages = -1;   /* of a helper: the descriptor */

static char beside[4096]; /* the program beside the library, "" for none */

static void look_beside(void)
{
    char library[sizeof beside];

    if (!px_os_this_library(library, sizeof library))
        return;
    const int folder = (int)(px_path_name(library) - library);
    const int length = px_snprintf(beside, sizeof beside, "%.*s%s", folder, library, px_path_name(PIXCL_PROGRAM));
    if (length < 0 || (size_t)length >= sizeof beside || !px_path_is_file(beside))
        *beside = '\0';
}

/* Packages that can be put anywhere, as Python's, have the program beside the library. */
static const char *program_path(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (can_be_started)
        return px_os_this_program();
    pthread_once(&once, look_beside);
    return *beside ? beside : PIXCL_PROGRAM;
}

bool px_helper_exists(void)
{
    return px_os_is_program(program_path());
}

bool px_helper_is_this(void)
{
    return messages >= 0;
}

void px_helper_send(px_helper_kind kind, int device, int phase, const void *bytes, size_t size)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* drivers log from threads of their own */
    px_helper_message message;

    memset(&message, 0, sizeof message); /* its padding is sent, too */
    message.kind = kind;
    message.device = device;
    message.phase = phase;
    message.size = size;
    pthread_mutex_lock(&lock);
    px_process_tell(messages, &message, sizeof message);
    px_process_tell(messages, bytes, size);
    pthread_mutex_unlock(&lock);
}

static px_process_reading receive(px_process *process, px_helper_message *message, void *bytes, size_t capacity,
                                  double end)
{
    px_process_reading reading = px_process_read(process, message, sizeof *message, end - px_now());

    if (reading == PX_PROCESS_READ && message->size > capacity)
        return PX_PROCESS_ENDED; /* not one of ours */
    if (reading == PX_PROCESS_READ && message->size > 0)
        reading = px_process_read(process, bytes, message->size, end - px_now());
    return reading;
}

px_process_reading px_helper_receive(px_process *process, px_helper_message *message, void *bytes, size_t capacity,
                                     double seconds)
{
    const double end = px_now() + seconds;
    px_process_reading reading;

    while ((reading = receive(process, message, bytes, capacity, end)) == PX_PROCESS_READ &&
           message->kind == PX_HELPER_LOG)
        px_log((pixcl_log_level)message->phase, "%.*s", (int)message->size, message->size ? (const char *)bytes : "");
    return reading;
}

pixcl_status px_helper_start(px_process *process, const char *const job[PX_HELPER_WORDS], const char *variable,
                             bool quiet, pixcl_error *err)
{
    const char *const program = program_path();
    const char *arguments[3 + PX_HELPER_WORDS + 1] = {"pixcl", HELPER_WORD, PIXCL_VERSION};
    px_helper_message hello;
    char how[128];

    for (int i = 0; i < PX_HELPER_WORDS; i++)
        arguments[3 + i] = job[i];
    if (!px_helper_exists())
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "devices are tried in a process of their own, and there is no program for it: call "
                       "pixcl_helper_main() first in main(), or install %s",
                       program);
    if (px_process_start(process, program, arguments, variable, quiet, err) != PIXCL_OK)
        return err ? err->status : PIXCL_ERROR_IO;
    if (px_helper_receive(process, &hello, NULL, 0, START_SECONDS) == PX_PROCESS_READ && hello.kind == PX_HELPER_HELLO)
        return PIXCL_OK;
    px_process_end(process, 0, how, sizeof how);
    return px_fail(
        err, PIXCL_ERROR_ARGUMENT,
        "devices are tried in a process of their own, and %s is no program for it: it should be pixcl " PIXCL_VERSION,
        program);
}

bool px_helper_begin(int argc, char **argv, char ***job)
{
    can_be_started = true;
    *job = NULL;
    if (argc < 4 || strcmp(argv[1], HELPER_WORD) != 0)
        return false;
    if (strcmp(argv[2], PIXCL_VERSION) != 0 || (messages = px_process_end_with_parent()) < 0)
        return true;
    px_helper_send(PX_HELPER_HELLO, 0, 0, NULL, 0);
    *job = argv + 3;
    return true;
}
