/* Pictures of the session as files, and a report around them. */
#include "run/training_page.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "image/lab.h"
#include "image/planes.h"
#include "report/history.h"
#include "report/report.h"

enum { COLUMNS = PX_MAX_VISUALS, MOST_ROWS = 40 };

/* A whole batch; NULL on failure. */
static float *read_planes(const px_session *session, px_node node, pixcl_error *err)
{
    px_shape shape = px_graph_node(session->training->graph, node)->shape;
    float *planes = px_calloc(px_shape_count(shape), sizeof *planes, err);
    if (planes && px_exec_read(session->exec, node, planes, err) != PIXCL_OK) {
        px_free(planes);
        return NULL;
    }
    return planes;
}

pixcl_image *px_visual_picture(const px_session *session, const px_visual *visual, pixcl_error *err)
{
    const bool lab = visual->lightness != PX_NONE;
    px_shape shape = px_graph_node(session->training->graph, visual->node)->shape;
    float *planes = read_planes(session, visual->node, err);
    float *lightness = planes && lab ? read_planes(session, visual->lightness, err) : NULL;
    pixcl_image *image = NULL;
    /* The first of the batch; networks may have more channels than a picture: then its first one, in grey. */
    if (planes && !lab)
        image = px_image_from_planes(planes, shape.c == 3 ? 3 : 1, shape.h, shape.w, false, err);
    if (lightness)
        image = px_image_from_lab(lightness, planes, shape.h, shape.w, false, err);
    px_free(planes);
    px_free(lightness);
    return image;
}

static pixcl_status save_picture(const px_session *session, const px_visual *visual, const char *path, pixcl_error *err)
{
    pixcl_image *image = px_visual_picture(session, visual, err);
    pixcl_status status = image ? pixcl_image_save(image, path, 0, err) : err->status;
    pixcl_image_destroy(&image);
    return status;
}

static char *picture_path(const char *folder, int epoch, const px_visual *visual, pixcl_error *err)
{
    return px_format(err, "%s/web/images/epoch%03d_%s.png", folder, epoch, visual->label);
}

/* Rows for the newest epochs that have pictures, newest first. */
static size_t list_rows(const px_training *training, const char *folder, int epoch, px_report_row *rows, char *names[],
                        char *paths[][COLUMNS], pixcl_error *err)
{
    size_t count = 0;
    for (int e = epoch; e >= 1 && count < MOST_ROWS; e--) {
        char *path = picture_path(folder, e, &training->visuals[1], err);
        bool there = path && px_path_is_file(path);
        px_free(path);
        if (!there)
            continue;
        names[count] = px_format(err, "epoch %d", e);
        rows[count].name = names[count];
        for (int c = 0; c < training->visual_count; c++)
            rows[count].paths[c] = paths[count][c] = picture_path(folder, e, &training->visuals[c], err);
        count++;
    }
    return count;
}

static pixcl_status write_page(const px_training *training, const pixcl_options *options, const char *folder, int epoch,
                               const char *history_path, pixcl_error *err)
{
    px_history_data history = {0};
    pixcl_status status = px_path_is_file(history_path) ? px_history_read(history_path, &history, err) : PIXCL_OK;
    if (status != PIXCL_OK)
        return status;
    px_chart charts[PX_HISTORY_CHARTS];
    int chart_count = px_history_charts(&history, charts);
    px_report_row rows[MOST_ROWS] = {{0}};
    char *names[MOST_ROWS] = {0}, *paths[MOST_ROWS][COLUMNS] = {{0}};
    size_t count = list_rows(training, folder, epoch, rows, names, paths, err);
    char *command = pixcl_options_command_line(options, PIXCL_FOR_TRAIN, err);
    char *page = px_format(err, "%s/web/index.html", folder);
    const char *commands[] = {command};
    px_report report = {.title = options->name,
                        .note = "The newest pictures of each epoch, and the losses so far.",
                        .warnings = (const char *const *)history.warnings,
                        .warning_count = history.warning_count,
                        .commands = commands,
                        .command_count = command ? 1 : 0,
                        .charts = charts,
                        .chart_count = chart_count,
                        .column_count = training->visual_count,
                        .rows = rows,
                        .row_count = count,
                        .refresh_seconds = 30};
    for (int c = 0; c < training->visual_count; c++)
        report.columns[c] = training->visuals[c].label;
    status = page && command ? px_report_write(&report, page, err) : PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        px_free(names[i]);
        for (int c = 0; c < COLUMNS; c++)
            px_free(paths[i][c]);
    }
    px_free(command);
    px_free(page);
    px_history_data_free(&history);
    return status;
}

pixcl_status px_training_page_write(const px_session *session, const pixcl_options *options, const char *folder,
                                    int epoch, pixcl_error *err)
{
    const px_training *training = session->training;
    char *images = px_format(err, "%s/web/images", folder), *history = px_format(err, "%s/history.jsonl", folder);
    pixcl_status status = images && history ? px_make_folders(images, err) : PIXCL_ERROR_MEMORY;
    for (int c = 0; status == PIXCL_OK && c < training->visual_count; c++) {
        char *path = picture_path(folder, epoch, &training->visuals[c], err);
        status = path ? save_picture(session, &training->visuals[c], path, err) : PIXCL_ERROR_MEMORY;
        px_free(path);
    }
    if (status == PIXCL_OK)
        status = write_page(training, options, folder, epoch, history, err);
    px_free(images);
    px_free(history);
    return status;
}
