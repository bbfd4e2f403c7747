/* What helpers do: try one driver, or survey devices. */
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/os.h"
#include "exec/opencl/driver_trial.h"
#include "exec/opencl/helper.h"
#include "exec/opencl/survey.h"

/* A helper's log is its parent's. */
static void send_log(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    px_helper_send(PX_HELPER_LOG, 0, (int)level, message, strnlen(message, PX_HELPER_LOG_BYTES));
}

static int do_survey(char **words, const px_survey_trial *const *trials)
{
    pixcl_context *context = pixcl_context_create(NULL, NULL); /* as long as the process */
    if (!context)
        return 1;
    pixcl_context_set_log(context, send_log, NULL, PIXCL_LOG_DEBUG);
    PX_ENTER(context);
    for (; words[0] && words[1] && words[2] && *trials; trials++) {
        if (strcmp((*trials)->name, words[0]) == 0)
            return px_survey_serve(*trials, (size_t)strtoul(words[1], NULL, 10), words[2]);
    }
    return 1;
}

bool px_helper_main(int argc, char **argv, const px_survey_trial *const *trials, int *code)
{
    char **job;
    if (!px_helper_begin(argc, argv, &job))
        return false;
    *code = 1;
    if (!job)
        return true;
    if (strcmp(job[0], "driver") == 0 && job[1])
        *code = px_cl_driver_serve(job[1]);
    else if (strcmp(job[0], "survey") == 0)
        *code = do_survey(job + 1, trials);
    /* Nothing of what a driver does when its process ends: that is no fault of its devices. */
    px_os_end(*code);
}
