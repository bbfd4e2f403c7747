/* The test phase. */
#include "pixcl/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "image/planes.h"
#include "train/inference.h"
#include "train/results_page.h"

enum { COLUMNS = 3, PATH_SIZE = 4 * PIXCL_OPTION_TEXT_SIZE };
static const char *const labels[COLUMNS] = {"real_A", "fake_B", "real_B"};

typedef struct test {
    const pixcl_options *asked;
    pixcl_options options, trained; /* of the test, of the checkpoint */
    px_inference *inference;
    px_dataset *dataset;
    size_t count;
    char folder[PATH_SIZE]; /* <results_dir>/<name>/<phase>_<epoch> */
    px_report_row *rows;
    char **names;
    char *(*paths)[COLUMNS];
} test;

static pixcl_status open_test(test *t, pixcl_error *err)
{
    char checkpoint[PATH_SIZE];
    pixcl_status status = pixcl_options_checkpoint(&t->options, checkpoint, sizeof checkpoint, err);
    if (status != PIXCL_OK)
        return status;
    if (!px_path_is_file(checkpoint))
        return px_fail(
            err, PIXCL_ERROR_IO,
            "there is no checkpoint %s: train first with the same --name and --checkpoints_dir, or give another "
            "--epoch",
            checkpoint);
    const pixcl_generator_options how = {.device = t->options.device,
                                         .eval = t->options.eval,
                                         .seed = t->options.seed,
                                         .no_tuning = strcmp(t->options.tune, "off") == 0};
    t->inference = px_inference_open(checkpoint, &how, &t->trained, err);
    if (!t->inference)
        return err->status;
    status = pixcl_options_inherit(&t->options, &t->trained, PIXCL_FOR_TEST, err);
    if (status == PIXCL_OK)
        status = pixcl_options_check(&t->options, PIXCL_FOR_TEST, err);
    px_data_options data;
    if (status == PIXCL_OK)
        status = px_data_options_of(&t->options, &data, err);
    if (status != PIXCL_OK)
        return status;
    data.no_flip = data.serial_batches = true; /* every picture once, as it is */
    data.batch_size = 1;
    t->dataset = px_dataset_create(&data, err);
    if (!t->dataset)
        return err->status;
    t->count = px_dataset_count(t->dataset);
    if (t->options.num_test > 0 && t->count > (size_t)t->options.num_test)
        t->count = (size_t)t->options.num_test;
    return PIXCL_OK;
}

/* The folders of the results, and room for their rows. */
static pixcl_status make_place(test *t, pixcl_error *err)
{
    char run[PATH_SIZE], images[PATH_SIZE + 16];
    pixcl_status status = pixcl_options_run_folder(&t->options, run, sizeof run, err);
    if (status != PIXCL_OK)
        return status;
    char which[64];
    if (t->options.load_iter > 0)
        snprintf(which, sizeof which, "iter_%d", t->options.load_iter);
    int length = snprintf(t->folder, sizeof t->folder, "%s/%s/%s_%s", t->options.results_dir, px_path_name(run),
                          t->options.phase, t->options.load_iter > 0 ? which : t->options.epoch);
    if (length < 0 || (size_t)length >= sizeof t->folder)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--results_dir %s: the path of the results becomes too long",
                       t->options.results_dir);
    snprintf(images, sizeof images, "%s/images", t->folder);
    status = px_make_folders(images, err);
    t->rows = px_calloc(t->count, sizeof *t->rows, err);
    t->names = px_calloc(t->count, sizeof *t->names, err);
    t->paths = px_calloc(t->count, sizeof *t->paths, err);
    return status != PIXCL_OK ? status : t->rows && t->names && t->paths ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

/* --aspect_ratio: above 1 wider, below 1 higher (REFERENCE: save_images). */
static pixcl_status save_stretched(const test *t, const pixcl_image *image, const char *path, pixcl_error *err)
{
    double ratio = t->options.aspect_ratio;
    if (ratio == 1)
        return pixcl_image_save(image, path, 0, err);
    int width = ratio > 1 ? (int)(image->width * ratio) : image->width;
    int height = ratio < 1 ? (int)(image->height / ratio) : image->height;
    pixcl_image *stretched = pixcl_image_resize(image, width, height, err);
    pixcl_status status = stretched ? pixcl_image_save(stretched, path, 0, err) : err->status;
    pixcl_image_destroy(&stretched);
    return status;
}

static char *stem_of(const char *path, pixcl_error *err)
{
    char *stem = px_strdup(px_path_name(path), err);
    if (stem)
        *(char *)(uintptr_t)px_path_extension(stem) = '\0';
    return stem;
}

static pixcl_status save_row(test *t, size_t index, pixcl_image *const images[COLUMNS], pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    for (int c = 0; status == PIXCL_OK && c < COLUMNS; c++) {
        t->paths[index][c] = px_format(err, "%s/images/%s_%s.png", t->folder, t->names[index], labels[c]);
        t->rows[index].paths[c] = t->paths[index][c];
        status = t->paths[index][c] ? save_stretched(t, images[c], t->paths[index][c], err) : PIXCL_ERROR_MEMORY;
    }
    return status;
}

static pixcl_status test_picture(test *t, size_t index, pixcl_error *err)
{
    px_item item = {0};
    px_rng rng = {(uint64_t)t->options.seed, index, 0};
    pixcl_status status = px_dataset_get(t->dataset, index, &rng, &item, err);
    if (status != PIXCL_OK)
        return status;
    int height = item.height[PX_ROLE_A], width = item.width[PX_ROLE_A], channels = t->options.output_nc;
    float *planes = px_calloc((size_t)channels * (size_t)height * (size_t)width, sizeof *planes, err);
    pixcl_image *images[COLUMNS] = {NULL};
    status = planes ? px_inference_run(t->inference, item.planes[PX_ROLE_A], height, width, planes, err)
                    : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK) {
        images[0] = px_image_from_planes(item.planes[PX_ROLE_A], t->options.input_nc, height, width, false, err);
        images[1] = px_image_from_planes(planes, channels, height, width, t->options.reference_output, err);
        images[2] = px_image_from_planes(item.planes[PX_ROLE_B], channels, height, width, false, err);
        status = images[0] && images[1] && images[2] ? PIXCL_OK : err->status;
    }
    px_report_row *row = &t->rows[index];
    if (status == PIXCL_OK)
        status = (t->names[index] = stem_of(item.path[PX_ROLE_A], err)) ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        status = pixcl_compare(images[1], images[2], &row->metrics, err);
    if (status == PIXCL_OK) {
        row->name = t->names[index];
        row->measured = true;
        status = save_row(t, index, images, err);
    }
    for (int c = 0; c < COLUMNS; c++)
        pixcl_image_destroy(&images[c]);
    px_free(planes);
    px_item_free(&item);
    return status;
}

static pixcl_status write_results(const test *t, size_t done, bool embed, pixcl_evaluation *evaluation,
                                  pixcl_error *err)
{
    char table[PATH_SIZE + 16], run[PATH_SIZE], history[PATH_SIZE + 16];
    pixcl_status status = pixcl_options_run_folder(&t->options, run, sizeof run, err);
    if (status != PIXCL_OK)
        return status;
    snprintf(history, sizeof history, "%s/history.jsonl", run);
    snprintf(table, sizeof table, "%s/metrics.csv", t->folder);
    snprintf(evaluation->folder, sizeof evaluation->folder, "%.*s", (int)sizeof evaluation->folder - 1, t->folder);
    snprintf(evaluation->page, sizeof evaluation->page, "%.*s/index.html", (int)sizeof evaluation->folder - 1,
             t->folder);
    evaluation->pictures = (int)done;
    px_report_mean(t->rows, done, &evaluation->mean);
    const px_results results = {.asked = t->asked,
                                .options = &t->options,
                                .trained = &t->trained,
                                .history = history,
                                .rows = t->rows,
                                .row_count = done,
                                .embed = embed};
    status = px_results_page_write(&results, evaluation->page, err);
    return status == PIXCL_OK ? px_report_csv(t->rows, done, table, err) : status;
}

static void close_test(test *t)
{
    for (size_t i = 0; t->names && i < t->count; i++)
        px_free(t->names[i]);
    for (size_t i = 0; t->paths && i < t->count; i++)
        for (int c = 0; c < COLUMNS; c++)
            px_free(t->paths[i][c]);
    px_free(t->names);
    px_free(t->paths);
    px_free(t->rows);
    px_dataset_destroy(&t->dataset);
    px_inference_close(&t->inference);
}

pixcl_status pixcl_evaluate(const pixcl_options *options, bool embed, const pixcl_evaluation_callbacks *callbacks,
                            pixcl_evaluation *evaluation, pixcl_error *err)
{
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    *evaluation = (pixcl_evaluation){0};
    test t = {.asked = options, .options = *options};
    pixcl_status status = open_test(&t, err);
    if (status == PIXCL_OK)
        status = make_place(&t, err);
    size_t done = 0;
    bool stopped = false;
    while (status == PIXCL_OK && done < t.count && !stopped) {
        status = test_picture(&t, done, err);
        if (status != PIXCL_OK)
            break;
        done++;
        if (callbacks && callbacks->picture)
            callbacks->picture(callbacks->user, (int)done, (int)t.count, t.names[done - 1], &t.rows[done - 1].metrics);
        stopped = callbacks && callbacks->should_stop && callbacks->should_stop(callbacks->user);
    }
    if (status == PIXCL_OK)
        status = write_results(&t, done, embed, evaluation, err);
    if (status == PIXCL_OK && stopped && done < t.count)
        status = px_fail(err, PIXCL_ERROR_INTERRUPTED, "stopped after %zu of %zu pictures; their results are in %s",
                         done, t.count, t.folder);
    close_test(&t);
    return status;
}
