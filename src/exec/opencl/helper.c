/* Starting helpers, being one, and what both say to each other. */
#include "exec/opencl/helper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "exec/opencl/driver_trial.h"
#include "exec/opencl/survey.h"

#define HELPER_WORD   "pixcl-helper" /* argv[1] of a helper */
#define THIS_PROGRAM  "/proc/self/exe"
#define START_SECONDS 20.0

static bool can_be_started; /* set by main(), before there are threads */
static int messages = -1;   /* of a helper: the descriptor */

static const char *program_path(void)
{
    return can_be_started ? THIS_PROGRAM : PIXCL_PROGRAM;
}

bool px_helper_exists(void)
{
    return access(program_path(), X_OK) == 0;
}

bool px_helper_is_this(void)
{
    return messages >= 0;
}

static void write_all(const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t written = write(messages, (const char *)bytes + done, size - done);
        if (written < 0 && errno != EINTR)
            _exit(1);
        done += written > 0 ? (size_t)written : 0;
    }
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
    write_all(&message, sizeof message);
    write_all(bytes, size);
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
        px_log((pixcl_log_level)message->phase, "%.*s", (int)message->size, (const char *)bytes);
    return reading;
}

/* A helper's log is its parent's. */
static void send_log(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    px_helper_send(PX_HELPER_LOG, 0, (int)level, message, strnlen(message, PX_HELPER_LOG_BYTES));
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

static int do_survey(char **words, const px_survey_trial *const *trials)
{
    pixcl_log_set(send_log, NULL, PIXCL_LOG_DEBUG);
    for (; words[0] && words[1] && words[2] && *trials; trials++) {
        if (strcmp((*trials)->name, words[0]) == 0)
            return px_survey_serve(*trials, (size_t)strtoul(words[1], NULL, 10), words[2]);
    }
    return 1;
}

bool px_helper_main(int argc, char **argv, const px_survey_trial *const *trials, int *code)
{
    can_be_started = true;
    if (argc < 4 || strcmp(argv[1], HELPER_WORD) != 0)
        return false;
    *code = 1;
    if (strcmp(argv[2], PIXCL_VERSION) != 0 || (messages = px_process_end_with_parent()) < 0)
        return true;
    px_helper_send(PX_HELPER_HELLO, 0, 0, NULL, 0);
    if (strcmp(argv[3], "driver") == 0 && argc > 4)
        *code = px_cl_driver_serve(argv[4]);
    else if (strcmp(argv[3], "survey") == 0)
        *code = do_survey(argv + 4, trials);
    /* Nothing of what a driver does when its process ends: that is no fault of its devices. */
    _exit(*code);
}
