/* Opens a run: its folder, where it stands, its pictures, networks and weights. */
#include "run/trainer_state.h"

#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "run/resume.h"
#include "run/validation.h"
#include "weights/weights.h"

long long px_trainer_epochs(const pixcl_trainer *t)
{
    return (long long)t->options.n_epochs + t->options.n_epochs_decay;
}

long long px_trainer_pictures_left(const pixcl_trainer *t)
{
    const long long count = (long long)px_dataset_count(t->dataset), batch = t->options.batch_size;
    return count > t->state.iter ? (count - t->state.iter) / batch * batch : 0;
}

/* The last step of the run: another --batch_size or another number of pictures may have come before this process. */
static long long last_step(const pixcl_trainer *t)
{
    const long long batch = t->options.batch_size, later = px_trainer_epochs(t) - t->state.epoch;
    if (later < 0)
        return t->state.step;
    return t->state.step + px_trainer_pictures_left(t) / batch +
           later * ((long long)px_dataset_count(t->dataset) / batch);
}

static pixcl_status open_data(pixcl_trainer *t, pixcl_error *err)
{
    px_data_options data;
    pixcl_status status = px_data_options_of(&t->options, &data, err);
    if (status != PIXCL_OK)
        return status;
    t->dataset = px_dataset_create(&data, err);
    t->loader = t->dataset ? px_loader_create(t->dataset, err) : NULL;
    if (!t->loader)
        return err ? err->status : PIXCL_ERROR_IO;
    const long long count = (long long)px_dataset_count(t->dataset), batch = t->options.batch_size,
                    whole = count / batch * batch;
    if (whole == 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--batch_size %lld: there are only %lld pictures in %s", batch, count,
                       t->options.dataroot);
    if (whole < count)
        px_log(PIXCL_LOG_INFO, "%lld of %lld pictures make whole batches of %lld; the rest of each epoch is left out",
               whole, count, batch);
    t->steps = last_step(t);
    if (t->options.max_steps > 0 && t->options.max_steps < t->steps)
        t->steps = t->options.max_steps;
    return PIXCL_OK;
}

/* A trainer and the checkpoint that it goes on from, or NULL. */
typedef struct beginning {
    pixcl_trainer *trainer;
    const px_tensor_file *checkpoint;
} beginning;

static pixcl_status fill(const px_session *session, void *context, pixcl_error *err)
{
    const beginning *begin = context;
    pixcl_trainer *t = begin->trainer;
    t->saved_step = begin->checkpoint ? t->state.step : -1;
    if (begin->checkpoint) {
        bool emptied;
        pixcl_status status = px_weights_load(session, begin->checkpoint, &emptied, err);
        if (status == PIXCL_OK && emptied) {
            t->state.pool_begin = t->state.pictures;
            px_log(PIXCL_LOG_INFO, "--pool_size or the size of pictures is another one: the pools begin anew, empty");
        }
        return status;
    }
    pixcl_status status = px_weights_initialise(session, &t->options, err);
    if (status == PIXCL_OK && t->options.init_from[0])
        status = px_weights_init_from(session, t->options.init_from, err);
    return status;
}

/* The networks are planned for the size of the first picture; with most --preprocess values all have the same. What is
 * fed is of --crop_size. */
static pixcl_status open_networks(pixcl_trainer *t, const px_tensor_file *checkpoint, pixcl_error *err)
{
    px_item item = {.height = {t->options.crop_size}, .width = {t->options.crop_size}};
    px_rng rng = {(uint64_t)t->options.seed, 0, 0};
    pixcl_status status = px_trainer_is_fed(t) ? PIXCL_OK : px_dataset_get(t->dataset, 0, &rng, &item, err);
    if (status != PIXCL_OK)
        return status;
    px_model_options model =
        px_model_options_of(&t->options, t->options.batch_size, item.height[PX_ROLE_A], item.width[PX_ROLE_A]);
    px_item_free(&item);
    t->device = px_session_device_of(&t->options, false, err);
    if (!t->device)
        return err ? err->status : PIXCL_ERROR_NO_DEVICE;
    px_log(PIXCL_LOG_INFO, "training on %s", t->device->name);
    beginning begin = {t, checkpoint};
    status = px_session_open(&t->session, px_training_create(&model, err), t->device, fill, &begin, err);
    for (int i = 0; status == PIXCL_OK && i < t->session.training->loss_count; i++)
        t->loss_names[i] = t->session.training->losses[i].name;
    return status;
}

/* Two processes in one folder would replace each other's checkpoints and mix their histories. */
static pixcl_status hold_folder(pixcl_trainer *t, pixcl_error *err)
{
    if (t->hold >= 0 || px_folder_hold(t->folder, &t->hold))
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "--name %s: another process is training in %s. Wait for it or stop it, or give another --name.",
                   t->options.name, t->folder);
}

/* Early: a folder that cannot be made should show before kernels are built, which can take minutes. */
static pixcl_status open_folder(pixcl_trainer *t, pixcl_error *err)
{
    pixcl_status status = px_make_folders(t->folder, err);
    if (status != PIXCL_OK)
        return px_fail_context(err, "--checkpoints_dir %s", t->options.checkpoints_dir);
    status = hold_folder(t, err);
    if (status == PIXCL_OK)
        px_file_remove_leftovers(t->folder);
    return status;
}

/* Opening cuts what came after the place that the run goes on from; the checkpoints of that are kept before. */
static pixcl_status open_history(pixcl_trainer *t, pixcl_error *err)
{
    char checkpoint[PX_RUN_PATH_SIZE];
    pixcl_status status = PIXCL_OK;
    if (t->saved_step >= 0) {
        status = pixcl_options_checkpoint(&t->options, checkpoint, sizeof checkpoint, err);
        if (status == PIXCL_OK)
            status = px_resume_from(t->folder, checkpoint, &t->state, err);
    }
    if (status == PIXCL_OK && t->options.val_freq > 0)
        status = px_validation_set_aside(&t->options, t->folder, &t->state, err);
    if (status != PIXCL_OK)
        return status;
    t->history = px_history_open(t->folder, t->state.step, err);
    if (!t->history)
        return err ? err->status : PIXCL_ERROR_IO;
    t->seconds_before = px_history_seconds(t->history);
    return PIXCL_OK;
}

static pixcl_status open_trainer(pixcl_trainer *t, pixcl_error *err)
{
    px_tensor_file *checkpoint = NULL;
    t->state = (px_run_state){.epoch = t->options.epoch_count};
    px_schedule_start(&t->state.schedule);
    pixcl_status status = pixcl_options_run_folder(&t->options, t->folder, sizeof t->folder, err);
    if (status == PIXCL_OK && px_path_is_folder(t->folder)) /* a new one is made when all else is right */
        status = hold_folder(t, err);
    if (status == PIXCL_OK)
        status = px_resume(&t->options, &t->state, &checkpoint, err);
    if (status == PIXCL_OK)
        status = *t->options.dataroot ? pixcl_options_check(&t->options, PIXCL_FOR_TRAIN, err)
                                      : px_options_check_fed(&t->options, err);
    t->steps = t->options.max_steps;
    if (status == PIXCL_OK && *t->options.dataroot)
        status = open_data(t, err);
    if (status == PIXCL_OK && t->options.val_freq > 0)
        status = px_validation_check(&t->options, err);
    if (status == PIXCL_OK)
        status = open_folder(t, err);
    if (status == PIXCL_OK)
        status = open_networks(t, checkpoint, err);
    if (status == PIXCL_OK)
        status = open_history(t, err);
    if (status == PIXCL_OK) {
        t->watches = px_watches_create(t->session.training, t->options.gan_mode, err);
        status = t->watches ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    }
    px_tensor_file_close(&checkpoint);
    return status;
}

pixcl_trainer *pixcl_trainer_create(pixcl_context *context, const pixcl_options *options, pixcl_progress_fn progress,
                                    void *user, pixcl_error *err)
{
    PX_ENTER(context);
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    pixcl_trainer *t = px_calloc(1, sizeof *t, err);
    if (!t)
        return NULL;
    t->context = context;
    t->options = *options;
    t->hold = -1;
    t->progress = progress;
    t->user = user;
    if (open_trainer(t, err) != PIXCL_OK)
        pixcl_trainer_destroy(&t);
    return t;
}

void pixcl_trainer_destroy(pixcl_trainer **trainer)
{
    if (!trainer || !*trainer)
        return;
    pixcl_trainer *t = *trainer;
    PX_ENTER(t->context);
    px_watches_destroy(&t->watches);
    px_history_close(&t->history);
    px_session_close(&t->session);
    px_loader_destroy(&t->loader);
    px_dataset_destroy(&t->dataset);
    px_cl_device_close(&t->device);
    px_folder_release(t->hold);
    px_free(t);
    *trainer = NULL;
}
