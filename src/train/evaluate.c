/* The test phase: pictures to files, figures and pages. */
#include "pixcl/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "train/results_page.h"
#include "train/tester.h"

enum { COLUMNS = PX_REPORT_MOST_COLUMNS, PATH_SIZE = 4 * PIXCL_OPTION_TEXT_SIZE };

typedef struct test {
    const pixcl_options *asked;
    const pixcl_evaluation_callbacks *callbacks; /* may be NULL */
    px_tester tester;
    char folder[PATH_SIZE]; /* <results_dir>/<name>/<phase>_<epoch> */
    px_report_row *rows;
    char **names;
    char *(*paths)[COLUMNS];
} test;

static pixcl_status open_test(test *t, pixcl_error *err)
{
    char checkpoint[PATH_SIZE];
    pixcl_status status = pixcl_options_checkpoint(t->asked, checkpoint, sizeof checkpoint, err);
    if (status != PIXCL_OK)
        return status;
    if (!px_path_is_file(checkpoint))
        return px_fail(
            err, PIXCL_ERROR_IO,
            "there is no checkpoint %s: train first with the same --name and --checkpoints_dir, or give another "
            "--epoch",
            checkpoint);
    return px_tester_open(&t->tester, t->asked, checkpoint, NULL, err);
}

/* The folders of the results, and room for their rows. */
static pixcl_status make_place(test *t, pixcl_error *err)
{
    const pixcl_options *o = &t->tester.options;
    char run[PATH_SIZE], images[PATH_SIZE + 16];
    pixcl_status status = pixcl_options_run_folder(o, run, sizeof run, err);
    if (status != PIXCL_OK)
        return status;
    char which[64];
    if (o->load_iter > 0)
        snprintf(which, sizeof which, "iter_%d", o->load_iter);
    int length = snprintf(t->folder, sizeof t->folder, "%s/%s/%s_%s", o->results_dir, px_path_name(run), o->phase,
                          o->load_iter > 0 ? which : o->epoch);
    if (length < 0 || (size_t)length >= sizeof t->folder)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--results_dir %s: the path of the results becomes too long",
                       o->results_dir);
    snprintf(images, sizeof images, "%s/images", t->folder);
    status = px_make_folders(images, err);
    t->rows = px_calloc(t->tester.count, sizeof *t->rows, err);
    t->names = px_calloc(t->tester.count, sizeof *t->names, err);
    t->paths = px_calloc(t->tester.count, sizeof *t->paths, err);
    return status != PIXCL_OK ? status : t->rows && t->names && t->paths ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

/* --aspect_ratio: above 1 wider, below 1 higher (REFERENCE: save_images). */
static pixcl_status save_stretched(const test *t, const pixcl_image *image, const char *path, pixcl_error *err)
{
    double ratio = t->tester.options.aspect_ratio;
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

/* images/<stem of the file it belongs to>_<label>.png */
static pixcl_status save_row(test *t, size_t index, const px_tested *tested, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    for (int c = 0; status == PIXCL_OK && c < t->tester.column_count; c++) {
        if (!tested->images[c])
            continue;
        char *stem = stem_of(tested->paths[c], err), **path = &t->paths[index][c];
        *path = stem ? px_format(err, "%s/images/%s_%s.png", t->folder, stem, t->tester.columns[c].label) : NULL;
        px_free(stem);
        t->rows[index].paths[c] = *path;
        status = *path ? save_stretched(t, tested->images[c], *path, err) : PIXCL_ERROR_MEMORY;
    }
    return status;
}

static pixcl_status show(void *user, size_t index, const px_tested *tested, pixcl_error *err)
{
    test *t = user;
    int first = 0;
    while (!tested->paths[first]) /* an item shows at least one picture */
        first++;
    px_report_row *row = &t->rows[index];
    row->name = t->names[index] = stem_of(tested->paths[first], err);
    row->measured = tested->measured;
    row->metrics = tested->metrics;
    pixcl_status status = row->name ? save_row(t, index, tested, err) : PIXCL_ERROR_MEMORY;
    const pixcl_evaluation_callbacks *callbacks = t->callbacks;
    if (status == PIXCL_OK && callbacks && callbacks->picture)
        callbacks->picture(callbacks->user, (int)index + 1, (int)t->tester.count, row->name,
                           row->measured ? &row->metrics : NULL);
    return status;
}

static bool should_stop(void *user)
{
    const test *t = user;
    return t->callbacks && t->callbacks->should_stop && t->callbacks->should_stop(t->callbacks->user);
}

/* The distances that there are. Returns how many. */
static size_t list_distances(const px_tester *tester, const px_test_score *score, px_report_distance *distances)
{
    size_t count = 0;
    for (px_way way = PX_FORTH; way <= PX_BACK; way++) {
        if (isnan(score->distances[way].mean))
            continue;
        px_tester_distance_name(tester, way, distances[count].name, sizeof distances[count].name);
        distances[count++].distance = score->distances[way];
    }
    return count;
}

static pixcl_status write_results(const test *t, const px_test_score *score, bool embed, pixcl_evaluation *evaluation,
                                  pixcl_error *err)
{
    char table[PATH_SIZE + 16], run[PATH_SIZE], history[PATH_SIZE + 16];
    pixcl_status status = pixcl_options_run_folder(&t->tester.options, run, sizeof run, err);
    if (status != PIXCL_OK)
        return status;
    snprintf(history, sizeof history, "%s/history.jsonl", run);
    snprintf(table, sizeof table, "%s/metrics.csv", t->folder);
    snprintf(evaluation->folder, sizeof evaluation->folder, "%.*s", (int)sizeof evaluation->folder - 1, t->folder);
    snprintf(evaluation->page, sizeof evaluation->page, "%.*s/index.html", (int)sizeof evaluation->folder - 1,
             t->folder);
    evaluation->pictures = (int)score->pictures;
    evaluation->measured = (int)score->measured;
    evaluation->mean = score->mean;
    memcpy(evaluation->swd, score->distances, sizeof evaluation->swd);
    px_report_distance distances[2];
    const size_t distance_count = list_distances(&t->tester, score, distances);
    const px_results results = {.asked = t->asked,
                                .options = &t->tester.options,
                                .trained = &t->tester.trained,
                                .history = history,
                                .columns = t->tester.columns,
                                .column_count = t->tester.column_count,
                                .rows = t->rows,
                                .row_count = score->pictures,
                                .distances = distances,
                                .distance_count = distance_count,
                                .embed = embed};
    status = px_results_page_write(&results, evaluation->page, err);
    return status == PIXCL_OK ? px_report_csv(t->rows, score->pictures, distances, distance_count, table, err) : status;
}

static void close_test(test *t)
{
    for (size_t i = 0; t->names && i < t->tester.count; i++)
        px_free(t->names[i]);
    for (size_t i = 0; t->paths && i < t->tester.count; i++)
        for (int c = 0; c < COLUMNS; c++)
            px_free(t->paths[i][c]);
    px_free(t->names);
    px_free(t->paths);
    px_free(t->rows);
    px_tester_close(&t->tester);
}

pixcl_status pixcl_evaluate(const pixcl_options *options, bool embed, const pixcl_evaluation_callbacks *callbacks,
                            pixcl_evaluation *evaluation, pixcl_error *err)
{
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    *evaluation = (pixcl_evaluation){0};
    test t = {.asked = options, .callbacks = callbacks};
    const px_test_visitor visitor = {.user = &t, .tested = show, .should_stop = should_stop};
    px_test_score score;
    pixcl_status status = open_test(&t, err);
    if (status == PIXCL_OK)
        status = make_place(&t, err);
    if (status == PIXCL_OK)
        status = px_tester_measure(&t.tester, &visitor, &score, err);
    if (status == PIXCL_OK)
        status = write_results(&t, &score, embed, evaluation, err);
    if (status == PIXCL_OK && score.pictures < t.tester.count)
        status = px_fail(err, PIXCL_ERROR_INTERRUPTED, "stopped after %zu of %zu pictures; their results are in %s",
                         score.pictures, t.tester.count, t.folder);
    close_test(&t);
    return status;
}
