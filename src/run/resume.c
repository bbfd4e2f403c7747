/* A run that begins must not cost another one its checkpoints or its history. */
#include "run/resume.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

enum { PATH_SIZE = 4 * PIXCL_OPTION_TEXT_SIZE };

static bool is_checkpoint_name(const char *name)
{
    return strcmp(px_path_extension(name), ".safetensors") == 0;
}

/* The checkpoints in the run's folder; none when there is no such folder. Those in folders below it are of other runs,
 * whose --name has a '/'. */
static pixcl_status list_checkpoints(const char *folder, px_file_list *list, pixcl_error *err)
{
    *list = (px_file_list){0};
    if (!px_path_is_folder(folder))
        return PIXCL_OK;
    pixcl_status status = px_list_files(folder, is_checkpoint_name, list, err);
    const size_t count = list->count;
    list->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (px_path_name(list->paths[i]) != list->paths[i])
            px_free(list->paths[i]);
        else
            list->paths[list->count++] = list->paths[i];
    }
    return status;
}

static pixcl_status check_new(const char *folder, const char *name, const px_file_list *there, pixcl_error *err)
{
    if (there->count == 0)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "--name %s: %s has checkpoints already (%s), and a new run would write over them. Add "
                   "--continue_train to go on with that run, give another --name, or remove the folder.",
                   name, folder, px_path_name(there->paths[0]));
}

static pixcl_status check_missing(const char *path, const px_file_list *there, pixcl_error *err)
{
    if (there->count > 0)
        return px_fail(err, PIXCL_ERROR_IO,
                       "--continue_train: there is no %s. The folder has %s%s: give one of its checkpoints with "
                       "--epoch.",
                       path, px_path_name(there->paths[0]), there->count > 1 ? " and others" : "");
    px_log(PIXCL_LOG_WARNING, "--continue_train: there is no %s yet; starting from the beginning", path);
    return PIXCL_OK;
}

pixcl_status px_resume(pixcl_options *options, px_run_state *state, px_tensor_file **file, pixcl_error *err)
{
    char path[PATH_SIZE], folder[PATH_SIZE];
    pixcl_options saved;
    px_file_list there;
    *file = NULL;
    pixcl_status status = pixcl_options_checkpoint(options, path, sizeof path, err);
    if (status == PIXCL_OK)
        status = pixcl_options_run_folder(options, folder, sizeof folder, err);
    if (status != PIXCL_OK)
        return status;
    if (options->continue_train && px_path_is_file(path)) {
        *file = px_checkpoint_open(path, &saved, state, err);
        return *file ? px_options_inherit(options, &saved, PIXCL_FOR_TRAIN, err) : err->status;
    }
    status = list_checkpoints(folder, &there, err);
    if (status == PIXCL_OK)
        status =
            options->continue_train ? check_missing(path, &there, err) : check_new(folder, options->name, &there, err);
    px_file_list_free(&there);
    return status;
}

pixcl_status px_resume_from(const char *folder, const char *checkpoint, const px_run_state *state, pixcl_error *err)
{
    px_run_state left = {.step = 0};
    char *latest = px_path_join(folder, "latest.safetensors", err);
    if (!latest)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = PIXCL_OK;
    if (strcmp(latest, checkpoint) != 0) {
        if (px_path_is_file(latest)) {
            px_tensor_file *file = px_checkpoint_open(latest, NULL, &left, NULL); /* a damaged one is no loss */
            px_tensor_file_close(&file);
        }
        if (left.step > state->step)
            status = px_checkpoint_set_aside(folder, "latest", left.step, "going on from an older checkpoint", err);
        if (status == PIXCL_OK)
            status = px_file_duplicate(checkpoint, latest, err);
    }
    px_free(latest);
    return status;
}
