/* Validation between epochs. */
#include "run/validation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/format.h"
#include "base/memory.h"
#include "inference/tester.h"

bool px_validation_due(const pixcl_options *options, int epoch)
{
    return options->val_freq > 0 && epoch > 0 && epoch % options->val_freq == 0;
}

pixcl_status px_validation_check(const pixcl_options *options, pixcl_error *err)
{
    px_data_options data;
    pixcl_error reason = {0};
    pixcl_status status = px_data_options_of(options, &data, err);
    if (status != PIXCL_OK)
        return status;
    data.phase = options->val_phase;
    px_dataset *set = px_dataset_create(&data, &reason);
    px_dataset_destroy(&set);
    if (reason.status == PIXCL_OK)
        return PIXCL_OK;
    return px_fail(
        err, reason.status,
        "--val_freq %d needs pictures that training does not see: %.600s. Make that folder, name another one "
        "with --val_phase, or leave --val_freq out.",
        options->val_freq, reason.message);
}

/* Figures of two measures, or found with other pictures, cannot be compared. */
static bool is_of_another_measure(const px_best *best, const pixcl_options *options)
{
    return strcmp(best->metric, options->val_metric) != 0 || strcmp(best->phase, options->val_phase) != 0;
}

pixcl_status px_validation_set_aside(const pixcl_options *options, const char *folder, px_run_state *state,
                                     pixcl_error *err)
{
    const char *why = NULL;
    px_run_state of_best = {.step = 0};
    char *best = px_path_join(folder, "best.safetensors", err);
    if (!best)
        return PIXCL_ERROR_MEMORY;
    if (px_path_is_file(best)) {
        px_tensor_file *file = px_checkpoint_open(best, NULL, &of_best, NULL); /* a damaged one is no loss */
        px_tensor_file_close(&file);
    }
    px_free(best);
    if (of_best.step > state->step)
        why = "going on from before the best validation";
    else if (of_best.step > 0 && state->best.epoch > 0 && is_of_another_measure(&state->best, options))
        why = "the best is looked for anew, by another --val_metric or --val_phase";
    if (!why)
        return PIXCL_OK;
    state->best.epoch = 0;
    return px_checkpoint_set_aside(folder, "best", of_best.epoch - 1, why, err);
}

/* The test's own defaults, on the pictures of the validation. */
static pixcl_options options_of_test(const pixcl_options *options)
{
    pixcl_options test;
    px_options_default(&test, PIXCL_FOR_TEST);
    memcpy(test.dataroot, options->dataroot, sizeof test.dataroot);
    memcpy(test.phase, options->val_phase, sizeof test.phase);
    memcpy(test.preprocess, options->preprocess, sizeof test.preprocess);
    if (strncmp(test.preprocess, "scale_width", strlen("scale_width")) == 0)
        test.load_size = options->load_size; /* the scale that was learned; other pictures come whole, at crop_size */
    return test;
}

static float mean_of_ways(const px_test_score *score)
{
    double sum = 0;
    int count = 0;
    for (int way = PX_FORTH; way <= PX_BACK; way++) {
        if (isnan(score->distances[way].mean))
            continue;
        sum += score->distances[way].mean;
        count++;
    }
    return count ? (float)(sum / count) : NAN;
}

pixcl_status px_validation_run(const px_trained *trained, px_validation *validation, pixcl_error *err)
{
    const pixcl_options *options = trained->options, test = options_of_test(options);
    px_tester tester;
    px_test_score score;
    pixcl_status status = px_tester_of_run(&tester, &test, trained, err);
    if (status == PIXCL_OK)
        status = px_tester_measure(&tester, NULL, NULL, &score, err);
    if (status == PIXCL_OK)
        *validation = (px_validation){.figures = {[PX_FIGURE_L1] = (float)score.mean.l1,
                                                  [PX_FIGURE_PSNR] = (float)score.mean.psnr,
                                                  [PX_FIGURE_SSIM] = (float)score.mean.ssim,
                                                  [PX_FIGURE_SWD] = mean_of_ways(&score)},
                                      .stopped = score.pictures < tester.count};
    px_tester_close(&tester);
    px_memory_trim(); /* of the patches of pictures */
    return status == PIXCL_OK ? status
                              : px_fail_context(err, "validation with --val_phase %s (--val_freq 0 goes on without it)",
                                                options->val_phase);
}

pixcl_status px_validation_take(const pixcl_options *options, const px_validation *validation, px_run_state *state,
                                bool *best, pixcl_error *err)
{
    const px_figure figure = px_figure_find(options->val_metric);
    const bool higher = px_figure_at(figure)->higher_is_better;
    const double value = (double)validation->figures[figure];
    if (isnan(value))
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--val_metric %s: the pictures of --val_phase %s have no such figure; it needs %s. Give another "
                       "--val_metric.",
                       options->val_metric, options->val_phase,
                       figure == PX_FIGURE_SWD    ? "sides of 16 pixels"
                       : figure == PX_FIGURE_SSIM ? "pairs, and sides of 11 pixels"
                                                  : "pairs");
    if (is_of_another_measure(&state->best, options)) {
        state->best = (px_best){.epoch = 0};
        memcpy(state->best.metric, options->val_metric, sizeof state->best.metric);
        memcpy(state->best.phase, options->val_phase, sizeof state->best.phase);
        state->schedule.best = INFINITY;
        state->schedule.bad_epochs = 0;
    }
    *best = state->best.epoch == 0 || (higher ? value > state->best.value : value < state->best.value);
    if (*best) {
        state->best.value = value;
        state->best.epoch = state->epoch - 1;
    }
    px_schedule_observe(&state->schedule, value, higher);
    return PIXCL_OK;
}

void px_validation_print(const px_validation *validation, char *text, size_t size)
{
    size_t length = 0;
    *text = '\0';
    for (px_figure f = PX_FIGURE_L1; f < PX_FIGURES && length < size; f++)
        if (!isnan(validation->figures[f]))
            length +=
                (size_t)px_snprintf(text + length, size - length, "%s%s %.4g%s", length ? ", " : "",
                                    px_figure_at(f)->title, (double)validation->figures[f], px_figure_at(f)->unit);
}
