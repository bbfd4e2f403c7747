/* Checkpoints as safetensors files. */
#include "weights/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/tensor_writer.h"
#include "weights/weights.h"

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

pixcl_status px_checkpoint_save(const px_session *session, const pixcl_options *options, const px_run_state *state,
                                const char *path, pixcl_error *err)
{
    /* How this process began is no matter of the run: a resumed run's file is the same, bit for bit. */
    pixcl_options of_run = *options;
    of_run.continue_train = false;
    char *options_json = pixcl_options_to_json(&of_run, err), *state_json = px_run_state_to_json(state, err);
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

pixcl_status px_checkpoint_set_aside(const char *folder, const char *which, long long number, const char *why,
                                     pixcl_error *err)
{
    char *from = px_format(err, "%s/%s.safetensors", folder, which),
         *aside = from ? px_format(err, "%s/%s_%lld.safetensors", folder, which, number) : NULL;
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
        status = px_options_from_json(options, options_json, strlen(options_json), err);
    if (status != PIXCL_OK)
        return px_fail_context(err, "%s", path);
    return state ? px_run_state_from_json(state, state_json, path, err) : PIXCL_OK;
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
