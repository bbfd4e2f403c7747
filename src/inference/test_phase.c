/* The test phase: pictures to files, figures and pages. */
#include "pixcl/test.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/os.h"
#include "inference/results_page.h"
#include "inference/tester.h"

enum { COLUMNS = PX_REPORT_MOST_COLUMNS, PATH_SIZE = 4 * PIXCL_OPTION_TEXT_SIZE };

typedef struct test {
    const pixcl_options *asked;
    pixcl_test_fn picture; /* may be NULL */
    void *user;
    px_tester tester;
    char folder[PATH_SIZE]; /* <results_dir>/<name>/<phase>_<epoch> */
    px_file_list names[2];  /* by role, of the pictures in the order of the items */
    px_report_row *rows;
    char *(*paths)[COLUMNS];
} test;

static pixcl_status open_test(test *t, pixcl_error *err)
{
    char checkpoint[PATH_SIZE];
    if (*t->asked->checkpoint)
        return px_tester_open(&t->tester, t->asked, t->asked->checkpoint, err);
    pixcl_status status = pixcl_options_checkpoint(t->asked, checkpoint, sizeof checkpoint, err);
    if (status != PIXCL_OK)
        return status;
    if (!px_path_is_file(checkpoint))
        return px_fail(
            err, PIXCL_ERROR_IO,
            "there is no checkpoint %s: train first with the same --name and --checkpoints_dir, or give another "
            "--epoch",
            checkpoint);
    return px_tester_open(&t->tester, t->asked, checkpoint, err);
}

/* What the results are called where a file was asked for and not a run: "latest_net_G" for "weights/latest_net_G.pth".
 */
static void name_results(pixcl_options *options)
{
    char path[PIXCL_OPTION_TEXT_SIZE];
    if (!*options->checkpoint || options->given[PX_OPTION_name])
        return;
    snprintf(path, sizeof path, "%s", options->checkpoint);
    for (size_t length = strlen(path); length > 1 && px_os_separates(path[length - 1]); length--)
        path[length - 1] = '\0';
    const char *name = px_path_name(path);
    const bool is_folder = px_path_is_folder(path);
    snprintf(options->name, sizeof options->name, "%.*s",
             (int)(is_folder ? strlen(name) : (size_t)(px_path_extension(path) - name)), name);
}

/* The folders of the results, and room for their rows. */
static pixcl_status make_place(test *t, pixcl_error *err)
{
    name_results(&t->tester.options);
    const pixcl_options *o = &t->tester.options;
    char run[PATH_SIZE];
    pixcl_status status = pixcl_options_run_folder(o, run, sizeof run, err);
    if (status != PIXCL_OK)
        return status;
    char which[64];
    if (o->load_iter > 0)
        snprintf(which, sizeof which, "iter_%d", o->load_iter);
    const char *name = run + strlen(o->checkpoints_dir); /* with the folders of a --name such as "first/try" */
    while (px_os_separates(*name))
        name++;
    int length = snprintf(t->folder, sizeof t->folder, "%s/%s/%s_%s", o->results_dir, name, o->phase,
                          o->load_iter > 0 ? which : o->epoch);
    if (length < 0 || (size_t)length >= sizeof t->folder)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--results_dir %s: the path of the results becomes too long",
                       o->results_dir);
    status = px_make_folders(t->folder, err);
    for (int role = 0; status == PIXCL_OK && role < 2; role++)
        status = px_dataset_names(t->tester.dataset, role, &t->names[role], err);
    t->rows = px_calloc(t->tester.count, sizeof *t->rows, err);
    t->paths = px_calloc(t->tester.count, sizeof *t->paths, err);
    return status != PIXCL_OK ? status : t->rows && t->paths ? PIXCL_OK : PIXCL_ERROR_MEMORY;
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

/* Makes the folder that a file is in. */
static pixcl_status make_folder_of(const char *path, pixcl_error *err)
{
    char *folder = px_format(err, "%.*s", (int)(px_path_name(path) - path), path);
    pixcl_status status = folder ? px_make_folders(folder, err) : PIXCL_ERROR_MEMORY;
    px_free(folder);
    return status;
}

/* images/<name of the picture it belongs to>_<label>.png; the row has the name of the first. */
static pixcl_status save_row(test *t, size_t index, const px_tested *tested, pixcl_error *err)
{
    px_report_row *row = &t->rows[index];
    pixcl_status status = PIXCL_OK;
    for (int c = 0; status == PIXCL_OK && c < t->tester.column_count; c++) {
        if (!tested->images[c])
            continue;
        const px_test_column *column = &t->tester.columns[c];
        const char *name = t->names[column->role].paths[index];
        char *path = px_format(err, "%s/images/%s_%s.png", t->folder, name, column->label);
        row->name = row->name ? row->name : name;
        row->paths[c] = t->paths[index][c] = path;
        status = path ? make_folder_of(path, err) : PIXCL_ERROR_MEMORY;
        if (status == PIXCL_OK)
            status = save_stretched(t, tested->images[c], path, err);
    }
    return status;
}

static pixcl_status show(void *user, size_t index, const px_tested *tested, pixcl_error *err)
{
    test *t = user;
    px_report_row *row = &t->rows[index];
    row->measured = tested->measured;
    row->metrics = tested->metrics;
    pixcl_status status = save_row(t, index, tested, err);
    if (status == PIXCL_OK && t->picture)
        t->picture(t->user, (int)index + 1, (int)t->tester.count, row->name, row->measured ? &row->metrics : NULL);
    return status;
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

static pixcl_status write_results(const test *t, const px_test_score *score, bool embed, pixcl_test_result *result,
                                  pixcl_error *err)
{
    char table[PATH_SIZE + 16], run[PATH_SIZE], history[PATH_SIZE + 16];
    pixcl_status status = pixcl_options_run_folder(&t->tester.options, run, sizeof run, err);
    if (status != PIXCL_OK)
        return status;
    snprintf(history, sizeof history, "%s/history.jsonl", run);
    snprintf(table, sizeof table, "%s/metrics.csv", t->folder);
    snprintf(result->folder, sizeof result->folder, "%.*s", (int)sizeof result->folder - 1, t->folder);
    snprintf(result->page, sizeof result->page, "%.*s/index.html", (int)sizeof result->folder - 1, t->folder);
    result->pictures = (int)score->pictures;
    result->measured = (int)score->measured;
    result->mean = score->mean;
    memcpy(result->swd, score->distances, sizeof result->swd);
    px_report_distance distances[2];
    const size_t distance_count = list_distances(&t->tester, score, distances);
    const px_results results = {.asked = t->asked,
                                .options = &t->tester.options,
                                .trained = &t->tester.trained,
                                .state = px_inference_state(t->tester.inference),
                                .history = history,
                                .columns = t->tester.columns,
                                .column_count = t->tester.column_count,
                                .rows = t->rows,
                                .row_count = score->pictures,
                                .distances = distances,
                                .distance_count = distance_count,
                                .embed = embed};
    status = px_results_page_write(&results, result->page, err);
    return status == PIXCL_OK ? px_report_csv(t->rows, score->pictures, distances, distance_count, table, err) : status;
}

static void close_test(test *t)
{
    for (int role = 0; role < 2; role++)
        px_file_list_free(&t->names[role]);
    for (size_t i = 0; t->paths && i < t->tester.count; i++)
        for (int c = 0; c < COLUMNS; c++)
            px_free(t->paths[i][c]);
    px_free(t->paths);
    px_free(t->rows);
    px_tester_close(&t->tester);
}

pixcl_status pixcl_test(pixcl_context *context, const pixcl_options *options, bool embed, pixcl_test_fn picture,
                        void *user, pixcl_test_result *result, pixcl_error *err)
{
    PX_ENTER(context);
    pixcl_error local;
    err = err ? err : &local;
    *err = (pixcl_error){0};
    *result = (pixcl_test_result){0};
    test t = {.asked = options, .picture = picture, .user = user};
    px_test_score score;
    pixcl_status status = open_test(&t, err);
    if (status == PIXCL_OK)
        status = make_place(&t, err);
    if (status == PIXCL_OK)
        status = px_tester_measure(&t.tester, show, &t, &score, err);
    if (status == PIXCL_OK)
        status = write_results(&t, &score, embed, result, err);
    if (status == PIXCL_OK && score.pictures < t.tester.count)
        status = px_fail(err, PIXCL_ERROR_INTERRUPTED, "stopped after %zu of %zu pictures; their results are in %s",
                         score.pictures, t.tester.count, t.folder);
    close_test(&t);
    return status;
}
