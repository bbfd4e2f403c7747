/* Any bytes as the state of a run in a checkpoint's metadata, from which a run is resumed. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "weights/run_state.h"

static bool parse(const char *text, px_run_state *state)
{
    pixcl_error err = {.message = ""};
    if (px_run_state_from_json(state, text, "input", &err) == PIXCL_OK)
        return true;
    MUST_HOLD(err.status == PIXCL_ERROR_FORMAT && err.message[0]);
    return false;
}

/* What a resumed run goes by. */
static void check_state(const px_run_state *s)
{
    pixcl_options options;
    px_options_default(&options, PIXCL_FOR_TRAIN);
    MUST_HOLD(s->step >= 0 && s->epoch >= 1 && s->iter >= 0 && s->pictures >= 0);
    MUST_HOLD(s->pool_begin >= 0 && s->pool_begin <= s->pictures);
    MUST_HOLD(s->schedule.factor >= 0 && s->schedule.factor <= 1 && s->schedule.bad_epochs >= 0);
    MUST_HOLD(!isnan(s->schedule.best) && !isnan(s->best.value) && s->best.epoch >= 0);
    strcpy(options.lr_policy, "plateau");
    MUST_HOLD(px_schedule_lr(&s->schedule, &options, s->epoch) <= options.lr);
}

static void check_same(const px_run_state *a, const px_run_state *b)
{
    MUST_HOLD(a->step == b->step && a->epoch == b->epoch && a->iter == b->iter && a->pictures == b->pictures);
    MUST_HOLD(a->pool_begin == b->pool_begin && a->schedule.factor == b->schedule.factor);
    MUST_HOLD(a->schedule.best == b->schedule.best && a->schedule.bad_epochs == b->schedule.bad_epochs);
    MUST_HOLD(strcmp(a->best.metric, b->best.metric) == 0 && strcmp(a->best.phase, b->best.phase) == 0);
    MUST_HOLD(a->best.value == b->best.value && a->best.epoch == b->best.epoch);
}

/* Nothing was rounded or cut off. */
static void check_as_written(const px_run_state *s, const char *text)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"step", (double)s->step},
                   {"epoch", s->epoch},
                   {"iter", (double)s->iter},
                   {"pictures", (double)s->pictures},
                   {"pool_begin", (double)s->pool_begin},
                   {"schedule_factor", s->schedule.factor},
                   {"schedule_best", s->schedule.best},
                   {"schedule_bad_epochs", s->schedule.bad_epochs},
                   {"best_value", s->best.value},
                   {"best_epoch", s->best.epoch}};
    cJSON *json = px_json_parse(text, strlen(text), "input", NULL);
    const cJSON *metric = cJSON_GetObjectItemCaseSensitive(json, "best_metric");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, numbers[i].name);
        if (!metric && strncmp(numbers[i].name, "best", 4) == 0)
            continue; /* is not looked at */
        MUST_HOLD(!cJSON_IsNumber(item) || item->valuedouble == numbers[i].value);
        MUST_HOLD(!cJSON_IsString(item) || *item->valuestring);
    }
    MUST_HOLD(strcmp(metric ? metric->valuestring : "", s->best.metric) == 0);
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    px_run_state state, again;
    char *text = px_format(NULL, "%.*s", (int)size, (const char *)data);
    if (text && parse(text, &state)) {
        check_state(&state);
        check_as_written(&state, text);
        char *written = px_run_state_to_json(&state, NULL);
        MUST_HOLD(written && parse(written, &again));
        check_same(&state, &again);
        px_free(written);
    }
    px_free(text);
    return 0;
}
