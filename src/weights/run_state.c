/* Where a run stands, as JSON. */
#include "weights/run_state.h"

#include <math.h>
#include <string.h>

#include "base/format.h"
#include "base/json.h"
#include "base/memory.h"

/* The state's real numbers go into the checkpoint with every digit: a resumed run must not differ in the last bit. */
static void add_exact(cJSON *object, const char *name, double value)
{
    char text[40];
    px_snprintf(text, sizeof text, "%.17g", value);
    cJSON_AddStringToObject(object, name, text);
}

char *px_run_state_to_json(const px_run_state *state, pixcl_error *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "step", (double)state->step);
    cJSON_AddNumberToObject(object, "epoch", state->epoch);
    cJSON_AddNumberToObject(object, "iter", (double)state->iter);
    cJSON_AddNumberToObject(object, "pictures", (double)state->pictures);
    cJSON_AddNumberToObject(object, "pool_begin", (double)state->pool_begin);
    add_exact(object, "schedule_factor", state->schedule.factor);
    add_exact(object, "schedule_best", state->schedule.best);
    cJSON_AddNumberToObject(object, "schedule_bad_epochs", state->schedule.bad_epochs);
    if (*state->best.metric) {
        cJSON_AddStringToObject(object, "best_metric", state->best.metric);
        cJSON_AddStringToObject(object, "best_phase", state->best.phase);
        add_exact(object, "best_value", state->best.value);
        cJSON_AddNumberToObject(object, "best_epoch", state->best.epoch);
    }
    char *text = px_json_print(object, 0, err);
    cJSON_Delete(object);
    return text;
}

static double number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsNumber(item))
        return item->valuedouble;
    if (!cJSON_IsString(item) || !*item->valuestring)
        return NAN;
    char *end;
    double value = px_strtod(item->valuestring, &end);
    return *end == '\0' ? value : NAN;
}

static bool is_whole(double value, double lowest, double limit)
{
    return value >= lowest && value < limit && value == floor(value);
}

/* A run without validation has no best one; false when it is damaged. */
static bool read_best(const cJSON *object, px_best *best)
{
    const cJSON *metric = cJSON_GetObjectItemCaseSensitive(object, "best_metric"),
                *phase = cJSON_GetObjectItemCaseSensitive(object, "best_phase");
    const double value = number(object, "best_value"), epoch = number(object, "best_epoch");
    *best = (px_best){.epoch = 0};
    if (!metric)
        return true;
    if (!cJSON_IsString(metric) || !*metric->valuestring || strlen(metric->valuestring) >= sizeof best->metric ||
        isnan(value) || !is_whole(epoch, 0, 1e7))
        return false;
    strcpy(best->metric, metric->valuestring);
    if (cJSON_IsString(phase) && strlen(phase->valuestring) < sizeof best->phase)
        strcpy(best->phase, phase->valuestring);
    best->value = value;
    best->epoch = (int)epoch;
    return true;
}

pixcl_status px_run_state_from_json(px_run_state *state, const char *json, const char *path, pixcl_error *err)
{
    cJSON *object = px_json_parse(json, strlen(json), path, err);
    if (!object)
        return err ? err->status : PIXCL_ERROR_FORMAT;
    const double step = number(object, "step"), epoch = number(object, "epoch"), iter = number(object, "iter"),
                 pictures = number(object, "pictures"), bad = number(object, "schedule_bad_epochs"),
                 factor = number(object, "schedule_factor"), best = number(object, "schedule_best"),
                 begin = cJSON_GetObjectItemCaseSensitive(object, "pool_begin") ? number(object, "pool_begin") : 0;
    bool valid = is_whole(step, 0, 1e15) && is_whole(epoch, 1, 1e7) && is_whole(iter, 0, 1e15) &&
                 is_whole(pictures, 0, 1e15) && is_whole(begin, 0, pictures + 1) && is_whole(bad, 0, 1e7) &&
                 factor >= 0 && factor <= 1 && !isnan(best);
    if (valid)
        *state = (px_run_state){.step = (long long)step,
                                .epoch = (int)epoch,
                                .iter = (long long)iter,
                                .pictures = (long long)pictures,
                                .pool_begin = (long long)begin,
                                .schedule = {.factor = factor, .best = best, .bad_epochs = (int)bad}};
    valid = valid && read_best(object, &state->best);
    cJSON_Delete(object);
    if (!valid)
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: the state of the run in its metadata is damaged: %.200s", path,
                       json);
    return PIXCL_OK;
}
