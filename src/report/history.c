/* history.jsonl and loss_log.txt. */
#include "report/history.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/format.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"

struct px_history {
    char *jsonl, *log; /* paths */
    px_history_past past;
};

/* The line's object when it is a history entry (it has a step that a run can come to), else NULL. cJSON_Delete it. */
static cJSON *parse_line(const char *line, size_t length, double *step)
{
    cJSON *object = px_json_parse(line, length, "history", NULL);
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, "step");
    if (!cJSON_IsNumber(number) || !(number->valuedouble >= 0 && number->valuedouble < 1e15)) {
        cJSON_Delete(object);
        return NULL;
    }
    *step = number->valuedouble;
    return object;
}

static double number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

/* What was written as a float; NAN for anything else, which would be too much for the arithmetic of charts as well. */
static float float_of(const cJSON *item)
{
    return cJSON_IsNumber(item) && fabs(item->valuedouble) <= (double)FLT_MAX ? (float)item->valuedouble : NAN;
}

/* The figures of a validation; false when the line is no such one. */
static bool figures_of(const cJSON *object, float figures[PX_FIGURES])
{
    bool any = false;
    for (px_figure f = PX_FIGURE_L1; f < PX_FIGURES; f++) {
        char name[16];
        snprintf(name, sizeof name, "val_%s", px_figure_at(f)->name);
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
        const bool infinite = cJSON_IsString(item) && strcmp(item->valuestring, "inf") == 0;
        figures[f] = infinite ? INFINITY : float_of(item);
        any = any || !isnan(figures[f]);
    }
    return any;
}

/* Takes what the last line that is kept says of a validation. */
static void take_validation(px_history_past *past, const cJSON *object, bool of_this_step)
{
    const cJSON *phase = cJSON_GetObjectItemCaseSensitive(object, "val_phase");
    past->validated = figures_of(object, past->figures) && of_this_step;
    snprintf(past->phase, sizeof past->phase, "%s", cJSON_IsString(phase) ? phase->valuestring : "");
}

size_t px_history_cut(uint8_t *bytes, size_t size, long long resumed_step, px_history_past *past)
{
    size_t kept = 0;
    *past = (px_history_past){.seconds = 0};
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(bytes + at, '\n', size - at);
        if (!end)
            break; /* a half line */
        size_t length = (size_t)(end - bytes) - at;
        double step = 0;
        cJSON *object = parse_line((const char *)bytes + at, length, &step);
        if (object && step <= (double)resumed_step) {
            double seconds = number_of(object, "seconds");
            past->seconds = isfinite(seconds) && seconds >= 0 ? seconds : past->seconds;
            take_validation(past, object, step == (double)resumed_step);
            memmove(bytes + kept, bytes + at, length + 1);
            kept += length + 1;
        }
        cJSON_Delete(object);
        at += length + 1;
    }
    return kept;
}

/* Rewrites history.jsonl with the lines up to resumed_step. */
static pixcl_status keep_until(px_history *history, long long resumed_step, pixcl_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (resumed_step > 0 && px_path_is_file(history->jsonl)) {
        pixcl_status status = px_file_read(history->jsonl, &bytes, &size, err);
        if (status != PIXCL_OK)
            return status;
    }
    size_t kept = px_history_cut(bytes, size, resumed_step, &history->past);
    pixcl_status status = px_file_write(history->jsonl, kept ? (const void *)bytes : "", kept, err);
    px_free(bytes);
    return status;
}

/* The history of a run that was stopped before its first checkpoint is all that is left of it. */
static pixcl_status set_aside(const px_history *history, pixcl_error *err)
{
    px_os_info info;
    if (px_os_look(history->jsonl, &info) != 0 || info.size == 0)
        return PIXCL_OK;
    char *aside = px_format(err, "%.*shistory.stopped.jsonl", (int)(px_path_name(history->jsonl) - history->jsonl),
                            history->jsonl);
    if (!aside)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = PIXCL_OK;
    if (px_os_rename(history->jsonl, aside) != 0)
        status = px_fail_errno(err, "cannot rename", history->jsonl);
    else
        px_log(PIXCL_LOG_INFO, "the history of a run that was stopped before its first checkpoint is now %s", aside);
    px_free(aside);
    return status;
}

px_history *px_history_open(const char *folder, long long resumed_step, pixcl_error *err)
{
    px_history *history = px_calloc(1, sizeof *history, err);
    if (!history)
        return NULL;
    history->jsonl = px_path_join(folder, "history.jsonl", err);
    history->log = history->jsonl ? px_path_join(folder, "loss_log.txt", err) : NULL;
    if (!history->log || (resumed_step == 0 && set_aside(history, err) != PIXCL_OK) ||
        keep_until(history, resumed_step, err) != PIXCL_OK)
        goto failed;
    char day[32] = "", hour[32] = "", line[128];
    time_t seconds = time(NULL);
    struct tm local = {0};
    px_locale before = px_c_locale_enter(); /* the reference's line, whatever the language */
    if (px_os_local_time(seconds, &local)) {
        strftime(day, sizeof day, "%a %b", &local);
        strftime(hour, sizeof hour, "%H:%M:%S %Y", &local);
    }
    px_c_locale_leave(before);
    snprintf(line, sizeof line, "================ Training Loss (%s %2d %s) ================", day, local.tm_mday,
             hour);
    if (px_file_append_line(history->log, line, err) != PIXCL_OK)
        goto failed;
    return history;
failed:
    px_history_close(&history);
    return NULL;
}

/* The entry as an object, NULL when memory ran out. */
static cJSON *build_line(const px_history_entry *entry)
{
    cJSON *object = cJSON_CreateObject();
    bool complete = cJSON_AddNumberToObject(object, "step", (double)entry->step) &&
                    cJSON_AddNumberToObject(object, "epoch", entry->epoch) &&
                    cJSON_AddNumberToObject(object, "iter", (double)entry->iter) &&
                    cJSON_AddNumberToObject(object, "lr", entry->lr);
    cJSON *losses = complete ? cJSON_AddObjectToObject(object, "losses") : NULL;
    complete = losses != NULL;
    for (int i = 0; i < entry->loss_count && complete; i++)
        complete = px_json_add_float(losses, entry->names[i], entry->losses[i]) != NULL;
    /* Milliseconds and four digits: clocks are no better. */
    complete = complete && cJSON_AddNumberToObject(object, "seconds", round(entry->seconds * 1000) / 1000) &&
               px_json_add_float(object, "images_per_s", (float)entry->images_per_s);
    if (complete && entry->warning)
        complete = cJSON_AddStringToObject(object, "warning", entry->warning) != NULL;
    if (!complete) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}

static pixcl_status add_to_log(const px_history *history, const px_history_entry *entry, pixcl_error *err)
{
    px_text line = {0};
    px_text_add(&line, "(epoch: %d, iters: %lld, time: %.3f, data: %.3f) ", entry->epoch, entry->iter,
                entry->picture_seconds, entry->load_seconds);
    for (int i = 0; i < entry->loss_count; i++)
        px_text_add(&line, ", %s: %.3f", entry->names[i], (double)entry->losses[i]);
    char *text = px_text_take(&line, err);
    pixcl_status status = text ? px_file_append_line(history->log, text, err) : PIXCL_ERROR_MEMORY;
    px_free(text);
    return status;
}

/* Takes the object over, which is NULL when memory ran out. */
static pixcl_status append(const px_history *history, cJSON *object, pixcl_error *err)
{
    if (!object)
        return px_fail(err, PIXCL_ERROR_MEMORY, "Not enough memory to write %s.", history->jsonl);
    char *line = px_json_print(object, 0, err);
    cJSON_Delete(object);
    pixcl_status status = line ? px_file_append_line(history->jsonl, line, err) : PIXCL_ERROR_MEMORY;
    px_free(line);
    return status;
}

pixcl_status px_history_add(px_history *history, const px_history_entry *entry, pixcl_error *err)
{
    pixcl_status status = append(history, build_line(entry), err);
    return status == PIXCL_OK ? add_to_log(history, entry, err) : status;
}

pixcl_status px_history_add_validation(px_history *history, long long step, int epoch, const char *phase,
                                       const float figures[PX_FIGURES], pixcl_error *err)
{
    cJSON *object = cJSON_CreateObject();
    bool complete =
        cJSON_AddNumberToObject(object, "step", (double)step) && cJSON_AddNumberToObject(object, "epoch", epoch);
    for (px_figure f = PX_FIGURE_L1; f < PX_FIGURES && complete; f++) {
        char name[16];
        snprintf(name, sizeof name, "val_%s", px_figure_at(f)->name);
        complete = isnan(figures[f]) || px_json_add_float(object, name, figures[f]) != NULL;
    }
    if (!complete || !cJSON_AddStringToObject(object, "val_phase", phase)) {
        cJSON_Delete(object);
        object = NULL;
    }
    return append(history, object, err);
}

bool px_history_validation(const px_history *history, const char *phase, float figures[PX_FIGURES])
{
    if (!history->past.validated || strcmp(history->past.phase, phase) != 0)
        return false;
    memcpy(figures, history->past.figures, sizeof history->past.figures);
    return true;
}

double px_history_seconds(const px_history *history)
{
    return history->past.seconds;
}

void px_history_close(px_history **history)
{
    if (!*history)
        return;
    px_free((*history)->jsonl);
    px_free((*history)->log);
    px_free(*history);
    *history = NULL;
}

/* The column of a loss, made on its first appearance; -1 when there are too many or its name is too long. */
static int loss_column(px_history_data *data, const char *name, size_t lines, pixcl_error *err)
{
    for (int i = 0; i < data->loss_count; i++) {
        if (strcmp(data->names[i], name) == 0)
            return i;
    }
    int column = data->loss_count;
    if (column == PX_HISTORY_MOST_LOSSES || strlen(name) >= sizeof data->names[0])
        return -1;
    data->losses[column] = px_calloc(lines, sizeof(double), err);
    if (!data->losses[column])
        return -1;
    for (size_t i = 0; i < lines; i++)
        data->losses[column][i] = NAN;
    strcpy(data->names[column], name);
    data->loss_count++;
    return column;
}

static void add_warning(px_history_data *data, double step, const char *text, pixcl_error *err)
{
    char *warning = px_format(err, "step %.0f: %s", step, text);
    if (!warning)
        return;
    if (data->warning_count == PX_HISTORY_MOST_WARNINGS) {
        px_free(data->warnings[0]);
        memmove(data->warnings, data->warnings + 1, --data->warning_count * sizeof *data->warnings);
    }
    data->warnings[data->warning_count++] = warning;
}

static void add_validation(px_history_data *data, double step, const float figures[PX_FIGURES])
{
    data->validation_steps[data->validation_count] = step;
    for (int f = 0; f < PX_FIGURES; f++)
        data->validation[f][data->validation_count] = (double)figures[f];
    data->validation_count++;
}

static void add_row(px_history_data *data, const cJSON *object, double step, size_t lines, pixcl_error *err)
{
    float figures[PX_FIGURES];
    if (figures_of(object, figures)) {
        add_validation(data, step, figures);
        return;
    }
    data->steps[data->count] = step;
    data->epochs[data->count] = number_of(object, "epoch");
    data->lr[data->count] = number_of(object, "lr");
    const cJSON *loss = NULL;
    cJSON_ArrayForEach(loss, cJSON_GetObjectItemCaseSensitive(object, "losses"))
    {
        int column = loss->string && cJSON_IsNumber(loss) ? loss_column(data, loss->string, lines, err) : -1;
        if (column >= 0)
            data->losses[column][data->count] = (double)float_of(loss);
    }
    const cJSON *warning = cJSON_GetObjectItemCaseSensitive(object, "warning");
    if (cJSON_IsString(warning))
        add_warning(data, step, warning->valuestring, err);
    data->count++;
}

pixcl_status px_history_parse(const uint8_t *bytes, size_t size, px_history_data *data, pixcl_error *err)
{
    *data = (px_history_data){0};
    pixcl_error reason = {.status = PIXCL_OK};
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    data->steps = px_calloc(lines, sizeof(double), &reason);
    data->epochs = px_calloc(lines, sizeof(double), &reason);
    data->lr = px_calloc(lines, sizeof(double), &reason);
    data->validation_steps = px_calloc(lines, sizeof(double), &reason);
    for (int f = 0; f < PX_FIGURES; f++)
        data->validation[f] = px_calloc(lines, sizeof(double), &reason);
    for (size_t at = 0; at < size && reason.status == PIXCL_OK;) {
        const uint8_t *end = memchr(bytes + at, '\n', size - at);
        size_t length = end ? (size_t)(end - bytes) - at : size - at;
        double step = 0;
        cJSON *object = parse_line((const char *)bytes + at, length, &step);
        if (object)
            add_row(data, object, step, lines, &reason);
        cJSON_Delete(object);
        at += length + 1;
    }
    if (reason.status == PIXCL_OK)
        return PIXCL_OK;
    px_history_data_free(data);
    return px_fail(err, reason.status, "%s", reason.message);
}

pixcl_status px_history_read(const char *path, px_history_data *data, pixcl_error *err)
{
    uint8_t *bytes;
    size_t size;
    *data = (px_history_data){0};
    pixcl_status status = px_file_read(path, &bytes, &size, err);
    if (status != PIXCL_OK)
        return status;
    status = px_history_parse(bytes, size, data, err);
    px_free(bytes);
    return status;
}

void px_history_data_free(px_history_data *data)
{
    px_free(data->steps);
    px_free(data->epochs);
    px_free(data->lr);
    px_free(data->validation_steps);
    for (int f = 0; f < PX_FIGURES; f++)
        px_free(data->validation[f]);
    for (int i = 0; i < data->loss_count; i++)
        px_free(data->losses[i]);
    for (size_t i = 0; i < data->warning_count; i++)
        px_free(data->warnings[i]);
    *data = (px_history_data){0};
}

static bool goes_below_zero(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < 0)
            return true;
    return false;
}

/* False when no validation has the figure. */
static bool validation_chart(const px_history_data *data, px_figure figure, px_chart *chart)
{
    bool any = false;
    for (size_t i = 0; i < data->validation_count; i++)
        any = any || !isnan(data->validation[figure][i]);
    *chart = (px_chart){.title = "Validation",
                        .x_label = "step",
                        .y_label = px_figure_at(figure)->title,
                        .x = data->validation_steps,
                        .count = data->validation_count,
                        .names = {px_figure_at(figure)->title},
                        .y = {data->validation[figure]},
                        .series_count = 1};
    return any;
}

int px_history_charts(const px_history_data *data, px_chart charts[PX_HISTORY_CHARTS])
{
    int count = 0;
    for (int below = 0; below < 2; below++) {
        px_chart chart = {.title = below ? "Losses of either sign" : "Losses",
                          .x_label = "step",
                          .y_label = "loss",
                          .x = data->steps,
                          .count = data->count,
                          .log_y = !below};
        for (int i = 0; i < data->loss_count; i++)
            if (goes_below_zero(data->losses[i], data->count) == below && chart.series_count < PX_CHART_MOST_SERIES) {
                chart.names[chart.series_count] = data->names[i];
                chart.y[chart.series_count++] = data->losses[i];
            }
        if (chart.series_count > 0)
            charts[count++] = chart;
    }
    for (px_figure figure = PX_FIGURE_L1; figure < PX_FIGURES; figure++)
        count += validation_chart(data, figure, &charts[count]);
    return data->count > 0 ? count : 0;
}
