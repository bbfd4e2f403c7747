/* Any bytes as a run's history.jsonl: read for charts, and cut back to a step, as a resumed run does. */
#include "fuzz.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "report/history.h"

static size_t count_lines(const uint8_t *bytes, size_t size)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

static void check_names(const px_history_data *data)
{
    MUST_HOLD(data->loss_count >= 0 && data->loss_count <= PX_HISTORY_MOST_LOSSES);
    for (int i = 0; i < data->loss_count; i++) {
        MUST_HOLD(memchr(data->names[i], '\0', sizeof data->names[i]));
        for (int j = 0; j < i; j++)
            MUST_HOLD(strcmp(data->names[i], data->names[j]) != 0);
    }
}

static void check_steps(const double *steps, size_t count, double most)
{
    for (size_t i = 0; i < count; i++)
        MUST_HOLD(steps[i] >= 0 && steps[i] <= most);
}

/* How often `mark` stands in the text with a number behind it. */
static int count_numbers(const char *text, const char *mark)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, mark)); count += strspn(at, "-0123456789") > 0)
        at += strlen(mark);
    return count;
}

/* A chart with curves has numbers at both axes, of which a browser draws every one. */
static void check_charts(const px_history_data *data)
{
    px_chart charts[PX_HISTORY_CHARTS];
    const int count = px_history_charts(data, charts);
    MUST_HOLD(count >= 0 && count <= PX_HISTORY_CHARTS);
    for (int i = 0; i < count; i++) {
        px_text page = {0};
        for (int s = 0; s < charts[i].series_count; s++)
            charts[i].names[s] = "a loss";
        px_chart_add(&page, &charts[i]);
        char *text = px_text_take(&page, NULL);
        MUST_HOLD(text && !strstr(text, "nan") && !strstr(text, "inf"));
        if (strstr(text, "<svg"))
            MUST_HOLD(count_numbers(text, "\"middle\">") > 0 && count_numbers(text, "\"end\">") > 0);
        px_free(text);
    }
}

static void check_read(const uint8_t *bytes, size_t size)
{
    pixcl_error err = {.message = ""};
    px_history_data data;
    if (px_history_parse(bytes, size, &data, &err) != PIXCL_OK) {
        MUST_HOLD(err.status == PIXCL_ERROR_MEMORY && err.message[0]);
        return;
    }
    MUST_HOLD(data.count + data.validation_count <= count_lines(bytes, size) + 1);
    MUST_HOLD(data.warning_count <= PX_HISTORY_MOST_WARNINGS);
    check_steps(data.steps, data.count, DBL_MAX);
    check_steps(data.validation_steps, data.validation_count, DBL_MAX);
    check_names(&data);
    check_charts(&data);
    px_history_data_free(&data);
}

/* The figures to go on with are those of the last line, and of no other step. */
static void check_validation(const px_history_past *past, const px_history_data *data, double step)
{
    const size_t last = data->validation_count - 1;
    MUST_HOLD(data->validation_count > 0 && data->validation_steps[last] == step);
    for (int f = 0; f < PX_FIGURES; f++) {
        const double figure = data->validation[f][last];
        MUST_HOLD(isnan(past->figures[f]) ? isnan(figure) : (double)past->figures[f] == figure);
    }
}

/* What is kept is kept again, with the same meaning, and has no lines past the step. */
static void check_cut(const uint8_t *bytes, size_t size, long step)
{
    px_history_past past, again;
    px_history_data data;
    uint8_t *copy = px_calloc(size, 1, NULL);
    if (!copy)
        return;
    if (size)
        memcpy(copy, bytes, size);
    const size_t kept = px_history_cut(copy, size, step, &past);
    uint8_t *twice = px_calloc(kept, 1, NULL);
    MUST_HOLD(kept <= size && (kept == 0 || copy[kept - 1] == '\n') && twice);
    if (kept)
        memcpy(twice, copy, kept);
    MUST_HOLD(px_history_cut(twice, kept, step, &again) == kept && (kept == 0 || memcmp(twice, copy, kept) == 0));
    MUST_HOLD(isfinite(past.seconds) && past.seconds >= 0 && past.seconds == again.seconds);
    MUST_HOLD(past.validated == again.validated && strcmp(past.phase, again.phase) == 0);
    MUST_HOLD(kept > 0 || (!past.validated && past.seconds == 0));
    MUST_HOLD(px_history_parse(copy, kept, &data, NULL) == PIXCL_OK);
    MUST_HOLD(data.count + data.validation_count == count_lines(copy, kept));
    check_steps(data.steps, data.count, (double)step);
    check_steps(data.validation_steps, data.validation_count, (double)step);
    if (past.validated)
        check_validation(&past, &data, (double)step);
    px_history_data_free(&data);
    px_free(twice);
    px_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_read(data, size);
    check_cut(data, size, size % 2 ? 1 : 200);
    return 0;
}
