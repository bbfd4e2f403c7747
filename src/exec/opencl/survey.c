/* Trying devices in child processes.
 *
 * A driver runs inside the process that uses it, and some crash or hang on correct programs. So the parent never
 * touches OpenCL: it forks before the drivers are loaded, and the child lists, tries one device after the other and
 * writes into memory shared with the parent. When the child ends early or stays silent for too long, the device it was
 * at is the culprit; the next child starts behind it. */
#include "exec/opencl/survey.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/memory.h"
#include "exec/opencl/probe.h"

/* What the usual trial is at, for the message when it dies there. */
static const char *const phases[] = {"while it was opened", "in its self-test", "while its speed was measured",
                                     "while it was closed"};
enum { PHASE_OPEN, PHASE_SELFTEST, PHASE_MEASURE, PHASE_CLOSE };

#define STAGE_LISTING (-1)

typedef struct shared_area {
    atomic_int stage; /* STAGE_LISTING, the device being tried, or device_count at the end */
    atomic_int phase;
    pixcl_error error; /* of listing */
    px_survey survey;
} shared_area;

static void try_device(const px_cl_description *description, px_survey_result *result, atomic_int *phase,
                       const void *user)
{
    const px_cl_identity identity = px_cl_identity_of(description);
    pixcl_error err = {0};
    px_cl_device *device = px_cl_device_open_description(description, false, &err);

    (void)user;
    if (device) {
        atomic_store(phase, PHASE_SELFTEST);
        result->selftest = px_cl_selftest(device, &err) == PIXCL_OK ? PIXCL_SELFTEST_PASSED : PIXCL_SELFTEST_FAILED;
        atomic_store(phase, PHASE_MEASURE);
        /* Also after wrong results: speed is still worth knowing. An error here is worth less than that of the test. */
        result->measured =
            px_cl_measure(device, &result->speed, result->selftest == PIXCL_SELFTEST_PASSED ? &err : NULL) == PIXCL_OK;
        if (result->measured && !(description->quirks & PX_QUIRK_SLOW_CHECKER))
            px_cl_record_keep_speed(&identity, &result->speed);
        else if (!result->measured)
            result->selftest = PIXCL_SELFTEST_FAILED;
        atomic_store(phase, PHASE_CLOSE);
        px_cl_device_close(&device);
    } else {
        result->selftest = PIXCL_SELFTEST_FAILED;
    }
    if (result->selftest == PIXCL_SELFTEST_FAILED)
        snprintf(result->message, sizeof result->message, "%.*s", (int)sizeof result->message - 1, err.message);
}

/* The child: never returns, and runs none of the parent's exit handlers. */
static void run_child(shared_area *area, size_t first, double seconds, const px_survey_trial *trial)
{
    const struct rlimit no_core = {0, 0};
    px_cl_inventory *inventory = &area->survey.inventory;

    setrlimit(RLIMIT_CORE, &no_core);
    if (first > 0) {
        /* The parent already has the list; this child needs handles of its own. */
        inventory = px_calloc(1, sizeof *inventory, &area->error);
        if (!inventory)
            _exit(1);
    }
    alarm((unsigned)seconds + 5); /* should the parent be killed, this ends too */
    if (px_cl_inventory_take(inventory, &area->error) != PIXCL_OK)
        _exit(1);
    for (size_t i = first; i < inventory->device_count; i++) {
        alarm((unsigned)seconds + 5);
        atomic_store(&area->phase, 0);
        atomic_store(&area->stage, (int)i);
        if (inventory->devices[i].usable)
            trial->run(&inventory->devices[i], &area->survey.results[i], &area->phase, trial->user);
    }
    atomic_store(&area->stage, (int)inventory->device_count);
    _exit(0);
}

/* Waits for the child; kills it when the stage stays the same for too long. Writes what ended it into how[size], "" for
 * an ordinary end. */
static void watch_child(const shared_area *area, pid_t child, double seconds, char *how, size_t size)
{
    const struct timespec pause = {0, 5 * 1000 * 1000};
    int seen = atomic_load(&area->stage), state = 0;
    double since = px_now();
    pid_t got;

    *how = '\0';
    while ((got = waitpid(child, &state, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
        int stage = atomic_load(&area->stage);

        if (stage != seen) {
            seen = stage;
            since = px_now();
        }
        if (px_now() - since > seconds) {
            px_snprintf(how, size, "gave no answer within %.0f seconds", seconds);
            kill(child, SIGKILL);
            while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
            }
            return;
        }
        nanosleep(&pause, NULL);
    }
    if (got == child && WIFSIGNALED(state))
        snprintf(how, size, "crashed with signal %d (%s)", WTERMSIG(state), strsignal(WTERMSIG(state)));
    else if (got == child && WIFEXITED(state) && WEXITSTATUS(state) != 0)
        snprintf(how, size, "ended the process with exit code %d", WEXITSTATUS(state));
    else if (atomic_load(&area->stage) != (int)area->survey.inventory.device_count)
        snprintf(how, size, "ended the process");
}

pixcl_status px_survey_try_with(px_survey *survey, double seconds, const px_survey_trial *trial, pixcl_error *err)
{
    shared_area *area;
    size_t first = 0;
    pixcl_status status = PIXCL_OK;
    char how[128];

    if (px_cl_drivers_loaded())
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "devices cannot be measured after this process has used OpenCL: OpenCL drivers do not survive a "
                       "fork. Measure first, or in a process of its own");
    area = mmap(NULL, sizeof *area, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return px_fail(err, PIXCL_ERROR_MEMORY, "cannot share %zu bytes with a child process: %s", sizeof *area,
                       strerror(errno));
    do {
        pid_t child;
        int stage;

        atomic_store(&area->stage, STAGE_LISTING);
        child = fork();
        if (child < 0) {
            status = px_fail(err, PIXCL_ERROR_MEMORY, "cannot start a child process to try the devices in: %s",
                             strerror(errno));
            break;
        }
        if (child == 0)
            run_child(area, first, seconds, trial);
        watch_child(area, child, seconds, how, sizeof how);
        stage = atomic_load(&area->stage);
        if (area->error.status != PIXCL_OK) {
            status = px_fail(err, area->error.status, "%s", area->error.message);
        } else if (stage == STAGE_LISTING) {
            status = px_fail(err, PIXCL_ERROR_DEVICE,
                             "an OpenCL driver %s while the devices were listed. Drivers are the files in "
                             "/etc/OpenCL/vendors: set OCL_ICD_VENDORS to one of them at a time to find the broken one",
                             *how ? how : "ended the process");
        } else if (*how && (size_t)stage < area->survey.inventory.device_count) {
            px_survey_result *result = &area->survey.results[stage];

            result->selftest = PIXCL_SELFTEST_FAILED;
            snprintf(result->message, sizeof result->message, "the driver %s %s", how,
                     trial->phases[atomic_load(&area->phase)]);
        }
        first = (size_t)stage + 1;
    } while (status == PIXCL_OK && first < area->survey.inventory.device_count);
    if (status == PIXCL_OK)
        *survey = area->survey;
    munmap(area, sizeof *area);
    return status;
}

pixcl_status px_survey_try(px_survey *survey, double seconds, pixcl_error *err)
{
    return px_survey_try_with(survey, seconds, &(px_survey_trial){try_device, NULL, phases}, err);
}

pixcl_status px_survey_list(px_survey *survey, pixcl_error *err)
{
    memset(survey->results, 0, sizeof survey->results);
    return px_cl_inventory_take(&survey->inventory, err);
}
