/* A step as Chrome trace events ("Trace Event Format", Google): complete events (ph X) in microseconds. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "measure/profile.h"

enum { PROCESS = 1 };

/* An event with what all kinds have. NULL without memory. */
static cJSON *add_event(cJSON *events, const char *name, const char *kind, int track)
{
    cJSON *event = cJSON_CreateObject();
    if (!event || !cJSON_AddItemToArray(events, event))
        return NULL;
    bool complete = cJSON_AddStringToObject(event, "name", name) && cJSON_AddStringToObject(event, "ph", kind) &&
                    cJSON_AddNumberToObject(event, "pid", PROCESS) && cJSON_AddNumberToObject(event, "tid", track);
    return complete ? event : NULL;
}

/* Gives a track (or the process) its name. */
static bool add_name(cJSON *events, const char *what, int track, const char *name)
{
    cJSON *event = add_event(events, what, "M", track);
    cJSON *args = event ? cJSON_AddObjectToObject(event, "args") : NULL;
    return args && cJSON_AddStringToObject(args, "name", name);
}

static bool add_launch(cJSON *events, const px_plan *plan, const px_launch *launch, px_launch_time time, double begin)
{
    double seconds = time.end - time.begin;
    cJSON *event = add_event(events, launch->label, "X", launch->stage);
    bool complete = event &&
                    cJSON_AddStringToObject(event, "cat", px_op_describe(plan->nodes[launch->node].op)->name) &&
                    cJSON_AddNumberToObject(event, "ts", 1e6 * (time.begin - begin)) &&
                    cJSON_AddNumberToObject(event, "dur", 1e6 * seconds);
    cJSON *args = complete ? cJSON_AddObjectToObject(event, "args") : NULL;
    return args && cJSON_AddNumberToObject(args, "stage", launch->stage) &&
           cJSON_AddNumberToObject(args, "node", launch->node) &&
           cJSON_AddNumberToObject(args, "flops", launch->flops) &&
           cJSON_AddNumberToObject(args, "bytes", launch->bytes) &&
           cJSON_AddNumberToObject(args, "gflops", seconds > 0 ? 1e-9 * launch->flops / seconds : 0) &&
           cJSON_AddNumberToObject(args, "gbps", seconds > 0 ? 1e-9 * launch->bytes / seconds : 0);
}

/* The whole file's text (px_free). */
static char *print_trace(const px_exec *exec, const px_plan *plan, pixcl_error *err)
{
    const px_launch_time *times = px_exec_opencl_times(exec);
    cJSON *json = cJSON_CreateObject();
    cJSON *events = json ? cJSON_AddArrayToObject(json, "traceEvents") : NULL;
    bool complete = events && cJSON_AddStringToObject(json, "displayTimeUnit", "ms") &&
                    add_name(events, "process_name", 0, "pixcl, one step");
    int named = -1; /* stages run in order */
    for (size_t l = 0; complete && l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        char name[32];
        snprintf(name, sizeof name, "stage %d", launch->stage);
        if (launch->stage > named)
            complete = add_name(events, "thread_name", named = launch->stage, name);
        complete = complete && add_launch(events, plan, launch, times[l], times[0].begin);
    }
    char *text = NULL;
    if (complete)
        text = px_json_print(json, 0, err);
    else
        px_fail(err, PIXCL_ERROR_MEMORY, "not enough memory for the trace");
    cJSON_Delete(json);
    return text;
}

pixcl_status px_trace_write(const px_exec *exec, const px_plan *plan, const char *path, pixcl_error *err)
{
    char *text = print_trace(exec, plan, err);
    pixcl_status status = text ? px_file_write(path, text, strlen(text), err) : PIXCL_ERROR_MEMORY;
    px_free(text);
    return status;
}
