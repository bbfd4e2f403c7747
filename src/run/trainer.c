/* The training loop.
 *
 * A step uploads a batch and queues the plan; nothing waits for the device but the reading of losses, every
 * --print_freq pictures. So the loop runs up to PX_STAGING_SLOTS steps ahead of the device. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/context.h"
#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "exec/opencl/program.h"
#include "image/tensor.h"
#include "run/trainer_state.h"
#include "run/training_page.h"
#include "run/validation.h"

bool px_trainer_is_fed(const pixcl_trainer *t)
{
    return t->dataset == NULL;
}

static bool is_over(const pixcl_trainer *t)
{
    return t->state.epoch > px_trainer_epochs(t) || (t->options.max_steps > 0 && t->state.step >= t->options.max_steps);
}

/* Ends the run: *err says what is no number, this adds what to do. */
static pixcl_status diverged(const pixcl_trainer *t, pixcl_error *err)
{
    char cure[PX_RUN_PATH_SIZE + 200];
    if (t->saved_step >= 0)
        px_snprintf(
            cure, sizeof cure,
            "The last checkpoint, %s/latest.safetensors, is from before: go on from it with --continue_train and a "
            "lower --lr than %g",
            t->folder, t->options.lr);
    else
        px_snprintf(cure, sizeof cure, "Nothing was saved yet: begin again with a lower --lr than %g%s", t->options.lr,
                    t->options.init_from[0]
                        ? ", or see with pixcl show --tensors whether the weights of --init_from are sound"
                        : "");
    return px_fail(err, PIXCL_ERROR_NUMERIC, "%.400s at step %lld (epoch %d): training has diverged and stops. %s",
                   err->message, t->state.step, t->state.epoch, cure);
}

pixcl_status px_trainer_read_losses(pixcl_trainer *t, pixcl_error *err)
{
    const px_training *training = t->session.training;
    for (int i = 0; i < training->loss_count; i++) {
        pixcl_status status = px_exec_read(t->session.exec, training->losses[i].node, &t->losses[i], err);
        if (status != PIXCL_OK)
            return status;
        if (!isfinite(t->losses[i])) {
            px_fail(err, PIXCL_ERROR_NUMERIC, "the loss %s is %g", t->loss_names[i], (double)t->losses[i]);
            return diverged(t, err);
        }
    }
    t->losses_read = true;
    return PIXCL_OK;
}

pixcl_status px_trainer_save(pixcl_trainer *t, const char *which, pixcl_error *err)
{
    char path[PX_RUN_PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s.safetensors", t->folder, which);
    /* Weights that no longer make sense must not replace good ones. */
    pixcl_status status = px_trainer_read_losses(t, err);
    if (status != PIXCL_OK)
        return status;
    status = px_checkpoint_save(&t->session, &t->options, &t->state, path, err);
    if (status == PIXCL_OK)
        t->saved_step = t->state.step;
    return status == PIXCL_ERROR_NUMERIC ? diverged(t, err) : status;
}

/* Whether the count of pictures passes a multiple of `frequency` with this batch. */
static bool passes(const pixcl_trainer *t, int frequency)
{
    long long before = t->state.pictures - t->options.batch_size;
    return t->state.pictures / frequency != before / frequency;
}

static pixcl_status add_name(const pixcl_trainer *t, const char *which, const char *name, pixcl_error *err)
{
    char from[PX_RUN_PATH_SIZE + 64], path[PX_RUN_PATH_SIZE + 64];
    snprintf(from, sizeof from, "%s/%s.safetensors", t->folder, which);
    snprintf(path, sizeof path, "%s/%s.safetensors", t->folder, name);
    return px_file_duplicate(from, path, err);
}

/* What stays comes first, and "latest" is another name for it: a kill in between costs nothing that was to stay, since
 * the run goes on from before. */
static pixcl_status save_latest(pixcl_trainer *t, bool end_of_epoch, pixcl_error *err)
{
    char names[3][32];
    int count = 0;
    if (t->options.save_by_iter && passes(t, t->options.save_latest_freq))
        snprintf(names[count++], sizeof names[0], "iter_%lld", t->state.pictures);
    if (end_of_epoch && (t->state.epoch - 1) % t->options.save_epoch_freq == 0)
        snprintf(names[count++], sizeof names[0], "%d", t->state.epoch - 1);
    snprintf(names[count++], sizeof names[0], "latest");
    pixcl_status status = px_trainer_save(t, names[0], err);
    for (int i = 1; status == PIXCL_OK && i < count; i++)
        status = add_name(t, names[0], names[i], err);
    return status;
}

/* Spent on waiting for pictures, which is the caller's business when it gives them. */
static double wait_seconds(const pixcl_trainer *t)
{
    return t->loader ? px_loader_wait_seconds(t->loader) : 0;
}

static void measure_speed(pixcl_trainer *t, bool logged)
{
    double now = px_now(), elapsed = now - t->window_begin;
    long long steps = t->state.step - t->window_step;
    if (elapsed > 0 && steps > 0 && (logged || elapsed > 1)) {
        t->images_per_second = (double)(steps * t->options.batch_size) / elapsed;
        t->speed_known = true;
    }
    if (!logged && elapsed < 10)
        return;
    t->window_begin = now;
    t->window_step = t->state.step;
    t->window_wait = wait_seconds(t);
}

static pixcl_status log_step(pixcl_trainer *t, double lr, pixcl_error *err)
{
    char warning[PX_WARNING_SIZE] = "";
    pixcl_status status = px_trainer_read_losses(t, err);
    if (status == PIXCL_OK)
        status = px_watches_step(t->watches, &t->session, t->losses, t->state.step, lr, warning, err);
    if (status != PIXCL_OK)
        return status;
    if (*warning)
        px_log(PIXCL_LOG_WARNING, "%s", warning);
    long long pictures = (t->state.step - t->window_step) * t->options.batch_size;
    double now = px_now(), elapsed = now - t->window_begin;
    double wait = wait_seconds(t) - t->window_wait;
    measure_speed(t, true);
    const px_history_entry entry = {.step = t->state.step,
                                    .epoch = t->state.epoch,
                                    .iter = t->state.iter,
                                    .lr = lr,
                                    .loss_count = t->session.training->loss_count,
                                    .names = t->loss_names,
                                    .losses = t->losses,
                                    .warning = *warning ? warning : NULL,
                                    .seconds = t->seconds_before + now - t->begin,
                                    .images_per_s = t->images_per_second,
                                    .picture_seconds = pictures > 0 ? elapsed / (double)pictures : 0,
                                    .load_seconds = pictures > 0 ? wait / (double)pictures : 0};
    return px_history_add(t->history, &entry, err);
}

static double learning_rate(const pixcl_trainer *t)
{
    return px_schedule_lr(&t->state.schedule, &t->options, t->state.epoch);
}

pixcl_progress px_trainer_progress(const pixcl_trainer *t, bool logged)
{
    const double left = (double)(t->steps - t->state.step) * t->options.batch_size;
    pixcl_progress progress = {.epoch = t->state.epoch,
                               .epochs = (int)px_trainer_epochs(t),
                               .step = t->state.step,
                               .steps = t->steps,
                               .iter = t->state.iter,
                               .iters = t->iters,
                               .lr = learning_rate(t),
                               .seconds = t->begun ? px_now() - t->begin : 0,
                               .images_per_second = t->images_per_second,
                               .eta_seconds = t->speed_known && t->steps > 0 ? left / t->images_per_second : -1,
                               .logged = logged,
                               .loss_count = t->losses_read ? t->session.training->loss_count : 0,
                               .loss_names = t->loss_names};
    memcpy(progress.losses, t->losses, sizeof progress.losses);
    return progress;
}

static void report_progress(const pixcl_trainer *t, bool logged)
{
    if (!t->progress)
        return;
    const pixcl_progress progress = px_trainer_progress(t, logged);
    t->progress(t->user, &progress);
}

static pixcl_status check_batch(const pixcl_trainer *t, const px_batch *batch, pixcl_error *err)
{
    px_shape shape = px_graph_node(t->session.training->graph, t->session.training->real_A)->shape;
    if (batch->count != t->options.batch_size)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "a batch of %d pictures instead of %d", batch->count,
                       t->options.batch_size);
    for (int role = 0; role < 2; role++)
        if (batch->height[role] != shape.h || batch->width[role] != shape.w)
            return px_fail(err, PIXCL_ERROR_ARGUMENT,
                           "%s comes out as %dx%d pixels and the first picture as %dx%d: training needs one size. Use "
                           "--preprocess resize_and_crop, crop or scale_width_and_crop",
                           batch->path[role][0], batch->width[role], batch->height[role], shape.w, shape.h);
    return PIXCL_OK;
}

/* A step on what the inputs hold. */
static pixcl_status run_step(pixcl_trainer *t, double lr, pixcl_error *err)
{
    px_step step = {.seed = (uint64_t)t->options.seed,
                    .step = (uint64_t)t->state.step + 1,
                    .pictures = (uint64_t)(t->state.pictures - t->state.pool_begin)};
    for (int i = 0; i < PX_MAX_OPTIMISERS; i++)
        step.lr[i] = (float)lr;
    pixcl_status status = px_exec_run(t->session.exec, &step, err);
    if (status == PIXCL_ERROR_INTERRUPTED)
        return px_fail_context(err, "before the first step of this process was done");
    t->state.step++;
    t->state.iter += t->options.batch_size;
    t->state.pictures += t->options.batch_size;
    return status;
}

static pixcl_status write_batch(pixcl_trainer *t, const px_batch *batch, pixcl_error *err)
{
    const px_training *training = t->session.training;
    pixcl_status status = px_exec_write(t->session.exec, training->real_A, batch->planes[PX_ROLE_A], err);
    return status == PIXCL_OK ? px_exec_write(t->session.exec, training->real_B, batch->planes[PX_ROLE_B], err)
                              : status;
}

/* Binaries of programs make the next start short, but with some drivers each costs the time of compiling it: for a
 * U-Net's 20 to 30 s. They may take a twentieth of the training, until all are stored: a run of some seconds pays for
 * none, the first minutes of a long one for all. */
static void store_programs(pixcl_trainer *t)
{
    const double share = 0.05, least = 0.5, due = share * (px_now() - t->begin) - t->storing_seconds;
    if (due >= least)
        t->storing_seconds += px_program_store_pending(t->device, due);
}

/* What follows a step: losses, progress, pages, checkpoints. */
static pixcl_status after_step(pixcl_trainer *t, double lr, pixcl_error *err)
{
    bool logged = passes(t, t->options.print_freq);
    pixcl_status status = logged ? log_step(t, lr, err) : PIXCL_OK;
    if (status != PIXCL_OK)
        return status;
    if (logged)
        store_programs(t);
    else
        measure_speed(t, false);
    report_progress(t, logged);
    if (!t->options.no_html && passes(t, t->options.update_html_freq))
        status = px_training_page_write(&t->session, &t->options, t->folder, t->state.epoch, err);
    if (status == PIXCL_OK && passes(t, t->options.save_latest_freq) &&
        (px_trainer_is_fed(t) || t->state.iter < t->iters))
        status = save_latest(t, false, err);
    return status;
}

/* Speed is measured anew from here on. */
static void restart_window(pixcl_trainer *t)
{
    t->window_begin = px_now();
    t->window_step = t->state.step;
    t->window_wait = wait_seconds(t);
}

static void log_validation(const pixcl_trainer *t, const px_validation *validation)
{
    const px_best *best = &t->state.best;
    char figures[200];
    px_validation_print(validation, figures, sizeof figures);
    px_log(PIXCL_LOG_INFO, "validation after epoch %d: %s; best %s %.4g after epoch %d", t->state.epoch - 1, figures,
           best->metric, best->value, best->epoch);
}

/* Hard links cost nothing, and are right also when the file is there already. */
static pixcl_status keep_best(const pixcl_trainer *t, const char *checkpoint, pixcl_error *err)
{
    char path[PX_RUN_PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/best.safetensors", t->folder);
    return px_file_duplicate(checkpoint, path, err);
}

/* Validates with the networks as they are, which the last epoch has left in `checkpoint`. That one does not hold the
 * outcome: going on from it finds the figures in the history, or validates again. */
static pixcl_status validate(pixcl_trainer *t, const char *checkpoint, pixcl_error *err)
{
    const px_trained trained = {&t->options, &t->state, &t->session, t->device};
    px_validation validation;
    bool best = false;
    pixcl_status status = px_validation_run(&trained, &validation, err);
    if (status == PIXCL_OK && validation.stopped) {
        t->stopped = t->not_validated = true;
        return PIXCL_OK;
    }
    if (status == PIXCL_OK)
        status = px_validation_take(&t->options, &validation, &t->state, &best, err);
    if (status == PIXCL_OK && best)
        status = keep_best(t, checkpoint, err);
    if (status == PIXCL_OK)
        status = px_history_add_validation(t->history, t->state.step, t->state.epoch - 1, t->options.val_phase,
                                           validation.figures, err);
    if (status == PIXCL_OK)
        log_validation(t, &validation);
    restart_window(t);
    return status;
}

static pixcl_status end_epoch(pixcl_trainer *t, pixcl_error *err)
{
    char latest[PX_RUN_PATH_SIZE + 64];
    t->in_epoch = false;
    t->state.epoch++;
    t->state.iter = 0;
    pixcl_status status = save_latest(t, true, err);
    snprintf(latest, sizeof latest, "%s/latest.safetensors", t->folder);
    if (status == PIXCL_OK && px_validation_due(&t->options, t->state.epoch - 1))
        status = validate(t, latest, err);
    return status;
}

/* What end_epoch() has not done, or not written to the checkpoint that the run goes on from. */
static pixcl_status catch_up(pixcl_trainer *t, pixcl_error *err)
{
    char checkpoint[PX_RUN_PATH_SIZE];
    px_validation validation = {.stopped = false};
    bool best = false;
    if (t->state.step == 0 || t->state.iter > 0 || !px_validation_due(&t->options, t->state.epoch - 1))
        return PIXCL_OK;
    pixcl_status status = pixcl_options_checkpoint(&t->options, checkpoint, sizeof checkpoint, err);
    if (status != PIXCL_OK)
        return status;
    if (!px_history_validation(t->history, t->options.val_phase, validation.figures))
        return validate(t, checkpoint, err);
    status = px_validation_take(&t->options, &validation, &t->state, &best, err);
    if (status == PIXCL_OK && best)
        status = keep_best(t, checkpoint, err);
    if (status == PIXCL_OK)
        log_validation(t, &validation);
    return status;
}

/* The first step compiles kernels: it is no measure of speed. */
static pixcl_status warm_up(pixcl_trainer *t, pixcl_error *err)
{
    t->warm = true;
    pixcl_status status = px_exec_finish(t->session.exec, err);
    restart_window(t);
    t->images_per_second = t->options.batch_size / (t->window_begin - t->begin);
    return status;
}

/* The next batch, one that the plan takes. */
static pixcl_status next_batch(pixcl_trainer *t, const px_batch **batch, pixcl_error *err)
{
    pixcl_status status = px_loader_next(t->loader, batch, err);
    if (status == PIXCL_OK && !*batch)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "the epoch ended after %lld of %lld pictures", t->state.iter,
                       t->iters);
    if (status == PIXCL_OK)
        status = check_batch(t, *batch, err);
    t->no_pictures = status != PIXCL_OK;
    return status;
}

/* A run that goes on with fewer pictures than it had may be past the last of them. */
static void end_of_fewer(pixcl_trainer *t)
{
    const long long count = (long long)px_dataset_count(t->dataset);
    if (t->state.iter <= count)
        return;
    px_log(PIXCL_LOG_INFO, "epoch %d had come to picture %lld, and there are only %lld now: it ends here",
           t->state.epoch, t->state.iter, count);
    t->state.iter = count;
}

/* What comes before the first step of this process. */
static pixcl_status begin(pixcl_trainer *t, pixcl_error *err)
{
    t->begun = true;
    t->begin = px_now();
    restart_window(t);
    return px_trainer_is_fed(t) ? PIXCL_OK : catch_up(t, err);
}

/* A step on what the inputs hold, and all that follows it. */
static pixcl_status do_step(pixcl_trainer *t, pixcl_error *err)
{
    const double lr = learning_rate(t);
    pixcl_status status = run_step(t, lr, err);
    if (status == PIXCL_OK && !t->warm)
        status = warm_up(t, err);
    if (status == PIXCL_OK)
        status = after_step(t, lr, err);
    t->stopped = t->stopped || px_stopped("after a step", NULL);
    return status;
}

/* Begins with the epoch, where that was not done. */
static pixcl_status enter_epoch(pixcl_trainer *t, pixcl_error *err)
{
    if (t->in_epoch)
        return PIXCL_OK;
    end_of_fewer(t);
    t->iters = t->state.iter + px_trainer_pictures_left(t);
    t->in_epoch = true;
    return px_loader_start(t->loader, (uint32_t)t->state.epoch, (size_t)t->state.iter, err);
}

/* The next step of the set, and the end of the epoch where that is due. */
static pixcl_status step_on_set(pixcl_trainer *t, pixcl_error *err)
{
    const px_batch *batch;
    pixcl_status status = enter_epoch(t, err);
    if (status == PIXCL_OK && t->state.iter < t->iters) {
        status = next_batch(t, &batch, err);
        if (status == PIXCL_OK)
            status = write_batch(t, batch, err);
        if (status == PIXCL_OK)
            status = do_step(t, err);
    }
    if (status == PIXCL_OK && t->state.iter >= t->iters)
        status = end_epoch(t, err);
    return status;
}

/* Saves what an early end (Ctrl-C, --max_steps) would otherwise lose. */
static pixcl_status finish_run(pixcl_trainer *t, bool stopped, pixcl_error *err)
{
    const int seen = t->state.epoch - (t->state.iter == 0); /* the epoch of the last step */
    pixcl_status status = t->saved_step < t->state.step ? px_trainer_save(t, "latest", err) : PIXCL_OK;
    if (status == PIXCL_OK && !t->options.no_html && t->warm)
        status = px_training_page_write(&t->session, &t->options, t->folder, seen, err);
    if (status == PIXCL_OK && stopped)
        return px_fail(
            err, PIXCL_ERROR_INTERRUPTED,
            "stopped after step %lld of %lld; everything is saved in %s, --continue_train goes on from there",
            t->state.step, t->steps, t->folder);
    return status;
}

/* Pictures that cannot be used end the run, but cost nothing of what was learned before. */
static void rescue(pixcl_trainer *t)
{
    pixcl_error reason;
    if (t->warm && t->saved_step < t->state.step && px_trainer_save(t, "latest", &reason) == PIXCL_OK)
        px_log(PIXCL_LOG_WARNING, "the run ends after step %lld; all is saved, and --continue_train goes on from there",
               t->state.step);
}

static void say_nothing_to_do(const pixcl_trainer *t)
{
    const bool limited = t->state.epoch <= px_trainer_epochs(t);
    px_log(PIXCL_LOG_WARNING, "nothing to do: the run has done %lld steps, and %s; a larger --%s goes on",
           t->state.step, limited ? "--max_steps allows no more" : "all epochs", limited ? "max_steps" : "n_epochs");
}

static pixcl_status needs_a_set(const pixcl_trainer *t, pixcl_error *err)
{
    return px_trainer_is_fed(t) ? pixcl_options_check(&t->options, PIXCL_FOR_TRAIN, err) : PIXCL_OK;
}

pixcl_status pixcl_trainer_run(pixcl_trainer *t, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    t->stopped = false;
    pixcl_status status = needs_a_set(t, err);
    if (status == PIXCL_OK && !t->begun)
        status = begin(t, err);
    if (status != PIXCL_OK)
        return status;
    if (is_over(t)) {
        say_nothing_to_do(t);
        return PIXCL_OK;
    }
    while (status == PIXCL_OK && !t->stopped && !is_over(t))
        status = step_on_set(t, err);
    if (t->no_pictures)
        rescue(t);
    return status == PIXCL_OK ? finish_run(t, t->stopped && (!is_over(t) || t->not_validated), err) : status;
}

/* For calls of one step: what was asked for while it was done. */
static pixcl_status tell_stopped(pixcl_trainer *t, pixcl_error *err)
{
    if (!t->stopped)
        return PIXCL_OK;
    t->stopped = false;
    return px_fail(err, PIXCL_ERROR_INTERRUPTED, "stopped after step %lld, which is not saved yet", t->state.step);
}

pixcl_status pixcl_trainer_step(pixcl_trainer *t, bool *over, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    *over = t->stopped = false;
    pixcl_status status = needs_a_set(t, err);
    if (status == PIXCL_OK && !t->begun)
        status = begin(t, err);
    const long long before = t->state.step;
    while (status == PIXCL_OK && !t->stopped && t->state.step == before && !is_over(t))
        status = step_on_set(t, err);
    *over = status == PIXCL_OK && t->state.step == before && is_over(t);
    return status == PIXCL_OK ? tell_stopped(t, err) : status;
}

static pixcl_status check_fed(const pixcl_trainer *t, const pixcl_tensor *tensor, px_node input, const char *name,
                              pixcl_error *err)
{
    const px_shape shape = px_graph_node(t->session.training->graph, input)->shape;
    pixcl_status status = px_tensor_check(tensor, name, shape.c, err);
    if (status == PIXCL_OK && (tensor->n != shape.n || tensor->height != shape.h || tensor->width != shape.w))
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "%s has %d pictures of %d x %d pixels; the trainer was made for --batch_size %d and --crop_size %d", name,
            tensor->n, tensor->width, tensor->height, shape.n, shape.w);
    return status;
}

static void fed_row(void *context, int n, int c, int y, float *to, size_t step)
{
    px_tensor_row(context, n, c, y, to, step);
}

static pixcl_status write_fed(const pixcl_trainer *t, px_node input, const pixcl_tensor *tensor, pixcl_error *err)
{
    pixcl_tensor copy = *tensor;
    return px_exec_write_rows(t->session.exec, input, fed_row, &copy, err);
}

static pixcl_status needs_feeding(const pixcl_trainer *t, pixcl_error *err)
{
    return px_trainer_is_fed(t) ? PIXCL_OK
                                : px_fail(err, PIXCL_ERROR_ARGUMENT,
                                          "this trainer takes its pictures from --dataroot %s: use "
                                          "pixcl_trainer_step(), or make it without a dataroot",
                                          t->options.dataroot);
}

pixcl_status pixcl_trainer_feed(pixcl_trainer *t, const pixcl_tensor *A, const pixcl_tensor *B, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    const px_training *training = t->session.training;
    t->stopped = false;
    pixcl_status status = needs_feeding(t, err);
    if (status == PIXCL_OK)
        status = check_fed(t, A, training->real_A, "A", err);
    if (status == PIXCL_OK)
        status = check_fed(t, B, training->real_B, "B", err);
    if (status == PIXCL_OK && !t->begun)
        status = begin(t, err);
    if (status == PIXCL_OK)
        status = write_fed(t, training->real_A, A, err);
    if (status == PIXCL_OK)
        status = write_fed(t, training->real_B, B, err);
    if (status == PIXCL_OK)
        status = do_step(t, err);
    return status == PIXCL_OK ? tell_stopped(t, err) : status;
}

pixcl_status pixcl_trainer_end_epoch(pixcl_trainer *t, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local = {0};
    err = err ? err : &local;
    pixcl_status status = needs_feeding(t, err);
    return status == PIXCL_OK ? end_epoch(t, err) : status;
}
