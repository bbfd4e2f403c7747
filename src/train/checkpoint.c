/* Checkpoints as safetensors files. */
#include "train/checkpoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/format.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/tensor_writer.h"
#include "train/weights.h"

/* Hands the writer one variable at a time, so that the model is never in host memory as a whole. */
typedef struct fetcher {
    const px_session *session;
    float *values;
} fetcher;

/* The last step's losses were still numbers, but what it made of the weights may not be. */
static bool all_finite(const float *values, size_t count)
{
    float sum = 0; /* stays 0: a finite value times 0 is 0, any other NaN */
    for (size_t i = 0; i < count; i++)
        sum += values[i] * 0.0f;
    return sum == 0;
}

static const void *fetch(void *user, const px_tensor *tensor, pixcl_error *err)
{
    fetcher *f = user;
    px_free(f->values);
    f->values = px_calloc(tensor->count, sizeof *f->values, err);
    px_node node = px_graph_find(f->session->training->graph, tensor->name);
    if (!f->values || px_exec_read(f->session->exec, node, f->values, err) != PIXCL_OK)
        return NULL;
    if (!all_finite(f->values, tensor->count)) {
        px_fail(err, PIXCL_ERROR_NUMERIC, "%s holds values that are not finite", tensor->name);
        return NULL;
    }
    return f->values;
}

static pixcl_status declare_variables(const px_session *session, px_tensor_writer *writer, pixcl_error *err)
{
    const px_graph *graph = session->training->graph;
    pixcl_status status = PIXCL_OK;
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < graph->count; i++) {
        const px_node_info *node = px_graph_node(graph, i);
        if (node->op != PX_OP_VARIABLE)
            continue;
        int64_t shape[4];
        int rank = px_variable_shape(node, shape);
        status = px_tensor_writer_declare(writer, node->name, PX_DTYPE_F32, rank, shape, NULL, err);
    }
    return status;
}

/* The state's real numbers go into the checkpoint with every digit: a resumed run must not differ in the last bit. */
static void add_exact(cJSON *object, const char *name, double value)
{
    char text[40];
    px_snprintf(text, sizeof text, "%.17g", value);
    cJSON_AddStringToObject(object, name, text);
}

static char *state_to_json(const px_run_state *state, pixcl_error *err)
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
    char *end;
    double value = cJSON_IsString(item) ? px_strtod(item->valuestring, &end) : NAN;
    return cJSON_IsString(item) && *end == '\0' ? value : NAN;
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
    if (!cJSON_IsString(metric) || strlen(metric->valuestring) >= sizeof best->metric || isnan(value) ||
        !(epoch >= 0) || epoch > 1e7)
        return false;
    strcpy(best->metric, metric->valuestring);
    if (cJSON_IsString(phase) && strlen(phase->valuestring) < sizeof best->phase)
        strcpy(best->phase, phase->valuestring);
    best->value = value;
    best->epoch = (int)epoch;
    return true;
}

static pixcl_status state_from_json(px_run_state *state, const char *json, const char *path, pixcl_error *err)
{
    cJSON *object = px_json_parse(json, strlen(json), path, err);
    if (!object)
        return err ? err->status : PIXCL_ERROR_FORMAT;
    const double step = number(object, "step"), epoch = number(object, "epoch"), iter = number(object, "iter"),
                 pictures = number(object, "pictures"), bad = number(object, "schedule_bad_epochs"),
                 begin = cJSON_HasObjectItem(object, "pool_begin") ? number(object, "pool_begin") : 0;
    bool valid = step >= 0 && step < 1e15 && epoch >= 1 && epoch < 1e7 && iter >= 0 && iter < 1e15 && pictures >= 0 &&
                 pictures < 1e15 && bad >= 0 && bad < 1e7 && begin >= 0 && begin <= pictures;
    if (valid)
        *state = (px_run_state){.step = (long)step,
                                .epoch = (int)epoch,
                                .iter = (long)iter,
                                .pictures = (long)pictures,
                                .pool_begin = (long)begin,
                                .schedule = {.factor = number(object, "schedule_factor"),
                                             .best = number(object, "schedule_best"),
                                             .bad_epochs = (int)bad}};
    valid = valid && read_best(object, &state->best);
    cJSON_Delete(object);
    if (!valid || isnan(state->schedule.factor) || isnan(state->schedule.best))
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: the state of the run in its metadata is damaged: %.200s", path,
                       json);
    return PIXCL_OK;
}

pixcl_status px_checkpoint_save(const px_session *session, const pixcl_options *options, const px_run_state *state,
                                const char *path, pixcl_error *err)
{
    /* How this process began is no matter of the run: a resumed run's file is the same, bit for bit. */
    pixcl_options of_run = *options;
    of_run.continue_train = false;
    char *options_json = pixcl_options_to_json(&of_run, err), *state_json = state_to_json(state, err);
    px_tensor_writer *writer = options_json && state_json ? px_tensor_writer_create(path, PX_SAFETENSORS, err) : NULL;
    pixcl_status status = writer ? px_tensor_writer_metadata(writer, "pixcl", PIXCL_VERSION, err)
                          : err  ? err->status
                                 : PIXCL_ERROR_IO;
    if (status == PIXCL_OK)
        status = px_tensor_writer_metadata(writer, "options", options_json, err);
    if (status == PIXCL_OK)
        status = px_tensor_writer_metadata(writer, "state", state_json, err);
    if (status == PIXCL_OK)
        status = declare_variables(session, writer, err);
    if (status == PIXCL_OK) {
        fetcher f = {.session = session};
        status = px_tensor_writer_commit(&writer, fetch, &f, err);
        px_free(f.values);
    }
    px_tensor_writer_abandon(&writer);
    px_free(options_json);
    px_free(state_json);
    return status;
}

pixcl_status px_checkpoint_set_aside(const char *folder, const char *which, long number, const char *why,
                                     pixcl_error *err)
{
    char *from = px_format(err, "%s/%s.safetensors", folder, which),
         *aside = from ? px_format(err, "%s/%s_%ld.safetensors", folder, which, number) : NULL;
    pixcl_status status = aside ? px_file_duplicate(from, aside, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        px_log(PIXCL_LOG_INFO, "%s; its checkpoint stays as %s", why, aside);
    px_free(aside);
    px_free(from);
    return status;
}

char *px_checkpoint_locate(const char *path, pixcl_error *err)
{
    return px_path_is_folder(path) ? px_path_join(path, "latest.safetensors", err) : px_strdup(path, err);
}

bool px_is_checkpoint(const px_tensor_file *file)
{
    return px_tensor_file_metadata(file, "pixcl") != NULL;
}

pixcl_status px_checkpoint_read(const px_tensor_file *file, pixcl_options *options, px_run_state *state,
                                pixcl_error *err)
{
    const char *path = px_tensor_file_source(file), *options_json = px_tensor_file_metadata(file, "options"),
               *state_json = px_tensor_file_metadata(file, "state");
    pixcl_status status = PIXCL_OK;
    if (!px_is_checkpoint(file))
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s is a %s file with %zu tensors but no checkpoint of pixcl: it does not say which networks it "
                       "holds. Start a run from a network's weights with --init_from FOLDER",
                       path, px_tensor_file_format(file), px_tensor_file_count(file));
    if (!options_json || !state_json)
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: its metadata lacks the %s of the run: the file is damaged", path,
                       options_json ? "state" : "options");
    if (options)
        status = pixcl_options_from_json(options, options_json, strlen(options_json), err);
    if (status != PIXCL_OK)
        return px_fail_context(err, "%s", path);
    return state ? state_from_json(state, state_json, path, err) : PIXCL_OK;
}

px_tensor_file *px_checkpoint_open(const char *path, pixcl_options *options, px_run_state *state, pixcl_error *err)
{
    char *located = px_checkpoint_locate(path, err);
    px_tensor_file *file = located ? px_tensor_file_open(located, err) : NULL;
    if (file && px_checkpoint_read(file, options, state, err) != PIXCL_OK)
        px_tensor_file_close(&file);
    px_free(located);
    return file;
}
